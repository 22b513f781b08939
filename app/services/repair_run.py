"""Repair one run: plan first, then apply what was confirmed; the checks that all repairs share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from app.domain.errors import ActionRefused, RuleViolation
from app.domain.operator import Right
from app.domain.repair import NEEDS_REPAIR_MODE, RepairAction, RepairPlan
from app.domain.run import WaitType
from app.services.acting import require_right, tenant_of
from app.services.patience import Patience
from app.services.reason import checked_reason
from app.services.repair_acts import Mend, RepairCommand, RepairOutcome
from app.services.repair_ports import RepairStore


class RepairRun:
    """Plans and applies repairs.

    Args:
        store: Says whether a request was carried out before.
        mends: One for each action.
        patience: How long to go on asking a database that is away, before anything was written.
    """

    def __init__(
        self, store: RepairStore, mends: Mapping[RepairAction, Mend], patience: Patience | None = None
    ) -> None:
        self._store = store
        self._mends = mends
        self._patience = patience or Patience()
        self._begun: set[UUID] = set()

    async def plan(self, command: RepairCommand) -> RepairPlan:
        """Return exactly what the repair would write now; nothing is written, so that a reason may follow later.

        Raises:
            NotPermitted, InvalidInput, NotFound, ActionRefused: What would refuse the repair.
            EnvironmentFailure: A side is down: without Temporal's word no repair is planned.
        """
        _require_admin(command)
        return await self._mends[command.action].plan(command)

    async def apply(self, command: RepairCommand) -> RepairOutcome:
        """Make the repair.

        Raises:
            NotPermitted, InvalidInput, NotFound: As for :meth:`plan`.
            ActionRefused: The repair mode is off, or the run is not in need of this; nothing was written.
            EnvironmentFailure: A side is down. Sending the same command again is safe.
        """
        _require_admin(command)
        checked = replace(command, reason=checked_reason(command.reason))
        if command.action in NEEDS_REPAIR_MODE and not command.repair_mode:
            raise ActionRefused(
                "repair.mode_off",
                f"{command.action} writes what only the engine else writes, and the repair mode is off. "
                "Nothing was written. Switch it on for this connection, or give --allow-repair.",
                action=str(command.action),
            )
        if await self._is_done(checked):
            return RepairOutcome(
                accepted=True,
                observed=True,
                code="repair.done_before",
                message="This repair was made before by the same request. Nothing was changed.",
                repeated=True,
            )
        await self._require_confirmed(checked)
        return await self._make(checked)

    async def _require_confirmed(self, command: RepairCommand) -> None:
        """Refuse a plan other than the confirmed one; a repair that has begun has changed it itself."""
        if command.confirmed is None or command.request_id in self._begun:
            return
        if (await self._mends[command.action].plan(command)).writes != command.confirmed:
            raise ActionRefused(
                "repair.plan_changed",
                "What the repair would write has changed since it was shown. Nothing was written; look at it again.",
            )

    async def _make(self, command: RepairCommand) -> RepairOutcome:
        """Make the repair; what an outage interrupts counts as begun until it has an end."""
        self._begun.add(command.request_id)
        try:
            outcome = await self._mends[command.action].apply(command)
        except RuleViolation:
            self._begun.discard(command.request_id)
            raise
        self._begun.discard(command.request_id)
        return outcome

    async def _is_done(self, command: RepairCommand) -> bool:
        """Say whether nothing is left of an equal request. A delivery records first, so its signal may be left."""
        tenant = tenant_of(command.key)
        recorded = await self._patience.persist(lambda: self._store.is_recorded(tenant, command.request_id))
        if not recorded or command.action is not RepairAction.DELIVER_EVENT:
            return recorded
        waits = (await self._store.facts(command.key)).open_waits
        return not any(wait.wait_type == WaitType.EVENT for wait in waits)


def _require_admin(command: RepairCommand) -> None:
    require_right(command.operator, tenant_of(command.key), Right.ADMIN, "repair runs")
