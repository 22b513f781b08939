"""What is told of a launch that Temporal has not confirmed, and with which exit code."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import uuid4

import pytest

from app.cli import launch_answer
from app.cli.answer import ExitCode
from app.domain.launching import LaunchOutcome, LaunchState
from app.domain.run import RunKey
from app.services.ports import EnvironmentHealth, SideHealth

UNCONFIRMED = LaunchOutcome(RunKey(uuid4(), uuid4()), 1, "RUNNING", LaunchState.UNCONFIRMED)


class Launches:
    """Stands for the launch service: settles after some rounds, or never."""

    def __init__(self, rounds: int | None, state: LaunchState = LaunchState.STARTED) -> None:
        self._rounds = rounds
        self._state = state
        self.asked = 0

    @property
    def unsettled(self) -> tuple[RunKey, ...]:
        return () if self._rounds is not None and self.asked >= self._rounds else (UNCONFIRMED.run,)

    async def settle(self) -> tuple[LaunchOutcome, ...]:
        self.asked += 1
        return () if self.unsettled else (replace(UNCONFIRMED, state=self._state),)


def console(launch: Launches, *, temporal_up: bool = True):
    async def check() -> EnvironmentHealth:
        side = SideHealth(reachable=True, milliseconds=1.0)
        temporal = side if temporal_up else SideHealth(reachable=False, milliseconds=None, problem="down")
        return EnvironmentHealth(side, temporal, None, datetime.now(UTC))

    return SimpleNamespace(launch=launch, environment=SimpleNamespace(check=check))


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch_answer, "SETTLE_SECONDS", 0.2)
    monkeypatch.setattr(launch_answer, "_BETWEEN_ATTEMPTS", 0.001)


@pytest.mark.asyncio
@pytest.mark.parametrize(("state", "code"), [(LaunchState.STARTED, ExitCode.OK), (LaunchState.FAILED, ExitCode.FAILED)])
async def test_a_launch_that_becomes_known_is_told_as_it_is(state: LaunchState, code: ExitCode) -> None:
    launches = Launches(rounds=3, state=state)
    known = await launch_answer.settled(console(launches), UNCONFIRMED)
    assert (known.state, launches.asked) == (state, 3)
    assert launch_answer.status_of(known) == "RUNNING"
    assert await launch_answer.exit_code(console(launches), known) is code


@pytest.mark.asyncio
@pytest.mark.parametrize(("temporal_up", "code"), [(True, ExitCode.FAILED), (False, ExitCode.UNREACHABLE)])
async def test_a_launch_that_stays_unknown_is_neither_success_nor_failure(temporal_up: bool, code: ExitCode) -> None:
    here = console(Launches(rounds=None), temporal_up=temporal_up)
    still = await launch_answer.settled(here, UNCONFIRMED)
    assert launch_answer.status_of(still) == "UNCONFIRMED"
    assert "rundesk show" in (launch_answer.complaint_of(still) or "")
    assert await launch_answer.exit_code(here, still) is code


@pytest.mark.asyncio
async def test_a_certain_launch_is_not_waited_for() -> None:
    launches = Launches(rounds=0)
    started = replace(UNCONFIRMED, state=LaunchState.STARTED)
    assert await launch_answer.settled(console(launches), started) is started
    assert launches.asked == 0
