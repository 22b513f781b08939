"""Not one healthy run is called stuck; the benchmarks prove the same of five hundred, over a longer time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.domain.diagnosis.codes import Severity, Verdict
from app.domain.diagnosis.limits import Limits
from tests.conftest import Stack, TestDatabase
from tests.services.healthy_runs import KINDS, diagnosing, healthy_runs

pytestmark = pytest.mark.asyncio

RUNS = 105
IMPATIENT = Limits(quiet_after=timedelta(0), settling=timedelta(0), signal_grace=timedelta(0))
"""Under these every run is looked at as if it had been silent for long."""


async def test_not_one_healthy_run_is_called_stuck(stack: Stack, database: TestDatabase) -> None:
    async with healthy_runs(stack, database) as healthy:
        await healthy.launch(RUNS)
        await healthy.at_rest()
        for limits in (Limits(), IMPATIENT):
            service = diagnosing(stack, healthy, limits)
            report = await service.active(healthy.bench.tenant, closed_within=timedelta(hours=1))
            assert report.degraded == ()
            assert {each.key.run_id for each in report.runs} == set(healthy.runs)
            remarkable = {
                (healthy.runs[each.key.run_id], each.cause, each.kind)
                for each in report.runs
                if (each.severity, each.verdict) != (Severity.OK, Verdict.AGREE)
            }
            assert remarkable <= {("work", "S05", "in_flight")}, "an action that takes long is watched, no more"
            assert report.troubled() == ()
    assert set(healthy.runs.values()) == set(KINDS)
