"""Publishes the demo's workflows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.sandbox.seed_billing_workflows import BILLING_WORKFLOWS
from app.sandbox.seed_desk_workflows import DESK_WORKFLOWS
from app.sandbox.seed_identity import ADMINISTRATOR, TENANT, demo_id
from app.sandbox.seed_rows import TableRows
from app.sandbox.seed_steps import DemoWorkflow

DEMO_WORKFLOWS: tuple[DemoWorkflow, ...] = (*DESK_WORKFLOWS, *BILLING_WORKFLOWS)
_PUBLISHED_AT = datetime(2026, 2, 2, 9, 30, tzinfo=UTC)


def workflow_id(key: str) -> UUID:
    """Return the id of a demo workflow, by its key."""
    return demo_id("workflow", key)


def definition_rows(workflows: tuple[DemoWorkflow, ...] = DEMO_WORKFLOWS) -> tuple[TableRows, ...]:
    """Return every workflow with all its published versions."""
    versions = (
        _version(demo, number, steps) for demo in workflows for number, steps in enumerate(demo.versions, start=1)
    )
    return (
        TableRows("workflow_definitions", tuple(_definition(demo) for demo in workflows)),
        TableRows("workflow_definition_versions", tuple(versions)),
    )


def _definition(demo: DemoWorkflow) -> dict[str, Any]:
    newest = len(demo.versions)
    return {
        "workflow_id": workflow_id(demo.key),
        "tenant": TENANT,
        "key": demo.key,
        "name": demo.name,
        "description": demo.description,
        "payload_schema_ref": demo.schema_ref,
        "pinned_payload_schema_ref": demo.schema_ref,
        "trigger": demo.trigger,
        "draft_definition": _document(demo, newest, demo.versions[-1]),
        "draft_version": newest + 1,
        "status": "published",
        "validation_status": "valid",
        "concurrency_limit": demo.concurrency_limit,
        "created_by": ADMINISTRATOR,
        "updated_by": ADMINISTRATOR,
        "created_at": _PUBLISHED_AT,
        "updated_at": _PUBLISHED_AT,
    }


def _version(demo: DemoWorkflow, number: int, steps: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "version_id": demo_id("version", f"{demo.key}:{number}"),
        "workflow_id": workflow_id(demo.key),
        "tenant": TENANT,
        "version": number,
        "definition_json": _document(demo, number, steps),
        "payload_schema_json": demo.payload_schema,
        "validation_status": "valid",
        "published_by": ADMINISTRATOR,
        "published_at": _PUBLISHED_AT,
        "created_at": _PUBLISHED_AT,
        "updated_at": _PUBLISHED_AT,
    }


def _document(demo: DemoWorkflow, number: int, steps: list[dict[str, Any]]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "id": str(workflow_id(demo.key)),
        "version": number,
        "name": demo.name,
        "description": demo.description,
        "payloadSchemaRef": demo.schema_ref,
        "steps": steps,
    }
    if demo.trigger is not None:
        document["trigger"] = demo.trigger
    return document
