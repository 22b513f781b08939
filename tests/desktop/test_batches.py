"""Many runs in the window: selecting, describing, planning, deciding, running, pausing, and what a restart finds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.batch.closing_dialog import ClosingDialog
from app.desktop.batch.compose_dialog import ComposeDialog
from app.desktop.batch.export import LedgerExport
from app.desktop.batch.words import Group
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.main_window import MainWindow
from app.desktop.shell.notifier import Notice, NoticeKind
from app.domain.batch import BatchAction, BatchOrder, BatchPlan, BatchScope, ConcernCode
from app.domain.batch_ledger import BatchState, EntryState
from app.domain.errors import DatabaseUnavailable, JournalUnusable
from app.domain.run import RunKey
from app.domain.run_query import RunFilter
from tests.desktop.batches import FakeBatches, concern, item_of
from tests.desktop.doubles import NOW, OPERATOR, OTHER_TENANT, TENANT, FakeWatch, Rows, make_row

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NAME, REASON = "gateway outage", "the mail gateway was down"


@pytest.fixture
def batches(context: DesktopContext) -> FakeBatches:
    return context.console.batch_runs


@pytest.fixture
def window(qtbot: QtBot, context: DesktopContext, rows: Rows) -> Iterator[MainWindow]:
    """Show 150 failed runs, of which the first page holds 100, and one that goes on."""
    rows.rows = [make_row(1, "RUNNING"), *(make_row(number, "FAILED") for number in range(2, 152))]
    window = MainWindow(context)
    window.start()
    window.show()
    qtbot.waitUntil(lambda: window.runs.model.rowCount() == 100 and window.batch_controller.desk.loaded)
    yield window
    QTest.keyClick(window, Qt.Key.Key_Escape)  # else Qt goes on believing that the last modifier is held down
    window.stop()
    window.allow_close()
    window.close()
    window.deleteLater()


def press(window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(window.runs.table, key, modifier)


def select(window: MainWindow, first: int, last: int) -> None:
    """Select rows of the list as Shift with the arrow keys does."""
    window.runs.table.select_run(window.runs.model.rows[first].key)
    for _ in range(last - first):
        press(window, Qt.Key.Key_Down, SHIFT)


def reason(window: MainWindow, command: str) -> str | None:
    return window._context.commands.reason(command)


def do(window: MainWindow, command: str) -> None:
    assert reason(window, command) is None
    window._context.commands.run(command)


def top(kind: type[QWidget]) -> QWidget | None:
    return next(
        (widget for widget in QApplication.topLevelWidgets() if isinstance(widget, kind) and widget.isVisible()), None
    )


def compose(qtbot: QtBot, window: MainWindow, command: str = "batch.replay") -> ComposeDialog:
    do(window, command)
    qtbot.waitUntil(lambda: top(ComposeDialog) is not None)
    dialog = top(ComposeDialog)
    assert isinstance(dialog, ComposeDialog)
    return dialog


def plan(qtbot: QtBot, window: MainWindow, *, command: str = "batch.replay") -> None:
    """Describe a batch of what is selected and wait for the page with its plan."""
    dialog = compose(qtbot, window, command)
    dialog.name.setText(NAME)
    dialog.reason.setText(REASON)
    dialog.confirm_button.click()
    qtbot.waitUntil(lambda: window.batches.currentWidget() is window.batches.page)


def start(qtbot: QtBot, window: MainWindow) -> None:
    do(window, "batch.start")
    qtbot.waitUntil(lambda: window.batches.page.pill.look.word == "Running")


def keep(batches: FakeBatches, rows: Rows, state: BatchState, count: int = 4) -> BatchPlan:
    """Leave a batch in the journal, as an earlier process did."""
    order = BatchOrder(uuid4(), BatchScope(TENANT), BatchAction.REPLAY, NAME, REASON)
    kept = BatchPlan(order, tuple(item_of(row) for row in rows.rows[1 : count + 1]), NOW)
    batches.keep(kept, state)
    return kept


def test_rows_are_selected_by_keyboard_and_mouse_while_the_page_follows_the_current_one(
    qtbot: QtBot, window: MainWindow
) -> None:
    table, shown = window.runs.table, []
    window.controller.run_shown.connect(shown.append)
    select(window, 3, 6)
    rows = window.runs.model.rows
    assert [row.key for row in table.selected_runs()] == [row.key for row in rows[3:7]]
    assert shown[-1] == rows[6].key == table.current_run().key
    assert not window.runs.selection_bar.isHidden()
    assert window.runs.selection_bar.number.text() == "4 selected"
    assert window.runs.chips.isHidden()
    place = table.visualRect(window.runs.model.index(9, 1)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, CTRL, place)
    assert window.runs.selection.count == 5
    assert shown[-1] == rows[9].key
    press(window, Qt.Key.Key_Escape)
    assert window.runs.selection.count == 0
    assert window.runs.selection_bar.isHidden()
    assert not window.runs.chips.isHidden()
    assert window.run_page.controller.key == rows[9].key
    press(window, Qt.Key.Key_Home)
    press(window, Qt.Key.Key_End, SHIFT)
    assert window.runs.selection.count == 100


def test_a_live_change_keeps_what_is_selected(qtbot: QtBot, window: MainWindow, rows: Rows, watch: FakeWatch) -> None:
    select(window, 3, 5)
    chosen = [row.key for row in window.runs.table.selected_runs()]
    rows.rows = [make_row(0, "RUNNING"), *rows.rows]
    window.controller.refresh()
    qtbot.waitUntil(lambda: window.runs.model.position(make_row(0).key) == 0)
    assert [row.key for row in window.runs.table.selected_runs()] == chosen


def test_all_that_match_means_the_filter_and_not_the_page(qtbot: QtBot, window: MainWindow) -> None:
    window.controller.show_view("failed")
    qtbot.waitUntil(lambda: window.runs.selection.matching == 150)
    window.runs.table.setFocus()
    press(window, Qt.Key.Key_A, CTRL)
    assert window.runs.selection.count == 100
    assert window.runs.selection_bar.all_button.text() == "Select all 150 that match"
    do(window, "batch.select_all")
    assert window.runs.selection.count == 150
    assert window.runs.selection.scope(TENANT) == BatchScope(TENANT, None, RunFilter(statuses=("FAILED",)))
    window.runs.model.fetchMore(window.runs.table.rootIndex())
    qtbot.waitUntil(lambda: len(window.runs.table.selected_runs()) == 150)
    assert window.runs.selection.all_matching
    flags = QItemSelectionModel.SelectionFlag.Deselect | QItemSelectionModel.SelectionFlag.Rows
    window.runs.table.selectionModel().select(window.runs.model.index(2, 0), flags)
    qtbot.waitUntil(lambda: not window.runs.selection.all_matching)
    assert window.runs.selection.count == 149


def test_what_cannot_be_done_says_why(qtbot: QtBot, window: MainWindow, context: DesktopContext) -> None:
    window.runs.table.drop_selection()
    assert "Select runs" in (reason(window, "batch.replay") or "")
    select(window, 3, 4)
    assert reason(window, "batch.replay") is None
    assert "have ended" in (reason(window, "batch.cancel") or "")
    select(window, 0, 2)
    assert reason(window, "batch.cancel") is None
    context.operator = replace(OPERATOR, rights=frozenset({"read"}))
    window.show_operator()
    assert "workflow:admin" in (reason(window, "batch.replay") or "")
    assert reason(window, "batch.start") == "No plan is shown."


def test_a_plan_is_described_then_shown_with_every_verdict(
    qtbot: QtBot, window: MainWindow, batches: FakeBatches
) -> None:
    select(window, 2, 6)
    keys = [row.key for row in window.runs.table.selected_runs()]
    batches.concerns = {
        keys[0].run_id: (concern(ConcernCode.ALREADY_RECOVERED),),
        keys[1].run_id: (concern(ConcernCode.PATCH_TARGET_MISSING, "/customer/id"),),
    }
    plan(qtbot, window)
    (order,) = batches.orders
    assert order.scope.run_ids == tuple(key.run_id for key in keys)
    assert (order.name, order.reason, order.action) == (NAME, REASON, BatchAction.REPLAY)
    page = window.batches.page
    assert page.title.text() == NAME
    assert [
        page.chips.chip(group).text().split()[-1]
        for group in (Group.ALL, Group.ELIGIBLE, Group.NEEDS_DECISION, Group.BLOCKED)
    ] == ["5", "3", "1", "1"]
    page.chips.chip(Group.BLOCKED).click()
    assert [page.table.model().index(0, column).data() for column in (3, 4)] == [
        "Blocked",
        "The patch does not fit the input: /customer/id",
    ]
    assert page.table.model().rowCount() == 1
    page.chips.chip(Group.ALL).click()
    page.search.setText(str(keys[4].run_id)[:8])
    assert page.table.model().rowCount() == 1
    page.table.selectRow(0)
    qtbot.waitUntil(lambda: window.run_page.controller.key == keys[4])
    assert window.pages.currentWidget() is window.batches


def test_only_accepted_decisions_are_sent_and_a_double_click_sends_once(
    qtbot: QtBot, window: MainWindow, batches: FakeBatches
) -> None:
    select(window, 2, 4)
    keys = [row.key for row in window.runs.table.selected_runs()]
    batches.concerns = {keys[0].run_id: (concern(ConcernCode.ALREADY_RECOVERED),)}
    plan(qtbot, window)
    page = window.batches.page
    assert page.footer.start.text() == "Replay 2 runs at 30 a minute"
    page.decisions.box(ConcernCode.ALREADY_RECOVERED).click()
    page.footer.pace.rate.setValue(0)
    assert page.footer.start.text() == "Replay 3 runs"
    batches.session = asyncio.Event()
    qtbot.mouseDClick(page.footer.start, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(page.footer.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.pill.look.word == "Running")
    ((batch_id, settings),) = batches.runs_begun
    assert batch_id == batches.orders[0].batch_id
    assert settings is not None
    assert settings.include == {ConcernCode.ALREADY_RECOVERED}
    assert (settings.rate_per_minute, settings.canary, settings.stop_at_percent) == (None, 1, 20)


def test_a_plan_without_a_run_to_act_on_cannot_be_started(
    qtbot: QtBot, window: MainWindow, batches: FakeBatches
) -> None:
    select(window, 2, 3)
    for row in window.runs.table.selected_runs():
        batches.concerns[row.key.run_id] = (concern(ConcernCode.WORKFLOW_PAUSED),)
    plan(qtbot, window)
    assert "No run of this plan" in (reason(window, "batch.start") or "")
    assert not window.batches.page.footer.start.isEnabled()


def test_a_running_batch_tells_what_became_of_each_run_and_can_be_paused_and_resumed(
    qtbot: QtBot, window: MainWindow, batches: FakeBatches
) -> None:
    select(window, 2, 4)
    plan(qtbot, window)
    batches.session = asyncio.Event()
    start(qtbot, window)
    page, (order,) = window.batches.page, batches.orders
    qtbot.waitUntil(lambda: window.status_line.batch.text().endswith("0 of 3"))
    replay = make_row(900).key.run_id
    entries = batches.ledgers[order.batch_id].entries
    batches.move(
        order.batch_id,
        entries={
            0: replace(entries[0], state=EntryState.RECOVERED, new_run_id=replay),
            1: replace(entries[1], state=EntryState.NOT_RECOVERED, message="The pager was gone."),
        },
    )
    qtbot.waitUntil(lambda: page.band.numbers.text().startswith("2 of 3 · Recovered 1 · Not recovered 1"))
    model = page.table.model()
    qtbot.waitUntil(
        lambda: model.index(0, 3).data() == "Recovered" and model.index(1, 4).data() == "The pager was gone."
    )
    page.table.selectRow(0)
    qtbot.waitUntil(lambda: window.run_page.controller.key == RunKey(TENANT, replay))

    do(window, "batch.pause")
    qtbot.waitUntil(lambda: page.pill.look.word == "Paused")
    qtbot.waitUntil(window.status_line.batch.isHidden)
    assert window.unfinished.isHidden()  # the operator has just paused it and needs no reminder
    batches.session = None
    do(window, "batch.resume")
    qtbot.waitUntil(lambda: page.pill.look.word == "Finished with failures")
    assert len(batches.runs_begun) == 2


def test_aborting_asks_first(qtbot: QtBot, window: MainWindow, batches: FakeBatches) -> None:
    select(window, 2, 4)
    plan(qtbot, window)
    batches.session = asyncio.Event()
    start(qtbot, window)
    footer = window.batches.page.footer
    do(window, "batch.abort")
    assert footer.asks
    footer._keep.click()
    assert not footer.asks
    assert window.batches.page.pill.look.word == "Running"
    do(window, "batch.abort")
    footer._confirm.click()
    qtbot.waitUntil(lambda: window.batches.page.pill.look.word == "Aborted")
    assert not footer.asks


def test_planning_can_be_given_up_and_an_error_stays_in_the_dialog(
    qtbot: QtBot, window: MainWindow, batches: FakeBatches
) -> None:
    select(window, 2, 4)
    batches.planning = asyncio.Event()
    dialog = compose(qtbot, window)
    assert not dialog.confirm_button.isEnabled()
    dialog.name.setText(NAME)
    dialog.reason.setText(REASON)
    dialog.confirm_button.click()
    qtbot.waitUntil(lambda: len(batches.orders) == 1)
    assert not dialog.progress.isHidden()
    dialog.close_button.click()
    assert dialog.progress.isHidden()
    batches.error = DatabaseUnavailable("database.unreachable", "Postgres cannot be reached: connection refused.")
    dialog.confirm_button.click()
    qtbot.waitUntil(lambda: not dialog.error.isHidden())
    assert dialog.name.text() == NAME
    batches.error = batches.planning = None
    dialog.confirm_button.click()
    qtbot.waitUntil(lambda: window.batches.currentWidget() is window.batches.page)


def test_a_patch_is_checked_while_it_is_typed_and_goes_to_every_run(
    qtbot: QtBot, window: MainWindow, batches: FakeBatches
) -> None:
    select(window, 2, 4)
    dialog = compose(qtbot, window)
    dialog.name.setText(NAME)
    dialog.reason.setText(REASON)
    dialog.patch.add_button.click()
    (field,) = dialog.patch.fields
    field.path.setText("/customer/key")
    field.value.setText('"[REDACTED]"')
    assert "/customer/key" in dialog.hint.text()
    assert not dialog.confirm_button.isEnabled()
    field.value.setText("Ada")
    assert "double quotes" in dialog.hint.text()
    field.value.setText("10000000000000000000000000000.10")
    assert dialog.confirm_button.isEnabled()
    dialog.patch.mode_button.click()
    assert "10000000000000000000000000000.10" in dialog.patch.text.toPlainText()
    dialog.patch.mode_button.click()
    dialog.confirm_button.click()
    qtbot.waitUntil(lambda: len(batches.orders) == 1)
    ((operation,),) = (order.patch for order in batches.orders)
    assert (operation.op, operation.path) == ("replace", ("customer", "key"))
    assert operation.value_text == "10000000000000000000000000000.10"
    qtbot.waitUntil(lambda: not window.batches.page.forecast.isHidden())
    assert "replace /customer/key" in window.batches.page.forecast.text.text()


def test_a_batch_that_stands_still_since_before_is_told_and_resumed(
    qtbot: QtBot, window: MainWindow, batches: FakeBatches, rows: Rows
) -> None:
    kept = keep(batches, rows, BatchState.INTERRUPTED)
    batches.move(
        kept.order.batch_id,
        entries={0: replace(batches.ledgers[kept.order.batch_id].entries[0], state=EntryState.RECOVERED)},
    )
    window.batch_controller.desk.load()
    qtbot.waitUntil(lambda: not window.unfinished.isHidden())
    assert window.unfinished.text.text() == "Batch “gateway outage” was interrupted at 1 of 4"
    window.unfinished.resume.click()
    qtbot.waitUntil(lambda: batches.runs_begun == [(kept.order.batch_id, None)])
    qtbot.waitUntil(lambda: window.batches.currentWidget() is window.batches.page)
    assert window.unfinished.isHidden()


def test_the_notice_of_an_unfinished_batch_never_ends_it_without_a_question(
    qtbot: QtBot, window: MainWindow, batches: FakeBatches, rows: Rows
) -> None:
    kept = keep(batches, rows, BatchState.STOPPED)
    window.batch_controller.desk.load()
    qtbot.waitUntil(lambda: not window.unfinished.isHidden())
    window.unfinished.abort.click()
    qtbot.waitUntil(lambda: window.batches.page.footer.asks)
    assert batches.ledgers[kept.order.batch_id].progress.state is BatchState.STOPPED


def test_a_batch_of_a_database_that_has_moved_runs_once_the_operator_says_so(
    qtbot: QtBot, window: MainWindow, batches: FakeBatches
) -> None:
    select(window, 2, 4)
    plan(qtbot, window)
    batches.elsewhere = {batches.orders[0].batch_id}
    do(window, "batch.start")
    page = window.batches.page
    qtbot.waitUntil(page.problem.moved.isVisible)
    assert "another database" in page.problem.text.text()
    page.problem.moved.click()
    qtbot.waitUntil(lambda: page.pill.look.word == "Finished")
    assert page.problem.isHidden()


def test_closing_the_window_pauses_what_it_runs(qtbot: QtBot, window: MainWindow, batches: FakeBatches) -> None:
    asked: list[bool] = []
    window.close_wanted.connect(lambda: asked.append(True))
    select(window, 2, 4)
    plan(qtbot, window)
    batches.session = asyncio.Event()
    start(qtbot, window)
    window.close()
    qtbot.waitUntil(lambda: top(ClosingDialog) is not None)
    dialog = top(ClosingDialog)
    assert isinstance(dialog, ClosingDialog)
    assert asked == []
    dialog.confirm_button.click()
    qtbot.waitUntil(lambda: asked == [True])
    ending = window._context.tasks.spawn("settle", window.settle())
    qtbot.waitUntil(ending.done)
    assert batches.ledgers[batches.orders[0].batch_id].progress.state is BatchState.PAUSED
    assert window.batch_controller.desk.running == ()


def test_a_batch_goes_on_while_another_tenant_is_looked_at(
    qtbot: QtBot, window: MainWindow, batches: FakeBatches, context: DesktopContext
) -> None:
    select(window, 2, 4)
    plan(qtbot, window)
    batches.session = asyncio.Event()
    start(qtbot, window)
    batches.tenants = {OTHER_TENANT: ()}
    context.tenant = OTHER_TENANT
    window.change_tenant()
    desk = window.batch_controller.desk
    qtbot.waitUntil(lambda: desk.loaded)
    assert window.pages.currentWidget() is window.runs
    assert desk.known == ()
    assert window.status_line.batch.text().endswith("0 of 3")
    context.tenant = TENANT
    window.change_tenant()
    qtbot.waitUntil(lambda: [batch.state for batch in desk.known] == [BatchState.RUNNING])


def test_a_journal_that_cannot_be_read_says_so_and_the_list_of_runs_goes_on(
    qtbot: QtBot, window: MainWindow, batches: FakeBatches
) -> None:
    batches.error = JournalUnusable("batch.journal", "The journal cannot be used.", directory="/x", fault="disk full")
    do(window, "batch.show")
    overview = window.batches.overview
    qtbot.waitUntil(lambda: overview.stack.currentWidget().objectName() == "batch.failure")
    batches.error = None
    do(window, "batch.show")
    qtbot.waitUntil(lambda: overview.stack.currentWidget().objectName() == "batch.empty")


def test_the_ledger_is_saved_whole(
    qtbot: QtBot, window: MainWindow, batches: FakeBatches, rows: Rows, tmp_path: Path, notices: list[Notice]
) -> None:
    kept, context = keep(batches, rows, BatchState.FINISHED), window._context
    context.render_ledger = lambda ledger, form: json.dumps([form, len(ledger.entries)]).encode()

    async def choose(_parent: QWidget, _title: str, suggestion: str, _filter: str) -> Path:
        return tmp_path / suggestion

    export = LedgerExport(context, window, choose)
    saving = context.tasks.spawn("save", export.export(kept.order.batch_id, "Gateway: outage/1", "csv"))
    qtbot.waitUntil(saving.done)
    assert json.loads((tmp_path / "batch-gateway-outage-1.csv").read_text()) == ["csv", 4]
    assert [notice.kind for notice in notices] == [NoticeKind.SUCCESS]
