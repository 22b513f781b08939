"""The numbers beside the built-in views, read seldom and only while the list is followed."""

from __future__ import annotations

import time

from app.desktop.runs.filter_state import find_view
from app.desktop.runs.sidebar import Sidebar
from app.desktop.shell.context import DesktopContext
from app.domain.errors import RundeskError
from app.domain.run import RunStatus
from app.domain.run_query import RunFilter, RunPage, RunQuery

_SECONDS = 5.0
_REST_FACTOR = 20.0
"""After counts that took long, the database rests this many times as long."""
_BY_STATUS = {
    "running": RunStatus.RUNNING,
    "failed": RunStatus.FAILED,
    "succeeded": RunStatus.SUCCEEDED,
    "canceled": RunStatus.CANCELED,
}
_COUNTED = {"all", "waiting", "replayed", *_BY_STATUS}


class ViewCounts:
    """Reads the numbers with the same queries that list the rows, so the two never disagree."""

    def __init__(self, context: DesktopContext, sidebar: Sidebar) -> None:
        self._context = context
        self._sidebar = sidebar
        self._shown: dict[str, int] = {}
        self._due = 0.0
        self._reading = False
        self._outdated = False

    @property
    def known(self) -> bool:
        """Whether every view has its number."""
        return self._shown.keys() >= _COUNTED

    def read_again(self) -> None:
        """Read again at the next occasion; a reading that is under way may have missed what has just changed."""
        self._due = 0.0
        self._outdated = self._reading

    def take(self, page: RunPage) -> None:
        """Show the numbers that come with an unfiltered page, so that they never lag behind the rows."""
        counts = dict(page.counts)
        self._shown |= {"all": page.total}
        self._shown |= {view_id: counts.get(status, 0) for view_id, status in _BY_STATUS.items()}
        self._sidebar.set_counts(self._shown)

    def forget(self) -> None:
        """Show no numbers until those of another tenant are read."""
        self._due = 0.0
        self._shown = {}
        self._sidebar.set_counts({})

    def show(self, view_id: str, number: int) -> None:
        """Show a number that came by another way."""
        self._shown[view_id] = number
        self._sidebar.set_counts(self._shown)

    def refresh_soon(self) -> None:
        """Read the numbers if the last reading is old enough; rows have just changed."""
        if not self._reading and time.monotonic() >= self._due:
            self._reading = True
            self._context.tasks.spawn("numbers of the views", self._refresh(), self._failed)

    async def _refresh(self) -> None:
        started, tenant = time.monotonic(), self._context.tenant
        try:
            every = await self._read(RunFilter())
            waiting = await self._read(find_view("waiting").filter)
            replays = await self._read(find_view("replayed").filter)
        finally:
            self._reading = False
            now = time.monotonic()
            self._due = 0.0 if self._outdated else now + max(_SECONDS, (now - started) * _REST_FACTOR)
            self._outdated = False
        if tenant != self._context.tenant:
            self._due = 0.0
            return
        self._shown |= {"waiting": waiting.total, "replayed": replays.total}
        self.take(every)
        if not self._due:
            self.refresh_soon()

    async def _read(self, run_filter: RunFilter) -> RunPage:
        query = RunQuery(self._context.tenant, run_filter, limit=1)
        return await self._context.bridge.call(lambda: self._context.console.browse.page(query))

    def _failed(self, _error: RundeskError) -> None:
        """Keep the old numbers during an outage; the outage bar speaks of it."""
