"""The proof of the engine at its full length: two thousand steps beside everything else that a run can wait for."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.engine.proof_runs import prove

STEPS = 2000


@pytest.mark.benchmark
@pytest.mark.timeout(300)
@pytest.mark.asyncio
async def test_two_thousand_steps_with_every_row_right(tmp_path: Path) -> None:
    began = time.perf_counter()
    wrong = await prove(tmp_path / "sandbox", STEPS)
    print(f"\nsandbox, worker process and all four runs, {STEPS} steps: {time.perf_counter() - began:.1f} s")
    assert not wrong, "\n".join(wrong)
