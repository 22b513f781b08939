"""Which actions runs have called, counted: the facts of the side-effect forecast (runtime.md F20 and F21)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, cast, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.side_effects import ActionUse
from app.postgres.run_predicates import as_run_id
from app.postgres.sql_types import Condition
from app.postgres.tables import workflow_action_invocations, workflow_runs

MAX_CHILD_LEVELS = 20
"""How deep child runs are followed; each level is one statement, whatever its number of runs."""

_CALLED = text(
    """
    SELECT bool_or(workflow_definition_versions.workflow_id IS NULL) AS unknown,
           array_remove(array_agg(DISTINCT called.workflow #>> '{}'), NULL) AS workflows
    FROM workflow_runs
    LEFT JOIN workflow_definition_versions
           ON workflow_definition_versions.tenant = workflow_runs.tenant
          AND workflow_definition_versions.workflow_id = workflow_runs.workflow_id
          AND workflow_definition_versions.version = workflow_runs.workflow_version
    LEFT JOIN LATERAL jsonb_path_query(workflow_definition_versions.definition_json,
                                       'lax $.** ? (@.type == "control.callWorkflow").workflowId')
              AS called (workflow) ON true
    WHERE workflow_runs.tenant = :tenant AND workflow_runs.run_id = ANY(:run_ids)
    """
).bindparams(bindparam("tenant", type_=Uuid), bindparam("run_ids", type_=ARRAY(Uuid)))


async def read_action_uses(
    connection: AsyncConnection, tenant: UUID, run_ids: Sequence[UUID]
) -> Mapping[UUID, tuple[ActionUse, ...]]:
    """Return what each run and its child runs called, one entry per action, step, status and kind of key.

    A replay starts its child runs anew, so that what they did happens again too.
    """
    origins = {run_id: run_id for run_id in run_ids}
    origins |= await _child_runs(connection, tenant, origins)
    invocations = workflow_action_invocations.c
    alike = (
        invocations.run_id,
        invocations.action_id,
        invocations.action_version,
        invocations.step_path,
        invocations.status,
        _has_authored_key(),
    )
    query = (
        select(*alike[:-1], alike[-1].label("authored_key"), func.count().label("times"))
        .where(invocations.tenant == tenant, invocations.run_id.in_(origins))
        .group_by(*alike)
        .order_by(func.min(invocations.created_at))
    )
    uses: dict[UUID, list[ActionUse]] = {run_id: [] for run_id in run_ids}
    for row in await connection.execute(query):
        origin = origins[row.run_id]
        uses[origin].append(
            ActionUse(
                action_id=row.action_id,
                action_version=row.action_version,
                step_path=row.step_path,
                status=row.status,
                authored_key=row.authored_key,
                count=row.times,
                in_child=origin != row.run_id,
            )
        )
    return {run_id: tuple(found) for run_id, found in uses.items()}


async def _child_runs(connection: AsyncConnection, tenant: UUID, parents: Mapping[UUID, UUID]) -> dict[UUID, UUID]:
    """Return the runs below these, with the run of ``parents`` that each belongs to; a circle of pointers ends.

    The pointer to a parent has no index. A child's workflow has one, and the definition says which it can be.
    """
    runs = workflow_runs.c
    found: dict[UUID, UUID] = {}
    level = dict(parents)
    for _ in range(MAX_CHILD_LEVELS):
        called = await _called_workflows(connection, tenant, level)
        if called is not None and not called:
            break
        query = select(runs.run_id, runs.parent_run_id).where(runs.tenant == tenant, runs.parent_run_id.in_(level))
        rows = await connection.execute(query if called is None else query.where(runs.workflow_id.in_(called)))
        level = {
            row.run_id: level[row.parent_run_id]
            for row in rows.all()
            if row.run_id not in found and row.run_id not in parents
        }
        if not level:
            break
        found |= level
    return found


async def _called_workflows(
    connection: AsyncConnection, tenant: UUID, run_ids: Iterable[UUID]
) -> frozenset[UUID] | None:
    """Return the workflows that these runs' definitions call; None when one of the definitions is gone."""
    row = (await connection.execute(_CALLED, {"tenant": tenant, "run_ids": list(run_ids)})).one()
    if row.unknown:
        return None
    named = (as_run_id(workflow) for workflow in row.workflows or ())
    return frozenset(workflow for workflow in named if workflow is not None)


def _has_authored_key() -> Condition:
    """Return whether a key lacks the beginning that the product gives keys of its own (runtime.md 7.7)."""
    invocations = workflow_action_invocations.c
    own = func.concat(cast(invocations.tenant, Text), ":", cast(invocations.run_id, Text), ":")
    return ~func.starts_with(invocations.idempotency_key, own)
