"""Canceling a run with a reason."""
