"""The generations of a replayed run on the run page: order, words, recovery, states, and the way to another run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.run_page.panes import Pane
from app.desktop.run_page.view import RunPage
from app.desktop.shell.context import DesktopContext
from app.domain.errors import DatabaseUnavailable
from app.domain.replay_chain import FamilyRun, Replayer, ReplayFamily, build_chain
from app.domain.run import RunKey
from tests.desktop.fake_starts import FakeChains
from tests.desktop.inspections import NOW, TENANT, failed_inspection, make_console

FAILED = failed_inspection()
RUN = FAILED.run.row.key
FIRST, SECOND = UUID(int=1), UUID(int=2)
ORIGINAL = FamilyRun(RUN.run_id, 4, "FAILED", NOW - timedelta(minutes=9), NOW - timedelta(minutes=8))
VERBATIM = FamilyRun(
    FIRST, 4, "FAILED", NOW - timedelta(minutes=5), NOW - timedelta(minutes=5), RUN.run_id, True, "mail was down",
    Replayer("Dana Reyes", "dana@example.com"),
)  # fmt: skip
EDITED = FamilyRun(SECOND, 5, "RUNNING", NOW - timedelta(minutes=1), None, FIRST, False, "without the address")

Opened = tuple[RunPage, FakeChains]


def family(*runs: FamilyRun, truncated: bool = False) -> ReplayFamily:
    return ReplayFamily(RUN.run_id, runs, truncated_below=truncated)


@pytest.fixture
def opened(qtbot: QtBot, context: DesktopContext) -> Callable[..., Opened]:
    def open_it(told: ReplayFamily | None, error: Exception | None = None) -> Opened:
        chains = FakeChains({} if told is None else {RUN: build_chain(told)}, error)
        context.console = make_console(FAILED, chains=chains)
        page = RunPage(context)
        qtbot.addWidget(page)
        page.resize(520, 860)
        page.show()
        page.show_run(RUN)
        page.panes.tabs.setCurrentIndex(Pane.GENERATIONS)
        qtbot.waitUntil(lambda: page.inspection is not None)
        return page, chains

    return open_it


def lines(page: RunPage) -> list[str]:
    entries = page.panes.generations.list.entries
    return [str(entries.index(row, 0).data()) for row in range(entries.rowCount())]


def test_each_generation_says_state_payload_person_time_and_reason(qtbot: QtBot, opened: Callable[..., Opened]) -> None:
    page, _ = opened(family(ORIGINAL, VERBATIM, EDITED))
    qtbot.waitUntil(lambda: len(lines(page)) == 3)
    first, second, third = lines(page)
    assert str(RUN.run_id)[:8] in first
    assert "Failed" in first
    assert "this run" in first
    assert "verbatim replay · v4\nDana Reyes" in second
    assert "mail was down" in second
    assert "Running · edited replay · v5\nunknown person" in third
    assert "dana@example.com" in str(page.panes.generations.list.entries.index(1, 0).data(Qt.ItemDataRole.ToolTipRole))
    assert page.panes.tabs.tabText(Pane.GENERATIONS) == "Replays 2"
    assert page.panes.generations.verdict.text() == "Not recovered: no replay has succeeded."
    assert not page.recovery.isVisible()


def test_recovered_is_said_when_a_replay_succeeds_while_the_page_is_open(
    qtbot: QtBot, opened: Callable[..., Opened]
) -> None:
    page, _ = opened(family(ORIGINAL, VERBATIM, EDITED))
    qtbot.waitUntil(lambda: len(lines(page)) == 3)
    page.panes.generations.list.setCurrentIndex(page.panes.generations.list.entries.index(1, 0))
    unfinished = replace(EDITED, status="SUCCEEDED")
    page.update_chain(build_chain(family(ORIGINAL, VERBATIM, unfinished)))
    assert not page.recovery.isVisible()
    page.update_chain(build_chain(family(ORIGINAL, VERBATIM, replace(unfinished, completed_at=NOW))))
    assert page.recovery.isVisible()
    assert page.panes.generations.verdict.text() == "Recovered by run 00000000, which succeeded."
    assert page.panes.generations.list.currentIndex().row() == 1
    with qtbot.waitSignal(page.navigate_run) as asked:
        page.recovery._open.click()
    assert asked.args == [RunKey(TENANT, SECOND)]


def test_a_click_or_enter_opens_another_run_and_keys_copy_it(qtbot: QtBot, opened: Callable[..., Opened]) -> None:
    page, _ = opened(family(ORIGINAL, VERBATIM))
    view = page.panes.generations.list
    qtbot.waitUntil(lambda: len(lines(page)) == 2)
    asked: list[RunKey] = []
    page.navigate_run.connect(asked.append)
    own, other = (view.visualRect(view.entries.index(row, 0)).center() for row in (0, 1))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=own)
    assert asked == []
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=other)
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert set(asked) == {RunKey(TENANT, FIRST)}
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert "mail was down" in QGuiApplication.clipboard().text()


def test_a_run_without_family_an_outage_and_bounds_are_said(qtbot: QtBot, opened: Callable[..., Opened]) -> None:
    page, _ = opened(None)
    pane = page.panes.generations
    qtbot.waitUntil(lambda: "nobody has replayed it" in pane._empty.text())
    page.update_chain(build_chain(family(ORIGINAL, VERBATIM, truncated=True)))
    assert "There are more" in pane.note.text()
    lost = replace(ORIGINAL, replay_of=SECOND)
    page.update_chain(build_chain(family(lost)))
    assert "is not here any more" in pane.note.text()


def test_an_outage_is_told_in_the_pane(qtbot: QtBot, opened: Callable[..., Opened]) -> None:
    page, _ = opened(None, DatabaseUnavailable("database.unavailable", "Postgres cannot be reached."))
    qtbot.waitUntil(lambda: "reach" in page.panes.generations._empty.text())
