"""Rundesk: a desktop console for the people who support AlgaPSA's workflow engine."""

__version__ = "0.1.0"
