"""Collect what belongs to one trouble: runs, notes, what was tried and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

from app.domain.case import (
    Case,
    CaseComparison,
    case_run,
    scrubbed,
    with_comparison,
    with_runs,
)
from app.domain.run import RunKey, RunRow
from app.services.case_ports import CaseShelf, CaseStore


def _now() -> datetime:
    return datetime.now(UTC)


class TriageCases:
    """Keeps the operator's cases on this computer; neither server learns of them.

    Args:
        store: Where they are kept.
        now: This computer's clock: when something was noted is the operator's time, not the database's.
    """

    def __init__(self, store: CaseStore, now: Callable[[], datetime] = _now) -> None:
        self._store = store
        self._now = now

    async def shelf(self) -> CaseShelf:
        """Return all cases, the last changed first, and the files that could not be read."""
        return await self._store.shelf()

    async def read(self, case_id: UUID) -> Case:
        """Return one case. NotFound, Misconfigured."""
        return await self._store.read(case_id)

    async def load(self, name: str) -> Case:
        """Return the case that a name means: a case's id, else the path of a case's file. NotFound, Misconfigured."""
        try:
            case_id = UUID(name)
        except ValueError:
            return await self._store.read_file(name)
        return await self._store.read(case_id)

    async def open(self, title: str, rows: Iterable[RunRow] = ()) -> Case:
        """Open a new case of these runs and keep it. InvalidInput for too many runs."""
        now = self._now()
        case = Case(uuid4(), title, now, now)
        return await self.keep(with_runs(case, (case_run(row, now) for row in rows)))

    async def keep(self, case: Case) -> Case:
        """Keep a case as it is now and return what was kept: credentials in its texts are replaced.

        Misconfigured when it cannot be written; what was kept before is then still there.
        """
        kept = scrubbed(replace(case, updated_at=self._now()))
        await self._store.write(kept)
        return kept

    async def add_runs(self, case_id: UUID, rows: Iterable[RunRow]) -> Case:
        """Add runs to a case as they are now. NotFound, InvalidInput for too many."""
        now = self._now()
        case = await self._store.read(case_id)
        return await self.keep(with_runs(case, (case_run(row, now) for row in rows)))

    async def add_comparison(self, case_id: UUID, first: RunKey, second: RunKey) -> Case:
        """Add a comparison to a case. NotFound."""
        case = await self._store.read(case_id)
        return await self.keep(with_comparison(case, CaseComparison(first, second, self._now())))

    async def remove(self, case_id: UUID) -> None:
        """Forget a case; :meth:`keep` of it brings it back."""
        await self._store.remove(case_id)
