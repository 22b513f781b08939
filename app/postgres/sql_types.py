"""Names for SQLAlchemy's generic types where columns are known by their labels only."""

from __future__ import annotations

from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Row, Select

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
AnySelect: TypeAlias = Select[*tuple[Any, ...]]
Condition: TypeAlias = ColumnElement[bool]

__all__ = ["AnyRow", "AnySelect", "Condition"]
