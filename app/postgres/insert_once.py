"""Rows that may be there already: written where they are missing, left alone where they are not."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.postgresql import Insert, insert

from app.postgres.tables import metadata


def insert_once(table: str) -> Insert:
    """Return the insert into a table that skips rows whose key exists; values are given when it is executed."""
    return insert(metadata.tables[table]).on_conflict_do_nothing()


def insert_row_once(table: str, columns: dict[str, Any]) -> Insert:
    """Return the insert of one row, skipped when its key exists."""
    return insert(metadata.tables[table]).values(columns).on_conflict_do_nothing()
