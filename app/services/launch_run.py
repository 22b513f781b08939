"""The one way a run comes to be: row and log first, then the execution, then their ids.

The order is the contract's (runtime.md 3.2); what differs from the product is what happens when an answer is lost
(runtime.md F30). Every step can be repeated without a second effect, because the run's id is the request's id and the
workflow id derives from it. So a lost answer is never guessed at: Temporal is asked, and asked again later by
:meth:`LaunchRun.settle`, until the launch is certain.

    admit ──refused──▶ error, nothing written
      │
    start ──refused──▶ FAILED (stage launch)
      │  └─no answer─▶ describe: found ─▶ confirm │ not found ─▶ the same start again │ no answer ─▶ UNCONFIRMED
    confirm ─▶ STARTED
"""

from __future__ import annotations

from dataclasses import replace

from app.domain.errors import DatabaseUnavailable, EnvironmentFailure, RuleViolation, TemporalUnavailable
from app.domain.execution import ExecutionFacts
from app.domain.launching import LaunchOrder, LaunchOutcome, LaunchState
from app.domain.run import TERMINAL_STATUSES, RunKey, RunStatus
from app.services.intent_ports import IntentJournal, NoJournal
from app.services.launch_intent import launch_intent
from app.services.patience import Patience
from app.services.pending_launch import NOTHING_SAID, LaunchMemory, PendingLaunch, Saying
from app.services.ports import (
    ActionRecord,
    AdmittedLaunch,
    ExecutionGateway,
    RunWriter,
    StartAnswer,
    StartRefused,
    StartUnclear,
)

LATE_ARRIVAL_SECONDS = 15.0
"""After this long no request of ours can still take effect: three times the deadline that each one carries."""
FRESH_ANSWER_SECONDS = 0.5
"""How long an answer of Temporal says that it is there: many launches in a row do not ask before each."""
MAX_UNCLEAR_STARTS = 5
"""Starts without an answer after which no further one is sent; the launch then waits for the last to be lost."""


