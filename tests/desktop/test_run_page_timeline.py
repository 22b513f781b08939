"""The timeline: axis, lines, what a click hits, the keyboard, and that only what is visible is painted."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.run_page.time_axis import FOLD_PIXELS, TimeAxis
from app.desktop.run_page.timeline_rows import RowKind, timeline_rows
from app.desktop.run_page.timeline_view import AXIS_HEIGHT, ROW_HEIGHT, TimelineView
from app.desktop.run_page.timeline_words import TimelineWords
from app.desktop.shell.theme import Theme
from app.domain.timeline import build_timeline
from tests.desktop.inspections import failed_inspection, long_inspection, running_inspection, stuck_inspection


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> TimelineView:
    view = TimelineView(theme)
    qtbot.addWidget(view)
    view.resize(600, 300)
    view.show()
    return view


def middle_of(view: TimelineView, number: int) -> QPoint:
    return view.bar_rect(number).center().toPoint()


def test_an_axis_without_folds_is_straight_and_goes_both_ways() -> None:
    axis = TimeAxis(10.0, (), left=100.0, width=500.0)
    assert [axis.pixel(second) for second in (0.0, 5.0, 10.0)] == [100.0, 350.0, 600.0]
    assert axis.seconds(350.0) == 5.0
    assert (axis.pixel(-3.0), axis.pixel(99.0)) == (100.0, 600.0)


def test_an_idle_stretch_takes_a_fixed_width_and_the_rest_shares_the_remainder() -> None:
    axis = TimeAxis(1_000_000.0, ((2.0, 999_998.0),), left=0.0, width=456.0)
    assert axis.pixel(2.0) == pytest.approx(200.0)
    assert axis.pixel(999_998.0) - axis.pixel(2.0) == pytest.approx(FOLD_PIXELS)
    assert axis.pixel(1_000_000.0) == pytest.approx(456.0)
    assert axis.seconds(axis.pixel(999_999.0)) == pytest.approx(999_999.0)


def test_pixels_never_run_backwards() -> None:
    axis = TimeAxis(5_000.0, ((0.0, 1_000.0), (1_500.0, 4_000.0)), left=10.0, width=300.0)
    pixels = [axis.pixel(second) for second in range(0, 5_001, 50)]
    assert all(before <= after for before, after in pairwise(pixels))
    assert pixels[0] == 10.0
    assert pixels[-1] == pytest.approx(310.0)


def test_ticks_are_round_apart_and_outside_of_folds() -> None:
    axis = TimeAxis(4_000.0, ((600.0, 3_500.0),), left=0.0, width=700.0)
    ticks = axis.ticks()
    assert len(ticks) >= 3
    assert all(not 600.0 < tick < 3_500.0 for tick in ticks)
    assert all(axis.pixel(after) - axis.pixel(before) >= 50 for before, after in pairwise(ticks))
    assert TimeAxis(0.0, (), left=0.0, width=10.0).ticks()


def test_attempts_and_the_pause_between_them_are_nested_under_their_step() -> None:
    rows = timeline_rows(build_timeline(failed_inspection()), frozenset())
    assert [(row.kind, row.level) for row in rows] == [
        (RowKind.STEP, 0),
        (RowKind.STEP, 0),
        (RowKind.STEP, 0),
        (RowKind.ATTEMPT, 1),
        (RowKind.BACKOFF, 1),
        (RowKind.ATTEMPT, 1),
        (RowKind.STEP, 0),
    ]
    assert rows[4].seconds == pytest.approx(0.3)
    assert {row.step_id for row in rows[2:6]} == {failed_inspection().steps[2].step_id}


def test_passes_of_a_loop_are_one_line_until_it_is_opened() -> None:
    timeline = build_timeline(long_inspection(20))
    closed = timeline_rows(timeline, frozenset())
    loops = [row for row in closed if row.kind is RowKind.LOOP]
    assert [row.number for row in loops] == [4, 4]
    opened = timeline_rows(timeline, frozenset({loops[0].key}))
    assert len(opened) == len(closed) + 4
    assert any(TimelineWords().label(row).endswith("pass 2") for row in opened)


def test_a_click_on_a_bar_hits_its_line_and_selects_its_step(qtbot: QtBot, view: TimelineView) -> None:
    view.show_timeline(build_timeline(failed_inspection()))
    for number, row in enumerate(view.rows):
        assert view.row_at(middle_of(view, number)) == row
    assert view.row_at(QPoint(10, AXIS_HEIGHT - 2)) is None
    assert view.row_at(QPoint(10, AXIS_HEIGHT + len(view.rows) * ROW_HEIGHT + 2)) is None
    with qtbot.waitSignal(view.step_selected) as selected:
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=middle_of(view, 3))
    assert selected.args == [failed_inspection().steps[2].step_id]


def test_bars_lie_on_the_axis_in_order(view: TimelineView) -> None:
    view.show_timeline(build_timeline(failed_inspection()))
    axis = view.axis()
    charge, first, pause, second = (view.bar_rect(number) for number in (2, 3, 4, 5))
    assert charge.left() < first.left() < pause.left() < second.left()
    assert first.right() == pytest.approx(pause.left())
    assert axis.left <= charge.left()
    assert view.bar_rect(6).right() <= axis.left + axis.width


def test_the_keyboard_moves_selects_and_opens_loops(view: TimelineView) -> None:
    view.show_timeline(build_timeline(long_inspection(40)))
    chosen: list[object] = []
    view.step_selected.connect(chosen.append)
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert view.rows[0].kind is RowKind.LOOP
    before = len(view.rows)
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert len(view.rows) == before + 4
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.selected_step == view.rows[1].step_id
    QTest.keyClick(view, Qt.Key.Key_Up)
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert len(view.rows) == before
    QTest.keyClick(view, Qt.Key.Key_End)
    assert view.selected_step == view.rows[-1].step_id
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum() - 8
    assert view.accessibleDescription().startswith(view.rows[-1].entry.label)
    assert chosen == [view.rows[0].step_id, view.rows[-1].step_id], "the loop stands for its first pass"


def test_ten_thousand_steps_paint_only_what_is_visible(view: TimelineView) -> None:
    view.show_timeline(build_timeline(long_inspection(50)))
    view.grab()
    few = view.painted_rows
    view.show_timeline(build_timeline(long_inspection(10_000)))
    view.grab()
    assert len(view.rows) > 6_000
    assert view.painted_rows <= few + 1 <= 300 // ROW_HEIGHT + 3
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    view.grab()
    assert 0 < view.painted_rows <= few + 1


def test_a_step_inside_a_closed_loop_is_revealed_when_it_is_selected_elsewhere(view: TimelineView) -> None:
    inspection = long_inspection(400)
    view.show_timeline(build_timeline(inspection))
    wanted = inspection.steps[392].step_id
    view.select_step(wanted)
    number = next(number for number, row in enumerate(view.rows) if row.kind is RowKind.STEP and row.step_id == wanted)
    assert view.rows[number].level == 2
    assert 0 < view.bar_rect(number).top() < view.viewport().height()


def test_a_live_update_keeps_opened_loops_selection_and_scroll(view: TimelineView) -> None:
    view.show_timeline(build_timeline(long_inspection(100)))
    view.select_step(long_inspection(100).steps[52].step_id)
    scroll, lines = view.verticalScrollBar().value(), len(view.rows)
    assert scroll > 0
    view.show_timeline(build_timeline(long_inspection(110)))
    assert view.verticalScrollBar().value() == scroll
    assert view.selected_step == long_inspection(110).steps[52].step_id
    assert len(view.rows) == lines + 7


def test_an_idle_wait_is_folded_with_its_length(view: TimelineView) -> None:
    view.show_timeline(build_timeline(running_inspection()))
    folded = [stretch for stretch in view.axis().stretches if stretch.folded]
    assert len(folded) == 1
    assert folded[0].end - folded[0].start > 3 * 86_400
    assert [row.kind for row in view.rows][-1] is RowKind.WAIT


def test_no_steps_are_said_in_words(view: TimelineView) -> None:
    view.show_timeline(build_timeline(stuck_inspection()))
    view.grab()
    assert view.painted_rows == 0
    assert view.rows == ()


def test_a_tip_has_the_exact_times(view: TimelineView) -> None:
    view.show_timeline(build_timeline(failed_inspection()))
    tip = TimelineWords().tip(view.rows[2])
    assert "2026-11-23 14:33:18.016 UTC" in tip
    assert "root.steps[2]" in tip


@pytest.mark.parametrize("total", [0.012, 0.19, 0.31, 0.49, 0.9, 7.0])
@pytest.mark.parametrize("width", [90.0, 150.0, 400.0])
def test_a_short_run_has_a_moment_beside_zero(total: float, width: float) -> None:
    ticks = TimeAxis(total, (), 0.0, width).ticks()
    assert ticks[0] == 0
    assert 0 < ticks[1] <= total
