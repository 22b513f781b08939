"""What a report says about a run beyond its own rows: its workflow's record, events, acts of people, its definition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.domain.run import RedactedDocument

RECORD_SPAN = timedelta(days=7)
"""How far back the record of a workflow looks."""
MOST_EVENTS = 50
MOST_ACTS = 50


@dataclass(frozen=True, slots=True)
class WorkflowRecord:
    """How the runs of one workflow that started within :data:`RECORD_SPAN` fared, this one included.

    ``same_place`` counts the failed ones that failed at this run's place, between ``first_there`` and ``last_there``;
    0 for a run that has not failed. ``last_success`` is the newest end of a successful run in the span.
    """

    since: datetime
    succeeded: int
    failed: int
    canceled: int
    active: int
    same_place: int = 0
    first_there: datetime | None = None
    last_there: datetime | None = None
    last_success: datetime | None = None

    @property
    def total(self) -> int:
        """All runs of known statuses in the span."""
        return self.succeeded + self.failed + self.canceled + self.active


@dataclass(frozen=True, slots=True)
class EventFact:
    """One recorded event that this run matched, or that has the name and key of one of its waits."""

    event_id: UUID
    event_name: str
    correlation_key: str | None
    created_at: datetime
    processed_at: datetime | None
    matched: bool
    error: str | None


@dataclass(frozen=True, slots=True)
class PersonalAct:
    """What somebody did to the run, as the audit has it; ``who`` is None where nobody has that user id any more."""

    at: datetime
    operation: str
    who: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class DefinitionExcerpt:
    """The steps around one step of the version that ran: ``path`` names the step, ``steps`` are its block, redacted.

    ``before`` and ``after`` say how many steps of the block were left out on either side.
    """

    path: str
    steps: RedactedDocument
    before: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class RunSurroundings:
    """What was read about a run beside its own rows.

    ``acts`` is None when they may not be seen: the viewer is no administrator, or the login may not read the audit.
    ``events_cut`` says that there are more events than are listed.
    """

    tenant_name: str | None = None
    database_version: str | None = None
    newest_version: int | None = None
    definition: DefinitionExcerpt | None = None
    record: WorkflowRecord | None = None
    events: tuple[EventFact, ...] = ()
    events_cut: bool = False
    acts: tuple[PersonalAct, ...] | None = None


NO_SURROUNDINGS = RunSurroundings()
"""Nothing but the run's own rows was read."""
