"""Start to first rows painted, against a minimal window that imports the same libraries and shows one query."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import pytest

from tests.conftest import SandboxUnderTest

LIMIT = 2.0
"""Longest start as a multiple of the minimal window's."""
ROUNDS = 7

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(300)]


def _seconds(mode: str, demo: SandboxUnderTest) -> float:
    info = demo.info
    command = [sys.executable, "-m", "tests.benchmarks.start_probe", mode, repr(time.time()), info.database_url]
    answer = subprocess.run(
        [*command, info.temporal_address, info.namespace], check=True, capture_output=True, text=True, timeout=60
    )
    return float(answer.stdout.splitlines()[-1])


def test_first_rows_against_a_minimal_window(demo: SandboxUnderTest) -> None:
    for mode in ("minimal", "rundesk"):
        _seconds(mode, demo)

    pairs = [(_seconds("minimal", demo), _seconds("rundesk", demo)) for _ in range(ROUNDS)]

    ratio = statistics.median(rundesk / minimal for minimal, rundesk in pairs)
    print(f"\nstart to first rows: {[(round(m, 2), round(r, 2)) for m, r in pairs]} s, median ratio {ratio:.2f}")
    assert ratio <= LIMIT
