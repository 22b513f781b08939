"""What an operator chooses from: tenants and workflows; and where a run id lives."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.run import RunKey
from app.domain.run_query import TenantChoice, WorkflowChoice
from app.postgres.database import Database
from app.postgres.run_predicates import of_tenant
from app.postgres.tables import tenants, workflow_definition_versions, workflow_definitions, workflow_runs

UNASSIGNED_NAME = "unassigned"
"""Name of the pseudo-tenant of runs without a tenant (rulings.md "Writes")."""


async def read_tenants(database: Database) -> tuple[TenantChoice, ...]:
    """Return every tenant by name; "unassigned" last, and only when such runs exist."""
    query = select(tenants.c.tenant, tenants.c.client_name).order_by(
        func.lower(tenants.c.client_name), tenants.c.tenant
    )
    async with database.reading() as connection:
        choices = [TenantChoice(row.tenant, row.client_name) for row in await connection.execute(query)]
        capabilities = await database.capabilities(connection)
        unassigned = select(exists().where(workflow_runs.c.tenant.is_(None)))
        if capabilities.has_unassigned_runs and await connection.scalar(unassigned):
            choices.append(TenantChoice(None, UNASSIGNED_NAME))
    return tuple(choices)


async def read_workflows(database: Database, tenant: UUID | None) -> tuple[WorkflowChoice, ...]:
    """Return the tenant's workflows by name, with the number of their newest published version."""
    definitions, versions = workflow_definitions.c, workflow_definition_versions.c
    newest = (
        select(versions.workflow_id, func.max(versions.version).label("version"))
        .where(of_tenant(workflow_definition_versions, tenant))
        .group_by(versions.workflow_id)
        .subquery("newest")
    )
    query = (
        select(
            definitions.workflow_id,
            definitions.name,
            newest.c.version,
            definitions.is_paused,
            definitions.concurrency_limit,
            definitions.description,
        )
        .select_from(workflow_definitions.outerjoin(newest, newest.c.workflow_id == definitions.workflow_id))
        .where(of_tenant(workflow_definitions, tenant))
        .order_by(func.lower(definitions.name), definitions.workflow_id)
    )
    async with database.reading() as connection:
        return tuple(
            WorkflowChoice(
                workflow_id=row.workflow_id,
                name=row.name,
                published_version=row.version,
                is_paused=row.is_paused,
                concurrency_limit=row.concurrency_limit,
                description=row.description,
            )
            for row in await connection.execute(query)
        )


async def runs_of_others(connection: AsyncConnection, tenant: UUID, run_ids: tuple[UUID, ...]) -> frozenset[UUID]:
    """Return those of these ids that another tenant has: told to whoever typed them, and no more than that."""
    query = select(workflow_runs.c.run_id).where(
        workflow_runs.c.run_id.in_(run_ids), workflow_runs.c.tenant.is_distinct_from(tenant)
    )
    return frozenset(await connection.scalars(query))


async def locate_run(database: Database, run_id: UUID) -> tuple[RunKey, ...]:
    """Return the keys under which a run id exists. With that above, the only one that asks every tenant."""
    query = select(workflow_runs.c.tenant).where(workflow_runs.c.run_id == run_id).order_by(workflow_runs.c.tenant)
    async with database.reading() as connection:
        return tuple(RunKey(tenant, run_id) for tenant in await connection.scalars(query))
