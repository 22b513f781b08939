"""From the banner to the way out, on real servers: two causes, told apart, narrowed to, mended, and gone."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from PySide6.QtWidgets import QPushButton

from app.desktop.runs.columns import Column
from app.sandbox.seed_identity import TENANT
from app.sandbox.seed_steps import set_state
from tests.end_to_end.desk import Desk
from tests.end_to_end.stage import Stage
from tests.end_to_end.test_story import press_run

_WITHOUT_EXECUTION = (
    "INSERT INTO workflow_runs (run_id, tenant, workflow_id, workflow_version, status, engine, input_json,"
    " started_at, updated_at) VALUES (%(run)s, %(tenant)s, %(workflow)s, 1, 'RUNNING', 'temporal', '{}',"
    " now() - %(age)s, now() - %(age)s)"
)
_ACCEPTED = "SELECT run_id FROM workflow_runs WHERE temporal_run_id IS NOT NULL"


def chip(desk: Desk, cause: str) -> str:
    """Return what the banner says of a cause, "" when it does not name it."""
    button = desk.seen(f"troubles.cause.{cause}", QPushButton)
    return "" if button is None else button.text()


def _start_one(stage: Stage, desk: Desk) -> UUID:
    """Start a run that Temporal accepts and nobody takes, and let it be older than its threshold."""
    press_run(desk, "Disk space alert")
    desk.until(lambda: stage.ask(_ACCEPTED))
    run_id: UUID = stage.one(_ACCEPTED)
    stage.ask("UPDATE workflow_runs SET started_at = now() - interval '3 minutes' WHERE run_id = %(run)s", run=run_id)
    return run_id


@pytest.mark.timeout(180)
def test_causes_are_told_apart_narrowed_to_and_gone_once_their_way_out_was_taken(stage: Stage, desk: Desk) -> None:
    workflow = stage.publish("Disk space alert", [set_state("note", "NOTED")])
    waiting, unlaunched = _start_one(stage, desk), uuid4()
    stage.ask(_WITHOUT_EXECUTION, run=unlaunched, tenant=TENANT, workflow=workflow, age=timedelta(minutes=5))
    desk.until(lambda: (chip(desk, "S01"), chip(desk, "S12")) == ("S01 No worker  1", "S12 Never launched  1"))
    assert desk.window.sidebar.count_of("trouble") == 2

    desk.click("troubles.cause.S12")
    desk.until(lambda: desk.row_of(waiting) is None and desk.row_of(unlaunched) is not None)
    desk.until(lambda: desk.window.runs.selection.matching == 1)
    assert "never reached Temporal" in desk.cell(unlaunched, Column.WHY)
    desk.choose(unlaunched)
    desk.until(lambda: desk.says("run.why.title") == "The launch never reached Temporal.")
    assert "No execution under the run's workflow id" in desk.says("run.why.fact.1")

    desk.click("run.why.repair.complete-launch")
    desk.type("repair.reason", "The launcher died")
    desk.click("repair.confirm")
    desk.until(lambda: chip(desk, "S01") == "S01 No worker  2")
    assert chip(desk, "S12") == ""
    with stage.worker():
        desk.until(lambda: stage.status(unlaunched) == stage.status(waiting) == "SUCCEEDED", 40_000)
        desk.until(lambda: desk.seen("trouble.banner") is None and desk.seen("run.why") is None)
        desk.until(lambda: desk.window.sidebar.count_of("trouble") == 0)
