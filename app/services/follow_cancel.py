"""Follow an accepted cancel until the execution has closed, then close what it left open in the projection.

Accepted is not ended: the execution closes later, and a worker may or may not have cleaned up after itself
(runtime.md F13, F14, F17). So Temporal is asked until the execution is closed; only then, when no worker can project
any more, the rows it left open are written, guarded, and what still runs in spite of all is named.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID, uuid5

from app.domain.cancellation import ENDED_BY_THE_CANCEL, CancelProgress, ClosedParts
from app.domain.errors import DatabaseUnavailable, TemporalUnavailable
from app.domain.execution import ExecutionStatus
from app.domain.launching import AuditNote, RunNote
from app.domain.operator import Operator
from app.domain.run import RunKey
from app.services.acting import ACTION_SOURCE
from app.services.cancel_ports import RunClosing
from app.services.cancel_run import CancelCommand, CancelOutcome
from app.services.intent_ports import IntentJournal, NoJournal
from app.services.patience import Patience
from app.services.ports import ActionRecord, ExecutionGateway

FOLLOW_PAUSE_SECONDS = 0.25
"""How often Temporal is asked; a cancel without an action under way closes within a tenth of a second."""
_AT_ONCE = 8
"""Children that are described at the same time."""


@dataclass(frozen=True, slots=True)
class FollowedCancel:
    """An accepted cancel: its run, its request, who asked and why, and when it was requested and accepted."""

    key: RunKey
    request_id: UUID
    operator: Operator
    reason: str
    requested_at: datetime
    accepted_at: datetime


def followed_cancel(command: CancelCommand, outcome: CancelOutcome) -> FollowedCancel:
    """Return an accepted cancel as it is followed; one that was recorded late has no moments but now."""
    now = datetime.now(UTC)
    return FollowedCancel(
        key=command.key,
        request_id=command.request_id,
        operator=command.operator,
        reason=command.reason.strip(),
        requested_at=outcome.requested_at or now,
        accepted_at=outcome.accepted_at or now,
    )


class FollowCancel:
    """Follows cancels.

    Args:
        closing: What is open, and closing it.
        gateway: Says when an execution has closed.
        patience: Whose clock and pauses are used.
        journal: Where an accepted cancel stays written down until it is over.
    """

    def __init__(
        self,
        closing: RunClosing,
        gateway: ExecutionGateway,
        patience: Patience | None = None,
        journal: IntentJournal | None = None,
    ) -> None:
        self._closing = closing
        self._gateway = gateway
        self._patience = patience or Patience()
        self._journal = journal or NoJournal()

    async def follow(
        self, cancel: FollowedCancel, seconds: float, tell: Callable[[CancelProgress], None] | None = None
    ) -> CancelProgress:
        """Return how far the cancel is once it is over, or when ``seconds`` have passed.

        A side that does not answer is waited for; following again later goes on where this ended.

        Args:
            cancel: The accepted cancel.
            seconds: How long to follow.
            tell: Called on this loop's thread with every change.

        Raises:
            NotFound: The run is gone.
        """
        deadline = self._patience.clock() + seconds
        progress = CancelProgress(cancel.requested_at, cancel.accepted_at)
        while True:
            before, progress = progress, await self._look(cancel, progress)
            if tell is not None and progress != before:
                tell(progress)
            if progress.is_over:
                await self._journal.finish(cancel.request_id)
                return progress
            if self._patience.clock() >= deadline:
                return progress
            await self._patience.pause(FOLLOW_PAUSE_SECONDS)

    async def _look(self, cancel: FollowedCancel, progress: CancelProgress) -> CancelProgress:
        try:
            return await self._seen(cancel, progress)
        except (TemporalUnavailable, DatabaseUnavailable):
            return progress.unknown_now()

    async def _seen(self, cancel: FollowedCancel, progress: CancelProgress) -> CancelProgress:
        facts = await self._gateway.describe(cancel.key.run_id)
        if facts is not None and facts.status is ExecutionStatus.RUNNING:
            return replace(progress, unanswered=False)
        parts = await self._closing.open_parts(cancel.key)
        progress = replace(
            progress,
            closed_at=None if facts is None else facts.closed_at,
            closed_as=None if facts is None else facts.status,
            forgotten=facts is None,
            still_running=parts.actions,
            unanswered=False,
        )
        if facts is None or facts.status not in ENDED_BY_THE_CANCEL:
            return progress  # it ended in a way of its own, which is not this cancel's to write
        ended, still_open = await self._children(parts.children)
        closed = await self._closing.close(cancel.key, ended, _record_of(cancel, facts.status, ended))
        return replace(progress, open_children=still_open, closed=_together(progress.closed, closed))

    async def _children(self, children: tuple[UUID, ...]) -> tuple[tuple[UUID, ...], tuple[UUID, ...]]:
        """Return the children that the cancel ended, and those whose executions are still open.

        A child that Temporal does not know was recorded but never begun; its parent has closed, so nothing will begin
        it. One with an outcome of its own belongs to neither.
        """
        limit = asyncio.Semaphore(_AT_ONCE)

        async def status_of(child: UUID) -> ExecutionStatus | None:
            async with limit:
                facts = await self._gateway.describe(child)
            return None if facts is None else facts.status

        found = await asyncio.gather(*map(status_of, children))
        pairs = list(zip(children, found, strict=True))
        ended = tuple(child for child, status in pairs if status is None or status in ENDED_BY_THE_CANCEL)
        return ended, tuple(child for child, status in pairs if status is ExecutionStatus.RUNNING)


def _together(earlier: ClosedParts, later: ClosedParts) -> ClosedParts:
    return ClosedParts(
        runs=(*earlier.runs, *later.runs),
        steps=earlier.steps + later.steps,
        waits=earlier.waits + later.waits,
        tasks=earlier.tasks + later.tasks,
    )


def _record_of(cancel: FollowedCancel, status: ExecutionStatus, children: tuple[UUID, ...]) -> ActionRecord:
    run_id = cancel.key.run_id
    of_parent: dict[str, object] = {"parentRunId": str(run_id), "reason": cancel.reason}
    return ActionRecord(
        request_id=uuid5(cancel.request_id, "aftermath"),
        operator=cancel.operator,
        notes=(
            RunNote(run_id, "INFO", "Open parts closed after the cancel", {"reason": cancel.reason}),
            *(RunNote(child, "WARN", "Run canceled with its parent", of_parent) for child in children),
        ),
        audit=AuditNote(
            operation="workflow_run_repair",
            record_id=run_id,
            changed={},
            details={
                "repair": "project-close",
                "reason": cancel.reason,
                "executionStatus": str(status),
                "source": ACTION_SOURCE,
            },
        ),
    )
