"""From when on something ordinary is worth a look; every limit is a setting of the service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.domain.stuck import STUCK_AFTER_SECONDS


@dataclass(frozen=True, slots=True)
class Limits:
    """Spans that part ordinary from remarkable.

    Attributes:
        stuck_after: A run without a step this long after its start is trouble.
        settling: How long row and execution may differ while a change travels from one to the other.
        quiet_after: A run that projected nothing for this long is looked at in Temporal.
        activity_watch: An activity in flight for longer is worth a look.
        task_waits: A task that lies unclaimed for longer is trouble.
        overdue_after: How late a timer may fire.
        retry_watch: A retry that lies further ahead is worth a look.
        signal_grace: How long an event may take from its row to the run's signal.
        deadline_watch: A wait without an end is worth a look when its execution ends this soon.
        execution_timeout: What the contract gives an execution (runtime.md 2.2).
    """

    stuck_after: timedelta = timedelta(seconds=STUCK_AFTER_SECONDS)
    settling: timedelta = timedelta(seconds=15)
    quiet_after: timedelta = timedelta(seconds=10)
    activity_watch: timedelta = timedelta(seconds=10)
    task_waits: timedelta = timedelta(seconds=60)
    overdue_after: timedelta = timedelta(seconds=60)
    retry_watch: timedelta = timedelta(seconds=60)
    signal_grace: timedelta = timedelta(seconds=10)
    deadline_watch: timedelta = timedelta(days=3)
    execution_timeout: timedelta = timedelta(days=30)


DEFAULT_LIMITS = Limits()
ACTIVITY_TIMEOUT = timedelta(minutes=10)
"""Start-to-close timeout of every activity of the contract (runtime.md 2.5)."""
