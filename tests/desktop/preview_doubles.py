"""A stand-in for what the replay dialog looks up before a replay is sent."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

from app.domain.headroom import Headroom, QuotaUnknown
from app.domain.launching import GateFacts, PatchOperation
from app.domain.payload_schema import SchemaCheck, SchemaState
from app.domain.replay_preview import VersionChoice, VersionPreview
from app.domain.run import RunKey, RunLink
from app.domain.side_effects import SideEffectForecast
from app.services.ports import ReplaySource
from app.services.replay_preview import PayloadVerdict
from tests.desktop.doubles import NOW

OPEN = Headroom(GateFacts("Payment failed", False, 5, 2, 1, 60), NOW, quota_unknown=QuotaUnknown.NO_COUNTER)


@dataclass
class FakePreviews:
    """Stands in for ReplayPreviews: a run without a past, on a version that has no schema, with open gates.

    ``errors`` maps a part (``versions``, ``check``, ``headroom``, ``forecast``, ``replays``) to what it fails with;
    ``check_pause`` holds the check's answer back until set. ``room`` may be changed while the dialog is open.
    """

    latest: VersionPreview | None = None
    verdict: PayloadVerdict | None = None
    room: Headroom = OPEN
    foretold: SideEffectForecast = field(default_factory=SideEffectForecast)
    earlier: tuple[RunLink, ...] = ()
    errors: dict[str, Exception] = field(default_factory=dict)
    check_pause: asyncio.Event | None = None
    checked: list[tuple[tuple[PatchOperation, ...], int]] = field(default_factory=list)
    looks: int = 0

    async def versions(self, _key: RunKey, choice: VersionChoice | int) -> VersionPreview:
        self._fail("versions")
        if choice == VersionChoice.LATEST and self.latest is not None:
            return self.latest
        newest = 4 if self.latest is None else self.latest.latest
        return VersionPreview(4, newest, 4, own_exists=True, chosen_exists=True)

    async def check(self, source: ReplaySource, patch: tuple[PatchOperation, ...], version: int) -> PayloadVerdict:
        assert source.input_hash == "hash"
        self._fail("check")
        self.checked.append((patch, version))
        if self.check_pause is not None:
            await self.check_pause.wait()
        return self.verdict or PayloadVerdict(SchemaCheck(SchemaState.NO_SCHEMA, version), refuses=False)

    async def headroom(self, _tenant: UUID, _workflow_id: UUID) -> Headroom:
        self.looks += 1
        self._fail("headroom")
        return self.room

    async def forecast(self, _key: RunKey) -> SideEffectForecast:
        self._fail("forecast")
        return self.foretold

    async def replays(self, _key: RunKey) -> tuple[RunLink, ...]:
        self._fail("replays")
        return self.earlier

    def _fail(self, part: str) -> None:
        if part in self.errors:
            raise self.errors[part]
