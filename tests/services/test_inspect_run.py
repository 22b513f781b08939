"""Temporal's side of a run page: known, unknown to Temporal, or not to be had."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from app.domain.execution import ExecutionStatus
from app.domain.run import RunKey
from app.services.inspect_run import ExecutionView, InspectRun
from app.services.ports import ExecutionStart
from tests.services.doubles import TENANT, MemoryGateway, MemoryReader, MemoryWriter


@pytest.mark.asyncio
async def test_execution_tells_known_unknown_and_unreachable_apart() -> None:
    gateway = MemoryGateway()
    inspect_run = InspectRun(MemoryReader(MemoryWriter()), gateway)  # type: ignore[arg-type]
    key = RunKey(TENANT, uuid4())
    assert await inspect_run.execution(key) == ExecutionView(None, None)

    await gateway.start(ExecutionStart(key.run_id, TENANT, UUID(int=7), 1, None, "launch-1"))
    view = await inspect_run.execution(key)
    assert view.facts is not None
    assert view.facts.status is ExecutionStatus.RUNNING

    gateway.reachable = False
    assert await inspect_run.execution(key) == ExecutionView(
        None, "Temporal cannot be reached.", "temporal.unavailable"
    )
