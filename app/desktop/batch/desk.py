"""The batches of the tenant in view: which there are, which this window runs, and what became of the wishes.

A batch runs in a service on the I/O loop, written down on disk before each step; nothing here is needed to finish it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from app.bridge import Channel, SpawnedTask
from app.desktop.shell.context import DesktopContext
from app.domain.batch import BatchSettings
from app.domain.batch_ledger import BatchProgress, BatchState
from app.domain.errors import RundeskError

PUBLISHED_EVERY = 0.2
"""Seconds between two reports of a running batch; how it stands at the end is always told."""
UNFINISHED_STATES = frozenset({BatchState.PAUSED, BatchState.STOPPED, BatchState.INTERRUPTED})
"""States in which nobody works on a batch that is not done."""


class BatchDesk(QObject):
    """Knows every batch of the tenant and runs those that the operator starts in this window.

    Signals: ``known_changed`` says that the list of batches or a number in it differs, ``progressed`` carries a
    :class:`BatchProgress`, ``ended`` the last one of a session, ``failed`` a batch id and a ``RundeskError``,
    ``unreadable`` the error that kept the journal from being read.
    """

    known_changed = Signal()
    progressed = Signal(object)
    ended = Signal(object)
    failed = Signal(object, object)
    unreadable = Signal(object)

    def __init__(self, context: DesktopContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._known: dict[UUID, BatchProgress] = {}
        self._running: dict[UUID, SpawnedTask] = {}
        self._wished: dict[UUID, BatchState] = {}
        self._moment = 0
        self._changed_at: dict[UUID, int] = {}
        self._elsewhere: frozenset[UUID] = frozenset()
        self._loading: SpawnedTask | None = None
        self.loaded = False
        self._channel = Channel(self)
        self._channel.received.connect(self._progressed)

    @property
    def known(self) -> tuple[BatchProgress, ...]:
        """Every batch of the tenant in this computer's journal, newest first."""
        return tuple(batch for batch in self._known.values() if batch.batch_id not in self._elsewhere)

    @property
    def running(self) -> tuple[BatchProgress, ...]:
        """The batches that this window runs."""
        return tuple(self._known[batch_id] for batch_id in self._running if batch_id in self._known)

    @property
    def unfinished(self) -> tuple[BatchProgress, ...]:
        """The batches that stand still although something is left to send, newest first."""
        return tuple(
            batch for batch in self.known if batch.state in UNFINISHED_STATES and batch.batch_id not in self._running
        )

    @property
    def moment(self) -> int:
        """Grows with every change; what was read from an earlier moment on may be older than what is known."""
        return self._moment

    def batch(self, batch_id: UUID) -> BatchProgress | None:
        """Return how a batch stands, None when it is not known."""
        return self._known.get(batch_id)

    def runs_here(self, batch_id: UUID) -> bool:
        """Say whether this window runs the batch."""
        return batch_id in self._running

    def wish(self, batch_id: UUID) -> BatchState | None:
        """Return what was asked of a running batch and has not happened yet: ``paused`` or ``aborted``."""
        return self._wished.get(batch_id)

    def load(self) -> None:
        """Read the journal's batches of the tenant in view."""
        if self._loading is not None:
            self._loading.cancel()
        self._loading = self._context.tasks.spawn("read batches", self._load(), self.unreadable.emit)

    def forget(self) -> None:
        """Forget the batches of a tenant that is no longer in view; what runs goes on, and is still told as running."""
        self._known = {batch.batch_id: batch for batch in self.running}
        self._elsewhere = frozenset(self._known)
        self.loaded = False
        self.known_changed.emit()

    def run(self, batch_id: UUID, settings: BatchSettings | None, *, moved: bool = False) -> None:
        """Run a batch or go on with it; a second call while it runs does nothing.

        Args:
            batch_id: The batch.
            settings: Pace and accepted decisions; None leaves those of the plan.
            moved: Whether the operator says that the database is the one it was planned on, at another address.
        """
        operator = self._context.operator
        if operator is None or batch_id in self._running:
            return
        runs, watch = self._context.console.batch_runs, self._watch()
        call = self._context.bridge.call(lambda: runs.run(batch_id, operator, settings, watch, moved=moved))
        self._running[batch_id] = self._context.tasks.spawn(f"run batch {batch_id}", self._run(batch_id, call))
        self.known_changed.emit()

    def pause(self, batch_id: UUID) -> None:
        """Ask for a pause."""
        runs = self._context.console.batch_runs
        self._ask(batch_id, BatchState.PAUSED, lambda: runs.pause(batch_id))

    def abort(self, batch_id: UUID) -> None:
        """Ask for the end."""
        runs, operator = self._context.console.batch_runs, self._context.operator
        if operator is not None:
            self._ask(batch_id, BatchState.ABORTED, lambda: runs.abort(batch_id, operator))

    def take(self, progress: BatchProgress, read_from: int | None = None) -> None:
        """Take over how a batch stands.

        Args:
            progress: How it stands.
            read_from: The moment at which a reading began; what has changed since then is known better.
        """
        if read_from is not None and self._changed_at.get(progress.batch_id, 0) > read_from:
            return
        self._touch(progress.batch_id)
        old = self._known.get(progress.batch_id)
        if old == progress:
            return
        if old is None:  # the newest stands first
            self._known = {progress.batch_id: progress, **self._known}
        else:
            self._known[progress.batch_id] = progress
        self.known_changed.emit()

    async def pause_all(self) -> None:
        """Pause every batch that this window runs; return when each has written down where it stands."""
        runs = self._context.console.batch_runs
        for batch_id, task in tuple(self._running.items()):
            await self._context.bridge.call(partial(runs.pause, batch_id))
            await task.wait()

    def stop(self) -> None:
        """Stop listening."""
        self._channel.close()

    async def _load(self) -> None:
        tenant, runs, began = self._context.tenant, self._context.console.batch_runs, self._moment
        known = () if tenant is None else await self._context.bridge.call(lambda: runs.known(tenant))
        if tenant == self._context.tenant:
            # What this window runs, or ran until a moment ago, is known better than by a reading that began before.
            mine = {
                batch.batch_id: batch
                for batch in self._known.values()
                if batch.batch_id in self._running or self._changed_at.get(batch.batch_id, 0) > began
            }
            self._known = {**{batch.batch_id: batch for batch in known}, **mine}
            self._elsewhere -= {batch.batch_id for batch in known}
            self.loaded = True
            self.known_changed.emit()

    async def _run(self, batch_id: UUID, call: Coroutine[Any, Any, BatchProgress]) -> None:
        try:
            progress = await call
        except RundeskError as error:
            self.failed.emit(batch_id, error)
            return
        finally:
            self._let_go(batch_id)
        self.take(progress)
        self.ended.emit(progress)

    def _touch(self, batch_id: UUID) -> None:
        self._moment += 1
        self._changed_at[batch_id] = self._moment

    def _let_go(self, batch_id: UUID) -> None:
        if self._running.pop(batch_id, None) is not None:
            self._wished.pop(batch_id, None)
            self.known_changed.emit()

    def _ask(self, batch_id: UUID, wish: BatchState, call: Callable[[], Coroutine[Any, Any, BatchProgress]]) -> None:
        if batch_id in self._running:
            self._wished[batch_id] = wish
            self.known_changed.emit()
        self._context.tasks.spawn(
            f"{wish} batch {batch_id}", self._asked(call), lambda error: self._refused(batch_id, error)
        )

    async def _asked(self, call: Callable[[], Coroutine[Any, Any, BatchProgress]]) -> None:
        progress = await self._context.bridge.call(call)
        if progress.batch_id not in self._running:
            self.take(progress)

    def _refused(self, batch_id: UUID, error: RundeskError) -> None:
        self._wished.pop(batch_id, None)
        self.failed.emit(batch_id, error)

    def _watch(self) -> Callable[[BatchProgress], None]:
        """Return what a runner reports to, on the I/O thread: a few reports a second reach the window."""
        publish, told_at = self._channel.publish, float("-inf")

        def watch(progress: BatchProgress) -> None:
            nonlocal told_at
            now = time.monotonic()
            if now - told_at >= PUBLISHED_EVERY:
                told_at = now
                publish(progress)

        return watch

    def _progressed(self, progress: BatchProgress) -> None:
        if progress.batch_id in self._running:  # a report that comes after the end is older than the end
            self.take(progress)
            self.progressed.emit(progress)
