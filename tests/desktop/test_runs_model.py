"""The run list's model: merged by key, true to the database's order, with the least signals."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from app.desktop.runs.columns import Column, why_text
from app.desktop.runs.model import ROW_ROLE, RunsModel
from app.domain.run import RunRow
from app.domain.run_query import RunQuery, RunSort
from tests.desktop.doubles import NOW, TENANT, Rows, make_row, sort_key, stuck_row, waiting_row

pytestmark = pytest.mark.usefixtures("qapp")


def checked_model() -> tuple[RunsModel, QAbstractItemModelTester]:
    """Return a model under Qt's own model test, which fails the process on a broken promise."""
    model = RunsModel()
    return model, QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)


def listed(rows: list[RunRow], sort: RunSort = RunSort.STARTED_DESC) -> list[RunRow]:
    """Return rows in the database's order."""
    return sorted(rows, key=sort_key(sort))


def test_a_changed_row_is_updated_in_place_and_only_it() -> None:
    model, _tester = checked_model()
    rows = listed([make_row(1, "RUNNING"), make_row(2), make_row(3)])
    model.show(rows, RunSort.STARTED_DESC, more=False)
    changed, news, structure = [], [], []
    model.dataChanged.connect(lambda top, bottom, *_: changed.append((top.row(), bottom.row())))
    model.rows_changed.connect(news.append)
    model.rowsInserted.connect(lambda *_: structure.append("insert"))
    model.rowsRemoved.connect(lambda *_: structure.append("remove"))
    model.modelReset.connect(lambda: structure.append("reset"))
    ended = replace(make_row(1, "SUCCEEDED"), updated_at=NOW)
    model.merge([ended, rows[1], rows[2]], more=False)
    assert changed == [(0, 0)]
    assert news == [(ended.key,)]
    assert structure == []
    assert model.rows[0] == ended


def test_growing_age_is_shown_but_is_no_news() -> None:
    model, _tester = checked_model()
    row = make_row(1, "RUNNING")
    model.show([row], RunSort.STARTED_DESC, more=False)
    news: list[object] = []
    model.rows_changed.connect(news.append)
    model.merge([replace(row, age_seconds=600.0)], more=False)
    assert model.index(0, Column.AGE).data() == "10 min"
    assert news == []


def test_new_rows_are_inserted_in_order_and_a_selected_row_keeps_its_identity() -> None:
    model, _tester = checked_model()
    old = listed([make_row(5), make_row(10)])
    model.show(old, RunSort.STARTED_DESC, more=False)
    selected = QPersistentModelIndex(model.index(1, 0))
    model.merge(listed([*old, make_row(1), make_row(7)]), more=False)
    assert [row.key for row in model.rows] == [make_row(n).key for n in (1, 5, 7, 10)]
    assert selected.row() == 3
    assert selected.data(ROW_ROLE).key == old[1].key


def test_a_row_that_no_longer_matches_leaves() -> None:
    model, _tester = checked_model()
    rows = listed([make_row(n) for n in range(1, 5)])
    model.show(rows, RunSort.STARTED_DESC, more=False)
    model.merge([rows[0], rows[3]], more=False)
    assert model.rows == (rows[0], rows[3])


def test_rows_behind_the_window_stay_and_rows_missing_inside_it_go() -> None:
    model, _tester = checked_model()
    rows = listed([make_row(n) for n in range(1, 9)])
    model.show(rows, RunSort.STARTED_DESC, more=True)
    window = [rows[0], rows[2], rows[3]]
    model.merge(window, more=True)
    assert model.rows == (rows[0], rows[2], rows[3], *rows[4:])


def test_a_window_in_the_middle_leaves_what_is_above_it() -> None:
    model, _tester = checked_model()
    rows = listed([make_row(n) for n in range(1, 9)])
    model.show(rows, RunSort.STARTED_DESC, more=True)
    after = model.cursor_after(2)
    model.merge([rows[3], rows[5]], more=True, after=after)
    assert model.rows == (*rows[:4], rows[5], *rows[6:])


def test_an_updated_run_moves_up_when_sorted_by_update() -> None:
    model, _tester = checked_model()
    sort = RunSort.UPDATED_DESC
    rows = listed([make_row(n) for n in range(1, 6)], sort)
    model.show(rows, sort, more=False)
    selected = QPersistentModelIndex(model.index(4, 0))
    touched = replace(rows[4], updated_at=NOW)
    model.merge([touched, *rows[:4]], more=False)
    assert model.rows[0] == touched
    assert selected.row() == 0


