"""The ports of the ways out: what an operator does to a run that cannot go on by itself.

As in :mod:`app.services.ports`, every method raises only errors of :mod:`app.domain.errors` and carries the tenant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.domain.operator import Operator
from app.domain.payload_schema import SchemaCheck
from app.domain.quota_pause import QuotaFacts
from app.domain.repair import ClosedProjection, RecordedEvent, RepairFacts
from app.domain.run import JsonValue, RunKey
from app.domain.run_message import CurrentWait, EventMessage, ExecutionEnd, RunMessage
from app.domain.stranded import StrandedRun
from app.services.ports import ActionRecord


@dataclass(frozen=True, slots=True)
class StrandedPage:
    """Stranded runs in the order of their ids; ``read_at`` is the database's clock."""

    runs: tuple[StrandedRun, ...]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class FinalizeAct:
    """One act of finalizing: who, why, under which request, and the one time that all its rows get."""

    request_id: UUID
    operator: Operator
    reason: str
    completed_at: datetime


class StrandedStore(Protocol):
    """The rows that the removed engine left active."""

    async def page(self, tenant: UUID | None, after: UUID | None, limit: int) -> StrandedPage:
        """Return the next stranded runs behind the run id ``after``, at most ``limit``."""

    async def finalize(self, tenant: UUID, run_ids: tuple[UUID, ...], act: FinalizeAct) -> tuple[UUID, ...]:
        """Cancel those of the runs that are still stranded, with their open waits and audit, in one transaction.

        Returns the runs that were written; the others had changed meanwhile and stay untouched.
        """


class QuotaStore(Protocol):
    """The rows of a quota pause."""

    async def facts(self, key: RunKey) -> QuotaFacts:
        """Return what the rows say, in one snapshot. NotFound."""

    async def resume(self, key: RunKey, wait_id: UUID, record: ActionRecord) -> bool:
        """Resolve the wait and set the run RUNNING, with the record, in one transaction.

        False, and nothing written, when the run no longer waits there.
        """


class RunMessages(Protocol):
    """Speaks with one execution. Every method raises TemporalUnavailable unless it says otherwise."""

    async def send(self, run_id: UUID, message: RunMessage, request_id: UUID) -> bool:
        """Signal the run; False when Temporal knows no open execution of it. An equal request id counts once."""

    async def current_wait(self, run_id: UUID) -> CurrentWait | None:
        """Ask the execution what it waits on; None when nobody answers for it. Raises nothing."""

    async def end(self, run_id: UUID) -> ExecutionEnd | None:
        """Return how the newest execution of the run's chain closed; None while it is open or not known."""


class RepairStore(Protocol):
    """The rows that repairs read and write.

    Each write is one transaction with its record, guarded by the state that it leads from: False, and nothing
    written, when the row had changed.
    """

    async def facts(self, key: RunKey) -> RepairFacts:
        """Return what the rows say, in one snapshot. NotFound."""

    async def is_recorded(self, tenant: UUID, request_id: UUID) -> bool:
        """Say whether a record of this request was written before."""

    async def shown(self, key: RunKey, message: str) -> str:
        """Return an error's text fit for display: redacted by the tenant's rules and the run's own secrets."""

    async def fail_launch(self, key: RunKey, message: str, record: ActionRecord) -> bool:
        """Write FAILED with stage ``launch`` while the row is RUNNING, open and without steps."""

    async def reopen_launch(
        self, key: RunKey, workflow_id: str, first_run_id: str | None, record: ActionRecord
    ) -> bool:
        """Write RUNNING with the execution's ids while the row is FAILED with stage ``launch``."""

    async def project(self, key: RunKey, projection: ClosedProjection, record: ActionRecord) -> bool:
        """Write the end of a closed execution on run, STARTED steps, open waits and open tasks."""

    async def check_response(self, key: RunKey, wait_id: UUID, response: JsonValue) -> SchemaCheck:
        """Check a response against the form that the wait offers."""

    async def complete_task(self, key: RunKey, task_id: UUID, response: JsonValue, record: ActionRecord) -> None:
        """Complete the task row where the worker has not, with its history and the record."""

    async def recorded_event(self, tenant: UUID, event_id: UUID) -> RecordedEvent:
        """Return an event that arrived. NotFound."""

    async def record_event(self, key: RunKey, event: EventMessage | None, record: ActionRecord) -> None:
        """Insert the event row (None: it exists) with the record; an equal id stays as it is."""

    async def wait_status(self, key: RunKey, wait_id: UUID) -> str | None:
        """Return the wait's status word now."""
