"""Keeps the page of one batch true: reads its ledger when the batch has moved, never faster than reading it allows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from uuid import UUID

from app.bridge import SpawnedTask
from app.desktop.batch.desk import BatchDesk
from app.desktop.shell.context import DesktopContext
from app.domain.batch_ledger import BatchLedger, BatchProgress, BatchState
from app.domain.errors import RundeskError

READ_EVERY = 1.0
"""Seconds between two readings of a batch that moves."""
_RESTS = 5
"""A reading is followed by a rest of so many times its length, so that a batch of 20,000 costs little."""


class LedgerFollower:
    """Reads the ledger of the batch that is shown.

    Args:
        context: The desktop's surroundings.
        desk: Says how batches stand.
        shown: Takes each reading.
        failed: Takes the error of a reading that failed; the next one is tried all the same.
    """

    def __init__(
        self,
        context: DesktopContext,
        desk: BatchDesk,
        shown: Callable[[BatchLedger], None],
        failed: Callable[[RundeskError], None],
    ) -> None:
        self._context = context
        self._desk = desk
        self._shown = shown
        self._failed = failed
        self._task: SpawnedTask | None = None
        self._read_of: BatchProgress | None = None

    def follow(self, batch_id: UUID) -> None:
        """Read a batch now and, while it moves, again and again."""
        self.stop()
        self._read_of = None
        self._task = self._context.tasks.spawn(f"follow batch {batch_id}", self._follow(batch_id))

    def stop(self) -> None:
        """Read no more."""
        if self._task is not None:
            self._task.cancel()

    async def _follow(self, batch_id: UUID) -> None:
        while True:
            took = await self._read(batch_id) if self._has_moved(batch_id) else 0.0
            pause = max(READ_EVERY, _RESTS * took)
            await self._context.bridge.call(partial(asyncio.sleep, pause))

    def _has_moved(self, batch_id: UUID) -> bool:
        """Say whether the rows may differ from those read; what another process runs is always looked at."""
        now, before = self._desk.batch(batch_id), self._read_of
        if now is None or before is None:
            return True
        elsewhere = now.state is BatchState.RUNNING and not self._desk.runs_here(batch_id)
        return elsewhere or (now.counts, now.state) != (before.counts, before.state)

    async def _read(self, batch_id: UUID) -> float:
        """Read once and return how many seconds it took."""
        runs, began, known = self._context.console.batch_runs, time.monotonic(), self._desk.batch(batch_id)
        moment = self._desk.moment
        try:
            ledger: BatchLedger = await self._context.bridge.call(lambda: runs.ledger(batch_id))
        except RundeskError as error:
            self._failed(error)
        else:
            if not self._desk.runs_here(batch_id):
                self._desk.take(ledger.progress, moment)
            self._read_of = known if self._desk.runs_here(batch_id) else ledger.progress
            self._shown(ledger)
        return time.monotonic() - began
