"""Batches as the journal's text: plans and orders to JSON and back.

The shapes are versioned by the journal's schema; a journal of a newer Rundesk is refused, not guessed at.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.batch import (
    BatchAction,
    BatchOrder,
    BatchScope,
    BatchSettings,
    Concern,
    ConcernCode,
    PlanItem,
    SideEffect,
)
from app.domain.launching import PatchOperation
from app.domain.run_query import RunFilter


def order_text(order: BatchOrder) -> str:
    """Return an order as JSON text. It holds the patch with its values: the journal is readable by its owner only."""
    scope = order.scope
    document: dict[str, Any] = {
        "batch_id": order.batch_id,
        "tenant": scope.tenant,
        "run_ids": scope.run_ids,
        "filter": asdict(scope.filter),
        "action": order.action,
        "name": order.name,
        "reason": order.reason,
        "patch": [asdict(operation) for operation in order.patch],
        "settings": {**asdict(order.settings), "include": sorted(order.settings.include)},
    }
    return json.dumps(document, default=_plain)


def read_order(text: str) -> BatchOrder:
    """Return the order of :func:`order_text`."""
    document = json.loads(text)
    run_ids = document["run_ids"]
    settings = document["settings"]
    return BatchOrder(
        batch_id=UUID(document["batch_id"]),
        scope=BatchScope(
            tenant=UUID(document["tenant"]),
            run_ids=None if run_ids is None else tuple(map(UUID, run_ids)),
            filter=_read_filter(document["filter"]),
        ),
        action=BatchAction(document["action"]),
        name=document["name"],
        reason=document["reason"],
        patch=tuple(
            PatchOperation(entry["op"], tuple(entry["path"]), entry["value_text"]) for entry in document["patch"]
        ),
        settings=BatchSettings(**{**settings, "include": frozenset(settings["include"])}),
    )


def item_text(item: PlanItem) -> str:
    """Return a plan's item as JSON text."""
    return json.dumps(asdict(item), default=_plain)


def read_item(text: str) -> PlanItem:
    """Return the item of :func:`item_text`."""
    document = json.loads(text)
    concerns = (Concern(ConcernCode(entry["code"]), entry["message"], entry["path"]) for entry in document["concerns"])
    return PlanItem(
        run_id=UUID(document["run_id"]),
        concerns=tuple(concerns),
        workflow_id=_read_uuid(document["workflow_id"]),
        workflow_name=document["workflow_name"],
        workflow_version=document["workflow_version"],
        status=document["status"],
        started_at=read_time(document["started_at"]),
    )


def effects_text(effects: tuple[SideEffect, ...] | None) -> str | None:
    """Return summed side effects as JSON text, None for "no forecast"."""
    return None if effects is None else json.dumps([asdict(effect) for effect in effects])


def read_effects(text: str | None) -> tuple[SideEffect, ...] | None:
    """Return the side effects of :func:`effects_text`."""
    return None if text is None else tuple(SideEffect(**entry) for entry in json.loads(text))


def read_time(text: str | None) -> datetime | None:
    """Return an aware time written by ``isoformat``."""
    return None if text is None else datetime.fromisoformat(text)


def _read_filter(document: dict[str, Any]) -> RunFilter:
    return RunFilter(
        **{
            **document,
            "statuses": tuple(document["statuses"]),
            "workflow_id": _read_uuid(document["workflow_id"]),
            "run_ids": _read_uuids(document.get("run_ids")),
            "started_from": read_time(document["started_from"]),
            "started_to": read_time(document["started_to"]),
        }
    )


def _read_uuids(texts: list[str] | None) -> tuple[UUID, ...] | None:
    return None if texts is None else tuple(map(UUID, texts))


def _read_uuid(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"the journal cannot hold a {type(value).__name__}")
