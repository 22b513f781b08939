"""Rows of child runs: what a launch writes and checks, for a run that another run starts (runtime.md 7.3 and F35).

Pause and concurrency hold for children as for every launch; the limit of starts a minute does not, as it is about
people. A retry opens the same row again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import json_text
from app.domain.definition_hash import definition_hash
from app.domain.errors import NotFound
from app.domain.launching import FIRST_NODE_PATH, check_gates, check_payload_size
from app.domain.payload_schema import refuses_launch, schema_refusal
from app.domain.run import ENGINE_TEMPORAL, RunKey, RunStatus
from app.postgres.database import Database
from app.postgres.launch_gates import lock_launches, read_gate_facts
from app.postgres.payload_schema import check_document
from app.postgres.projection import NewLog, insert_log, of_run
from app.postgres.projection_json import to_stored
from app.postgres.redaction_border import document_text
from app.postgres.replay_ancestors import start_log_id
from app.postgres.sql_types import AnyRow, AnySelect
from app.postgres.tables import workflow_definition_versions, workflow_runs


@dataclass(frozen=True, slots=True)
class NewChild:
    """A child run to open. ``step_path`` is the place in the parent; ``tenant`` is the parent's, too."""

    tenant: UUID
    run_id: UUID
    parent_run_id: UUID
    workflow_id: UUID
    workflow_version: int
    step_path: str
    payload: dict[str, Any]
    semantics_version: str

    @property
    def key(self) -> RunKey:
        """Identity of the child."""
        return RunKey(self.tenant, self.run_id)


class ChildRuns:
    """Opens the rows of child runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, child: NewChild) -> UUID:
        """Insert the child's row with its log, or open the closed row of an earlier attempt; return its root.

        An open row stays as it is: this was done before, and its answer was lost.

        Raises:
            GateClosed: The child's workflow is paused or has reached its concurrency limit.
            NotFound: Workflow or version.
            InvalidInput: The payload is too large or does not fit the version's schema.
        """
        async with self._database.writing(child.tenant) as connection:
            await lock_launches(connection, child.tenant, child.workflow_id)
            earlier = await _earlier(connection, child.key)
            if earlier is not None and earlier.completed_at is None:
                return UUID(str(earlier.root_run_id))
            facts = await read_gate_facts(self._database, connection, child.tenant, child.workflow_id)
            check_gates(replace(facts, starts_per_minute=None))
            if earlier is not None:
                await _open_again(connection, child.key)
                return UUID(str(earlier.root_run_id))
            return await _insert(connection, child)


async def _earlier(connection: AsyncConnection, key: RunKey) -> AnyRow | None:
    query: AnySelect = select(workflow_runs.c.completed_at, workflow_runs.c.root_run_id).where(
        of_run(workflow_runs, key)
    )
    return (await connection.execute(query)).one_or_none()


async def _open_again(connection: AsyncConnection, key: RunKey) -> None:
    changes = {
        "status": RunStatus.RUNNING,
        "node_path": FIRST_NODE_PATH,
        "completed_at": None,
        "error_json": None,
        "temporal_run_id": None,
        "updated_at": func.now(),
    }
    ended_badly = of_run(workflow_runs, key) & (workflow_runs.c.status != RunStatus.SUCCEEDED)
    await connection.execute(update(workflow_runs).where(ended_badly).values(changes))


async def _insert(connection: AsyncConnection, child: NewChild) -> UUID:
    version = await _version(connection, child)
    payload = to_stored(child.payload)
    size = len(json_text.dump(payload).encode())
    check_payload_size(size)
    check = check_document(version.schema, payload, child.workflow_version)
    if refuses_launch(check, accepted_before=False):
        raise schema_refusal(check)
    root = await _root_of(connection, RunKey(child.tenant, child.parent_run_id))
    metadata = {
        "parentRunId": str(child.parent_run_id),
        "rootRunId": str(root),
        "parentStepPath": child.step_path,
    }
    row = {
        "run_id": child.run_id,
        "tenant": child.tenant,
        "workflow_id": child.workflow_id,
        "workflow_version": child.workflow_version,
        "status": RunStatus.RUNNING,
        "node_path": FIRST_NODE_PATH,
        "input_json": payload,
        "trigger_metadata_json": metadata,
        "definition_hash": definition_hash(version.definition),
        "runtime_semantics_version": child.semantics_version,
        "engine": ENGINE_TEMPORAL,
        "parent_run_id": child.parent_run_id,
        "root_run_id": root,
    }
    await connection.execute(insert(workflow_runs).values(row))
    context = {
        "workflowId": str(child.workflow_id),
        "workflowVersion": child.workflow_version,
        "payloadSizeBytes": size,
        "triggerType": None,
        "triggerMetadata": metadata,
    }
    log = NewLog(start_log_id(child.run_id), "INFO", "Run started", None, None, context)
    await insert_log(connection, child.key, log)
    return root


async def _version(connection: AsyncConnection, child: NewChild) -> AnyRow:
    versions = workflow_definition_versions.c
    query: AnySelect = select(
        document_text(versions.definition_json).label("definition"),
        document_text(versions.payload_schema_json).label("schema"),
    ).where(
        versions.tenant == child.tenant,
        versions.workflow_id == child.workflow_id,
        versions.version == child.workflow_version,
    )
    found = (await connection.execute(query)).one_or_none()
    if found is None:
        raise NotFound(
            "version.not_found",
            f"This workflow has no version {child.workflow_version}, so nothing was started.",
            workflow_id=str(child.workflow_id),
            version=child.workflow_version,
        )
    return found


async def _root_of(connection: AsyncConnection, parent: RunKey) -> UUID:
    """Return the top of the parent's tree: its own root, or itself."""
    runs = workflow_runs.c
    query = select(func.coalesce(runs.root_run_id, runs.run_id)).where(of_run(workflow_runs, parent))
    root: UUID = (await connection.execute(query)).scalar_one()
    return root
