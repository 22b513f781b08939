"""Many runs at once, through the real window on real servers: chosen by filter, planned, replayed, told one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSpinBox, QTableView

from app.bootstrap.services import open_console
from app.desktop.batch.export import LedgerExport
from app.domain.run import RunKey
from app.sandbox.seed_identity import OPERATOR_EMAIL, TENANT
from app.sandbox.seed_steps import Call, call, choose, expr, set_state
from app.services.start_run import StartCommand
from tests.conftest import run_in_own_loop
from tests.end_to_end.desk import Desk
from tests.end_to_end.stage import Stage

RUNS = 10
STEPS = [
    choose(
        "choose",
        "payload.fixed",
        [set_state("done", "EXPORTED")],
        [call("refuse", "Refuse", Call("demo.fail", {"message": expr('"The gateway refused"')}))],
    ),
]
_INPUT = "SELECT input_json::text FROM workflow_runs WHERE run_id = %(run)s"


@pytest.fixture(scope="module", autouse=True)
def worker(stage: Stage) -> Iterator[None]:
    """Have a worker all the time."""
    with stage.worker():
        yield


def fail(stage: Stage, workflow_id: UUID, payloads: list[str]) -> list[UUID]:
    """Start a run with each payload, as the console does, and wait until all have failed."""

    async def run() -> list[UUID]:
        async with open_console(stage.connection) as console:
            operator = await console.operators.find(TENANT, OPERATOR_EMAIL)
            started = [
                (await console.start.start(StartCommand(TENANT, workflow_id, payload, operator, uuid4()))).run.run_id
                for payload in payloads
            ]
            ends = [await console.replay.follow(RunKey(TENANT, run_id), 60) for run_id in started]
            assert {row.status for row in ends} == {"FAILED"}
            return started

    return run_in_own_loop(run())


def cells(desk: Desk, column: int) -> list[str]:
    """Return what the batch's table says in one column."""
    model = desk.named("batch.runs", QTableView).model()
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


def describe(desk: Desk) -> None:
    """Choose everything that matches, and describe its replay with one value changed in every input."""
    desk.window.controller.show_view("failed")
    desk.until(lambda: desk.window.runs.selection.matching == RUNS + 1)
    desk.command("batch.select_all").trigger()
    desk.until(lambda: desk.says("runs.selection.number") == f"All {RUNS + 1} that match are selected")
    desk.click("batch.replay")
    desk.type("compose.name", "gateway outage")
    desk.type("compose.reason", "the mail gateway was down")
    desk.click("compose.patch.add")
    desk.type("compose.patch.path", "/fixed")
    desk.type("compose.patch.value", "true")
    desk.click("compose.confirm")


def test_all_that_match_are_planned_replayed_once_and_told_how_each_ended(
    stage: Stage, desk: Desk, tmp_path: Path
) -> None:
    workflow = stage.publish("Invoice export", STEPS)
    payloads = [f'{{"fixed": false, "amount": 1.10, "number": {number}}}' for number in range(RUNS)]
    *sources, unfit = fail(stage, workflow, [*payloads, '{"number": 99}'])
    describe(desk)
    desk.until(lambda: desk.seen("batch.runs") is not None and len(cells(desk, 3)) == RUNS + 1)
    assert sorted(cells(desk, 3)) == ["Blocked"] + ["Eligible"] * RUNS
    desk.named("batch.rate", QSpinBox).setValue(0)
    desk.named("batch.canary", QSpinBox).setValue(0)
    desk.double_click("batch.start")
    desk.until(lambda: desk.says("batch.numbers") == f"{RUNS} of {RUNS} · Recovered {RUNS}", 60_000)
    desk.until(lambda: sorted(cells(desk, 3)) == ["Left out"] + ["Recovered"] * RUNS)

    assert stage.replays_of(unfit) == []
    for source in sources:
        (replay,) = stage.replays_of(source)
        assert stage.status(replay) == "SUCCEEDED"
        assert stage.executions(replay) == 1
        assert stage.one(_INPUT, run=replay) == stage.one(_INPUT, run=source).replace("false", "true")
    desk.named("batch.runs", QTableView).selectRow(0)
    first = UUID(str(desk.named("batch.runs", QTableView).model().index(0, 2).data(Qt.ItemDataRole.ToolTipRole)))
    desk.until(lambda: desk.page_shows(first) and desk.page_state() == "Succeeded")
    _check_ledger(desk, tmp_path)


def _check_ledger(desk: Desk, folder: Path) -> None:
    """Save the ledger as the window does, past its dialog, and count what it says."""

    async def choose_path(*_asked: object) -> Path:
        return folder / "ledger.csv"

    batches = desk.window.batch_controller
    batches.export = LedgerExport(batches._context, desk.window, choose_path)
    batches.save_ledger("csv")
    desk.until((folder / "ledger.csv").exists)
    lines = (folder / "ledger.csv").read_text("utf-8-sig").splitlines()
    assert sum("recovered" in line for line in lines) == RUNS
    assert len(lines) == RUNS + 2