class LaunchRun:
    """Launches runs, for start and replay alike.

    Args:
        writer: The projection.
        gateway: The Temporal side.
        patience: How long a launch itself keeps asking a silent side before it answers "unconfirmed".
        journal: Where a launch is written down until it is certain, should this process not live to see that.
    """

    def __init__(
        self,
        writer: RunWriter,
        gateway: ExecutionGateway,
        patience: Patience | None = None,
        journal: IntentJournal | None = None,
    ) -> None:
        self._writer = writer
        self._gateway = gateway
        self._patience = patience or Patience()
        self._once = replace(self._patience, seconds=0)
        self._clock = self._patience.clock
        self._journal = journal or NoJournal()
        self._memory = LaunchMemory()
        self._answered_at = float("-inf")

    @property
    def unsettled(self) -> tuple[RunKey, ...]:
        """Runs whose launch is not certain yet; :meth:`settle` goes on with them."""
        return self._memory.keys

    async def launch(self, order: LaunchOrder, record: ActionRecord | None = None) -> LaunchOutcome:
        """Create the run and start its execution.

        Args:
            order: What to launch. Sending an equal request id again continues the first launch; a fire key that was
                used answers with the first run.
            record: Logs and audit to write with the ids.

        Returns:
            STARTED; EXISTING for a used fire key; FAILED when Temporal refused (the row stays visible); UNCONFIRMED
            while it is not known whether the execution exists.

        Raises:
            GateClosed, NotFound, InvalidInput, ActionRefused: A gate or check refused; nothing was written.
            EnvironmentFailure: A side is down, or the journal cannot be written; nothing was started.
        """
        await self._make_sure_temporal_answers()
        pending = PendingLaunch(order, record, touched_at=self._clock(), unwritten=launch_intent(order, record))
        async with self._memory.one_at_a_time(order.request_id):
            try:
                self._memory.remember(pending)
                return await self._launch(pending)
            except Exception as error:
                if pending.unwritten is not None or not isinstance(error, EnvironmentFailure):
                    self._memory.forget(pending)
                raise
            finally:
                pending.touched_at = self._clock()
                await self._forget_intent(pending)

    async def _write_down(self, pending: PendingLaunch) -> None:
        """Have the intent on the disk; while it is ``unwritten``, nothing of the launch has had an effect."""
        if pending.unwritten is not None:
            await self._journal.begin(pending.unwritten)
            pending.unwritten = None

    async def _make_sure_temporal_answers(self) -> None:
        """Raise TemporalUnavailable unless Temporal answered just now: nothing is written that cannot be started."""
        if self._clock() - self._answered_at < FRESH_ANSWER_SECONDS:
            return
        self._answered_at = float("-inf")
        await self._gateway.ping()
        self._answered_at = self._clock()

    async def settle(self) -> tuple[LaunchOutcome, ...]:
        """Ask once more about every launch that is not certain; return those that became known."""
        known = []
        for pending in self._memory.remembered():
            async with self._memory.one_at_a_time(pending.order.request_id):
                outcome = await self._settle(pending) if self._memory.holds(pending) else None
                await self._forget_intent(pending)
            if outcome is not None:
                known.append(outcome)
        return tuple(known)

    async def _forget_intent(self, pending: PendingLaunch) -> None:
        if not self._memory.holds(pending):
            await self._journal.finish(pending.order.request_id)

    async def _launch(self, pending: PendingLaunch) -> LaunchOutcome:
        try:
            admitted = await self._patience.persist(
                lambda: self._writer.admit(pending.order, lambda: self._write_down(pending))
            )
        except DatabaseUnavailable as error:
            # The row may be committed although its answer was lost; then settle() closes it, so this stays true.
            message = f"{error.message} Nothing was started."
            raise type(error)(error.code, message, **error.params, aftermath="nothing_started") from error
        pending.admitted = admitted
        if admitted.created:
            return await self._start(pending, admitted)
        if not admitted.same_request:
            return self._conclude(pending, LaunchState.EXISTING)
        return await self._continue(pending, admitted)

    async def _continue(self, pending: PendingLaunch, admitted: AdmittedLaunch) -> LaunchOutcome:
        """Go on where an equal request stopped: here, in another process, or before an answer was lost."""
        if _may_start(admitted):
            return await self._start(pending, admitted)
        return await self._find_out(pending, admitted)

    async def _start(self, pending: PendingLaunch, admitted: AdmittedLaunch) -> LaunchOutcome:
        try:
            answer = await self._gateway.start(pending.execution_start(admitted))
        except StartRefused as refusal:
            pending.refusal = str(refusal)
            return await self._refused(pending, admitted)
        except StartUnclear:
            self._note_unclear(pending)
            return await self._find_out(pending, admitted)
        return await self._confirm(pending, answer, self._patience)

    async def _refused(self, pending: PendingLaunch, admitted: AdmittedLaunch) -> LaunchOutcome:
        """The refusal is definite for this start; one that an equal request sent may have succeeded or be under way."""
        try:
            facts = await self._gateway.describe(admitted.run_id)
        except TemporalUnavailable:
            facts = None
        if facts is not None:
            return await self._confirm(pending, _found(facts), self._patience)
        if admitted.created:
            return await self._give_up(pending, self._patience)
        return await self._find_out(pending, admitted)

    async def _find_out(self, pending: PendingLaunch, admitted: AdmittedLaunch) -> LaunchOutcome:
        outcome = await self._patience.until_known(lambda: self._look(pending, admitted, self._patience))
        return outcome or pending.outcome(
            LaunchState.UNCONFIRMED,
            said=Saying(
                "launch.unconfirmed",
                "Launch unconfirmed: Temporal did not say whether the execution started. "
                "Rundesk keeps asking; do not start it again.",
            ),
        )

    async def _look(self, pending: PendingLaunch, admitted: AdmittedLaunch, patience: Patience) -> LaunchOutcome | None:
        """Ask Temporal once whether the execution exists; None while that is not certain."""
        try:
            facts = await self._gateway.describe(admitted.run_id)
        except TemporalUnavailable:
            return None
        if facts is not None:
            return await self._confirm(pending, _found(facts), patience)
        if not _may_start(admitted):
            return self._as_the_row_says(pending, admitted)
        if pending.refusal is None and pending.unclear_starts < MAX_UNCLEAR_STARTS:
            return await self._start_again(pending, admitted, patience)
        if self._clock() - pending.touched_at < LATE_ARRIVAL_SECONDS:
            return None
        return await self._give_up(pending, patience)

    async def _start_again(
        self, pending: PendingLaunch, admitted: AdmittedLaunch, patience: Patience
    ) -> LaunchOutcome | None:
        """Send the same start again: should the first one arrive late, one of the two is "already started"."""
        try:
            answer = await self._gateway.start(pending.execution_start(admitted))
        except StartRefused as refusal:
            # This one is refused, but an earlier one may still be under way: wait until that is impossible.
            pending.refusal = str(refusal)
            return None
        except StartUnclear:
            self._note_unclear(pending)
            return None
        return await self._confirm(pending, answer, patience)

    async def _confirm(self, pending: PendingLaunch, answer: StartAnswer, patience: Patience) -> LaunchOutcome:
        """Store the ids and the record. The execution runs whether or not Postgres answers."""
        pending.answer = answer
        try:
            status = await patience.persist(
                lambda: self._writer.confirm_launch(
                    pending.key, answer.workflow_id, answer.first_run_id, pending.completed_record()
                )
            )
        except EnvironmentFailure as error:
            message = f"The execution runs, but its ids are not recorded yet. {error.message}"
            return pending.outcome(LaunchState.STARTED, said=Saying("launch.not_recorded", message))
        return self._conclude(pending, LaunchState.STARTED, status)

    async def _give_up(self, pending: PendingLaunch, patience: Patience) -> LaunchOutcome:
        """Write FAILED, guarded; no execution exists and none can arrive any more."""
        failure = _failure(pending)
        details: dict[str, object] = {"name": failure.code}
        try:
            written = await patience.persist(
                lambda: self._writer.fail_launch(pending.key, str(failure.message), details)
            )
        except EnvironmentFailure as error:
            message = f"{failure.message} This is not recorded yet. {error.message}"
            return pending.outcome(LaunchState.FAILED, said=Saying(failure.code, message))
        if written:
            return self._conclude(pending, LaunchState.FAILED, str(RunStatus.FAILED), failure)
        return await self._yield_to_row(pending)

    async def _yield_to_row(self, pending: PendingLaunch) -> LaunchOutcome:
        """The row was not ours to fail: an equal request or the worker has moved it on. Say what it says."""
        pending.admitted = await self._patience.persist(lambda: self._writer.admit(pending.order))
        return self._as_the_row_says(pending, pending.admitted)

    def _as_the_row_says(self, pending: PendingLaunch, admitted: AdmittedLaunch) -> LaunchOutcome:
        if admitted.status == RunStatus.FAILED and not admitted.has_temporal_ids:
            said = Saying("launch.failed_before", "This request failed at launch; nothing runs for it.")
            return self._conclude(pending, LaunchState.FAILED, said=said)
        return self._conclude(pending, LaunchState.STARTED)

    async def _settle(self, pending: PendingLaunch) -> LaunchOutcome | None:
        try:
            outcome = await self._ask_once(pending)
        except EnvironmentFailure:
            return None  # still down; the environment check is what reports that
        except RuleViolation:
            self._memory.forget(pending)  # the row is gone, deleted with its workflow: nothing is left to settle
            return None
        return None if self._memory.holds(pending) else outcome

    async def _ask_once(self, pending: PendingLaunch) -> LaunchOutcome | None:
        if pending.admitted is None:
            return await self._withdraw(pending)
        if pending.answer is not None:
            return await self._confirm(pending, pending.answer, self._once)
        return await self._look(pending, pending.admitted, self._once)

    async def _withdraw(self, pending: PendingLaunch) -> LaunchOutcome | None:
        """Close the row of a launch that its operator was told failed, if it was committed after all."""
        if self._clock() - pending.touched_at < LATE_ARRIVAL_SECONDS:
            return None
        facts = await self._gateway.describe(pending.key.run_id)
        if facts is not None:
            # The same request was sent again elsewhere, and succeeded.
            return await self._confirm(pending, _found(facts), self._once)
        message = "Postgres did not answer while the run was recorded, so its execution was never started."
        said = Saying("launch.withdrawn", message)
        if await self._writer.fail_launch(pending.key, message, {"name": said.code}):
            return self._conclude(pending, LaunchState.FAILED, str(RunStatus.FAILED), said)
        self._memory.forget(pending)
        return None

    def _conclude(
        self, pending: PendingLaunch, state: LaunchState, status: str | None = None, said: Saying = NOTHING_SAID
    ) -> LaunchOutcome:
        self._memory.forget(pending)
        return pending.outcome(state, status, said)

    def _note_unclear(self, pending: PendingLaunch) -> None:
        self._answered_at = float("-inf")
        pending.unclear_starts += 1
        pending.touched_at = self._clock()


def _may_start(admitted: AdmittedLaunch) -> bool:
    """Say whether the row still waits for its execution; once it has moved on, a start could only harm it."""
    return admitted.status not in TERMINAL_STATUSES and not admitted.has_temporal_ids


def _failure(pending: PendingLaunch) -> Saying:
    if pending.refusal is None:
        return Saying("launch.not_delivered", "Temporal did not start the execution: no start reached it.")
    return Saying("launch.refused", f"Temporal refused to start the execution: {pending.refusal}")


def _found(facts: ExecutionFacts) -> StartAnswer:
    return StartAnswer(facts.workflow_id, facts.first_run_id, already_started=True)
