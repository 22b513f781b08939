"""The port of triage cases: where they are kept on this computer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from app.domain.case import Case


@dataclass(frozen=True, slots=True)
class DamagedCase:
    """A file that holds no usable case. ``path`` is where it lies now: set aside if damaged, in place if newer.

    ``newer`` says that a newer Rundesk wrote it, which can read it still.
    """

    path: str
    newer: bool = False


@dataclass(frozen=True, slots=True)
class CaseShelf:
    """Every case of this computer and place, the last changed first, and what could not be read."""

    cases: tuple[Case, ...]
    damaged: tuple[DamagedCase, ...] = ()


class CaseStore(Protocol):
    """Keeps cases. What cannot be read or written raises Misconfigured."""

    async def shelf(self) -> CaseShelf:
        """Return all cases; a damaged file is set aside, never lost, and named."""

    async def read(self, case_id: UUID) -> Case:
        """Return one case. NotFound; Misconfigured when its file is damaged or newer."""

    async def read_file(self, name: str) -> Case:
        """Return the case in a file of any place; the file is only read. NotFound, Misconfigured."""

    async def write(self, case: Case) -> None:
        """Keep a case in place of what was kept of it, whole or not at all."""

    async def remove(self, case_id: UUID) -> None:
        """Forget a case, if it is there."""
