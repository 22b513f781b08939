"""The story this product exists for: a run is accepted, nobody picks it up, and the operator sees it in time."""

from __future__ import annotations

import time
from uuid import UUID

import psycopg
import pytest
from PySide6.QtWidgets import QComboBox

from app.desktop.runs.columns import Column
from app.sandbox.seed_steps import set_state
from tests.end_to_end.desk import Desk
from tests.end_to_end.elsewhere import WorkerElsewhere
from tests.end_to_end.stage import Stage

BANNERS = ("trouble.banner", "run.why")
_AGE = "SELECT extract(epoch FROM now() - started_at)::float8 FROM workflow_runs WHERE run_id = %s"
_ACCEPTED = "SELECT run_id FROM workflow_runs WHERE temporal_run_id IS NOT NULL"


def banners(desk: Desk) -> list[str]:
    """Return which of the two banners, on list and page, can be seen."""
    return [name for name in BANNERS if desk.seen(name) is not None]


def press_run(desk: Desk, workflow: str) -> None:
    """Start a workflow through the dialog, as an operator does."""
    desk.click("runs.start")
    picker = desk.named("start.workflow", QComboBox)
    desk.until(lambda: picker.count() > 0)
    desk.type("start.workflow", workflow)
    assert picker.currentText().startswith(workflow)
    desk.click("start.confirm")


def on_screen(desk: Desk, run_id: UUID) -> bool:
    """Say whether the run can be seen in the list and is what the page shows."""
    return desk.is_in_view(run_id) and desk.page_shows(run_id)


@pytest.mark.timeout(240)
def test_a_run_that_no_worker_takes_is_shown_after_a_minute_and_no_longer_once_one_does(
    stage: Stage, desk: Desk
) -> None:
    stage.publish("Disk space alert", [set_state("note", "NOTED")])
    refreshes: list[bool] = []
    with WorkerElsewhere(stage.connection), psycopg.connect(stage.connection.database_url, autocommit=True) as clock:
        press_run(desk, "Disk space alert")
        run_id = _wait_for_the_run_on_screen(desk, clock)
        desk.command("runs.refresh").triggered.connect(lambda: refreshes.append(True))  # starting it reads the list too
        desk.until(lambda: desk.cell(run_id, Column.STATE) != "")
        _watch_the_minute_pass(desk, clock, run_id)
        assert "no worker" in desk.says("status.workers")

        with stage.worker():
            desk.until(lambda: stage.status(run_id) == "SUCCEEDED")
            desk.until(lambda: banners(desk) == [])
            desk.until(lambda: desk.cell(run_id, Column.STATE) == "Succeeded" == desk.page_state())
    assert refreshes == []


def _wait_for_the_run_on_screen(desk: Desk, clock: psycopg.Connection) -> UUID:
    """Wait until Temporal has accepted the run; it must be on the screen within a second of that."""
    accepted: list[UUID] = []

    def is_accepted() -> bool:
        accepted.extend(run_id for (run_id,) in clock.execute(_ACCEPTED).fetchall())
        return bool(accepted)

    desk.until(is_accepted)
    began, run_id = time.monotonic(), accepted[0]
    desk.until(lambda: on_screen(desk, run_id))
    assert time.monotonic() - began <= 1.0
    return run_id


def _watch_the_minute_pass(desk: Desk, clock: psycopg.Connection, run_id: UUID) -> None:
    """Look at both banners all the time until 61 s by the database's clock; each look lies between two ages."""
    looks: list[tuple[float, list[str], float]] = []

    def age() -> float:
        ((seconds,),) = clock.execute(_AGE, (run_id,)).fetchall()
        return float(seconds)

    def past_the_minute() -> bool:
        before = age()
        looks.append((before, banners(desk), age()))
        return before >= 61.0

    desk.until(past_the_minute, 75_000)
    early = [look for look in looks if look[2] <= 60.0]
    assert any(look[0] >= 59.0 for look in early), "nobody looked at 59 s"
    assert [look for look in early if look[1]] == []
    assert looks[-1][1] == list(BANNERS), looks[-3:]
