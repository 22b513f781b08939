"""Resume a run that pauses on the step quota: rows first, as the contract says, then the signal until it is observed.

The product sends the signal once, after its writes, and cannot send it again: the row no longer waits (runtime.md F36).
Here Temporal is asked before anything is written, the signal is sent again while the execution still reports the
pause, and a run whose signal was lost earlier, by whomever, takes the signal alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from uuid import UUID, uuid5

from app.domain.errors import ActionRefused, TemporalUnavailable
from app.domain.execution import ExecutionFacts, ExecutionStatus
from app.domain.launching import AuditNote, RunNote
from app.domain.operator import Operator, Right
from app.domain.quota_pause import RESUME_OPERATION, QuotaFacts, QuotaWait, ResumeWay, resume_way
from app.domain.run import TERMINAL_STATUSES, RunKey, RunStatus, WaitStatus, WaitType
from app.domain.run_message import QuotaResume, WaitKind
from app.services.acting import ACTION_SOURCE, require_right, tenant_of
from app.services.patience import Patience
from app.services.pending_launch import Saying
from app.services.ports import ActionRecord, DatabaseProbe, ExecutionGateway, RunWriter
from app.services.reason import checked_reason
from app.services.repair_ports import QuotaStore, RunMessages

OBSERVE_SECONDS = 15.0
"""How long a resume goes on until the execution leaves its pause; a worker needs well under a second."""
LOOK_SECONDS = 3.0
"""How long it looks before it sends the signal again: each one that comes too late would skip the next pause (F37)."""


@dataclass(frozen=True, slots=True)
class ResumeCommand:
    """Which run to resume, why, who asks, and the request's id (sending it twice records it once)."""

    key: RunKey
    reason: str
    operator: Operator
    request_id: UUID


@dataclass(frozen=True, slots=True)
class ResumePlan:
    """What a resume would do now; ``refusal`` is why it would not."""

    facts: QuotaFacts
    way: ResumeWay | None
    refusal: ActionRefused | None


@dataclass(frozen=True, slots=True)
class ResumeOutcome:
    """What came of a resume.

    ``accepted``: Temporal holds the signal. ``observed``: the execution left the pause. ``paused_again``: it did, and
    met the quota once more. ``signals`` counts those sent. ``code`` names what ``message`` says.
    """

    key: RunKey
    accepted: bool
    observed: bool
    paused_again: bool
    signals: int
    status: str
    message: str
    code: str


class QuotaResumes:
    """Resumes quota pauses.

    Args:
        store: The rows of the pause.
        writer: Records a signal that is sent alone.
        messages: The execution.
        gateway: Says whether there is an execution to resume.
        probe: The database's clock.
        patience: How long to go on until the signal is observed.
    """

    def __init__(
        self,
        store: QuotaStore,
        writer: RunWriter,
        messages: RunMessages,
        gateway: ExecutionGateway,
        probe: DatabaseProbe,
        patience: Patience | None = None,
    ) -> None:
        self._store = store
        self._writer = writer
        self._messages = messages
        self._gateway = gateway
        self._probe = probe
        self._patience = patience or Patience(OBSERVE_SECONDS)

    async def plan(self, key: RunKey) -> ResumePlan:
        """Return what a resume would do by the rows; nothing is written. NotFound, EnvironmentFailure."""
        facts = await self._store.facts(key)
        try:
            return ResumePlan(facts, resume_way(facts), None)
        except ActionRefused as refusal:
            return ResumePlan(facts, None, refusal)

    async def resume(self, command: ResumeCommand) -> ResumeOutcome:
        """Resume the run.

        Raises:
            NotPermitted: The operator lacks ``admin``.
            InvalidInput: The reason is too short.
            NotFound: No such run.
            ActionRefused: It does not pause, its pause is stale, the quota is exhausted; nothing was written.
            EnvironmentFailure: A side is down. Sending the command again is safe, and sends the signal.
        """
        tenant = tenant_of(command.key)
        require_right(command.operator, tenant, Right.ADMIN, "resume a quota pause")
        reason = checked_reason(command.reason)
        facts = await self._store.facts(command.key)
        way, wait = resume_way(facts), facts.wait
        _require_open(await self._gateway.describe(command.key.run_id))
        if wait is None:  # resume_way has refused a run without one
            raise ActionRefused("quota.no_wait", "The run has no open quota wait. Nothing was written.")
        record = _record(command, wait, way, reason)
        if way is ResumeWay.SIGNAL_ONLY:
            await self._require_pause(command.key)
            await self._writer.record(tenant, record)
        elif not await self._store.resume(command.key, wait.wait_id, record):
            raise ActionRefused(
                "quota.changed", "The run changed while it was being resumed. Nothing was written; look at it again."
            )
        return await self._signal(command, wait)

    async def _require_pause(self, key: RunKey) -> None:
        current = await self._messages.current_wait(key.run_id)
        if current is None:
            raise ActionRefused(
                "quota.unanswered",
                "The rows say that this run was resumed, and no worker answers whether its execution still pauses. "
                "Start a worker, then send the resume again. Nothing was sent.",
            )
        if current.kind != WaitKind.QUOTA:
            raise ActionRefused("quota.not_paused", "The execution does not pause on the quota. Nothing was sent.")

    async def _signal(self, command: ResumeCommand, wait: QuotaWait) -> ResumeOutcome:
        """Send the signal; again, while the execution itself says that it still pauses, until patience ends."""
        message = QuotaResume(wait.wait_id, command.operator.user_id, await self._probe.clock())
        deadline = self._patience.clock() + self._patience.seconds
        look = replace(self._patience, seconds=min(LOOK_SECONDS, self._patience.seconds))
        for sent in count(1):
            delivered = await self._send(command.key, message, uuid5(command.request_id, f"signal:{sent}"))
            if not delivered:
                return _ended(command.key, sent)
            outcome = await look.until_known(partial(self._observed, command.key, sent))
            if outcome is not None:
                return outcome
            if self._patience.clock() >= deadline:
                break
        return _unobserved(command.key, sent)

    async def _send(self, key: RunKey, message: QuotaResume, request: UUID) -> bool:
        """Send one signal, again while Temporal is away: the rows have already changed."""
        last: list[TemporalUnavailable] = []

        async def attempt() -> bool | None:
            try:
                return await self._messages.send(key.run_id, message, request)
            except TemporalUnavailable as error:
                last.append(error)
                return None

        delivered = await self._patience.until_known(attempt)
        if delivered is None:
            error = last[-1]
            text = f"The rows say resumed, but the signal did not reach Temporal. {error.message}"
            raise TemporalUnavailable(error.code, text, **error.params, aftermath="resume_unsent") from error
        return delivered

    async def _observed(self, key: RunKey, sent: int) -> ResumeOutcome | None:
        """Return the outcome once it is known, None while the execution answers that it still pauses.

        Without an answer there is no worker to take the signal; Temporal keeps it, so that none is sent again.
        """
        facts = await self._store.facts(key)
        if facts.status == RunStatus.WAITING and facts.wait is not None and facts.wait.status == WaitStatus.WAITING:
            return _paused_again(key, sent)
        if facts.step_since or facts.status in TERMINAL_STATUSES:
            return _resumed(key, sent, facts.status)
        current = await self._messages.current_wait(key.run_id)
        if current is None:
            return _unobserved(key, sent)
        return None if current.kind == WaitKind.QUOTA else _resumed(key, sent, facts.status)


