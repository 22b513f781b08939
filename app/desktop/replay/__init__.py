"""Replaying a run: the redacted payload, what changed in it, the reason and the send."""
