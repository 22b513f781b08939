"""Actions on the tenant's data store."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.engine.actions.registry import Action, ActionContext
from app.engine.definition_fields import Fields
from app.engine.failures import Category, StepFailure
from app.postgres.projection_store import NewValue

CONFLICT = "CONFLICT"
"""The product's code of a write that came too late."""
_LONGEST_LIFETIME = timedelta(days=3650)


def _read_address(fields: Fields) -> dict[str, Any]:
    return {"namespace": fields.text("namespace"), "key": fields.text("key")}


def _read_get(fields: Fields) -> dict[str, Any]:
    read = _read_address(fields)
    fields.close()
    return read


async def _get(context: ActionContext, address: dict[str, Any]) -> dict[str, Any]:
    found = await context.store.get(context.tenant(), address["namespace"], address["key"])
    if found is None:
        return {"found": False, "value": None, "revision": None}
    return {"found": True, "value": found.value, "revision": found.revision}


def _read_set(fields: Fields) -> NewValue:
    read = _read_value(fields)
    fields.close()
    return read


async def _set(context: ActionContext, entry: NewValue) -> dict[str, Any]:
    context.tenant()
    return _address(entry) | {"revision": await context.store.put(context.run, entry)}


def _read_compare_and_set(fields: Fields) -> tuple[NewValue, int]:
    read = _read_value(fields), fields.integer("expectedRevision", 0)
    fields.close()
    return read


async def _compare_and_set(context: ActionContext, asked: tuple[NewValue, int]) -> dict[str, Any]:
    entry, expected = asked
    context.tenant()
    swap = await context.store.compare_and_set(context.run, entry, expected)
    if not swap.swapped:
        now = f"revision {swap.revision}" if swap.revision else "no value"
        raise StepFailure(
            Category.ACTION,
            f"The value has changed: revision {expected} was expected, there is {now}",
            CONFLICT,
            _address(entry) | {"expectedRevision": expected, "revision": swap.revision},
        )
    return _address(entry) | {"revision": swap.revision}


async def _delete(context: ActionContext, address: dict[str, Any]) -> dict[str, Any]:
    return {"deleted": await context.store.delete(context.tenant(), address["namespace"], address["key"])}


def _read_value(fields: Fields) -> NewValue:
    seconds = fields.optional_integer("ttlSeconds", 1)
    lifetime = None if seconds is None else min(timedelta(seconds=min(seconds, 10**9)), _LONGEST_LIFETIME)
    return NewValue(fields.text("namespace"), fields.text("key"), fields.raw("value"), lifetime)


def _address(entry: NewValue) -> dict[str, Any]:
    return {"namespace": entry.namespace, "key": entry.key}


STORE_ACTIONS = (
    Action(
        id="store.get",
        version=1,
        description="Reads a value from the data store.",
        side_effectful=False,
        repeatable=True,
        read=_read_get,
        handle=_get,
    ),
    Action(
        id="store.set",
        version=1,
        description="Writes a value into the data store.",
        side_effectful=True,
        repeatable=True,
        read=_read_set,
        handle=_set,
    ),
    Action(
        id="store.compareAndSet",
        version=1,
        description="Writes a value if its key has the expected revision, 0 for none; else fails with code CONFLICT.",
        side_effectful=True,
        # A second attempt would take its own first one for somebody else's.
        repeatable=False,
        read=_read_compare_and_set,
        handle=_compare_and_set,
    ),
    Action(
        id="store.delete",
        version=1,
        description="Deletes a value from the data store.",
        side_effectful=True,
        repeatable=True,
        read=_read_get,
        handle=_delete,
    ),
)
