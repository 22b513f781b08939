"""Fills a sandbox with one run for every form of trouble, each brought about by what really causes it.

S01 excludes S02 and S03: the first needs that nobody polls the contract's queue, the others that somebody does. With a
worker, every scenario but S01 shows; without one (``--no-worker``, arranged once the worker has stopped), S01 does, and
Temporal's word on S02 and S03 becomes S01, too. S19 needs a server that is down, which no seed can leave behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from app.postgres.insert_once import insert_once
from app.sandbox.scenario_stage import Scenario, Stage
from app.sandbox.scenarios_of_drift import SCENARIOS_OF_DRIFT
from app.sandbox.scenarios_of_faults import SCENARIOS_OF_FAULTS
from app.sandbox.scenarios_of_waits import SCENARIOS_OF_WAITS
from app.sandbox.scenarios_of_workers import NO_WORKER, SCENARIOS_OF_WORKERS
from app.sandbox.seed import insert_base
from app.sandbox.seed_definitions import definition_rows
from app.sandbox.seed_identity import TENANT
from app.sandbox.seed_marker import SCENARIOS as MARKER
from app.sandbox.seed_marker import mark_seeded
from app.sandbox.seed_tools import SeedTools

SCENARIOS: tuple[Scenario, ...] = (
    *SCENARIOS_OF_WORKERS,
    *SCENARIOS_OF_WAITS,
    *SCENARIOS_OF_DRIFT,
    *SCENARIOS_OF_FAULTS,
)
_AT_ONCE = 12

Progress = Callable[[str], None]


async def seed_scenarios(tools: SeedTools, progress: Progress) -> None:
    """Arrange every scenario but S01, or complete them. A worker of the sandbox must be polling.

    Raises:
        SandboxUnavailable: One did not come about; the next start goes on from here.
        EnvironmentFailure: A server ended meanwhile.
    """
    progress("Creating the demo tenant")
    await insert_base(tools.database)
    await _publish(tools)
    progress(f"Arranging {len(SCENARIOS)} scenarios")
    stage, room = Stage(tools), asyncio.Semaphore(_AT_ONCE)

    async def arrange(scenario: Scenario) -> None:
        async with room:
            await scenario.arrange(stage, scenario)

    await asyncio.gather(*map(arrange, SCENARIOS))
    await mark_seeded(tools.database, MARKER)


async def seed_without_worker(tools: SeedTools) -> None:
    """Arrange S01. No worker may be polling any more."""
    await NO_WORKER.arrange(Stage(tools), NO_WORKER)


def scenario_runs(*, worker: bool) -> Mapping[str, str]:
    """Return the run id of each scenario that shows with or without a worker, by the scenario's name."""
    shown = SCENARIOS if worker else (NO_WORKER, *SCENARIOS)
    return {scenario.name: str(scenario.run_id) for scenario in shown}


async def _publish(tools: SeedTools) -> None:
    workflows = tuple(scenario.workflow for scenario in (NO_WORKER, *SCENARIOS))
    async with tools.database.writing(TENANT) as connection:
        for batch in definition_rows(workflows):
            await connection.execute(insert_once(batch.table), batch.rows)
