"""The act on one run of a batch: sent as often as needed, with one effect, because its request id is derived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol
from uuid import UUID

from app.domain.batch import BatchAction, BatchOrder
from app.domain.batch_ledger import EntryState, LedgerEntry
from app.domain.errors import TemporalUnavailable
from app.domain.launching import LaunchState
from app.domain.operator import Operator
from app.domain.payload_change import GivenPatch
from app.domain.run import RunKey
from app.services.cancel_run import CancelCommand, CancelOutcome
from app.services.ports import ReplaySource
from app.services.replay_run import Acceptance, ReplayCommand, ReplayRun


class BatchAct(Protocol):
    """What is done to one run."""

    async def prepare(self, order: BatchOrder, run_ids: Sequence[UUID]) -> None:
        """Read what sending these runs needs, for all of them at once. EnvironmentFailure."""

    async def send(
        self, order: BatchOrder, entry: LedgerEntry, operator: Operator, *, sent_before: bool
    ) -> LedgerEntry:
        """Send the request, again if it was sent before, and return the entry as it stands then.

        Raises:
            RuleViolation: It was refused; nothing was done.
            EnvironmentFailure: A side is down or silent; sending it again is safe and needed.
        """


class ReplayAct:
    """Replays one run."""

    def __init__(self, replays: ReplayRun) -> None:
        self._replays = replays
        self._sources: dict[UUID, ReplaySource] = {}

    async def prepare(self, order: BatchOrder, run_ids: Sequence[UUID]) -> None:
        """Read the sources; a patch must see each input, so that its sources are read one by one."""
        found = () if order.patch else await self._replays.sources(order.scope.tenant, run_ids)
        self._sources = {source.key.run_id: source for source in found}

    async def send(
        self, order: BatchOrder, entry: LedgerEntry, operator: Operator, *, sent_before: bool
    ) -> LedgerEntry:
        """Launch the replay or find the one that this request launched before."""
        del sent_before  # the new run's id is the request id: the database knows
        command = ReplayCommand(
            source=RunKey(order.scope.tenant, entry.run_id),
            reason=order.reason,
            operator=operator,
            request_id=order.request_of(entry.run_id),
            edit=GivenPatch(order.patch) if order.patch else None,
            accepts=frozenset({Acceptance.ACTIVE_SOURCE} & order.settings.include),
            batch=order.ref,
        )
        source = self._sources.pop(entry.run_id, None)
        launch = (await self._replays.replay(command, source)).launch
        if launch.state is LaunchState.UNCONFIRMED:
            raise TemporalUnavailable(
                "launch.unconfirmed", launch.message or "Temporal did not say whether the execution started."
            )
        failed = launch.state is LaunchState.FAILED
        return replace(
            entry,
            state=EntryState.FAILED if failed else EntryState.UNDER_WAY,
            new_run_id=launch.run.run_id,
            status=launch.status,
            code=launch.code,
            message=launch.message,
        )


class Cancels(Protocol):
    """What cancels one run."""

    async def cancel(self, command: CancelCommand) -> CancelOutcome:
        """Cancel the run; see :meth:`app.services.cancel_run.CancelRun.cancel`."""


class CancelAct:
    """Cancels one run."""

    def __init__(self, cancels: Cancels) -> None:
        self._cancels = cancels

    async def prepare(self, order: BatchOrder, run_ids: Sequence[UUID]) -> None:
        """Read nothing: a cancel looks at its run itself."""

    async def send(
        self, order: BatchOrder, entry: LedgerEntry, operator: Operator, *, sent_before: bool
    ) -> LedgerEntry:
        """Ask Temporal to cancel and record it; a request that took effect before is only recorded."""
        command = CancelCommand(
            key=RunKey(order.scope.tenant, entry.run_id),
            reason=order.reason,
            operator=operator,
            request_id=order.request_of(entry.run_id),
            batch=order.ref,
            sent_before=sent_before,
        )
        outcome = await self._cancels.cancel(command)
        return replace(
            entry,
            state=EntryState.UNDER_WAY if outcome.accepted else EntryState.REFUSED,
            status=outcome.status,
            code=outcome.code,
            message=outcome.message,
        )


def act_of(action: BatchAction, replays: ReplayRun, cancels: Cancels) -> BatchAct:
    """Return the act that a batch does."""
    return ReplayAct(replays) if action is BatchAction.REPLAY else CancelAct(cancels)
