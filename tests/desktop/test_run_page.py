"""The run page on stand-ins for the services: what it shows, that it stays live, and what can be done from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import (
    QCoreApplication,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QRegularExpression,
    Qt,
)
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.desktop.run_page.agreement import Agreement, agreement
from app.desktop.run_page.keyed_table import Cell, Column, KeyedTableModel
from app.desktop.run_page.panes import Pane
from app.desktop.run_page.view import RunPage
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.language import LanguageSwitch
from app.desktop.shell.pill import StatePill
from app.domain.diagnosis.codes import Act, Cause, Severity
from app.domain.diagnosis.troubles import TroubleGroup, Troubles
from app.domain.errors import DatabaseUnavailable
from app.domain.execution import ExecutionFacts, ExecutionStatus
from app.domain.operator import Operator
from app.domain.run import EffectiveState, RunInspection, RunKey
from app.services.inspect_run import ExecutionView
from tests.desktop.doubles import diagnosed
from tests.desktop.inspections import (
    NOW,
    REPLAY,
    TENANT,
    FakeInspect,
    failed_inspection,
    inspection_of,
    long_inspection,
    make_console,
    make_row,
    make_step,
    running_inspection,
    stuck_inspection,
    swallowed_inspection,
)

Opened = tuple[RunPage, FakeInspect]


@pytest.fixture
def open_page(qtbot: QtBot, context: DesktopContext) -> Callable[..., Opened]:
    def open_it(inspection: RunInspection, **changes: object) -> Opened:
        fake = FakeInspect({inspection.run.row.key: inspection})
        for name, value in changes.items():
            setattr(fake, name, value)
        context.console = make_console(inspection, inspect=fake)
        context.render_report = lambda report, form, *_voice: f"{form}: {report.keys()[0].run_id}".encode()
        page = RunPage(context)
        qtbot.addWidget(page)
        page.resize(500, 860)
        page.show()
        page.show_run(inspection.run.row.key)
        return page, fake

    return open_it


@pytest.fixture
def shown(qtbot: QtBot, open_page: Callable[..., Opened]) -> Callable[..., Opened]:
    def open_it(inspection: RunInspection, **changes: object) -> Opened:
        page, fake = open_page(inspection, **changes)
        qtbot.waitUntil(lambda: page.inspection is not None)
        qtbot.waitUntil(lambda: "Asking" not in fact(page, "run.execution"))
        return page, fake

    return open_it


def fact(page: RunPage, name: str) -> str:
    value = page.summary.value(name)
    return "" if value is None else value.accessibleName().partition(": ")[2]


def described(status: ExecutionStatus) -> ExecutionView:
    return ExecutionView(ExecutionFacts("id", "first", status, "workflow-runtime-v2", NOW, None, 9))


def test_a_failed_run_shows_its_useful_error_and_selects_the_failing_step(shown: Callable[..., Opened]) -> None:
    page, _ = shown(failed_inspection())
    assert page.error.text.text() == "payments.charge refused: token lacks scope charge:write"
    assert page.error._code.text() == "PERMISSION_DENIED"
    assert "root.steps[2]" in page.error.secondary.text()
    assert page.error.accessibleName() == page.error.text.text()
    assert page.panes.selected_step == failed_inspection().steps[2].step_id
    assert page.panes.timeline.selected_step == page.panes.selected_step
    assert page.panes.detail.step == failed_inspection().steps[2]


def test_the_summary_says_tenant_trigger_and_what_temporal_says(qtbot: QtBot, shown: Callable[..., Opened]) -> None:
    page, _ = shown(failed_inspection())
    qtbot.waitUntil(lambda: fact(page, "run.tenant") == "Harbor Managed IT")
    assert fact(page, "run.trigger") == "PAYMENT_FAILED"
    assert fact(page, "run.execution") == "Failed, agrees with the row"
    assert fact(page, "run.took") == "1.2 s"


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (ExecutionView(None), "Unknown to Temporal, but the row says Running"),
        (ExecutionView(None, "refused"), "Temporal does not answer"),
        (described(ExecutionStatus.TERMINATED), "Terminated, but the row says Running"),
        (described(ExecutionStatus.RUNNING), "Running, agrees with the row"),
    ],
)
def test_what_temporal_says_is_put_in_words(shown: Callable[..., Opened], view: ExecutionView, words: str) -> None:
    page, _ = shown(running_inspection(), view=view)
    assert fact(page, "run.execution") == words


def test_ended_and_legacy_rows_are_judged_apart() -> None:
    ended, legacy = make_row("SUCCEEDED"), make_row("RUNNING", engine=None)
    assert agreement(ended, ExecutionView(None)) is Agreement.GONE
    assert agreement(make_row("FAILED"), described(ExecutionStatus.TIMED_OUT)) is Agreement.AGREES
    assert agreement(legacy, ExecutionView(None)) is Agreement.NOT_TEMPORAL


def test_links_of_the_replay_chain_navigate(qtbot: QtBot, shown: Callable[..., Opened]) -> None:
    page, _ = shown(failed_inspection())
    link = page.summary.value("run.replays.0")
    assert isinstance(link, QPushButton)
    assert "Succeeded" in link.accessibleName()
    with qtbot.waitSignal(page.navigate_run) as asked:
        QTest.mouseClick(link, Qt.MouseButton.LeftButton)
    assert asked.args == [RunKey(TENANT, REPLAY)]


def test_the_whole_id_is_copied(shown: Callable[..., Opened]) -> None:
    page, _ = shown(failed_inspection())
    QTest.mouseClick(page.header._copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == str(failed_inspection().run.row.key.run_id)


def test_a_run_without_a_step_is_said_to_be_stuck_at_once_and_why_follows(
    context: DesktopContext, shown: Callable[..., Opened]
) -> None:
    young = stuck_inspection(59.0)
    page, _ = shown(young)
    assert page.why.isHidden()
    stuck = stuck_inspection(61.0)
    page.update_inspection(stuck)
    assert page.why.isVisible()
    assert "1 min" in page.why.accessibleName()
    assert not page.why.show_button.isVisible()
    page.update_diagnosis(diagnosed(stuck.run.row))
    assert page.why.accessibleName() == "No worker polls task queue workflow-runtime-v2."
    page.update_troubles(replace(Troubles(), groups=(TroubleGroup(Cause.NO_WORKER, Severity.TROUBLE, 3, NOW, ()),)))
    asked: list[str] = []
    context.commands.bind("stuck.show", lambda: asked.append("stuck"))
    QTest.mouseClick(page.why.show_button, Qt.MouseButton.LeftButton)
    assert asked == ["stuck"]
    page.update_inspection(running_inspection())
    assert page.why.isHidden()


def test_the_head_shows_the_state_that_both_sides_give_the_run(shown: Callable[..., Opened]) -> None:
    running = running_inspection()
    page, _ = shown(running)
    pill = page.header.findChild(StatePill)
    assert pill.accessibleName() != "Terminated"
    ended = diagnosed(running.run.row, Cause.ZOMBIE_ROW, "terminated", state=EffectiveState.TERMINATED)
    page.update_diagnosis(ended)
    assert pill.accessibleName() == "Terminated"
    page.update_inspection(replace(running, run=replace(running.run, row=replace(running.run.row, status="FAILED"))))
    assert pill.accessibleName() != "Terminated"


def test_why_shows_facts_with_their_times_acts_with_their_reasons_and_is_copied(
    context: DesktopContext, shown: Callable[..., Opened]
) -> None:
    stuck = stuck_inspection(61.0)
    page, _ = shown(stuck)
    acts = (Act.START_WORKER, Act.COMPLETE_LAUNCH, Act.RELEASE_HUMAN_TASK)
    found = diagnosed(stuck.run.row, actions=acts, known_faults=("F13",), engineering="Tell them.")
    page.update_diagnosis(found)
    facts = [label.text() for label in page.why.findChildren(QLabel, QRegularExpression("run.why.fact"))]
    assert [text.partition(": ")[2] for text in facts] == [fact.fact for fact in found.evidence[:2]]
    QTest.mouseClick(page.why.findChild(QPushButton, "run.why.more"), Qt.MouseButton.LeftButton)
    third = page.why.findChild(QLabel, "run.why.fact.2")
    assert third.text().endswith(found.evidence[2].fact)
    assert third.toolTip() == "2026-11-23 14:33:19.000 UTC"
    assert page.why.findChild(QPushButton, "run.why.worker.start") is None
    release = page.why.findChild(QPushButton, "run.why.repair.release-human-task")
    assert not release.isEnabled()
    assert release.toolTip() == context.commands.reason("repair.release-human-task")
    assert "Cancel, terminate and timeout" in page.why.findChild(QLabel, "run.why.faults").text()
    context.commands.run("run.copy_diagnosis")
    copied = QGuiApplication.clipboard().text()
    assert str(found.key.run_id) in copied
    assert all(fact.fact in copied for fact in found.evidence)
    assert "S01 No worker" in copied
    assert "2026-11-23 14:33:19.000 UTC" in copied


def test_a_live_update_keeps_tab_selection_and_scroll(shown: Callable[..., Opened]) -> None:
    page, _ = shown(long_inspection(300))
    panes = page.panes
    panes.tabs.setCurrentIndex(Pane.STEPS)
    wanted = long_inspection(300).steps[200]
    panes.select_step(wanted.step_id)
    scroll = panes.steps.verticalScrollBar().value()
    assert scroll > 0
    page.update_inspection(long_inspection(320))
    assert panes.models.steps.rowCount() == 320
    assert panes.tabs.currentIndex() == Pane.STEPS
    assert panes.selected_step == wanted.step_id
    assert panes.steps.currentIndex().row() == 200
    assert panes.steps.verticalScrollBar().value() == scroll
    assert panes.tabs.tabText(Pane.STEPS) == "Steps 320"


def test_an_update_of_another_run_is_ignored(shown: Callable[..., Opened]) -> None:
    page, _ = shown(failed_inspection())
    other = inspection_of(make_row("SUCCEEDED", run_id=REPLAY))
    page.update_inspection(other)
    assert page.inspection == failed_inspection()


def test_a_row_that_changed_is_announced_alone(shown: Callable[..., Opened]) -> None:
    page, _ = shown(running_inspection())
    model = page.panes.models.steps
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    changed: list[tuple[int, int]] = []
    resets: list[bool] = []

    def note(first: QModelIndex, last: QModelIndex) -> None:
        changed.append((first.row(), last.row()))

    model.dataChanged.connect(note)
    model.modelReset.connect(lambda: resets.append(True))
    before = running_inspection()
    ended = replace(before.steps[2], status="SUCCEEDED", completed_at=NOW, duration_ms=1)
    follow = make_step(3, 9.0, None, before.run.row)
    page.update_inspection(replace(before, steps=(*before.steps[:2], ended, follow)))
    assert changed == [(2, 2)]
    assert model.rowCount() == 4
    assert resets == []
    del tester


@pytest.mark.parametrize(
    "after", [[5, 4, 3, 2, 1], [3, 2, 1, 0, -1], [3, 9, 1], [1], [], [7, 8], [3, 2, 1], [2, 3, 1], [3, 1]]
)
def test_rows_merge_at_both_ends_and_a_kept_row_stays_selected(qtbot: QtBot, after: list[int]) -> None:
    model: KeyedTableModel[int] = KeyedTableModel(lambda number: number)
    model.set_columns((Column("Number", lambda number: Cell(str(number))),))
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.merge([3, 2, 1])
    selected = QPersistentModelIndex(model.index(2, 0))
    model.merge(after)
    assert list(model.rows()) == after
    if 1 in after:
        assert selected.data() == "1"
    del tester


def test_a_click_selects_the_step_everywhere_and_reads_its_documents_then(
    qtbot: QtBot, shown: Callable[..., Opened]
) -> None:
    page, fake = shown(failed_inspection())
    assert fake.asked_documents == []
    page.panes.tabs.setCurrentIndex(Pane.STEPS)
    page.panes.steps.select_row(0)
    load = failed_inspection().steps[0]
    assert page.panes.timeline.selected_step == load.step_id
    detail = page.panes.detail
    assert detail.step == load
    detail._tabs.setCurrentIndex(1)
    qtbot.waitUntil(lambda: detail._input.document is not None)
    assert fake.asked_documents == [failed_inspection().invocations[0].invocation_id]
    detail._tabs.setCurrentIndex(2)
    assert detail._output.document is not None
    assert len(fake.asked_documents) == 1


def test_a_document_that_cannot_be_read_says_so_and_is_read_again(qtbot: QtBot, shown: Callable[..., Opened]) -> None:
    page, fake = shown(failed_inspection())
    fake.error = DatabaseUnavailable("database.unavailable", "Postgres does not answer.")
    detail = page.panes.detail
    detail._tabs.setCurrentIndex(1)
    qtbot.waitUntil(lambda: detail._input._message.text() == "Postgres does not answer.")
    fake.error = None
    QTest.mouseClick(detail._input._again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: detail._input.document is not None)


def test_both_attempts_of_a_step_can_be_looked_at(shown: Callable[..., Opened]) -> None:
    page, _ = shown(failed_inspection())
    choice = page.panes.detail._choice
    assert [choice.itemText(number) for number in range(choice.count())] == [
        "Attempt 1 of 2: Failed",
        "Attempt 2 of 2: Failed",
    ]
    assert choice.currentIndex() == 1
    page.update_inspection(replace(failed_inspection(), read_at=NOW + timedelta(seconds=1)))
    choice.setCurrentIndex(0)
    page.update_inspection(replace(failed_inspection(), read_at=NOW + timedelta(seconds=2)))
    assert choice.currentIndex() == 0


def test_a_swallowed_error_is_marked(shown: Callable[..., Opened]) -> None:
    page, _ = shown(swallowed_inspection())
    model = page.panes.models.steps
    assert [model.index(row, 1).data() for row in range(5)][2] == "Error swallowed"
    assert any(row.entry.swallowed for row in page.panes.timeline.rows)
    assert page.panes.selected_step == swallowed_inspection().steps[2].step_id


def test_commands_say_why_they_cannot_be_used(context: DesktopContext, shown: Callable[..., Opened]) -> None:
    page, _ = shown(failed_inspection())
    assert context.commands.reason("run.replay") is None
    assert "ended" in (context.commands.reason("run.cancel") or "")
    assert not page.header.cancel.isEnabled()
    assert page.header.cancel.toolTip() == context.commands.reason("run.cancel")
    page.update_inspection(running_inspection())
    assert page.header.cancel.isEnabled()
    context.operator = None
    page.update_inspection(running_inspection())
    assert "operator" in (context.commands.reason("run.cancel") or "")
    context.operator = Operator(TENANT, page.key.run_id if page.key else REPLAY, "Kim", "k@x", (), frozenset({"view"}))
    page.update_inspection(running_inspection())
    assert "workflow:admin" in (context.commands.reason("run.replay") or "")
    page.clear()
    assert context.commands.reason("run.export")


@pytest.mark.parametrize(
    ("command", "dialog"),
    [("run.replay", "replay.dialog"), ("run.cancel", "cancel.dialog"), ("runs.start", "start.dialog")],
)
def test_commands_open_their_dialog_once(
    qtbot: QtBot, context: DesktopContext, shown: Callable[..., Opened], command: str, dialog: str
) -> None:
    page, _ = shown(running_inspection())
    context.commands.run(command)
    context.commands.run(command)

    def dialogs() -> list[QDialog]:
        return [child for child in page.findChildren(QDialog) if child.objectName() == dialog and child.isVisible()]

    qtbot.waitUntil(lambda: len(dialogs()) == 1)
    dialogs()[0].done(0)
    qtbot.waitUntil(lambda: dialogs() == [])


def test_a_run_that_cannot_be_read_says_so_and_is_read_again(qtbot: QtBot, open_page: Callable[..., Opened]) -> None:
    page, fake = open_page(failed_inspection(), error=DatabaseUnavailable("database.unavailable", "Postgres is down."))
    qtbot.waitUntil(lambda: page._sentence.text() == "Postgres is down.")
    fake.error = None
    QTest.mouseClick(page._again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.inspection is not None)


def test_ten_thousand_steps_are_shown_with_their_timeline(qtbot: QtBot, shown: Callable[..., Opened]) -> None:
    page, _ = shown(long_inspection(10_000))
    qtbot.waitUntil(lambda: len(page.panes.timeline.rows) > 6_000, timeout=30_000)
    page.grab()
    assert page.panes.timeline.painted_rows < 60
    assert page.panes.models.steps.rowCount() == 10_000


def test_closed_redaction_legacy_and_damage_are_said(shown: Callable[..., Opened]) -> None:
    row = make_row("SUCCEEDED")
    detail = {"legacy_note": "Run by the old engine.", "damaged_paths": ("/apiKey",)}
    page, _ = shown(inspection_of(row, redaction_closed=True, detail=detail))
    assert page.legacy.isVisible()
    assert page.closed.isVisible()
    assert page.damaged.isVisible()
    assert "/apiKey" in page.damaged.secondary.text()


def test_every_interactive_widget_has_a_name_and_can_be_heard(shown: Callable[..., Opened]) -> None:
    page, _ = shown(failed_inspection())
    focusable = [
        widget
        for widget in page.findChildren(QPushButton)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and not widget.objectName().startswith("qt_")
    ]
    assert focusable
    assert [widget.text() for widget in focusable if not (widget.objectName() and widget.accessibleName())] == []
    names = {"run.replay", "run.cancel", "run.export", "run.tabs", "run.why", "run.timeline", "run.steps"}
    assert names <= {child.objectName() for child in page.findChildren(object)}


@pytest.fixture
def language() -> Iterator[LanguageSwitch]:
    before, switch = QLocale(), LanguageSwitch()
    yield switch
    for translator in switch._installed:
        QCoreApplication.removeTranslator(translator)
    QLocale.setDefault(before)


def test_the_language_changes_while_the_page_is_open(
    qtbot: QtBot, shown: Callable[..., Opened], language: LanguageSwitch
) -> None:
    page, _ = shown(failed_inspection())
    page.panes.tabs.setCurrentIndex(Pane.STEPS)
    step = page.panes.selected_step
    language.use("de")
    qtbot.waitUntil(lambda: page.panes.tabs.tabText(Pane.TIMELINE) == "Zeitachse")
    assert page.panes.models.steps.headerData(0, Qt.Orientation.Horizontal) == "Schritt"
    assert "Zeile" in fact(page, "run.execution")
    assert page.panes.tabs.currentIndex() == Pane.STEPS
    assert page.panes.selected_step == step


def test_a_page_is_never_wider_than_its_place(qtbot: QtBot, shown: Callable[..., Opened]) -> None:
    page, _ = shown(failed_inspection())
    assert page.minimumSizeHint().width() <= 360
    page.resize(1280, 800)
    QApplication.processEvents()
    assert page.panes.detail.geometry().left() > page.panes.tabs.geometry().right()


def test_the_selection_follows_what_tells_most_until_a_step_is_chosen_by_hand(shown: Callable[..., Opened]) -> None:
    failed = failed_inspection()
    begun = replace(failed, steps=failed.steps[:2], error=None)
    page, _ = shown(begun)
    assert page.panes.selected_step == failed.steps[1].step_id
    page.update_inspection(failed)
    assert page.panes.selected_step == failed.steps[2].step_id
    assert page.panes.detail.step == failed.steps[2]


def test_a_step_chosen_by_hand_stays_chosen(shown: Callable[..., Opened]) -> None:
    failed = failed_inspection()
    page, _ = shown(replace(failed, steps=failed.steps[:2], error=None))
    page.panes.steps.select_row(0)
    page.update_inspection(failed)
    assert page.panes.selected_step == failed.steps[0].step_id
