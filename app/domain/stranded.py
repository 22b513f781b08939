"""Runs of the removed engine that still look active (cause S18), and what finalizing writes (database.md 4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.run import RunKey

FINALIZE_OPERATION = "workflow_run_finalize_stranded"
"""``audit_logs.operation`` of each finalized run (rulings.md)."""
FINALIZE_MIGRATION = "rundesk_finalize_stranded"
"""``error_json.migration``: our own name, so that nobody takes these rows for those of the June 2026 migration."""
MIGRATION_STAGE = "migration"
"""``error_json.stage`` of runs that were canceled because no engine executes them (database.md 4.2)."""
FINALIZE_MESSAGE = (
    "Canceled: the DB workflow execution engine was removed and nothing executes this run. "
    "Its row was finalized by an operator."
)


class StrandedFate(StrEnum):
    """What finalizing would do with a stranded row, as far as Temporal has said."""

    FINALIZE = "finalize"
    EXECUTING = "executing"
    ENDED = "ended"
    ELSEWHERE = "elsewhere"
    """It holds the id of an execution that this namespace does not know: it may run in another one."""
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class StrandedRun:
    """A row in RUNNING or WAITING whose engine is null or not ``temporal``.

    ``age_seconds`` is the database's clock minus ``started_at``; ``open_waits`` counts waits in status WAITING,
    ``unfinished_steps`` steps in status STARTED, which stay as they are. ``has_execution_id``: the row names an
    execution of Temporal.
    """

    key: RunKey
    workflow_name: str | None
    engine: str | None
    status: str
    started_at: datetime
    age_seconds: float
    open_waits: int
    unfinished_steps: int
    has_execution_id: bool = False


@dataclass(frozen=True, slots=True)
class JudgedRun:
    """A stranded row with its fate: only ``FINALIZE`` is written."""

    run: StrandedRun
    fate: StrandedFate
