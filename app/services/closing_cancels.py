"""Cancel one run of many and see it closed, for a batch: what a cancel leaves open is closed there too (F17, F18)."""

from __future__ import annotations

from dataclasses import replace

from app.services.acting import tenant_of
from app.services.cancel_run import CancelCommand, CancelOutcome, CancelRun
from app.services.follow_cancel import FollowCancel, followed_cancel
from app.services.intent_ports import IntentJournal
from app.services.launch_intent import cancel_intent
from app.services.ports import ActionRecord

CLOSING_SECONDS = 1.0
"""How long each cancel is followed: an execution without an action under way closes within a tenth of a second."""


class ClosingCancels:
    """Cancels and follows.

    Args:
        cancels: Asks Temporal and records.
        follow: Closes what was left open once the execution has closed.
        journal: Where a cancel that has not closed yet waits for whoever looks next.
    """

    def __init__(self, cancels: CancelRun, follow: FollowCancel, journal: IntentJournal) -> None:
        self._cancels = cancels
        self._follow = follow
        self._journal = journal

    async def cancel(self, command: CancelCommand) -> CancelOutcome:
        """Cancel the run and follow it for a moment; raises what :meth:`CancelRun.cancel` does."""
        outcome = await self._cancels.cancel(command)
        if not outcome.accepted:
            return outcome
        progress = await self._follow.follow(followed_cancel(command, outcome), CLOSING_SECONDS)
        if progress.is_over:
            return outcome
        recorded = ActionRecord(command.request_id, command.operator)
        await self._journal.begin(cancel_intent(command, tenant_of(command.key), recorded))
        await self._journal.let_go(command.request_id)
        message = "Temporal accepted the cancel; the execution or one below it has not closed yet."
        return replace(outcome, code="cancel.not_closed", message=message)
