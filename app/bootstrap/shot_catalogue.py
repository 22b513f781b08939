"""The views that ``rundesk shot`` can picture; apart from the code that pictures them, so that listing needs no Qt."""

from __future__ import annotations

SHOT_VIEWS: tuple[tuple[str, str], ...] = (
    ("runs", "the list of runs"),
    ("run:RUN_ID", "the page of one run"),
    ("replay:RUN_ID", "the replay dialog of one run"),
    ("cancel:RUN_ID", "the cancel dialog of one run"),
    ("start", "the dialog that runs a workflow"),
)
"""Name, with a place for a run id where one is needed, and what it shows."""
