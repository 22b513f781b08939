"""Actions on the tenant's data store."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.engine.actions.registry import Action, ActionContext
from app.engine.definition_fields import Fields

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


def _read_set(fields: Fields) -> dict[str, Any]:
    read = _read_address(fields)
    read["value"] = fields.raw("value")
    seconds = fields.optional_integer("ttlSeconds", 1)
    read["lifetime"] = None if seconds is None else min(timedelta(seconds=min(seconds, 10**9)), _LONGEST_LIFETIME)
    fields.close()
    return read


async def _set(context: ActionContext, entry: dict[str, Any]) -> dict[str, Any]:
    context.tenant()
    revision = await context.store.put(context.run, entry["namespace"], entry["key"], entry["value"], entry["lifetime"])
    return {"namespace": entry["namespace"], "key": entry["key"], "revision": revision}


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
)
