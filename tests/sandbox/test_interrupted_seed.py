"""A seeding that is killed half way is completed by the next start, and leaves no process behind."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psycopg

from app.sandbox.data_directory import DataDirectory
from app.sandbox.postgres_server import PostgresCluster
from app.sandbox.seed_plans import Replayed, demo_plans
from tests.conftest import SandboxUnderTest
from tests.sandbox.processes import Owner, alive, eventually, server_pids

HISTORY_AND_STUCK = 4


def test_a_killed_seeding_is_completed_by_the_next_start(tmp_path: Path) -> None:
    directory = tmp_path / "sandbox"
    owner = Owner(directory, "demo", "worker")
    eventually(lambda: _runs(directory) >= 20, 60)
    pids = server_pids(directory)
    assert sorted(pids) == ["guardian", "postgres", "temporal", "worker"]
    os.kill(owner.process.pid, signal.SIGKILL)
    os.kill(pids["guardian"], signal.SIGKILL)
    eventually(lambda: alive(pids.values()) == [], 5)
    owner.close()

    sandbox = SandboxUnderTest(directory, seed="demo", worker=False)
    try:
        assert "worker" not in server_pids(directory), "seeding borrowed one and let it go"
        replays = sum(isinstance(plan.follow_up, Replayed) for plan in demo_plans())
        assert _runs(directory) == len(demo_plans()) + replays + HISTORY_AND_STUCK
        assert sandbox.info.tenant is not None
    finally:
        sandbox.stop()

    again = SandboxUnderTest(directory, seed="demo", worker=True)
    try:
        assert not any("demo" in step for step in again.steps), "seeded once"
        assert "worker" in server_pids(directory)
    finally:
        again.stop()


def _runs(directory: Path) -> int:
    """Return how many runs the directory's database holds; 0 while it is not up."""
    state = DataDirectory(directory).read_state()
    if state is None or "postgres" not in state.pids:
        return 0
    cluster = PostgresCluster(directory / "postgres", directory / "postgres-password", directory / "unused.log")
    try:
        with psycopg.connect(cluster.url(state.ports["postgres"])) as connection:
            row = connection.execute("SELECT count(*) FROM workflow_runs").fetchone()
    except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
        return 0
    assert row is not None
    return int(row[0])
