"""Troubles on the desktop: chips that narrow the list, acknowledging, honest words without Temporal, the tray."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.desktop.runs import controller as runs_controller
from app.desktop.runs.columns import Column
from app.desktop.runs.diagnosed_cells import badge_look, diagnosed_look, diagnosed_text, diagnosed_tooltip
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.main_window import MainWindow
from app.desktop.shell.notifier import Notice
from app.desktop.shell.state_look import StateKind
from app.domain.diagnosis.codes import Cause, Severity
from app.domain.diagnosis.finding import Diagnosis, Doing
from app.domain.diagnosis.troubles import Troubles
from app.domain.run import EffectiveState, RunKey, RunRow
from app.services.watching import TroublePace, WatchUpdate
from tests.desktop.doubles import (
    NOW,
    TENANT,
    FakeWatch,
    Rows,
    diagnosed,
    make_row,
    stuck_row,
    troubles_of,
    waiting_row,
)


class FakeTray(QObject):
    """A tray that remembers what it showed and told."""

    activated = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.available = True
        self.shown: tuple[str, bool] | None = None
        self.told: list[str] = []

    def show(self, text: str, *, trouble: bool) -> None:
        self.shown = (text, trouble)

    def hide(self) -> None:
        self.shown = None

    def tell(self, _title: str, text: str) -> None:
        self.told.append(text)


@pytest.fixture
def tray(monkeypatch: pytest.MonkeyPatch) -> FakeTray:
    tray = FakeTray()
    monkeypatch.setattr(runs_controller, "Tray", lambda _theme, _parent: tray)
    return tray


@pytest.fixture
def desk(qtbot: QtBot, context: DesktopContext, rows: Rows, watch: FakeWatch, tray: FakeTray) -> Iterator[MainWindow]:
    """Show the window on two runs without a step, one that has ended unseen, a waiting one and three that ended."""
    rows.rows = [stuck_row(9), stuck_row(11), make_row(20, "RUNNING"), waiting_row(30), *map(make_row, (40, 41, 42))]
    window = MainWindow(context)
    window.start()
    window.show()
    qtbot.waitUntil(lambda: window.runs.model.rowCount() == 7 and watch.publish is not None)
    yield window
    window.stop()
    window.allow_close()
    window.close()
    window.deleteLater()


def tell(watch: FakeWatch, *diagnoses: Diagnosis, **parts: object) -> Troubles:
    """Let the watcher publish troubles."""
    assert watch.interest is not None
    assert watch.publish is not None
    troubles = troubles_of(*diagnoses, **parts)  # type: ignore[arg-type]
    watch.publish(WatchUpdate(troubles=troubles, interest=watch.interest()))
    return troubles


def three_causes(rows: Rows) -> tuple[Diagnosis, ...]:
    first, second, third, *_ = rows.rows
    zombie = diagnosed(third, Cause.ZOMBIE_ROW, "terminated")
    return diagnosed(first), diagnosed(second), zombie


def listed(window: MainWindow) -> set[RunKey]:
    return {row.key for row in window.runs.model.rows}


def test_a_chip_narrows_the_list_to_its_cause_and_the_numbers_agree(
    qtbot: QtBot, desk: MainWindow, rows: Rows, watch: FakeWatch
) -> None:
    found = three_causes(rows)
    tell(watch, *found, stuck=(rows.rows[0], rows.rows[1]))
    banner = desk.runs.banner
    qtbot.waitUntil(banner.isVisible)
    assert [banner.chip(cause).text() for cause in (Cause.NO_WORKER, Cause.ZOMBIE_ROW)] == [
        "S01 No worker  2",
        "S14 Ended unseen  1",
    ]
    assert banner.accessibleName() == "3 runs are in trouble, the oldest for 20 min"
    assert banner.accessibleDescription().startswith("No worker polls task queue workflow-runtime-v2.")
    assert desk.sidebar.count_of("trouble") == 3

    qtbot.mouseClick(banner.chip(Cause.NO_WORKER), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: listed(desk) == {found[0].key, found[1].key})
    assert banner.chip(Cause.NO_WORKER).isChecked()
    assert desk.runs.selection.matching == 2
    qtbot.mouseClick(banner.show_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: listed(desk) == {each.key for each in found})
    assert desk.state.view_id() == "trouble"
    assert not banner.chip(Cause.NO_WORKER).isChecked()
    qtbot.mouseClick(banner.chip(Cause.ZOMBIE_ROW), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: listed(desk) == {found[2].key})
    qtbot.mouseClick(banner.chip(Cause.ZOMBIE_ROW), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.runs.model.rowCount() == 7)


def test_a_narrowed_list_follows_who_comes_and_goes_without_beginning_anew(
    qtbot: QtBot, desk: MainWindow, rows: Rows, watch: FakeWatch
) -> None:
    found = three_causes(rows)
    tell(watch, *found)
    qtbot.waitUntil(desk.runs.banner.isVisible)
    desk.controller.show_view("trouble")
    qtbot.waitUntil(lambda: listed(desk) == {each.key for each in found})
    resets: list[bool] = []
    desk.runs.model.modelReset.connect(lambda: resets.append(True))
    tell(watch, *found[1:], diagnosed(rows.rows[3], Cause.EVENT_WAIT, "null_key"))
    assert watch.interest is not None
    wanted = {found[1].key.run_id, found[2].key.run_id, rows.rows[3].key.run_id}
    qtbot.waitUntil(lambda: set(watch.interest().query.filter.run_ids or ()) == wanted)
    interest = watch.interest()
    assert watch.publish is not None
    watch.publish(WatchUpdate(page=rows.page_of(interest.query), interest=interest))
    qtbot.waitUntil(lambda: {key.run_id for key in listed(desk)} == wanted)
    assert resets == []


def test_acknowledged_troubles_are_kept_by_the_service_and_seen_again_on_demand(
    qtbot: QtBot, desk: MainWindow, rows: Rows, watch: FakeWatch, context: DesktopContext
) -> None:
    assert not context.commands.action("troubles.acknowledge").isEnabled()
    assert context.commands.reason("troubles.acknowledge") is not None
    troubles = tell(watch, *three_causes(rows))
    qtbot.waitUntil(desk.runs.banner.isVisible)
    qtbot.mouseClick(desk.runs.banner.chip(Cause.ZOMBIE_ROW), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(desk.runs.banner.acknowledge_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(context.console.acknowledge.groups) == 1)
    assert context.console.acknowledge.groups[0].cause is Cause.ZOMBIE_ROW

    kept = tuple(group for group in troubles.groups if group.cause is Cause.NO_WORKER)
    seen = tuple(group for group in troubles.groups if group.cause is Cause.ZOMBIE_ROW)
    assert watch.publish is not None
    assert watch.interest is not None
    watch.publish(WatchUpdate(troubles=replace(troubles, groups=kept, acknowledged=seen), interest=watch.interest()))
    qtbot.waitUntil(lambda: desk.runs.banner.number == 2)
    context.commands.action("troubles.show_acknowledged").trigger()
    assert desk.runs.banner.number == 3
    assert desk.sidebar.count_of("trouble") == 3


def test_without_temporal_the_banner_says_what_cannot_be_verified(
    qtbot: QtBot, desk: MainWindow, rows: Rows, watch: FakeWatch
) -> None:
    unknown = [
        diagnosed(row, Cause.CANNOT_VERIFY, "temporal", severity=Severity.WATCH)
        for row in (rows.rows[0], rows.rows[2], rows.rows[3])
    ]
    tell(watch, *unknown, stuck=(rows.rows[0],), degraded=("temporal: no answer",))
    qtbot.waitUntil(desk.runs.banner.isVisible)
    banner = desk.runs.banner
    assert banner.chip(Cause.CANNOT_VERIFY).text() == "S19 Cannot verify  1"
    assert "cannot be verified: Temporal does not answer" in banner.accessibleDescription()
    unverified = banner.findChild(QLabel, "trouble.banner.unverified")
    assert unverified.text() == "2 further runs cannot be verified: Temporal does not answer for them."
    assert unverified.toolTip() == "temporal: no answer"
    tell(watch, *unknown[1:], degraded=("temporal: no answer",))
    qtbot.waitUntil(lambda: banner.number == 0)
    assert banner.isVisible()
    assert banner.accessibleName() == "Not everything is verified"
    tell(watch)
    qtbot.waitUntil(lambda: not banner.isVisible())


def test_rows_show_cause_and_what_only_temporal_knows(
    qtbot: QtBot, desk: MainWindow, rows: Rows, watch: FakeWatch
) -> None:
    due = NOW + timedelta(minutes=5)
    retrying = diagnosed(
        rows.rows[2], None, state=EffectiveState.RETRYING, doing=Doing(attempt=3, until=due), unstarted_since=None
    )
    tell(watch, diagnosed(rows.rows[0]), retrying)
    model = desk.runs.model
    qtbot.waitUntil(lambda: model.diagnosis_of(rows.rows[0]) is not None)
    why = model.index(model.position(rows.rows[0].key), Column.WHY)
    assert why.data() == "No worker polls task queue workflow-runtime-v2."
    assert why.data(int(Qt.ItemDataRole.AccessibleTextRole)).startswith("S01 No worker: ")
    assert "No step row exists (2026-11-23 14:33:19.000 UTC)" in why.data(int(Qt.ItemDataRole.ToolTipRole))
    state = model.index(model.position(retrying.key), Column.STATE)
    assert state.data() == "Trying again"
    assert state.siblingAtColumn(Column.WHY).data().startswith("Attempt 3 at ")
    moved_on = replace(rows.rows[0], updated_at=NOW + timedelta(seconds=1))
    assert model.diagnosis_of(moved_on) is None


@pytest.mark.parametrize(
    ("state", "doing", "text"),
    [
        (EffectiveState.WAITING_CHILD, Doing(child="7f3a9c1e-0000"), "Child run 7f3a9c1e"),
        (EffectiveState.EXECUTING, Doing(since=NOW), "Executing since "),
        (EffectiveState.EXECUTING, Doing(), ""),
    ],
)
def test_a_healthy_row_says_what_it_is_at(state: EffectiveState, doing: Doing, text: str) -> None:
    row = make_row(20, "RUNNING")
    found = diagnosed(row, None, state=state, doing=doing)
    assert diagnosed_text(row, Column.WHY, found).startswith(text)
    assert badge_look(found) is None
    assert "stored as RUNNING" in diagnosed_tooltip(row, Column.STATE, found)


def test_watch_and_trouble_differ_in_colour_and_a_stuck_row_stays_stuck() -> None:
    row = stuck_row(5)
    trouble, watched = diagnosed(row), diagnosed(row, severity=Severity.WATCH)
    assert [look.kind for look in (badge_look(trouble), badge_look(watched)) if look] == [
        StateKind.STUCK,
        StateKind.WAITING,
    ]
    assert diagnosed_look(row, trouble).word == "Stuck"


def test_the_tray_tells_a_new_cause_once_and_never_what_was_there_before(
    qtbot: QtBot, desk: MainWindow, rows: Rows, watch: FakeWatch, tray: FakeTray, context: DesktopContext
) -> None:
    first, second, zombie = three_causes(rows)
    tell(watch, first)
    qtbot.waitUntil(lambda: tray.shown is not None and tray.shown[1])
    assert tray.shown is not None
    assert "S01 No worker  1" in tray.shown[0]
    tell(watch, first, second, zombie)
    qtbot.waitUntil(lambda: tray.told == ["S14 Ended unseen: 1 runs do not go on."])
    tell(watch, first)
    tell(watch, first, zombie)
    missing = diagnosed(rows.rows[2], Cause.MISSING_EXECUTION, "lost")
    tell(watch, first, missing)
    qtbot.waitUntil(lambda: len(tray.told) == 2)
    assert tray.told[1].startswith("S13")
    context.commands.action("view.notifications").trigger()
    assert tray.shown is None
    tell(watch, diagnosed(rows.rows[3], Cause.EVENT_WAIT, "null_key"))
    qtbot.waitUntil(lambda: desk.controller.desk.troubles.groups[0].cause is Cause.EVENT_WAIT)
    assert len(tray.told) == 2


def test_the_end_of_a_watched_run_is_told_once_in_the_window_and_outside(
    qtbot: QtBot, desk: MainWindow, rows: Rows, watch: FakeWatch, tray: FakeTray, notices: list[Notice]
) -> None:
    run: RunRow = rows.rows[2]
    command = next(action for action in desk.actions() if action.objectName() == "run.watch")
    assert not command.isEnabled()
    desk.controller.show_run(run.key)
    command.trigger()
    assert watch.interest is not None
    assert watch.publish is not None
    assert watch.interest().followed == {run.key}
    ended = replace(run, status="SUCCEEDED", state=EffectiveState.SUCCEEDED, completed_at=NOW)
    for _ in range(2):
        watch.publish(WatchUpdate(ended=(ended,)))
    qtbot.waitUntil(lambda: tray.told == ["Ticket triage has ended: Succeeded."])
    qtbot.waitUntil(lambda: not command.isChecked())
    assert [notice.run for notice in notices] == [run.key]
    assert watch.interest().followed == frozenset()


def test_nobody_is_asked_for_causes_while_the_window_is_hidden_unless_they_are_told(
    qtbot: QtBot, desk: MainWindow, watch: FakeWatch, context: DesktopContext
) -> None:
    assert watch.interest is not None
    assert watch.interest().troubles is TroublePace.CALM
    desk.hide()
    assert watch.interest().troubles is TroublePace.SELDOM
    desk.show()
    context.commands.action("view.notifications").trigger()
    desk.hide()
    assert watch.interest().troubles is TroublePace.PAUSED
    desk.show()
    assert watch.interest().troubles is TroublePace.CALM
    assert watch.interest().query.tenant == TENANT


def test_where_there_is_no_tray_the_switch_says_so(
    qtbot: QtBot, context: DesktopContext, tray: FakeTray, rows: Rows
) -> None:
    tray.available = False
    window = MainWindow(context)
    assert "no tray" in (context.commands.reason("view.notifications") or "")
    window.stop()
    window.allow_close()
    window.close()
    window.deleteLater()
