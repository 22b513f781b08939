"""Keeps what is typed in the start dialog on this desktop, and forgets it when it was sent or discarded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from app.desktop.shell.context import DesktopContext
from app.desktop.shell.error_text import error_text
from app.desktop.start.draft import StartDraft, kept_draft
from app.domain.errors import RundeskError


class DraftKeeper:
    """Writes drafts off the UI thread, the newest last; a disk that refuses is told once.

    Args:
        context: The desktop's surroundings.
    """

    def __init__(self, context: DesktopContext) -> None:
        self._context = context
        self._told = False
        self._turn = asyncio.Lock()

    def keep(self, tenant: UUID, workflow_id: UUID, draft: StartDraft) -> None:
        """Keep the payload as it is now, without what must not be written down."""

        async def act() -> None:
            kept = await asyncio.to_thread(kept_draft, draft)
            if kept is not None:
                await self._context.console.prepare_start.keep_draft(tenant, workflow_id, kept)

        self._spawn(f"keep draft {workflow_id}", act)

    def discard(self, tenant: UUID, workflow_id: UUID) -> None:
        """Forget the workflow's draft."""
        self._spawn(
            f"discard draft {workflow_id}",
            lambda: self._context.console.prepare_start.discard_draft(tenant, workflow_id),
        )

    def _spawn(self, name: str, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._context.tasks.spawn(name, self._in_turn(act))

    async def _in_turn(self, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
        async with self._turn:
            try:
                await self._context.bridge.call(act)
            except RundeskError as error:
                if not self._told:
                    self._told = True
                    self._context.notify.warning(error_text(error))
