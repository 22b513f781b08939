"""What the list is asked for, in one place; every filter control writes to it and shows what it says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from app.desktop.shell.words import QT_TRANSLATE_NOOP
from app.domain.run import RunStatus
from app.domain.run_query import RunFilter, RunQuery, RunSort

PAGE_SIZE = 100
"""Rows of the first page and of each one that scrolling brings."""


@dataclass(frozen=True, slots=True)
class BuiltInView:
    """A named filter of the sidebar.

    Attributes:
        view_id: Stable id; the entry's object name is ``runs.view.<view_id>``.
        text: Source text, marked for translation.
        tooltip: Source text of what it lists.
        filter: The whole filter it stands for, so that its number is the number of rows it shows.
        group: Source text of the heading it stands under.
        trouble: Whether a number above zero is shown in the colour of trouble.
    """

    view_id: str
    text: str
    tooltip: str
    filter: RunFilter
    group: str = QT_TRANSLATE_NOOP("Views", "Views")
    trouble: bool = False


_ENDED = QT_TRANSLATE_NOOP("Views", "Ended")

BUILT_IN_VIEWS: tuple[BuiltInView, ...] = (
    BuiltInView(
        "all",
        QT_TRANSLATE_NOOP("Views", "All runs"),
        QT_TRANSLATE_NOOP("Views", "Every run of this tenant"),
        RunFilter(),
    ),
    BuiltInView(
        "stuck",
        QT_TRANSLATE_NOOP("Views", "Stuck"),
        QT_TRANSLATE_NOOP("Views", "Running for more than a minute without having begun a step"),
        RunFilter(stuck_only=True),
        trouble=True,
    ),
    BuiltInView(
        "running",
        QT_TRANSLATE_NOOP("Views", "Running"),
        QT_TRANSLATE_NOOP("Views", "Runs in status RUNNING, those that wait included"),
        RunFilter(statuses=(RunStatus.RUNNING,)),
    ),
    BuiltInView(
        "waiting",
        QT_TRANSLATE_NOOP("Views", "Waiting"),
        QT_TRANSLATE_NOOP("Views", "Runs that wait for an event, a time, a person or quota"),
        RunFilter(open_wait_only=True),
    ),
    BuiltInView(
        "failed",
        QT_TRANSLATE_NOOP("Views", "Failed"),
        QT_TRANSLATE_NOOP("Views", "Runs that ended in an error"),
        RunFilter(statuses=(RunStatus.FAILED,)),
        group=_ENDED,
    ),
    BuiltInView(
        "succeeded",
        QT_TRANSLATE_NOOP("Views", "Succeeded"),
        QT_TRANSLATE_NOOP("Views", "Runs that ended well"),
        RunFilter(statuses=(RunStatus.SUCCEEDED,)),
        group=_ENDED,
    ),
    BuiltInView(
        "canceled",
        QT_TRANSLATE_NOOP("Views", "Canceled"),
        QT_TRANSLATE_NOOP("Views", "Runs that someone ended"),
        RunFilter(statuses=(RunStatus.CANCELED,)),
        group=_ENDED,
    ),
    BuiltInView(
        "replayed",
        QT_TRANSLATE_NOOP("Views", "Replays"),
        QT_TRANSLATE_NOOP("Views", "Runs that replay another run"),
        RunFilter(replays_only=True),
        group=QT_TRANSLATE_NOOP("Views", "Origin"),
    ),
)


def find_view(view_id: str) -> BuiltInView:
    """Return the built-in view with this id. KeyError when there is none."""
    return {view.view_id: view for view in BUILT_IN_VIEWS}[view_id]


class FilterState(QObject):
    """Filter and sort of the list. ``changed`` is emitted after any term changed."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._filter = RunFilter()
        self._sort = RunSort.STARTED_DESC

    @property
    def filter(self) -> RunFilter:
        """The filter in force."""
        return self._filter

    @property
    def sort(self) -> RunSort:
        """The sort order in force."""
        return self._sort

    @property
    def narrowed(self) -> bool:
        """Whether any term narrows the list."""
        return self._filter != RunFilter()

    def view_id(self) -> str | None:
        """Return the built-in view that is exactly this filter, or None."""
        return next((view.view_id for view in BUILT_IN_VIEWS if view.filter == self._filter), None)

    def query(self, tenant: UUID | None) -> RunQuery:
        """Return the query of the first page."""
        return RunQuery(tenant, self._filter, self._sort, PAGE_SIZE)

    def show(self, run_filter: RunFilter) -> None:
        """Replace the whole filter."""
        if run_filter != self._filter:
            self._filter = run_filter
            self.changed.emit()

    def change(self, **terms: Any) -> None:
        """Replace some terms of the filter, by their field names."""
        self.show(replace(self._filter, **terms))

    def set_sort(self, sort: RunSort) -> None:
        """Sort in another order."""
        if sort is not self._sort:
            self._sort = sort
            self.changed.emit()

    def clear(self) -> None:
        """Show all runs again; the sort order stays."""
        self.show(RunFilter())
