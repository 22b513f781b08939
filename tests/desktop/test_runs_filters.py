"""Every filter control says what the query asks, and shows what it says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QDateTime, Qt
from PySide6.QtWidgets import QDateTimeEdit, QPushButton
from pytestqt.qtbot import QtBot

from app.desktop.runs.count_chips import CountChips
from app.desktop.runs.filter_bar import FilterBar, SearchField
from app.desktop.runs.filter_state import BUILT_IN_VIEWS, EVERY_TROUBLE, FilterState
from app.desktop.runs.sidebar import Sidebar
from app.desktop.shell.commands import CommandBook
from app.desktop.shell.theme import Theme
from app.domain.run_query import RunFilter, RunSort, WorkflowChoice
from tests.desktop.doubles import TENANT, make_row

TRIAGE = WorkflowChoice(make_row(1).workflow_id, "Ticket triage", 4, False, None)


@pytest.fixture
def state() -> FilterState:
    return FilterState()


@pytest.fixture
def bar(qtbot: QtBot, theme: Theme, state: FilterState) -> FilterBar:
    bar = FilterBar(theme, state, CommandBook())
    qtbot.addWidget(bar)
    bar.set_workflows((TRIAGE,))
    bar.show()
    return bar


def test_several_statuses_can_be_chosen(bar: FilterBar, state: FilterState) -> None:
    bar.status.action_of("FAILED").trigger()
    bar.status.action_of("RUNNING").trigger()
    assert set(state.filter.statuses) == {"FAILED", "RUNNING"}
    assert bar.status.text() == "Status: Running, Failed"
    bar.status.action_of("FAILED").trigger()
    assert state.filter.statuses == ("RUNNING",)


def test_a_workflow_is_filtered_by_its_id_and_any_takes_it_back(bar: FilterBar, state: FilterState) -> None:
    bar.workflow.setCurrentIndex(bar.workflow.findText("Ticket triage"))
    assert state.filter.workflow_id == TRIAGE.workflow_id
    bar.workflow.setCurrentIndex(0)
    assert state.filter.workflow_id is None


def test_a_moment_is_local_on_the_screen_and_aware_in_the_query(
    qtbot: QtBot, bar: FilterBar, state: FilterState
) -> None:
    field = bar.started_from
    assert field.text() == "From: any"
    qtbot.mouseClick(field, Qt.MouseButton.LeftButton)
    edit = field.findChild(QDateTimeEdit, "runs.filter.from.value")
    edit.setDateTime(QDateTime.fromString("2026-11-20T08:30:00Z", Qt.DateFormat.ISODate).toLocalTime())
    qtbot.mouseClick(field.findChild(QPushButton, "runs.filter.from.apply"), Qt.MouseButton.LeftButton)
    assert state.filter.started_from == datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    assert field.text() != "From: any"
    qtbot.mouseClick(field, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(field.findChild(QPushButton, "runs.filter.from.any"), Qt.MouseButton.LeftButton)
    assert state.filter.started_from is None


def test_sort_orders_both_fields_both_ways(bar: FilterBar, state: FilterState) -> None:
    seen = set()
    for index in range(bar.sort.count()):
        bar.sort.setCurrentIndex(index)
        seen.add(state.sort)
    assert seen == set(RunSort)


def test_typing_filters_after_a_pause_and_enter_at_once(qtbot: QtBot, theme: Theme, state: FilterState) -> None:
    search = SearchField(theme, state)
    qtbot.addWidget(search)
    asked: list[str] = []
    state.changed.connect(lambda: asked.append(state.filter.text))
    qtbot.keyClicks(search, "7f0c")
    assert asked == []
    qtbot.waitUntil(lambda: asked == ["7f0c"])
    qtbot.keyClicks(search, "41")
    qtbot.keyClick(search, Qt.Key.Key_Return)
    assert asked == ["7f0c", "7f0c41"]
    qtbot.keyClick(search, Qt.Key.Key_Escape)
    assert asked[-1] == ""


def test_clearing_shows_all_and_only_then_the_button_hides(bar: FilterBar, state: FilterState) -> None:
    assert not bar.clear.isVisible()
    state.change(statuses=("FAILED",), text="7f", workflow_id=TRIAGE.workflow_id)
    assert bar.clear.isVisible()
    state.clear()
    assert state.filter == RunFilter()
    assert bar.status.text() == "Status: any"
    assert bar.workflow.currentIndex() == 0
    assert not bar.clear.isVisible()


def test_chips_count_and_toggle(qtbot: QtBot, theme: Theme, state: FilterState) -> None:
    chips = CountChips(theme, state)
    qtbot.addWidget(chips)
    chips.toggled.connect(lambda statuses: state.change(statuses=statuses))
    chips.set_counts({"FAILED": 1204, "SUCCEEDED": 3})
    assert chips.chip("FAILED").accessibleName() == "Failed: 1204 runs"
    qtbot.mouseClick(chips.chip("FAILED"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(chips.chip("SUCCEEDED"), Qt.MouseButton.LeftButton)
    assert set(state.filter.statuses) == {"FAILED", "SUCCEEDED"}
    assert chips.chip("FAILED").isChecked()
    qtbot.mouseClick(chips.chip("FAILED"), Qt.MouseButton.LeftButton)
    assert state.filter.statuses == ("SUCCEEDED",)


def test_every_view_is_a_filter_of_its_own_and_is_marked_when_it_is_exactly_that(state: FilterState) -> None:
    assert len({(view.filter, view.troubled) for view in BUILT_IN_VIEWS}) == len(BUILT_IN_VIEWS)
    for view in BUILT_IN_VIEWS:
        state.show(view.filter, EVERY_TROUBLE if view.troubled else None)
        assert state.view_id() == view.view_id
    state.change(text="7f")
    assert state.view_id() is None


def test_the_sidebar_counts_and_chooses(qtbot: QtBot, theme: Theme) -> None:
    sidebar = Sidebar(theme)
    qtbot.addWidget(sidebar)
    sidebar.show()
    sidebar.set_counts({"all": 67, "trouble": 3})
    assert sidebar.count_of("trouble") == 3
    assert sidebar.count_of("failed") is None
    item = sidebar.findItems("In trouble", Qt.MatchFlag.MatchExactly)[0]
    with qtbot.waitSignal(sidebar.view_chosen) as chosen:
        qtbot.mouseClick(sidebar.viewport(), Qt.MouseButton.LeftButton, pos=sidebar.visualItemRect(item).center())
    assert chosen.args == ["trouble"]


def test_the_query_carries_every_term(state: FilterState) -> None:
    state.change(statuses=("FAILED",), text="7f0c", replays_only=True)
    state.set_sort(RunSort.UPDATED_ASC)
    query = state.query(TENANT)
    assert (query.tenant, query.filter, query.sort, query.after) == (TENANT, state.filter, RunSort.UPDATED_ASC, None)
