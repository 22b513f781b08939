"""What is remembered of a launch until both sides are known to agree on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import UUID

from app.domain.launching import LaunchOrder, LaunchOutcome, LaunchState
from app.domain.run import RunKey, RunStatus
from app.services.ports import ActionRecord, AdmittedLaunch, ExecutionStart, StartAnswer


@dataclass(slots=True)
class PendingLaunch:
    """A launch between its first write and the moment at which its end is certain.

    ``admitted`` is None while the row is not known to be committed. ``answer`` is Temporal's word that the execution
    exists, ``refusal`` its word that it does not. ``unclear_starts`` counts starts without an answer, the last of which
    ended at ``touched_at`` (the service's clock, seconds).
    """

    order: LaunchOrder
    record: ActionRecord | None
    touched_at: float
    admitted: AdmittedLaunch | None = None
    answer: StartAnswer | None = None
    refusal: str | None = None
    unclear_starts: int = 0

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

    def outcome(self, state: LaunchState, status: str | None = None, message: str | None = None) -> LaunchOutcome:
        """Return what is known now; ``status`` defaults to the admitted row's."""
        admitted = self.admitted
        return LaunchOutcome(
            run=self.key if admitted is None else RunKey(self.order.tenant, admitted.run_id),
            workflow_version=self.order.workflow_version or 0 if admitted is None else admitted.workflow_version,
            status=status or (str(RunStatus.RUNNING) if admitted is None else admitted.status),
            state=state,
            message=message,
        )


class LaunchMemory:
    """The launches of this process that are not certain yet, by request id."""

    def __init__(self) -> None:
        self._pending: dict[UUID, PendingLaunch] = {}
        self._busy: Counter[UUID] = Counter()

    @property
    def keys(self) -> tuple[RunKey, ...]:
        """The runs whose launch is not certain and on which nobody works right now."""
        return tuple(pending.key for pending in self.idle())

    def holds(self, pending: PendingLaunch) -> bool:
        """Say whether the launch is still remembered, that is: not certain."""
        return pending.order.request_id in self._pending

    def idle(self) -> tuple[PendingLaunch, ...]:
        """Return the remembered launches that no call is working on."""
        return tuple(pending for request, pending in self._pending.items() if not self._busy[request])

    def forget(self, pending: PendingLaunch) -> None:
        """Drop a launch whose end is certain."""
        self._pending.pop(pending.order.request_id, None)

    @contextmanager
    def working_on(self, pending: PendingLaunch) -> Iterator[None]:
        """Remember the launch *before* its effects, and keep :meth:`idle` from handing it out meanwhile.

        A cancelled caller, or one that met an outage, leaves it remembered: that is how nothing is ever left half done.
        """
        request = pending.order.request_id
        self._pending[request] = pending
        self._busy[request] += 1
        try:
            yield
        finally:
            self._busy[request] -= 1
            if not self._busy[request]:
                del self._busy[request]
