"""Every case of the table, run on a real server: all of them at once on one worker, each in a tenant of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.worker import Replayer

from app.engine.run_workflow import RunWorkflow
from app.engine.secrets import EnvironmentSecrets
from app.engine.worker import build_worker, workflow_runner
from app.postgres.database import Database
from tests.conftest import Stack, TestDatabase, _clone, run_in_own_loop
from tests.engine.bench import Bench, create_tenant
from tests.engine.conformance.case import Case
from tests.engine.conformance.judge import differences
from tests.engine.conformance.observed import Observed, observe
from tests.engine.conformance.table import CASES, SECRETS, TASK_TYPES

_AT_ONCE = 24
"""How many cases are under way at the same time: enough to mix them, few enough for two cores."""


@pytest.fixture(scope="module")
def crowded_database(stack: Stack, plain_template: str) -> Iterator[TestDatabase]:
    yield from _clone(stack, plain_template)


@pytest.fixture(scope="module")
def observations(stack: Stack, crowded_database: TestDatabase) -> dict[str, Observed | Exception]:
    """Run all cases; what kept one from being observed stands in its place."""
    return run_in_own_loop(_observe_all(stack, crowded_database))


async def _observe_all(stack: Stack, database: TestDatabase) -> dict[str, Observed | Exception]:
    workers, readers = Database.open(database.url, pool_size=8), Database.open(database.url, pool_size=8)
    client = await Client.connect(stack.temporal_address, namespace=stack.namespace)
    bench = Bench(client, readers, await create_tenant(readers))
    for name, schema in TASK_TYPES.items():
        await bench.define_task_type(name, schema)
    turns = asyncio.Semaphore(_AT_ONCE)

    async def in_turn(case: Case) -> Observed | Exception:
        async with turns:
            try:
                return await observe(case, client, readers)
            except Exception as error:  # noqa: BLE001 - told by the test of the case
                return error

    async with build_worker(client, workers, secrets=EnvironmentSecrets(SECRETS)):
        observed = await asyncio.gather(*(in_turn(case) for case in CASES))
    await workers.dispose()
    await readers.dispose()
    return dict(zip((case.id for case in CASES), observed, strict=True))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_case_holds(case: Case, observations: dict[str, Observed | Exception]) -> None:
    found = _found(case, observations)
    wrong = differences(case, found)
    assert not wrong, "\n".join([case.rule, *wrong])


def test_every_history_of_the_table_replays(observations: dict[str, Observed | Exception]) -> None:
    """Whatever a case does, its histories are deterministic; each has completed workflow tasks, so it proves that."""
    wrong: list[str] = []
    replayer = Replayer(workflows=[RunWorkflow], workflow_runner=workflow_runner())

    async def replay_all() -> None:
        for case in CASES:
            for history in _histories(observations[case.id]):
                replayed = await replayer.replay_workflow(history, raise_on_replay_failure=False)
                if replayed.replay_failure is not None:
                    wrong.append(f"{case.id}: {replayed.replay_failure}")
                if not any(event.HasField("workflow_task_completed_event_attributes") for event in history.events):
                    wrong.append(f"{case.id}: no workflow task was ever completed")

    run_in_own_loop(replay_all())
    assert not wrong, "\n".join(wrong)


def test_ids_are_unique_and_rules_are_told() -> None:
    ids = [case.id for case in CASES]
    assert len(ids) == len(set(ids))
    assert len(ids) >= 80
    assert all(case.rule for case in CASES)


def _found(case: Case, observations: dict[str, Observed | Exception]) -> Observed:
    found = observations[case.id]
    if isinstance(found, Exception):
        pytest.fail(f"{case.rule}\nThe case could not be observed to its end: {found!r}")
    return found


def _histories(found: Observed | Exception) -> list[Any]:
    if isinstance(found, Exception):
        return []
    return [*found.histories, *(history for child in found.children for history in _histories(child))]
