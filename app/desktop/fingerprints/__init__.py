"""Failures that are the same failure."""
