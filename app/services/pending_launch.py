"""What is remembered of a launch until both sides are known to agree on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from uuid import UUID
from weakref import WeakValueDictionary

from app.domain.intent import Intent
from app.domain.launching import LaunchOrder, LaunchOutcome, LaunchState
from app.domain.run import RunKey, RunStatus
from app.services.ports import ActionRecord, AdmittedLaunch, ExecutionStart, StartAnswer


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence about an outcome with its stable code."""

    code: str | None = None
    message: str | None = None


NOTHING_SAID = Saying()


@dataclass(slots=True)
class PendingLaunch:
    """A launch between its first write and the moment at which its end is certain.

    ``admitted`` is None while the row is not known to be committed. ``answer`` is Temporal's word that the execution
    exists, ``refusal`` its word that it does not. ``unclear_starts`` counts starts without an answer. Since
    ``touched_at`` (the service's clock, seconds) this launch has sent nothing whose answer is missing. ``unwritten`` is
    what must be written down before the first effect.
    """

    order: LaunchOrder
    record: ActionRecord | None
    touched_at: float
    admitted: AdmittedLaunch | None = None
    answer: StartAnswer | None = None
    refusal: str | None = None
    unclear_starts: int = 0
    unwritten: Intent | None = None

    @property
    def key(self) -> RunKey:
        """The new run's key: its id *is* the request id."""
        return RunKey(self.order.tenant, self.order.request_id)

    def execution_start(self, admitted: AdmittedLaunch) -> ExecutionStart:
        """Return what Temporal is asked to start, with the version that was resolved at admission."""
        return ExecutionStart(
            run_id=admitted.run_id,
            tenant=self.order.tenant,
            workflow_id=admitted.workflow_id,
            workflow_version=admitted.workflow_version,
            trigger_type=admitted.trigger_type,
            execution_key=admitted.execution_key,
        )

    def completed_record(self) -> ActionRecord | None:
        """Return the record with the resolved version where its audit left the version open."""
        record, admitted = self.record, self.admitted
        if record is None or record.audit is None or admitted is None:
            return record
        details = record.audit.details
        if details.get("workflowVersion", admitted.workflow_version) is not None:
            return record
        resolved = {**details, "workflowVersion": admitted.workflow_version}
        return replace(record, audit=replace(record.audit, details=resolved))

    def outcome(self, state: LaunchState, status: str | None = None, said: Saying = NOTHING_SAID) -> LaunchOutcome:
        """Return what is known now; ``status`` defaults to the admitted row's."""
        admitted = self.admitted
        return LaunchOutcome(
            run=self.key if admitted is None else RunKey(self.order.tenant, admitted.run_id),
            workflow_version=self.order.workflow_version or 0 if admitted is None else admitted.workflow_version,
            status=status or (str(RunStatus.RUNNING) if admitted is None else admitted.status),
            state=state,
            message=said.message,
            code=said.code,
        )


class LaunchMemory:
    """The launches of this process that are not certain yet, by request id."""

    def __init__(self) -> None:
        self._pending: dict[UUID, PendingLaunch] = {}
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    @property
    def keys(self) -> tuple[RunKey, ...]:
        """The runs whose launch is not certain."""
        return tuple(pending.key for pending in self._pending.values())

    def remembered(self) -> tuple[PendingLaunch, ...]:
        """Return the launches that are not certain and on which nobody works right now."""
        return tuple(pending for request, pending in self._pending.items() if not self._is_busy(request))

    def remember(self, pending: PendingLaunch) -> None:
        """Remember a launch *before* its first effect: a cancelled caller or an outage leaves nothing undone."""
        self._pending[pending.order.request_id] = pending

    def holds(self, pending: PendingLaunch) -> bool:
        """Say whether this very launch is still remembered, that is: not certain."""
        return self._pending.get(pending.order.request_id) is pending

    def forget(self, pending: PendingLaunch) -> None:
        """Drop a launch whose end is certain."""
        if self.holds(pending):
            del self._pending[pending.order.request_id]

    @asynccontextmanager
    async def one_at_a_time(self, request_id: UUID) -> AsyncIterator[None]:
        """Let a second click of one request wait for the first, and the settling for both."""
        lock = self._locks.get(request_id) or asyncio.Lock()
        self._locks[request_id] = lock
        async with lock:
            yield

    def _is_busy(self, request_id: UUID) -> bool:
        lock = self._locks.get(request_id)
        return lock is not None and lock.locked()