def test_more_rows_come_by_scrolling_one_page_at_a_time() -> None:
    model = RunsModel()  # Qt's model test would ask for pages by itself
    rows = listed([make_row(n) for n in range(1, 7)])
    wanted: list[int] = []
    model.more_wanted.connect(lambda: wanted.append(1))
    model.show(rows[:3], RunSort.STARTED_DESC, more=True)
    model.fetchMore(QModelIndex())
    model.fetchMore(QModelIndex())
    assert wanted == [1], "a second page is not asked for while the first is on its way"
    model.append([rows[2], rows[3], rows[4]], more=True)
    assert model.rows == tuple(rows[:5]), "a row that came by a merge is not doubled"
    model.fetchMore(QModelIndex())
    model.append([rows[5]], more=False)
    assert not model.canFetchMore(QModelIndex())


def test_the_next_page_begins_behind_the_last_row_shown() -> None:
    source = Rows([make_row(n) for n in range(1, 8)])
    model, _tester = checked_model()
    first = source.page_of(RunQuery(TENANT, limit=3))
    model.show(first.rows, RunSort.STARTED_DESC, more=True)
    assert model.cursor_after(2) == first.next


def test_cells_say_what_they_mean_and_hover_says_it_exactly() -> None:
    model, _tester = checked_model()
    row = make_row(90, "FAILED", error_text="PERMISSION_DENIED at root.steps[2]")
    model.show([row], RunSort.STARTED_DESC, more=False)
    texts = [model.index(0, column).data() for column in Column]
    assert texts[Column.RUN] == str(row.key.run_id)[:8]
    assert texts[Column.STATE] == "Failed"
    assert texts[Column.WHY] == "PERMISSION_DENIED at root.steps[2]"
    assert texts[Column.AGE] == "2.4 s"
    tip = int(Qt.ItemDataRole.ToolTipRole)
    assert model.index(0, Column.RUN).data(tip) == str(row.key.run_id)
    assert model.index(0, Column.STARTED).data(tip) == "2026-11-23 13:03:19.000 UTC"
    aligned = Qt.AlignmentFlag(model.index(0, Column.AGE).data(int(Qt.ItemDataRole.TextAlignmentRole)))
    assert Qt.AlignmentFlag.AlignRight in aligned


def test_the_reason_is_the_most_useful_one() -> None:
    assert why_text(stuck_row(5)) == "No step has begun"
    assert why_text(waiting_row(5)).startswith("TICKET_REPLIED until ")
    assert why_text(make_row(5, "RUNNING", node_path="root.steps[1]")) == "At root.steps[1]"
    assert why_text(make_row(5, replay_of=make_row(9).key.run_id)) == f"Replay of {str(make_row(9).key.run_id)[:8]}"
    assert why_text(make_row(5)) == ""


def test_the_sorted_column_is_marked() -> None:
    model, _tester = checked_model()
    model.show_sort(RunSort.UPDATED_ASC)
    titles = [model.headerData(c, Qt.Orientation.Horizontal) for c in Column]
    assert titles[Column.UPDATED] == "Updated ↑"
    assert titles[Column.STARTED] == "Started"


statuses = st.sampled_from(["RUNNING", "SUCCEEDED", "FAILED", "CANCELED"])
tables = st.dictionaries(st.integers(0, 30), st.tuples(statuses, st.integers(0, 40)), max_size=20)


@settings(max_examples=60, deadline=None)
@given(
    sort=st.sampled_from(list(RunSort)),
    readings=st.lists(st.tuples(tables, st.integers(1, 12), st.booleans()), min_size=1, max_size=6),
)
def test_after_any_sequence_of_readings_the_window_is_the_databases_and_order_holds(
    sort: RunSort, readings: list[tuple[dict[int, tuple[str, int]], int, bool]]
) -> None:
    """Every reading may hold other rows in other states; the model must follow without a reset or a broken promise."""
    model, _tester = checked_model()
    source = Rows()
    model.show((), sort, more=True)
    for table, limit, scroll in readings:
        source.rows = [
            make_row(number, status, updated_at=NOW + timedelta(seconds=touched))
            for number, (status, touched) in table.items()
        ]
        page = source.page_of(RunQuery(TENANT, sort=sort, limit=limit))
        model.merge(page.rows, more=page.next is not None)
        assert model.rows[: len(page.rows)] == page.rows
        if page.next is None:
            assert model.rows == page.rows
        elif scroll:
            after = model.cursor_after(model.rowCount() - 1)
            following = source.page_of(RunQuery(TENANT, sort=sort, limit=limit, after=after))
            model.append(following.rows, more=following.next is not None)
        keys = [row.key for row in model.rows]
        assert len(keys) == len(set(keys))
        assert list(model.rows) == sorted(model.rows, key=sort_key(sort))
        QCoreApplication.processEvents()
