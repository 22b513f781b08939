"""`rundesk worker` ends a long loop, a human task, a quota pause and a child tree with every row right.

Six hundred steps here; two thousand in the benchmark of the same name.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.proof_runs import prove


@pytest.mark.asyncio
async def test_the_worker_process_ends_all_of_them_with_every_row_right(tmp_path: Path) -> None:
    wrong = await prove(tmp_path / "sandbox", steps=600)
    assert not wrong, "\n".join(wrong)
