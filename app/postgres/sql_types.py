"""Names for SQLAlchemy's generic types where columns are known by their labels only, and the clock of updates."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Row, Select, func

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
AnySelect: TypeAlias = Select[*tuple[Any, ...]]
Condition: TypeAlias = ColumnElement[bool]


def update_time() -> ColumnElement[datetime]:
    """Return the database's time for a column that an UPDATE sets.

    The statement's time: the transaction's own may lie before a wait for a lock, and ``clock_timestamp()`` is VOLATILE,
    which Citus refuses in an UPDATE of a distributed table.
    """
    return func.statement_timestamp()


__all__ = ["AnyRow", "AnySelect", "Condition", "update_time"]
