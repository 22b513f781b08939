"""Tenants, workflows, and where a run id lives."""

from __future__ import annotations

from uuid import uuid4

import pytest

from app.domain.run import RunKey
from app.domain.run_query import TenantChoice
from tests.postgres.world import World

pytestmark = pytest.mark.asyncio


async def test_tenants_come_by_name(world: World) -> None:
    assert await world.reader.tenants() == (
        TenantChoice(world.tenant, "Alder Support"),
        TenantChoice(world.other_tenant, "birch Services"),
    )


async def test_unassigned_comes_last_and_only_when_there_are_such_runs(plain_world: World) -> None:
    await plain_world.add_tenant(uuid4(), "zebra")
    assert all(choice.tenant is not None for choice in await plain_world.reader.tenants())
    workflow = await plain_world.add_workflow(uuid4(), None, "Nobody's")
    await plain_world.add_run(tenant=None, workflow_id=workflow)
    assert (await plain_world.reader.tenants())[-1] == TenantChoice(None, "unassigned")
    assert [choice.name for choice in await plain_world.reader.workflows(None)] == ["Nobody's"]


async def test_workflows_know_their_newest_published_version(world: World) -> None:
    await world.add_version(world.workflow_id, world.tenant, 2)
    draft = await world.add_workflow(
        uuid4(), world.tenant, "a draft", published=False, is_paused=True, concurrency_limit=3
    )
    choices = await world.reader.workflows(world.tenant)
    assert [(choice.workflow_id, choice.name, choice.published_version) for choice in choices] == [
        (draft, "a draft", None),
        (world.workflow_id, "Ticket triage", 2),
    ]
    assert (choices[0].is_paused, choices[0].concurrency_limit) == (True, 3)


async def test_a_run_id_is_located_without_its_tenant(world: World) -> None:
    key = await world.add_run(tenant=world.other_tenant, workflow_id=world.other_workflow_id)
    assert await world.reader.locate(key.run_id) == (RunKey(world.other_tenant, key.run_id),)
    assert await world.reader.locate(uuid4()) == ()
