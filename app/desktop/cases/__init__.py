"""Triage cases."""
