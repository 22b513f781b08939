"""Exporting the triage report of a run to a file."""
