"""Stop a run: Temporal first, then the projection, then log and audit (runtime.md 4.6 and F13 to F17)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from app.domain.batch import BatchRef
from app.domain.errors import ActionRefused, DatabaseUnavailable, EnvironmentFailure, NotFound, TemporalUnavailable
from app.domain.execution import ExecutionFacts, ExecutionStatus
from app.domain.launching import AuditNote, RunNote
from app.domain.operator import Operator, Right
from app.domain.run import TERMINAL_STATUSES, RunKey, RunRow, RunStatus
from app.services.acting import ACTION_SOURCE, require_right, tenant_of
from app.services.intent_ports import IntentJournal, NoJournal
from app.services.launch_intent import cancel_intent
from app.services.patience import Patience
from app.services.ports import ActionRecord, ExecutionGateway, RunReader, RunWriter
from app.services.reason import checked_reason

_ENDED_BY_ITSELF = frozenset({ExecutionStatus.COMPLETED, ExecutionStatus.FAILED})
"""Executions with an outcome of their own, which a cancel must not overwrite."""


@dataclass(frozen=True, slots=True)
class CancelCommand:
    """Which run to stop, why, who asks, and the request's id (sending it twice records it once).

    ``sent_before`` says that an earlier process may have sent this request and died before it was recorded.
    """

    key: RunKey
    reason: str
    operator: Operator
    request_id: UUID
    batch: BatchRef | None = None
    sent_before: bool = False


@dataclass(frozen=True, slots=True)
class CancelOutcome:
    """What came of a cancel.

    ``requested``: Temporal was asked. ``accepted``: the run ends by this cancel. ``status`` is the row's status word
    observed afterwards. ``code`` names what ``message`` says, for a translated sentence. The times are this computer's;
    when the execution really closes is another moment, see :class:`app.services.follow_cancel.FollowCancel`.
    """

    key: RunKey
    requested: bool
    accepted: bool
    status: str
    message: str
    code: str | None = None
    requested_at: datetime | None = None
    accepted_at: datetime | None = None


class CancelRun:
    """Cancels one run.

    Args:
        reader: Says whether the run has ended.
        writer: Records the cancel.
        gateway: The Temporal side.
        patience: How long to go on recording an accepted cancel while Postgres is away.
        journal: Where a cancel is written down until it is recorded and, by who follows it, closed.
        now: The time of day, for the moments that are told.
    """

    def __init__(
        self,
        reader: RunReader,
        writer: RunWriter,
        gateway: ExecutionGateway,
        patience: Patience | None = None,
        journal: IntentJournal | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._gateway = gateway
        self._patience = patience or Patience()
        self._journal = journal or NoJournal()
        self._now = now
        self._sent: set[UUID] = set()

    async def cancel(self, command: CancelCommand) -> CancelOutcome:
        """Cancel the run.

        Raises:
            NotPermitted: The operator lacks ``admin``.
            InvalidInput: The reason is too short.
            NotFound: No such run.
            ActionRefused: The run has ended, or Temporal knows no execution of it; nothing was written.
            EnvironmentFailure: A side is down. Sending the same command again is safe.
        """
        tenant = tenant_of(command.key)
        require_right(command.operator, tenant, Right.ADMIN, "cancel runs")
        reason = checked_reason(command.reason)
        record = _record_of(command, reason)
        row = await self._row(command.key)
        sent_before = command.sent_before or command.request_id in self._sent
        if sent_before and row.status == RunStatus.CANCELED:
            # Our own cancel took effect while an answer was lost: what is missing is the record.
            return await self._record(command, tenant, record)
        refuse_ended(row)
        if command.batch is not None:
            return await self._cancel(command, tenant, record)  # its own journal covers it
        return await self._journaled(command, tenant, record)

    async def _journaled(self, command: CancelCommand, tenant: UUID, record: ActionRecord) -> CancelOutcome:
        """Cancel with the intent on disk; an accepted one stays there until who follows it sees the close."""
        await self._journal.begin(cancel_intent(command, tenant, record))
        try:
            outcome = await self._cancel(command, tenant, record)
        except EnvironmentFailure:
            await self._journal.let_go(command.request_id)  # sent again or settled later, by whoever looks
            raise
        except Exception:
            await self._journal.finish(command.request_id)
            raise
        if not outcome.accepted:
            await self._journal.finish(command.request_id)
        return outcome

    async def _cancel(self, command: CancelCommand, tenant: UUID, record: ActionRecord) -> CancelOutcome:
        requested_at = self._now()
        await self._request(command)
        accepted_at = self._now()
        facts = await self._facts(command.key)
        if facts is not None and facts.status in _ENDED_BY_ITSELF:
            return await self._came_too_late(command.key, facts)
        outcome = await self._record(command, tenant, record)
        return replace(outcome, requested_at=requested_at, accepted_at=accepted_at)

    async def _request(self, command: CancelCommand) -> None:
        self._sent.add(command.request_id)
        try:
            known = await self._gateway.request_cancel(command.key.run_id)
        except TemporalUnavailable as error:
            message = f"{error.message} Should the cancel have arrived nevertheless, the run will show it."
            raise TemporalUnavailable(error.code, message, **error.params, aftermath="cancel_may_arrive") from error
        if not known:
            self._sent.discard(command.request_id)
            raise _unknown_to_temporal(command.key)

    async def _facts(self, key: RunKey) -> ExecutionFacts | None:
        try:
            return await self._gateway.describe(key.run_id)
        except TemporalUnavailable:
            return None  # the cancel is accepted; the row's own guard protects an outcome that came first

    async def _record(self, command: CancelCommand, tenant: UUID, record: ActionRecord) -> CancelOutcome:
        """Write the accepted cancel; if Postgres stays away, sending the command again records it."""
        try:
            outcome = await self._patience.persist(lambda: self._write(command.key, tenant, record))
        except DatabaseUnavailable as error:
            message = f"Temporal accepted the cancel, but it is not recorded yet. {error.message}"
            raise DatabaseUnavailable(error.code, message, **error.params, aftermath="cancel_unrecorded") from error
        self._sent.discard(command.request_id)
        return outcome

    async def _write(self, key: RunKey, tenant: UUID, record: ActionRecord) -> CancelOutcome:
        if await self._writer.cancel(key, record):
            return _accepted(key)
        row = await self._row(key)
        if row.status != RunStatus.CANCELED and row.completed_at is not None:
            return _too_late(key, row.status)
        # The worker projected the cancel before we could, or it shows a failure that it is still handling (F39):
        # the row is the worker's to write, the operator's part is still to be recorded.
        await self._writer.record(tenant, record)
        return _accepted(key) if row.status == RunStatus.CANCELED else _under_way(key, row.status)

    async def _came_too_late(self, key: RunKey, facts: ExecutionFacts) -> CancelOutcome:
        row = await self._row(key)
        if row.status in TERMINAL_STATUSES:
            return _too_late(key, row.status)
        return CancelOutcome(
            key=key,
            requested=True,
            accepted=False,
            status=row.status,
            message=f"The execution had already ended as {facts.status}; only its row still says {row.status}. "
            "Nothing was written.",
            code="cancel.ended_unprojected",
        )

    async def _row(self, key: RunKey) -> RunRow:
        rows = await self._reader.rows(key.tenant, (key.run_id,))
        if not rows:
            raise NotFound("run.not_found", f"There is no run {key.run_id} in this tenant.", run_id=str(key.run_id))
        return rows[0]


def refuse_ended(row: RunRow) -> None:
    """Raise ActionRefused for a run that has an outcome: a cancel would rewrite it (runtime.md F15)."""
    if row.status in TERMINAL_STATUSES and row.completed_at is not None:
        raise ActionRefused(
            "cancel.ended",
            f"The run has already ended as {row.status}, so there is nothing to cancel.",
            run_id=str(row.key.run_id),
            status=row.status,
        )


def _unknown_to_temporal(key: RunKey) -> ActionRefused:
    return ActionRefused(
        "cancel.no_execution",
        "Temporal knows no execution of this run: it never started, or its retention has passed. "
        "Nothing was canceled and nothing was written. Its row can be closed on your word, or the launch repaired.",
        run_id=str(key.run_id),
    )


def _accepted(key: RunKey) -> CancelOutcome:
    return CancelOutcome(key, True, True, str(RunStatus.CANCELED), "The run is canceled.", "cancel.done")


def _under_way(key: RunKey, status: str) -> CancelOutcome:
    message = f"Temporal accepted the cancel. The row says {status} until the worker ends the run."
    return CancelOutcome(key, True, True, status, message, "cancel.under_way")


def _too_late(key: RunKey, status: str) -> CancelOutcome:
    message = f"The run ended as {status} before the cancel took effect. Nothing was changed."
    return CancelOutcome(key, True, False, status, message, "cancel.too_late")


def _record_of(command: CancelCommand, reason: str) -> ActionRecord:
    run_id = command.key.run_id
    details: dict[str, object] = {"reason": reason, "source": ACTION_SOURCE}
    if command.batch is not None:
        details["batch"] = command.batch.as_details()
    return ActionRecord(
        request_id=command.request_id,
        operator=command.operator,
        notes=(RunNote(run_id, "WARN", "Run canceled by operator", {"reason": reason}),),
        audit=AuditNote(
            operation="workflow_run_cancel",
            record_id=run_id,
            changed={"status": str(RunStatus.CANCELED)},
            details=details,
        ),
    )
