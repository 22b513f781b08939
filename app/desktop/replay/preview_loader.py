"""Asks for the parts of the preview: once, after each edit, or again and again, as each of them needs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

from app.desktop.replay.preview_state import PreviewState
from app.desktop.shell.context import DesktopContext
from app.domain.errors import RundeskError
from app.domain.launching import PatchOperation
from app.domain.replay_preview import VersionChoice, VersionPreview
from app.domain.run import RunKey
from app.domain.side_effects import SideEffectForecast
from app.services.ports import ReplaySource
from app.services.replay_preview import ReplayPreviews

T = TypeVar("T")
HEADROOM_SECONDS = 4.0
"""How often gates and quota are looked at while the dialog is open."""
Spawn = Callable[[str, Coroutine[Any, Any, None]], None]


class PreviewLoader:
    """Fills a :class:`PreviewState` part by part; a part that fails holds its error and hides no other.

    Args:
        context: The desktop's surroundings.
        key: The source run.
        workflow_id: Its workflow.
        spawn: Starts a task that ends with the dialog.
        changed: Told every new state.
    """

    def __init__(
        self,
        context: DesktopContext,
        key: RunKey,
        workflow_id: UUID,
        spawn: Spawn,
        changed: Callable[[PreviewState], None],
    ) -> None:
        self._context = context
        self._key = key
        self._workflow_id = workflow_id
        self._spawn = spawn
        self._changed = changed
        self._payload: tuple[ReplaySource, tuple[PatchOperation, ...]] | None = None
        self._turn = 0
        self.state = PreviewState()

    def begin(self) -> None:
        """Look up everything that does not depend on the payload; gates and quota from now on."""
        self._spawn("preview versions", self._read_version())
        self._spawn("preview effects", self._read_forecast())
        self._spawn("preview replays", self._read_replays())
        self._spawn("watch headroom", self._watch_headroom())

    def read_again(self) -> None:
        """Ask once more for the parts that failed."""
        state = self.state
        if isinstance(state.version, RundeskError):
            self._spawn("preview versions", self._read_version())
        if isinstance(state.forecast, RundeskError):
            self._spawn("preview effects", self._read_forecast())
        if isinstance(state.replays, RundeskError):
            self._spawn("preview replays", self._read_replays())
        if isinstance(state.verdict, RundeskError):
            self._check()

    def choose(self, choice: VersionChoice) -> None:
        """Look at another version, and check the payload against it."""
        if choice is not self.state.choice:
            self._change(choice=choice, version=None, verdict=None)
            self._spawn("preview versions", self._read_version())

    def check(self, source: ReplaySource, patch: tuple[PatchOperation, ...]) -> None:
        """Check the source's input with this patch against the chosen version's schema, instead of any earlier one."""
        if self._payload is not None and self._payload[0] is source and self._payload[1] == patch:
            return
        self._payload = (source, patch)
        self._check()

    def forget_check(self) -> None:
        """Take the verdict away: the payload is not what was checked any more."""
        self._turn += 1
        self._payload = None
        if self.state.verdict is not None:
            self._change(verdict=None)

    @property
    def _service(self) -> ReplayPreviews:
        return self._context.console.previews

    def _change(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)
        self._changed(self.state)

    def _check(self) -> None:
        self._turn += 1
        self._change(verdict=None)
        version = self.state.version
        if self._payload is not None and isinstance(version, VersionPreview):
            self._spawn("check schema", self._read_verdict(*self._payload, version.chosen, self._turn))

    async def _read_version(self) -> None:
        choice = self.state.choice
        version = await self._told(lambda: self._service.versions(self._key, choice))
        if choice is self.state.choice:
            self._change(version=version)
            self._check()

    async def _read_verdict(
        self, source: ReplaySource, patch: tuple[PatchOperation, ...], version: int, turn: int
    ) -> None:
        verdict = await self._told(lambda: self._service.check(source, patch, version))
        if turn == self._turn:
            self._change(verdict=verdict)

    async def _read_forecast(self) -> None:
        self._change(forecast=await self._told(self._forecast))

    async def _forecast(self) -> SideEffectForecast:
        return await self._service.forecast(self._key)

    async def _read_replays(self) -> None:
        self._change(replays=await self._told(lambda: self._service.replays(self._key)))

    async def _watch_headroom(self) -> None:
        tenant = self._key.tenant
        if tenant is None:
            return
        while True:
            seen = await self._told(lambda: self._service.headroom(tenant, self._workflow_id))
            if isinstance(seen, RundeskError) and self.state.headroom is not None:
                self._change(headroom_outdated=True)
            else:
                self._change(headroom=seen, headroom_outdated=False)
            await self._context.bridge.call(_pause)

    async def _told(self, asked: Callable[[], Coroutine[Any, Any, T]]) -> T | RundeskError:
        """Return the answer, or the error in its place."""
        try:
            return await self._context.bridge.call(asked)
        except RundeskError as error:
            return error


async def _pause() -> None:
    await asyncio.sleep(HEADROOM_SECONDS)
