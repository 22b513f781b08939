"""The list in its window: first page, live changes, outages, selection, scrolling, moving between runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.runs.columns import Column
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.main_window import MainWindow
from app.desktop.shell.notifier import Notice
from app.desktop.shell.top_bar import TopBar
from app.domain.errors import DatabaseUnavailable
from app.domain.launching import LaunchOutcome, LaunchState
from app.domain.run import RunKey
from app.domain.run_query import RunSort
from app.services.watching import WatchUpdate
from tests.desktop.doubles import (
    NOW,
    OTHER_TENANT,
    TENANT,
    FakeWatch,
    Rows,
    health,
    make_inspection,
    make_row,
    stuck_row,
    troubles_of,
    waiting_row,
)

DOWN = DatabaseUnavailable("database.unreachable", "Postgres cannot be reached: connection refused.")


@pytest.fixture
def window(qtbot: QtBot, context: DesktopContext, rows: Rows) -> Iterator[MainWindow]:
    """Show the window on a few rows."""
    rows.rows = [stuck_row(9), stuck_row(11), waiting_row(30), *(make_row(n) for n in range(40, 240, 2))]
    window = MainWindow(context)
    window.start()
    window.show()
    yield window
    window.stop()
    window.allow_close()
    window.close()
    window.deleteLater()


@pytest.fixture
def listed(qtbot: QtBot, window: MainWindow, watch: FakeWatch) -> MainWindow:
    """Wait for the first rows and the watcher."""
    qtbot.waitUntil(lambda: window.runs.model.rowCount() > 0 and watch.publish is not None)
    return window


def publish(watch: FakeWatch, rows: Rows, **parts: object) -> None:
    """Let the watcher answer what the window is interested in."""
    assert watch.interest is not None
    assert watch.publish is not None
    interest = watch.interest()
    assert interest.query is not None
    page = rows.page_of(replace(interest.query, limit=max(interest.query.limit, interest.loaded)))
    stuck = tuple(row for row in rows.rows if row.stuck)
    troubles = troubles_of(stuck=stuck)
    watch.publish(WatchUpdate(page=page, troubles=troubles, interest=interest, **parts))


def select(window: MainWindow, key: RunKey) -> None:
    """Select a run as a click does."""
    position = window.runs.model.position(key)
    assert position is not None
    window.runs.table.selectRow(position)


def test_the_first_page_shows_rows_counts_and_views(qtbot: QtBot, listed: MainWindow) -> None:
    assert listed.runs.model.rowCount() == 100
    assert listed.runs.chips.chip("SUCCEEDED").text().endswith("100")
    qtbot.waitUntil(lambda: listed.sidebar.count_of("all") == 103)
    qtbot.waitUntil(lambda: listed.controller.counts_known)
    assert listed.sidebar.count_of("waiting") == 1
    assert listed.status_line.total.text() == "103 runs"


def test_scrolling_to_the_end_brings_the_next_page(qtbot: QtBot, listed: MainWindow) -> None:
    listed.runs.table.verticalScrollBar().setValue(listed.runs.table.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: listed.runs.model.rowCount() == 103)
    keys = [row.key for row in listed.runs.model.rows]
    assert len(set(keys)) == 103


def test_a_live_change_keeps_selection_and_scroll_position(
    qtbot: QtBot, listed: MainWindow, rows: Rows, watch: FakeWatch
) -> None:
    table = listed.runs.table
    chosen = listed.runs.model.rows[60].key
    select(listed, chosen)
    top = listed.runs.model.row_at(table.indexAt(QPoint(0, 0)))
    assert top is not None
    assert table.verticalScrollBar().value() > 0
    rows.rows = [make_row(1, "RUNNING"), make_row(2, "RUNNING"), *rows.rows]
    publish(watch, rows)
    qtbot.waitUntil(lambda: listed.runs.model.position(make_row(1).key) == 0)
    current = table.current_run()
    assert current is not None
    assert current.key == chosen
    after = listed.runs.model.row_at(table.indexAt(QPoint(0, 0)))
    assert after is not None
    assert after.key == top.key


def test_at_the_top_new_runs_are_seen(qtbot: QtBot, listed: MainWindow, rows: Rows, watch: FakeWatch) -> None:
    rows.rows = [make_row(1, "RUNNING"), *rows.rows]
    publish(watch, rows)
    qtbot.waitUntil(lambda: listed.runs.model.position(make_row(1).key) == 0)
    assert listed.runs.table.verticalScrollBar().value() == 0


def test_a_changed_row_fades_unless_motion_is_reduced(
    qtbot: QtBot, listed: MainWindow, rows: Rows, watch: FakeWatch, context: DesktopContext
) -> None:
    fader = listed.runs.table.fader
    first, second = rows.rows[2], rows.rows[3]
    rows.rows[2] = replace(first, node_path="root.steps[9]")
    publish(watch, rows)
    qtbot.waitUntil(lambda: fader.strength(first.key) > 0)
    qtbot.waitUntil(lambda: fader.strength(first.key) == 0)
    context.theme.set_reduced_motion(True)
    rows.rows[3] = replace(second, node_path="root.steps[9]")
    publish(watch, rows)
    position = listed.runs.model.position(second.key)
    qtbot.waitUntil(lambda: listed.runs.model.rows[position].node_path == "root.steps[9]")
    assert fader.strength(second.key) == 0


def test_an_answer_to_an_old_question_is_dropped(
    qtbot: QtBot, listed: MainWindow, rows: Rows, watch: FakeWatch
) -> None:
    assert watch.interest is not None
    assert watch.publish is not None
    old = watch.interest()
    listed.controller.show_view("waiting")
    qtbot.waitUntil(lambda: listed.runs.model.rowCount() == 1)
    watch.publish(WatchUpdate(page=rows.page_of(old.query), interest=old))
    publish(watch, rows)
    qtbot.waitUntil(lambda: listed.runs.banner.number == 2)
    assert listed.runs.model.rowCount() == 1


def test_the_watchers_answer_to_a_question_still_open_counts(
    qtbot: QtBot, listed: MainWindow, rows: Rows, watch: FakeWatch
) -> None:
    rows.pause = asyncio.Event()
    listed.controller.show_view("waiting")
    publish(watch, rows)
    qtbot.waitUntil(lambda: listed.runs.model.rowCount() == 1)
    qtbot.waitUntil(listed.controller._loading.done)
    assert listed.runs.stack.currentWidget() is listed.runs.table


def test_the_banner_counts_leads_and_goes_away(qtbot: QtBot, listed: MainWindow, rows: Rows, watch: FakeWatch) -> None:
    banner = listed.runs.banner
    assert not banner.isVisible()
    publish(watch, rows)
    qtbot.waitUntil(banner.isVisible)
    assert banner.accessibleName() == "2 runs are in trouble, the oldest for 11 min"
    assert "finding out why" in banner.accessibleDescription()
    show = banner.findChild(QPushButton, "stuck.show")
    qtbot.mouseClick(show, Qt.MouseButton.LeftButton)
    assert set(listed.state.filter.run_ids or ()) == {row.key.run_id for row in rows.rows if row.stuck}
    assert listed.sidebar.count_of("trouble") == 2
    qtbot.waitUntil(lambda: listed.runs.model.rowCount() == 2)
    rows.rows = [row for row in rows.rows if not row.stuck]
    publish(watch, rows)
    qtbot.waitUntil(lambda: not banner.isVisible())
    qtbot.waitUntil(lambda: listed.runs.stack.currentWidget() is listed.runs.stack.empty)
    assert listed.runs.stack.empty.accessibleName() == "No run is in trouble"


def test_an_outage_is_said_calmly_keeps_the_rows_and_goes_by_itself(
    qtbot: QtBot, listed: MainWindow, rows: Rows, watch: FakeWatch, notices: list[Notice]
) -> None:
    assert watch.interest is not None
    assert watch.publish is not None
    watch.publish(WatchUpdate(problem=DOWN, interest=watch.interest()))
    outage = listed.runs.outage
    qtbot.waitUntil(outage.isVisible)
    assert outage.text.startswith("Postgres cannot be reached. You see data from 23 Nov 2026 ")
    assert listed.runs.model.rowCount() == 100
    assert notices == []
    publish(watch, rows)
    qtbot.waitUntil(lambda: not outage.isVisible())


def test_temporal_alone_being_away_is_said_too(qtbot: QtBot, listed: MainWindow, watch: FakeWatch) -> None:
    assert watch.publish is not None
    watch.publish(WatchUpdate(health=health(temporal="Temporal cannot be reached.", workers=None)))
    qtbot.waitUntil(listed.runs.outage.isVisible)
    assert listed.runs.outage.text.startswith("Temporal cannot be reached. The list stays true")
    assert listed.status_line.temporal.text() == "Temporal cannot be reached"
    watch.publish(WatchUpdate(health=health()))
    qtbot.waitUntil(lambda: not listed.runs.outage.isVisible())
    assert listed.status_line.workers.text() == "1 workers poll the task queue"


def test_a_first_page_that_cannot_be_read_says_why_and_refresh_reads_it(
    qtbot: QtBot, context: DesktopContext, rows: Rows, errors: list[tuple[str, Exception]]
) -> None:
    rows.error = DOWN
    window = MainWindow(context)
    window.start()
    window.show()
    stack = window.runs.stack
    qtbot.waitUntil(lambda: stack.currentWidget() is stack.failure)
    rows.error, rows.rows = None, [make_row(1)]
    qtbot.mouseClick(stack.failure.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.runs.model.rowCount() == 1)
    assert not window.runs.outage.isVisible()
    assert errors == []
    window.stop()
    window.allow_close()
    window.close()


def test_a_long_wait_shows_a_skeleton_and_a_short_one_does_not(
    qtbot: QtBot, listed: MainWindow, rows: Rows, context: DesktopContext
) -> None:
    stack = listed.runs.stack
    pages: list[object] = []
    stack.currentChanged.connect(lambda _index: pages.append(stack.currentWidget()))
    asked = len(rows.queries)
    context.commands.run("runs.refresh")
    qtbot.waitUntil(lambda: len(rows.queries) > asked and not stack._delay.isActive())
    assert pages == []
    rows.pause = asyncio.Event()
    listed.controller.show_view("failed")
    qtbot.waitUntil(lambda: stack.currentWidget() is stack.skeleton)


def test_refreshing_moves_nothing(qtbot: QtBot, listed: MainWindow, rows: Rows, context: DesktopContext) -> None:
    table = listed.runs.table
    select(listed, listed.runs.model.rows[60].key)
    before = table.verticalScrollBar().value()
    asked = len(rows.queries)
    context.commands.run("runs.refresh")
    qtbot.waitUntil(lambda: len(rows.queries) > asked and listed.controller._loading.done())
    assert table.verticalScrollBar().value() == before > 0
    assert table.current_run() == listed.runs.model.rows[60]


def test_rows_of_another_filter_do_not_stand_in_for_an_answer(
    qtbot: QtBot, listed: MainWindow, rows: Rows, watch: FakeWatch
) -> None:
    stack = listed.runs.stack
    rows.error = DOWN
    listed.controller.show_view("waiting")
    qtbot.waitUntil(lambda: stack.currentWidget() is stack.failure)
    rows.error = None
    publish(watch, rows)
    qtbot.waitUntil(lambda: stack.currentWidget() is listed.runs.table)
    assert [row.open_wait is not None for row in listed.runs.model.rows] == [True]


def test_the_status_line_knows_the_age_of_what_is_shown(
    qtbot: QtBot, listed: MainWindow, rows: Rows, watch: FakeWatch
) -> None:
    line = listed.status_line
    assert line.updated.text() == "updated just now"
    assert watch.interest is not None
    assert watch.publish is not None
    watch.publish(WatchUpdate(problem=DOWN, interest=watch.interest()))
    qtbot.waitUntil(lambda: line._trouble_since is not None)
    line._trouble_since -= 40
    line.tick()
    assert line.updated.text() == "updated 40 s ago"
    assert line.updated.property("role") == "secondary-trouble"
    publish(watch, rows)
    qtbot.waitUntil(lambda: line.updated.text() == "updated just now")


def test_no_matching_run_offers_to_clear_the_filters(qtbot: QtBot, listed: MainWindow) -> None:
    listed.state.change(text="no such run")
    stack = listed.runs.stack
    qtbot.waitUntil(lambda: stack.currentWidget() is stack.empty)
    qtbot.mouseClick(stack.empty.clear, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: listed.runs.model.rowCount() == 100)
    assert stack.currentWidget() is listed.runs.table


def test_selecting_opens_a_run_and_the_watcher_follows_it(qtbot: QtBot, listed: MainWindow, watch: FakeWatch) -> None:
    key = listed.runs.model.rows[1].key
    select(listed, key)
    assert watch.interest is not None
    assert watch.interest().open_run == key
    assert listed.run_page.key == key


def test_a_run_opened_before_its_row_is_listed_is_scrolled_into_view(
    qtbot: QtBot, window: MainWindow, rows: Rows
) -> None:
    table, far = window.runs.table, rows.rows[80]
    window.controller.show_run(far.key)
    qtbot.waitUntil(lambda: table.current_run() == far)
    index = table.selectionModel().selectedRows()[0]
    qtbot.waitUntil(lambda: table.viewport().rect().contains(table.visualRect(index)))


def test_arrow_keys_move_and_enter_goes_into_the_run(qtbot: QtBot, listed: MainWindow) -> None:
    table = listed.runs.table
    entered: list[RunKey] = []
    listed.controller.run_entered.connect(entered.append)
    select(listed, listed.runs.model.rows[0].key)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert entered == [listed.runs.model.rows[1].key]
    qtbot.keyClick(table, Qt.Key.Key_End)
    assert table.currentIndex().row() == 99


def test_a_run_not_in_the_list_is_opened_and_selected_once_it_is(
    qtbot: QtBot, listed: MainWindow, rows: Rows, watch: FakeWatch, context: DesktopContext
) -> None:
    new = make_row(0, "RUNNING")
    context.navigate.open_run(new.key)
    assert listed.run_page.key == new.key
    rows.rows = [new, *rows.rows]
    publish(watch, rows)
    qtbot.waitUntil(lambda: listed.runs.table.current_run() == new)


def test_the_open_run_updates_its_row_and_the_page(
    qtbot: QtBot, listed: MainWindow, rows: Rows, watch: FakeWatch
) -> None:
    row = listed.runs.model.rows[2]
    select(listed, row.key)
    ended = replace(row, status="FAILED", error_text="late failure")
    assert watch.publish is not None
    inspections: list[object] = []
    listed.controller.inspection_received.connect(inspections.append)
    watch.publish(WatchUpdate(inspection=make_inspection(ended)))
    qtbot.waitUntil(lambda: listed.runs.model.rows[2] == ended)
    assert len(inspections) == 1


def test_the_whole_run_id_is_copied(qtbot: QtBot, listed: MainWindow, notices: list[Notice]) -> None:
    row = listed.runs.model.rows[0]
    select(listed, row.key)
    qtbot.keyClick(listed.runs.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == str(row.key.run_id)
    assert len(notices) == 1


def test_column_titles_sort_both_ways(qtbot: QtBot, listed: MainWindow) -> None:
    header = listed.runs.table.horizontalHeader()
    for column, expected in (
        (Column.STARTED, RunSort.STARTED_ASC),
        (Column.STARTED, RunSort.STARTED_DESC),
        (Column.WORKFLOW, RunSort.STARTED_DESC),
    ):
        x = header.sectionViewportPosition(column) + 5
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, 10))
        assert listed.state.sort is expected
    listed.runs.filters.sort.setCurrentIndex(2)
    assert listed.state.sort is RunSort.UPDATED_DESC
    assert not listed.runs.table.isColumnHidden(Column.UPDATED)


def test_standing_still_asks_for_nothing_new(
    qtbot: QtBot, listed: MainWindow, watch: FakeWatch, context: DesktopContext
) -> None:
    assert watch.interest is not None
    context.commands.run("runs.live")
    assert watch.interest().paused
    assert listed.status_line.updated.text() == "standing still"
    context.commands.run("runs.live")
    assert not watch.interest().paused


def test_a_very_long_list_keeps_the_visible_stretch_live(
    qtbot: QtBot, listed: MainWindow, rows: Rows, watch: FakeWatch, context: DesktopContext
) -> None:
    assert watch.interest is not None
    rows.rows = [make_row(n) for n in range(700)]
    context.commands.run("runs.refresh")
    qtbot.waitUntil(lambda: listed.runs.model.rows[0] == rows.rows[0])
    listed.runs.model.append(rows.page_of(replace(watch.interest().query, limit=500)).rows, more=True)
    last = listed.runs.model.cursor_after(listed.runs.model.rowCount() - 1)
    listed.runs.model.append(rows.page_of(replace(watch.interest().query, limit=500, after=last)).rows, more=False)
    listed.runs.table.scrollToBottom()
    interest = watch.interest()
    assert interest.query.after is not None
    assert interest.loaded < 200
    ended = replace(rows.rows[699], node_path="root.steps[9]")
    rows.rows[699] = ended
    publish(watch, rows)
    qtbot.waitUntil(lambda: listed.runs.model.rows[-1] == ended)


def test_a_settled_launch_is_told(qtbot: QtBot, listed: MainWindow, watch: FakeWatch, notices: list[Notice]) -> None:
    assert watch.publish is not None
    for state in (LaunchState.STARTED, LaunchState.FAILED):
        outcome = LaunchOutcome(make_row(1).key, 4, "RUNNING", state)
        watch.publish(WatchUpdate(launches=(outcome,)))
    qtbot.waitUntil(lambda: len(notices) == 2)
    assert [notice.kind for notice in notices] == ["success", "warning"]
    assert notices[0].run == RunKey(TENANT, make_row(1).key.run_id)


def test_another_tenant_starts_from_the_beginning(
    qtbot: QtBot, listed: MainWindow, rows: Rows, watch: FakeWatch, context: DesktopContext
) -> None:
    publish(watch, rows)
    qtbot.waitUntil(listed.runs.banner.isVisible)
    select(listed, listed.runs.model.rows[1].key)
    context.tenant = OTHER_TENANT
    listed.change_tenant()
    assert listed.run_page.key is None
    assert not listed.runs.banner.isVisible()
    assert watch.interest is not None
    assert watch.interest().query.tenant == OTHER_TENANT
    qtbot.waitUntil(lambda: rows.queries[-1].tenant == OTHER_TENANT)


def test_ages_grow_by_the_databases_clock_only(listed: MainWindow) -> None:
    row = listed.runs.model.rows[0]
    age = listed.runs.model.age_seconds(row)
    assert row.age_seconds <= age < row.age_seconds + 60
    assert (NOW - row.started_at).total_seconds() == row.age_seconds


def test_the_numbers_of_the_views_come_with_the_rows(
    qtbot: QtBot, listed: MainWindow, rows: Rows, watch: FakeWatch
) -> None:
    qtbot.waitUntil(lambda: listed.controller.counts_known)
    rows.rows.insert(0, make_row(1))
    assert watch.publish is not None
    assert watch.interest is not None
    query = watch.interest().query
    assert query is not None
    watch.publish(WatchUpdate(page=rows.page_of(query), interest=watch.interest()))
    qtbot.waitUntil(lambda: listed.controller._counts._shown["all"] == len(rows.rows))


def test_a_refresh_reads_the_views_numbers_even_while_they_are_being_read(
    qtbot: QtBot, listed: MainWindow, rows: Rows, context: DesktopContext
) -> None:
    qtbot.waitUntil(lambda: listed.controller.counts_known)
    before = listed.controller._counts._shown["replayed"]
    rows.rows.insert(0, make_row(1, replay_of=rows.rows[3].key.run_id))
    context.commands.action("runs.refresh").trigger()
    qtbot.waitUntil(lambda: listed.controller._counts._shown["replayed"] == before + 1)


def test_a_run_that_an_action_made_takes_the_keyboard_from_the_button(
    qtbot: QtBot, listed: MainWindow, rows: Rows, context: DesktopContext
) -> None:
    listed.controller.show_run(rows.rows[4].key)
    qtbot.waitUntil(listed.run_page.header.replay.isVisible)
    listed.run_page.header.replay.setFocus()
    context.navigate.open_run(rows.rows[5].key)
    assert listed.focusWidget() is listed.runs.table


def test_notices_leave_the_run_page_free(qtbot: QtBot, listed: MainWindow, context: DesktopContext) -> None:
    context.notify.success("Replay started.")
    page = listed.run_page.mapTo(listed, listed.run_page.rect().topLeft())
    assert listed.notices.geometry().right() < page.x()


def test_the_way_back_to_every_run_stays_on_the_row_of_filters(qtbot: QtBot, listed: MainWindow) -> None:
    listed.resize(1440, 900)
    listed.controller.show_view("failed")
    bar = listed.runs.filters
    qtbot.waitUntil(bar.clear.isVisible)
    qtbot.waitUntil(lambda: bar.clear.y() == bar.status.y())
    assert bar.clear.accessibleName() == "Clear filters"


def test_a_half_deleted_window_is_left_in_its_language(context: DesktopContext) -> None:
    bar = TopBar(context.theme, context.commands, QWidget(), QMenu())
    shiboken6.delete(bar.menu)
    QApplication.sendEvent(bar, QEvent(QEvent.Type.LanguageChange))
    assert bar.tenant.accessibleName() == "Tenant"
    shiboken6.delete(bar)
