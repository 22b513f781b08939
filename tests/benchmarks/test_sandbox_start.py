"""How soon the sandbox with its demo data is ready on a second start, with its servers' own start as the baseline."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.conftest import SandboxUnderTest

LIMIT_SECONDS = 5.0
ROUNDS = 3

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(300)]


def _seconds(directory: Path) -> float:
    began = time.monotonic()
    sandbox = SandboxUnderTest(directory, seed="demo", worker=True)
    ready = time.monotonic() - began
    sandbox.stop()
    return ready


def test_second_start(tmp_path: Path) -> None:
    first = _seconds(tmp_path)
    later = [_seconds(tmp_path) for _ in range(ROUNDS)]
    print(f"\nsandbox ready: first start {first:.1f} s, later {[round(seconds, 2) for seconds in later]} s")
    assert min(later) <= LIMIT_SECONDS
