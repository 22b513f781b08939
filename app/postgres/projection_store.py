"""The data store that workflows read and write (database.md 2.7): one value per tenant, namespace and key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import Insert, insert

from app.domain.run import RunKey
from app.postgres.database import Database
from app.postgres.projection_json import from_stored, to_stored
from app.postgres.tables import workflow_data_store as store


@dataclass(frozen=True, slots=True)
class StoredValue:
    """A value with its revision, which counts the writes of its key."""

    value: Any
    revision: int


@dataclass(frozen=True, slots=True)
class NewValue:
    """A value to write; it expires after ``lifetime``, None for never."""

    namespace: str
    key: str
    value: Any
    lifetime: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Swap:
    """Whether a compare-and-set wrote, and the revision that its key has now; 0 for no value."""

    swapped: bool
    revision: int


class DataStore:
    """Reads and writes ``workflow_data_store``. An expired value counts as none, whether it was swept or not."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, tenant: UUID, namespace: str, key: str) -> StoredValue | None:
        """Return the value, or None when there is none; an expired one is deleted."""
        here = _at(tenant, namespace, key)
        async with self._database.writing(tenant) as connection:
            found = select(store.c.value, store.c.revision).where(here, _is_alive())
            row = (await connection.execute(found)).one_or_none()
            if row is None:
                await connection.execute(delete(store).where(here, ~_is_alive()))
                return None
        return StoredValue(from_stored(row.value), row.revision)

    async def put(self, run: RunKey, entry: NewValue) -> int:
        """Write a value, replacing what was there, and return its revision."""
        insertion = _insertion(run, entry)
        async with self._database.writing(run.tenant) as connection:
            return int((await connection.execute(_upsert(insertion))).scalar_one())

    async def compare_and_set(self, run: RunKey, entry: NewValue, expected: int) -> Swap:
        """Write a value if its key has the expected revision, 0 for no value.

        Of several that expect the same, one writes: the row is locked, or inserted once, before anybody is answered.
        """
        here = _at(run.tenant, entry.namespace, entry.key)
        if expected == 0:
            insertion = _insertion(run, entry)
            statement: Any = _upsert(insertion, where=store.c.expires_at <= insertion.excluded.updated_at)
        else:
            values = {**_written(entry), "revision": store.c.revision + 1, "updated_at": func.statement_timestamp()}
            is_expected = and_(store.c.revision == expected, _is_alive())
            statement = update(store).where(here, is_expected).values(values).returning(store.c.revision)
        async with self._database.writing(run.tenant) as connection:
            written = await connection.scalar(statement)
            if written is not None:
                return Swap(swapped=True, revision=written)
            present = await connection.scalar(select(store.c.revision).where(here, _is_alive()))
        return Swap(swapped=False, revision=present or 0)

    async def delete(self, tenant: UUID, namespace: str, key: str) -> bool:
        """Delete a value; False when there was none."""
        gone = delete(store).where(_at(tenant, namespace, key)).returning(_is_alive())
        async with self._database.writing(tenant) as connection:
            return await connection.scalar(gone) is True


def _at(tenant: UUID | None, namespace: str, key: str) -> ColumnElement[bool]:
    return and_(store.c.tenant == tenant, store.c.namespace == namespace, store.c.key == key)


def _is_alive() -> ColumnElement[bool]:
    return or_(store.c.expires_at.is_(None), store.c.expires_at > func.statement_timestamp())


def _written(entry: NewValue) -> dict[str, Any]:
    return {
        "value": JSON.NULL if entry.value is None else to_stored(entry.value),
        "value_type": _value_type(entry.value),
        "expires_at": None if entry.lifetime is None else func.statement_timestamp() + entry.lifetime,
    }


def _insertion(run: RunKey, entry: NewValue) -> Insert:
    address = {"tenant": run.tenant, "namespace": entry.namespace, "key": entry.key}
    times = {"created_by_run_id": run.run_id, "updated_at": func.statement_timestamp()}
    return insert(store).values({**address, **_written(entry), **times})


def _upsert(insertion: Insert, where: ColumnElement[bool] | None = None) -> Any:
    """Return the insertion that replaces what is there, where a condition is given only that; with the revision."""
    return insertion.on_conflict_do_update(
        index_elements=[store.c.tenant, store.c.namespace, store.c.key],
        set_={
            "value": insertion.excluded.value,
            "value_type": insertion.excluded.value_type,
            "expires_at": insertion.excluded.expires_at,
            "revision": store.c.revision + 1,
            # From the row, as Citus refuses any function here that is not immutable.
            "updated_at": insertion.excluded.updated_at,
        },
        where=where,
    ).returning(store.c.revision)


def _value_type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    return "number" if isinstance(value, (int, float)) else "json"
