"""After a crash: what became of what was set out to do, and what is still missing (runtime.md F30, F44).

Both sides are asked about every intent that no living process holds. What only lacks its rows gets them at once, in the
name of whom it was: they are true and change nothing else. What would have an effect is offered, and done on a word.

    start, replay     no row, no execution  ─▶ came to nothing
                      row and execution     ─▶ ids, log and audit are completed
                      row, no execution     ─▶ offered: start it
    cancel            execution still runs  ─▶ offered: cancel it
                      execution has closed  ─▶ run, log and audit are written, open parts closed
                      run ended by itself   ─▶ came too late
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.domain.cancellation import ENDED_BY_THE_CANCEL
from app.domain.errors import ActionRefused, EnvironmentFailure, NotFound, RuleViolation, TemporalUnavailable
from app.domain.execution import ExecutionFacts, ExecutionStatus
from app.domain.intent import Intent, IntentFinding, IntentKind, MissingAct
from app.domain.operator import Operator, Right
from app.domain.run import TERMINAL_STATUSES, RunRow, RunStatus
from app.services.acting import require_right
from app.services.cancel_run import CancelCommand, CancelRun
from app.services.follow_cancel import FollowCancel, FollowedCancel
from app.services.intent_ports import IntentJournal
from app.services.launch_intent import record_of
from app.services.launch_run import LATE_ARRIVAL_SECONDS
from app.services.ports import (
    ActionRecord,
    ExecutionGateway,
    ExecutionStart,
    RunReader,
    RunWriter,
    StartRefused,
    StartUnclear,
)

LONGEST_OFFER = timedelta(hours=12)
"""How long a start is offered. Shorter than any retention: an execution that Temporal does not know never was."""
CLOSING_SECONDS = 3.0
"""How long a cancel that is given again is followed."""


@dataclass(frozen=True, slots=True)
class Sides:
    """The two sides that are asked and written."""

    reader: RunReader
    writer: RunWriter
    gateway: ExecutionGateway


class SettleIntents:
    """Finds and settles unfinished acts.

    Args:
        sides: Postgres and Temporal.
        cancel: The way to give a cancel again.
        follow: Closes what a canceled run left open.
        journal: Where the intents are.
        now: The time of day.
    """

    def __init__(
        self,
        sides: Sides,
        cancel: CancelRun,
        follow: FollowCancel,
        journal: IntentJournal,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._reader = sides.reader
        self._writer = sides.writer
        self._gateway = sides.gateway
        self._cancel = cancel
        self._follow = follow
        self._journal = journal
        self._now = now

    async def look(self) -> tuple[IntentFinding, ...]:
        """Ask both sides about every unfinished act, oldest first; complete what only lacks its rows. JournalUnusable.

        A side that does not answer is a finding, not an error.
        """
        findings = []
        for intent in await self._journal.unfinished():
            async with self._journal.hold(intent.request_id) as held:
                if held:
                    findings.append(await self._settled(intent))
        return tuple(findings)

    async def carry_out(self, request_id: UUID, operator: Operator) -> IntentFinding:
        """Do the one act that an unfinished intent lacks, on this operator's word.

        Raises:
            NotFound: The intent is finished, or another Rundesk is at it.
            NotPermitted: The operator lacks the right.
            ActionRefused: Nothing is offered for it now.
            EnvironmentFailure: A side is down; the intent stays.
        """
        intents = {intent.request_id: intent for intent in await self._journal.unfinished()}
        async with self._journal.hold(request_id) as held:
            if not held or request_id not in intents:
                raise NotFound("intent.gone", "This action is finished, or another Rundesk is working on it.")
            finding = await self._found(intents[request_id])
            if finding.missing is MissingAct.START:
                return await self._start(finding, operator)
            if finding.missing is MissingAct.CANCEL:
                return await self._cancel_again(finding, operator)
            if finding.is_settled:
                await self._journal.finish(request_id)
                return finding
            raise ActionRefused("intent.nothing_offered", f"There is nothing to do for this now. {finding.message}")

    async def _settled(self, intent: Intent) -> IntentFinding:
        try:
            finding = await self._found(intent)
        except EnvironmentFailure as error:
            message = f"It is not known what became of it. {error.message}"
            return IntentFinding(intent, "intent.unanswered", message, MissingAct.ANSWER)
        if finding.is_settled:
            await self._journal.finish(intent.request_id)
        return finding

    async def _found(self, intent: Intent) -> IntentFinding:
        rows = await self._reader.rows(intent.tenant, (intent.run_id,))
        facts = await self._gateway.describe(intent.run_id)
        if not rows:
            return self._without_row(intent, facts)
        find = self._of_cancel if intent.kind is IntentKind.CANCEL else self._of_launch
        return await find(intent, rows[0], facts)

    def _without_row(self, intent: Intent, facts: ExecutionFacts | None) -> IntentFinding:
        if self._now() - intent.at < timedelta(seconds=LATE_ARRIVAL_SECONDS) and facts is None:
            message = "Nothing is to be seen of it yet; a write that is still under way could arrive."
            return IntentFinding(intent, "intent.too_early", message, MissingAct.ANSWER)
        message = "Nothing was written and nothing runs for it. Do it again if it is still wanted."
        return IntentFinding(intent, "intent.came_to_nothing", message)

    async def _of_launch(self, intent: Intent, row: RunRow, facts: ExecutionFacts | None) -> IntentFinding:
        if facts is not None:
            await self._writer.confirm_launch(
                intent.key, facts.workflow_id, facts.first_run_id, _launch_record(intent, row)
            )
            message = "The execution was started. Its ids, log and audit are complete now."
            return IntentFinding(intent, "intent.launch_completed", message, status=row.status)
        if row.status not in TERMINAL_STATUSES and (row.has_steps or self._now() - intent.at > LONGEST_OFFER):
            message = "The run is open, but Temporal knows no execution of it. Look at the run; it can be repaired."
            return IntentFinding(intent, "intent.launch_lost", message, status=row.status)
        if row.status not in TERMINAL_STATUSES:
            message = "The run is recorded, but its execution never started."
            return IntentFinding(intent, "intent.never_started", message, MissingAct.START, row.status)
        return IntentFinding(intent, "intent.launch_ended", f"The run has ended as {row.status}.", status=row.status)

    async def _of_cancel(self, intent: Intent, row: RunRow, facts: ExecutionFacts | None) -> IntentFinding:
        ended = row.status in TERMINAL_STATUSES and row.completed_at is not None
        if ended and row.status != RunStatus.CANCELED:
            message = f"The run had ended as {row.status} by itself; the cancel came too late."
            return IntentFinding(intent, "intent.cancel_too_late", message, status=row.status)
        if ended or (facts is not None and facts.status in ENDED_BY_THE_CANCEL):
            return await self._record_cancel(intent, row)
        if facts is None:
            message = "Temporal knows no execution of this run, so it was not canceled. Look at the run."
            return IntentFinding(intent, "intent.cancel_unknown", message, status=row.status)
        if facts.status is ExecutionStatus.RUNNING:
            message = "The execution still runs, and it is not known whether Temporal got the cancel."
            return IntentFinding(intent, "intent.cancel_open", message, MissingAct.CANCEL, row.status)
        message = f"The execution had ended as {facts.status} by itself; only its row is still open. Look at the run."
        return IntentFinding(intent, "intent.cancel_unprojected", message, status=row.status)

    async def _record_cancel(self, intent: Intent, row: RunRow) -> IntentFinding:
        """The run is canceled: what may be missing are its rows, and the closing of what it left open."""
        record = record_of(intent)
        if not await self._writer.cancel(intent.key, record):
            await self._writer.record(intent.tenant, record)
        if intent.operator is None:
            raise ActionRefused("intent.no_operator", "The note of this cancel does not say who gave it.")
        followed = FollowedCancel(
            intent.key, intent.request_id, intent.operator, intent.reason or "", intent.at, intent.at
        )
        progress = await self._follow.follow(followed, 0)
        status = str(RunStatus.CANCELED)
        if progress.is_over:
            message = "The run is canceled and its execution has closed. Log and audit are complete."
            return IntentFinding(intent, "intent.cancel_completed", message, status=status)
        missing = MissingAct.ANSWER if progress.unanswered else MissingAct.CLOSE
        message = f"The run is canceled (it was {row.status}); its execution or one below it has not closed yet."
        return IntentFinding(intent, "intent.cancel_closing", message, missing, status)

    async def _start(self, finding: IntentFinding, operator: Operator) -> IntentFinding:
        """Start the execution of a recorded run: the same start that was set out to be sent, under the same id."""
        intent = finding.intent
        need = Right.ADMIN if intent.kind is IntentKind.REPLAY else Right.MANAGE
        require_right(operator, intent.tenant, need, "start this run")
        (row,) = await self._reader.rows(intent.tenant, (intent.run_id,))
        start = ExecutionStart(
            run_id=intent.run_id,
            tenant=intent.tenant,
            workflow_id=row.workflow_id,
            workflow_version=row.workflow_version,
            trigger_type=row.trigger_type,
            execution_key=f"launch-{row.workflow_id}-{int(row.started_at.timestamp() * 1000)}",
        )
        try:
            answer = await self._gateway.start(start)
        except StartRefused as refusal:
            return await self._refused(finding, str(refusal))
        except StartUnclear as silence:
            raise TemporalUnavailable(
                "intent.start_unclear",
                "Temporal did not say whether the execution started. Look again: it will show.",
                technical=str(silence),
            ) from silence
        record = _settled_by(_launch_record(intent, row), operator)
        status = await self._writer.confirm_launch(intent.key, answer.workflow_id, answer.first_run_id, record)
        await self._journal.finish(intent.request_id)
        message = "The execution is started; ids, log and audit are complete."
        return IntentFinding(intent, "intent.started_now", message, status=status)

    async def _refused(self, finding: IntentFinding, why: str) -> IntentFinding:
        message = f"Temporal refused to start the execution: {why}"
        await self._writer.fail_launch(finding.intent.key, message, {"name": "launch.refused"})
        await self._journal.finish(finding.intent.request_id)
        return IntentFinding(finding.intent, "launch.refused", message, status=str(RunStatus.FAILED))

    async def _cancel_again(self, finding: IntentFinding, operator: Operator) -> IntentFinding:
        """Give the cancel again under its own request id, in the name of whose word it is now."""
        intent = finding.intent
        command = CancelCommand(intent.key, intent.reason or "", operator, intent.request_id, sent_before=True)
        try:
            outcome = await self._cancel.cancel(command)
        except RuleViolation as refusal:
            return IntentFinding(intent, refusal.code, refusal.message, status=finding.status)
        if not outcome.accepted:
            return IntentFinding(intent, outcome.code or "cancel.too_late", outcome.message, status=outcome.status)
        moments = (outcome.requested_at or self._now(), outcome.accepted_at or self._now())
        progress = await self._follow.follow(
            FollowedCancel(intent.key, intent.request_id, operator, command.reason, *moments), CLOSING_SECONDS
        )
        if progress.is_over:
            return IntentFinding(
                intent,
                "intent.canceled_now",
                "The run is canceled and its execution has closed.",
                status=outcome.status,
            )
        message = "Temporal accepted the cancel; the execution or one below it has not closed yet."
        return IntentFinding(intent, "intent.cancel_accepted", message, MissingAct.CLOSE, outcome.status)


def _launch_record(intent: Intent, row: RunRow) -> ActionRecord:
    """Return the record with the version that was resolved at admission, where it was left open."""
    record = record_of(intent)
    if record.audit is None or record.audit.details.get("workflowVersion", row.workflow_version) is not None:
        return record
    details = {**record.audit.details, "workflowVersion": row.workflow_version}
    return replace(record, audit=replace(record.audit, details=details))


def _settled_by(record: ActionRecord, operator: Operator) -> ActionRecord:
    """Name who completed the act beside who began it."""
    if record.audit is None or (record.operator is not None and record.operator.user_id == operator.user_id):
        return record
    details = {**record.audit.details, "completedBy": str(operator.user_id)}
    return replace(record, audit=replace(record.audit, details=details))
