"""Reads the family of the open run once; from then on the watch keeps it true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.bridge import SpawnedTask
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.error_text import error_text
from app.domain.errors import RundeskError
from app.domain.replay_chain import ReplayChain
from app.domain.run import RunKey

if TYPE_CHECKING:
    from app.desktop.run_page.view import RunPage


class ChainReading:
    """The chain of the run that a page shows.

    The chain is shown when the run's own reading is there, as it tells its times by that; whichever comes first waits.

    Args:
        context: The desktop's surroundings.
        page: What shows the run.
    """

    def __init__(self, context: DesktopContext, page: RunPage) -> None:
        self._context = context
        self._page = page
        self._key: RunKey | None = None
        self._chain: ReplayChain | None = None
        self._reading: SpawnedTask | None = None

    def open(self, key: RunKey) -> None:
        """Read the family of a run."""
        self._key = key
        name = f"read replays {key.run_id}"
        self._reading = self._context.tasks.spawn(name, self._read(key))

    def close(self) -> None:
        """Forget the run."""
        if self._reading is not None:
            self._reading.cancel()
        self._key = self._chain = None
        self._page.render_chain(None)

    def follow(self, chain: ReplayChain) -> None:
        """Take the watcher's reading, and no longer wait for the page's own: arriving later, it could be older."""
        if self._key is not None and chain.asked_for == self._key.run_id:
            if self._reading is not None:
                self._reading.cancel()
            self._take(chain)

    def show(self) -> None:
        """Show what is known, now that the run itself is shown."""
        if self._chain is not None:
            self._page.render_chain(self._chain)

    def _take(self, chain: ReplayChain) -> None:
        self._chain = chain
        shown = self._page.inspection
        if shown is not None and shown.run.row.key == self._key:
            self._page.render_chain(chain)

    async def _read(self, key: RunKey) -> None:
        try:
            chain: ReplayChain = await self._context.bridge.call(lambda: self._context.console.chains.of(key))
        except RundeskError as error:
            if key == self._key:
                self._page.panes.generations.show_problem(error_text(error))
            return
        if key == self._key:
            self._take(chain)
