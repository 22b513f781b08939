"""Tells when runs that somebody wants to hear about have ended, wherever the operator looks meanwhile."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from uuid import UUID

from app.domain.errors import EnvironmentFailure
from app.domain.run import RunKey, RunRow
from app.services.browse_runs import BrowseRuns
from app.services.watching import Interest

FOLLOWED_SECONDS = 2.0


class FollowedRuns:
    """One watch of the runs in :attr:`Interest.followed`.

    Args:
        browse: Reads their rows.
        interest: Says which runs they are.
        publish: Takes those that have ended, each once.
    """

    def __init__(
        self, browse: BrowseRuns, interest: Callable[[], Interest], publish: Callable[[tuple[RunRow, ...]], None]
    ) -> None:
        self._browse = browse
        self._interest = interest
        self._publish = publish
        self._told: set[RunKey] = set()

    async def follow(self) -> None:
        """Read and tell, for ever; during an outage nothing is told, and nothing is lost."""
        while True:
            followed = self._interest().followed
            self._told &= followed
            ended = [row for row in await self._read(followed - self._told) if row.completed_at is not None]
            if ended:
                self._told |= {row.key for row in ended}
                self._publish(tuple(ended))
            await asyncio.sleep(FOLLOWED_SECONDS)

    async def _read(self, keys: frozenset[RunKey]) -> list[RunRow]:
        of_tenant: dict[UUID | None, list[UUID]] = defaultdict(list)
        for key in keys:
            of_tenant[key.tenant].append(key.run_id)
        try:
            return [row for tenant, ids in of_tenant.items() for row in await self._browse.rows(tenant, tuple(ids))]
        except EnvironmentFailure:
            return []  # the outage is told by the parts of the watch that are on the screen
