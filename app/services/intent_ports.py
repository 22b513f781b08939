"""The port of the journal of intents: what was set out to do is on disk before its first effect."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol
from uuid import UUID

from app.domain.intent import Intent


class IntentJournal(Protocol):
    """Intents on this computer's disk, each held by the process that works on it.

    A hold ends with its process, however that ends, so what nobody holds is what a crash left behind.
    """

    async def begin(self, intent: Intent) -> None:
        """Hold the intent and write it down; it is on the disk when this returns. JournalUnusable."""

    async def finish(self, request_id: UUID) -> None:
        """Forget an intent whose end is certain; harmless when it is unknown. JournalUnusable."""

    async def let_go(self, request_id: UUID) -> None:
        """Keep the intent, but hold it no longer: whoever looks next may settle it."""

    async def unfinished(self) -> tuple[Intent, ...]:
        """Return the intents that nobody holds, oldest first. JournalUnusable."""

    def hold(self, request_id: UUID) -> AbstractAsyncContextManager[bool]:
        """Hold an intent meanwhile; False when somebody else holds it. The hold of :meth:`finish` ends with it."""


class NoJournal:
    """For acts that another record covers, such as those of a batch, and for tests."""

    async def begin(self, intent: Intent) -> None:
        """Do nothing."""

    async def finish(self, request_id: UUID) -> None:
        """Do nothing."""

    async def let_go(self, request_id: UUID) -> None:
        """Do nothing."""

    async def unfinished(self) -> tuple[Intent, ...]:
        """Return none."""
        return ()

    @asynccontextmanager
    async def hold(self, request_id: UUID) -> AsyncIterator[bool]:
        """Hold nothing."""
        yield False
