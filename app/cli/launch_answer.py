"""What a launch came to, told only when it is known: shared by ``start`` and ``replay``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from app.cli.answer import ExitCode
from app.domain.launching import LaunchOutcome, LaunchState

if TYPE_CHECKING:
    from app.services.console import Console

UNCONFIRMED = "UNCONFIRMED"
"""Printed instead of the row's status while nobody knows whether Temporal has the execution."""
SETTLE_SECONDS = 15.0
"""Longer than the 12 s after which a launch that never reached Temporal counts as lost for certain."""
_BETWEEN_ATTEMPTS = 0.5


async def settled(console: Console, outcome: LaunchOutcome) -> LaunchOutcome:
    """Return the outcome, or the one that :func:`settle` found out for the same run."""
    known = {settled.run: settled for settled in await settle(console)}
    return known.get(outcome.run, outcome)


async def settle(console: Console) -> list[LaunchOutcome]:
    """Wait up to 15 seconds until every launch of this process is certain; return what became known.

    The process is about to end and with it the memory of its launches, so nothing may be left half done.
    """
    clock = asyncio.get_running_loop().time
    deadline = clock() + SETTLE_SECONDS
    known: list[LaunchOutcome] = []
    while console.launch.unsettled and clock() < deadline:
        known.extend(await console.launch.settle())
        if console.launch.unsettled:
            await asyncio.sleep(_BETWEEN_ATTEMPTS)
    return known


async def exit_code(console: Console, outcome: LaunchOutcome) -> ExitCode:
    """Return 0 for a run that Temporal has, 3 when Temporal could not be asked, else 1."""
    if outcome.state in (LaunchState.STARTED, LaunchState.EXISTING):
        return ExitCode.OK
    if outcome.state is LaunchState.FAILED:
        return ExitCode.FAILED
    health = await console.environment.check()
    return ExitCode.FAILED if health.temporal.reachable else ExitCode.UNREACHABLE


def status_of(outcome: LaunchOutcome) -> str:
    """Return the row's status, or UNCONFIRMED."""
    return UNCONFIRMED if outcome.state is LaunchState.UNCONFIRMED else outcome.status


def complaint_of(outcome: LaunchOutcome) -> str | None:
    """Return what is wrong with the launch in words, or None."""
    if outcome.state is LaunchState.UNCONFIRMED:
        return (
            f"Launch unconfirmed: the run {outcome.run.run_id} is recorded, but Temporal did not say whether it "
            "executes. Look at it with 'rundesk show' before starting another."
        )
    return outcome.message