def _require_open(facts: ExecutionFacts | None) -> None:
    if facts is None:
        raise ActionRefused(
            "quota.no_execution", "Temporal knows no execution of this run, so nothing can be resumed or was written."
        )
    if facts.status is not ExecutionStatus.RUNNING:
        raise ActionRefused(
            "quota.closed",
            f"The execution has already ended as {facts.status}, so nothing can be resumed. Nothing was written.",
            status=str(facts.status),
        )


def _record(command: ResumeCommand, wait: QuotaWait, way: ResumeWay, reason: str) -> ActionRecord:
    run_id = command.key.run_id
    context: dict[str, object] = {"reason": reason, "waitId": wait.wait_id}
    details: dict[str, object] = {"reason": reason, "waitType": str(WaitType.QUOTA), "source": ACTION_SOURCE}
    if way is ResumeWay.SIGNAL_ONLY:
        context["signalOnly"] = details["signalOnly"] = True
    return ActionRecord(
        request_id=command.request_id,
        operator=command.operator,
        notes=(RunNote(run_id, "INFO", "Quota-paused run resumed by operator", context),),
        audit=AuditNote(
            operation=RESUME_OPERATION,
            record_id=run_id,
            changed={"status": str(RunStatus.RUNNING)},
            details=details,
        ),
    )


def _resumed(key: RunKey, sent: int, status: str) -> ResumeOutcome:
    return _outcome(key, sent, status, Saying(code="quota.resumed", message="The run has left its pause."))


def _paused_again(key: RunKey, sent: int) -> ResumeOutcome:
    message = "The run was resumed and met the quota again: it pauses once more."
    said = Saying(code="quota.paused_again", message=message)
    return replace(_outcome(key, sent, str(RunStatus.WAITING), said), paused_again=True)


def _ended(key: RunKey, sent: int) -> ResumeOutcome:
    said = Saying(code="quota.ended", message="The execution ended before the signal reached it.")
    return replace(_outcome(key, sent, str(RunStatus.RUNNING), said), accepted=False, observed=False)


def _unobserved(key: RunKey, sent: int) -> ResumeOutcome:
    message = (
        "Temporal holds the signal, but no worker has taken it yet. A worker that starts goes on with the run; sending "
        "the resume again is safe."
    )
    said = Saying(code="quota.unobserved", message=message)
    return replace(_outcome(key, sent, str(RunStatus.RUNNING), said), observed=False)


def _outcome(key: RunKey, sent: int, status: str, said: Saying) -> ResumeOutcome:
    return ResumeOutcome(
        key=key,
        accepted=True,
        observed=True,
        paused_again=False,
        signals=sent,
        status=status,
        message=said.message or "",
        code=said.code or "",
    )
