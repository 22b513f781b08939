"""Which installation something kept on this computer is about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A database and the Temporal beside it, in words and without a password.

    A copy of a database has the same tenants and runs; only its address tells it from the original.
    """

    database: str
    temporal: str

    @classmethod
    def of(cls, database: str, temporal_address: str, namespace: str) -> Place:
        """Return the place of a database's label and of a Temporal namespace."""
        return cls(database, f"{temporal_address} {namespace}")

    def __str__(self) -> str:
        """Return both, as messages name them and as other notes of this computer are kept by."""
        return f"{self.database} {self.temporal}"
