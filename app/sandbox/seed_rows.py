"""Rows to be written as they are, as data: the part of the demo that no service creates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TableRows:
    """Rows of one table, all with the same columns; values are Python's, documents are JSON values."""

    table: str
    rows: tuple[dict[str, Any], ...]

    @classmethod
    def one(cls, table: str, **columns: Any) -> TableRows:
        """Return a single row."""
        return cls(table, (columns,))
