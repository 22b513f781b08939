"""Runs a batch with the real command line and kills it, again and again, at points that a seeded generator picks."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg

from app.temporal.gateway import TemporalGateway
from tests.services.batch_bench import BatchBench

SECONDS = 120
_LOOK_SECONDS = 0.02


@dataclass
class KilledBatch:
    """One batch in one journal. ``killed_at`` are the replays that the database held when the runner was killed."""

    bench: BatchBench
    directory: Path
    batch_id: UUID
    killed_at: list[int]

    def kill_often(self, kills: int, runs: int, seed: int) -> None:
        """Kill the runner so many times, spread over the batch's runs."""
        chance = random.Random(seed)  # noqa: S311 - a repeatable choice, no secret
        for number in range(kills):
            after = number * runs // (kills + 1) + chance.randrange(runs // (kills + 1))
            self._kill(after, chance.uniform(0, 0.1))

    def finish(self) -> subprocess.CompletedProcess[str]:
        """Go on to the end."""
        return subprocess.run(
            self._command(), env=self._environment(), capture_output=True, text=True, timeout=SECONDS, check=False
        )

    def _kill(self, after: int, seconds: float) -> None:
        """Kill the runner ``seconds`` after the database holds more than ``after`` replays."""
        runner = subprocess.Popen(
            self._command(), env=self._environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        with psycopg.connect(self.bench.url, autocommit=True) as connection:
            while _replays(connection) <= after:
                with suppress(subprocess.TimeoutExpired):
                    runner.wait(_LOOK_SECONDS)
                    raise AssertionError(f"the runner ended by itself: {runner.communicate()[1]}")
            with suppress(subprocess.TimeoutExpired):
                runner.wait(seconds)
                raise AssertionError("the batch was over before it could be killed")
            runner.send_signal(signal.SIGKILL)
            runner.communicate(timeout=SECONDS)
            self.killed_at.append(_replays(connection))

    def _command(self) -> list[str]:
        verb = "resume" if self.killed_at else "run"
        return [sys.executable, "-m", "app", "batch", verb, str(self.batch_id), "--no-follow", *self.bench.flags]

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "RUNDESK_STATE_DIR": str(self.directory)}


async def assert_each_replayed_once(bench: BatchBench, runs: list[UUID]) -> None:
    replays = bench.replays()
    assert sorted(str(replay["source"]) for replay in replays) == sorted(map(str, runs))
    gateway = TemporalGateway(bench.stack.temporal_address, bench.stack.namespace)
    for replay in replays:
        facts = await gateway.describe(replay["run_id"])
        assert facts is not None
        assert replay["temporal_run_id"] == facts.first_run_id
    audits = bench.rows("SELECT details->'batch'->>'name' AS batch FROM audit_logs")
    assert [audit["batch"] for audit in audits] == ["INC-7 gateway down"] * len(runs)
    logs = bench.rows("SELECT message, count(*) AS written FROM workflow_run_logs GROUP BY message")
    assert {log["message"]: log["written"] for log in logs} == {
        "Run started": len(runs),
        "Run replayed from previous run": len(runs),
        "Run replay created": len(runs),
    }


def _replays(connection: psycopg.Connection) -> int:
    row = connection.execute(
        "SELECT count(*) FROM workflow_runs WHERE trigger_metadata_json ? 'replayOfRunId'"
    ).fetchone()
    assert row is not None
    return int(row[0])
