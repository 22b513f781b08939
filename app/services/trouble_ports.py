"""The port of acknowledgements: what an operator has seen of runs in trouble, kept on this computer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

from app.domain.diagnosis.troubles import Acknowledgement


class AcknowledgementStore(Protocol):
    """Keeps a bounded number per tenant. Misconfigured when the place cannot be read or written."""

    async def read(self, tenant: UUID | None) -> Mapping[UUID, Acknowledgement]:
        """Return what was seen, by run id, oldest first."""

    async def write(self, tenant: UUID | None, seen: Mapping[UUID, Acknowledgement]) -> None:
        """Keep this in place of what was there; the newest ones when it is too much."""


class NoAcknowledgements:
    """Keeps nothing beyond this process."""

    async def read(self, _tenant: UUID | None) -> Mapping[UUID, Acknowledgement]:
        """Return nothing."""
        return {}

    async def write(self, _tenant: UUID | None, _seen: Mapping[UUID, Acknowledgement]) -> None:
        """Keep nothing."""
