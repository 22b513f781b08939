"""The data store that workflows read and write (database.md 2.7): one value per tenant, namespace and key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from app.domain.run import RunKey
from app.postgres.database import Database
from app.postgres.projection_json import from_stored, to_stored
from app.postgres.tables import workflow_data_store as store


@dataclass(frozen=True, slots=True)
class StoredValue:
    """A value with its revision, which counts the writes of its key."""

    value: Any
    revision: int


class DataStore:
    """Reads and writes ``workflow_data_store``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, tenant: UUID, namespace: str, key: str) -> StoredValue | None:
        """Return the value, or None when there is none; an expired one is deleted and counts as none."""
        here = (store.c.tenant == tenant) & (store.c.namespace == namespace) & (store.c.key == key)
        alive = or_(store.c.expires_at.is_(None), store.c.expires_at > func.now())
        async with self._database.writing(tenant) as connection:
            row = (await connection.execute(select(store.c.value, store.c.revision).where(here, alive))).one_or_none()
            if row is None:
                await connection.execute(delete(store).where(here, store.c.expires_at <= func.now()))
                return None
        return StoredValue(from_stored(row.value), row.revision)

    async def put(self, run: RunKey, namespace: str, key: str, value: Any, lifetime: timedelta | None) -> int:
        """Write a value, replacing what was there, and return its revision."""
        expires_at = None if lifetime is None else func.now() + lifetime
        stored = JSON.NULL if value is None else to_stored(value)
        row = {
            "tenant": run.tenant,
            "namespace": namespace,
            "key": key,
            "value": stored,
            "value_type": _value_type(value),
            "expires_at": expires_at,
            "created_by_run_id": run.run_id,
            "updated_at": func.now(),
        }
        insertion = insert(store).values(row)
        statement = insertion.on_conflict_do_update(
            index_elements=[store.c.tenant, store.c.namespace, store.c.key],
            set_={
                "value": insertion.excluded.value,
                "value_type": insertion.excluded.value_type,
                "expires_at": insertion.excluded.expires_at,
                "revision": store.c.revision + 1,
                # From the row, as Citus refuses any function here that is not immutable.
                "updated_at": insertion.excluded.updated_at,
            },
        ).returning(store.c.revision)
        async with self._database.writing(run.tenant) as connection:
            return int((await connection.execute(statement)).scalar_one())


def _value_type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    return "number" if isinstance(value, (int, float)) else "json"
