"""What the list is asked for, in one place; every filter control writes to it and shows what it says."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from app.desktop.shell.words import QT_TRANSLATE_NOOP
from app.domain.diagnosis.codes import Cause
from app.domain.diagnosis.troubles import TroubleGroup
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
        troubled: Whether it lists only the runs in trouble, as they are known now.
    """

    view_id: str
    text: str
    tooltip: str
    filter: RunFilter
    group: str = QT_TRANSLATE_NOOP("Views", "Views")
    trouble: bool = False
    troubled: bool = False


@dataclass(frozen=True, slots=True)
class TroubleScope:
    """Narrows the list to runs in trouble: to those of one cause (None: not known yet), or to all of them."""

    cause: Cause | None = None
    every: bool = False


EVERY_TROUBLE = TroubleScope(every=True)
TROUBLE_VIEW = "trouble"
_REMEMBERED = 8
"""Earlier sets of runs in trouble whose answers may still be on their way."""

_ENDED = QT_TRANSLATE_NOOP("Views", "Ended")

BUILT_IN_VIEWS: tuple[BuiltInView, ...] = (
    BuiltInView(
        "all",
        QT_TRANSLATE_NOOP("Views", "All runs"),
        QT_TRANSLATE_NOOP("Views", "Every run of this tenant"),
        RunFilter(),
    ),
    BuiltInView(
        TROUBLE_VIEW,
        QT_TRANSLATE_NOOP("Views", "In trouble"),
        QT_TRANSLATE_NOOP("Views", "Runs that do not go on by themselves, each with its cause"),
        RunFilter(),
        trouble=True,
        troubled=True,
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
    """Filter and sort of the list. ``changed`` is emitted after any term changed.

    Narrowed to runs in trouble, the filter names those that are known now: :meth:`take_troubles` keeps them up to
    date without a change of the question.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._filter = RunFilter()
        self._sort = RunSort.STARTED_DESC
        self._scope: TroubleScope | None = None
        self._groups: tuple[TroubleGroup, ...] = ()
        self._asked: deque[tuple[UUID, ...]] = deque(maxlen=_REMEMBERED)

    @property
    def filter(self) -> RunFilter:
        """The filter in force, the runs in trouble by their ids."""
        return self._filter if self._scope is None else replace(self._filter, run_ids=self._in_trouble(self._scope))

    @property
    def base(self) -> RunFilter:
        """The filter without the runs in trouble."""
        return self._filter

    @property
    def scope(self) -> TroubleScope | None:
        """Which runs in trouble the list is narrowed to, or None."""
        return self._scope

    @property
    def sort(self) -> RunSort:
        """The sort order in force."""
        return self._sort

    @property
    def narrowed(self) -> bool:
        """Whether any term narrows the list."""
        return self._filter != RunFilter() or self._scope is not None

    def view_id(self) -> str | None:
        """Return the built-in view that is exactly this filter, or None."""
        troubled = self._scope is not None
        found = (view for view in BUILT_IN_VIEWS if view.filter == self._filter and view.troubled == troubled)
        return next((view.view_id for view in found), None)

    def query(self, tenant: UUID | None) -> RunQuery:
        """Return the query of the first page."""
        return RunQuery(tenant, self.filter, self._sort, PAGE_SIZE)

    def question(self, tenant: UUID | None) -> object:
        """Return what is asked, equal as long as only the runs in trouble come and go."""
        return tenant, self._filter, self._sort, self._scope

    def is_asked(self, query: RunQuery, tenant: UUID | None) -> bool:
        """Say whether an answer to this query, of any stretch of the list, answers what is asked now."""
        asked = RunQuery(tenant, self._filter, self._sort, PAGE_SIZE)
        if self._scope is None:
            return replace(query, after=None) == asked
        in_trouble = query.filter.run_ids in self._asked
        return in_trouble and replace(query, after=None, filter=replace(query.filter, run_ids=None)) == asked

    def take_troubles(self, groups: tuple[TroubleGroup, ...]) -> bool:
        """Take over which runs are in trouble now; say whether the list is asked for others than before."""
        before = self.filter
        self._groups = groups
        self._remember()
        return self.filter != before

    def show(self, run_filter: RunFilter, scope: TroubleScope | None = None) -> None:
        """Replace the whole filter."""
        if (run_filter, scope) != (self._filter, self._scope):
            self._filter, self._scope = run_filter, scope
            self._asked.clear()
            self._remember()
            self.changed.emit()

    def change(self, **terms: Any) -> None:
        """Replace some terms of the filter, by their field names."""
        self.show(replace(self._filter, **terms), self._scope)

    def set_sort(self, sort: RunSort) -> None:
        """Sort in another order."""
        if sort is not self._sort:
            self._sort = sort
            self.changed.emit()

    def clear(self) -> None:
        """Show all runs again; the sort order stays."""
        self.show(RunFilter())

    def _in_trouble(self, scope: TroubleScope) -> tuple[UUID, ...]:
        groups = (group for group in self._groups if scope.every or group.cause is scope.cause)
        return tuple(key.run_id for group in groups for key in group.runs)

    def _remember(self) -> None:
        if self._scope is not None:
            self._asked.append(self._in_trouble(self._scope))
