"""The ports of the ways out: what an operator does to a run that cannot go on by itself.

As in :mod:`app.services.ports`, every method raises only errors of :mod:`app.domain.errors` and carries the tenant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.domain.operator import Operator
from app.domain.stranded import StrandedRun


@dataclass(frozen=True, slots=True)
class StrandedPage:
    """Stranded runs in the order of their ids; ``read_at`` is the database's clock."""

    runs: tuple[StrandedRun, ...]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class FinalizeAct:
    """One act of finalizing: who, why, under which request, and the one time that all its rows get."""

    request_id: UUID
    operator: Operator
    reason: str
    completed_at: datetime


class StrandedStore(Protocol):
    """The rows that the removed engine left active."""

    async def page(self, tenant: UUID | None, after: UUID | None, limit: int) -> StrandedPage:
        """Return the next stranded runs behind the run id ``after``, at most ``limit``."""

    async def finalize(self, tenant: UUID, run_ids: tuple[UUID, ...], act: FinalizeAct) -> tuple[UUID, ...]:
        """Cancel those of the runs that are still stranded, with their open waits and audit, in one transaction.

        Returns the runs that were written; the others had changed meanwhile and stay untouched.
        """
