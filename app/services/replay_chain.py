"""Where does this run come from, what became of it, and has a replay recovered it?"""

from __future__ import annotations

from app.domain.replay_chain import ReplayChain, build_chain
from app.domain.run import RunKey
from app.services.ports import RunReader


class ReplayChains:
    """Tells the provenance of runs.

    Args:
        reader: The projection.
    """

    def __init__(self, reader: RunReader) -> None:
        self._reader = reader

    async def of(self, key: RunKey) -> ReplayChain:
        """Return the run's generations: what it descends from, its replays and theirs, and how each ended. NotFound."""
        return build_chain(await self._reader.replay_family(key))
