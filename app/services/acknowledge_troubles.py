"""I have seen these troubles: hide them until they change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from app.domain.diagnosis.troubles import Acknowledgement, TroubleGroup
from app.domain.errors import Misconfigured
from app.services.trouble_ports import AcknowledgementStore, NoAcknowledgements


class AcknowledgeTroubles:
    """Remembers what was seen of each run, so that only another cause or severity is news.

    Args:
        store: Where it is kept between starts.
    """

    def __init__(self, store: AcknowledgementStore | None = None) -> None:
        self._store = store or NoAcknowledgements()
        self._seen: dict[UUID | None, dict[UUID, Acknowledgement]] = {}
        self._listeners: list[Callable[[], None]] = []

    async def seen(self, tenant: UUID | None) -> Mapping[UUID, Acknowledgement]:
        """Return what was seen, by run id; a place that cannot be read holds nothing, so that too much is shown."""
        if tenant not in self._seen:
            try:
                self._seen[tenant] = dict(await self._store.read(tenant))
            except Misconfigured:
                self._seen[tenant] = {}
        return self._seen[tenant]

    async def acknowledge(self, tenant: UUID | None, groups: Iterable[TroubleGroup]) -> None:
        """Hide the runs of these groups until they change.

        Raises:
            Misconfigured: it cannot be kept; they are hidden until the program ends.
        """
        seen = dict(await self.seen(tenant))
        for group in groups:
            for key in group.runs:
                seen.pop(key.run_id, None)  # to the end: the newest ones are kept
                seen[key.run_id] = Acknowledgement(group.cause, group.severity)
        self._seen[tenant] = seen
        for listener in tuple(self._listeners):
            listener()
        await self._store.write(tenant, seen)

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` after every change, on this loop; return what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)
