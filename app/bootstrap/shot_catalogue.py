"""The views that ``rundesk shot`` can picture; apart from the code that pictures them, so that listing needs no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

SHOT_VIEWS: tuple[tuple[str, str], ...] = (
    ("runs", "the list of runs"),
    ("troubles", "the runs in trouble, by cause"),
    ("run:RUN_ID", "the page of one run"),
    ("replay:RUN_ID", "the replay dialog of one run"),
    ("cancel:RUN_ID", "the cancel dialog of one run"),
    ("export:RUN_ID", "the dialog that exports the report of one run"),
    ("exportlist", "the dialog that exports the list of runs"),
    ("start", "the dialog that runs a workflow"),
    ("startlike:RUN_ID", "the same dialog with the payload of one run"),
    ("replays:RUN_ID", "the generations of one run"),
    ("batches", "the batches in this computer's journal"),
    ("batch:BATCH_ID", "one batch: its plan, or its ledger"),
    ("health", "the environment check"),
    ("stranded", "the dialog of the rows that the removed engine left active"),
    ("quota:RUN_ID", "the dialog that ends a quota pause"),
    ("launch:RUN_ID", "the repair that completes a launch"),
    ("close:RUN_ID", "the repair that takes over the end of an execution"),
    ("release:RUN_ID", "the repair that releases a human task"),
)
"""Name, with a place for a run's or a batch's id where one is needed, and what it shows."""


@dataclass(frozen=True, slots=True)
class BatchKey:
    """A batch to picture, and the tenant it acts on."""

    tenant: UUID
    batch_id: UUID
