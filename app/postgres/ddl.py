"""The project's own DDL: what the sandbox and the tests create, equal to AlgaPSA's migrated database.

``create_schema`` gives the plain shape (Community Edition, self-hosted Enterprise Edition); ``apply_citus_shape``
turns it into the keys and nullability of a hosted installation without calling a Citus function.
A console never runs any of this against an installation.
Source: ``../shared/contract/schema.sql`` and ``schema_citus_shape.sql``.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.postgres.tables import metadata

_AUDIT_TENANT_FUNCTION = """
CREATE FUNCTION set_tenant_from_current_setting() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    NEW.tenant := current_setting('app.current_tenant');
    RETURN NEW;
END
$function$
"""

_AUDIT_TENANT_TRIGGER = """
CREATE TRIGGER set_tenant_on_audit_log_insert BEFORE INSERT ON audit_logs
FOR EACH ROW EXECUTE FUNCTION set_tenant_from_current_setting()
"""

_PRIMARY_KEYS = {
    "workflow_definitions": "workflow_id",
    "workflow_definition_versions": "version_id",
    "workflow_runs": "run_id",
    "workflow_run_steps": "step_id",
    "workflow_run_waits": "wait_id",
    "workflow_run_snapshots": "snapshot_id",
    "workflow_run_logs": "log_id",
    "workflow_action_invocations": "invocation_id",
    "workflow_runtime_events": "event_id",
    "tenant_workflow_schedule": "id",
}
"""Tables whose tenant becomes mandatory and leads the primary key, with the key column that stays."""

_OF_A_RUN = (
    "workflow_run_steps",
    "workflow_run_waits",
    "workflow_run_snapshots",
    "workflow_run_logs",
    "workflow_action_invocations",
)
_OF_A_WORKFLOW = ("workflow_runs", "workflow_definition_versions")


async def is_created(connection: AsyncConnection) -> bool:
    """Say whether the database already holds the runtime's tables."""
    return bool(await connection.scalar(text("SELECT to_regclass('workflow_runs') IS NOT NULL")))


async def create_schema(connection: AsyncConnection) -> None:
    """Create every table, index and the audit trigger in an empty database, in the caller's transaction."""
    await connection.run_sync(metadata.create_all, checkfirst=False)
    await connection.execute(text(_AUDIT_TENANT_FUNCTION))
    await connection.execute(text(_AUDIT_TENANT_TRIGGER))


async def apply_citus_shape(connection: AsyncConnection) -> None:
    """Give a database made by :func:`create_schema` the keys of a hosted installation; no row may lack its tenant."""
    for statement in _citus_statements():
        await connection.execute(text(statement))


def _citus_statements() -> list[str]:
    """Return the statements in order: old foreign keys go, primary keys change, uniques and foreign keys come."""
    return [
        *(f"ALTER TABLE {table} DROP CONSTRAINT {table}_run_id_foreign" for table in _OF_A_RUN),
        *(f"ALTER TABLE {table} DROP CONSTRAINT {table}_workflow_id_foreign" for table in _OF_A_WORKFLOW),
        *(_lead_with_tenant(table, column) for table, column in _PRIMARY_KEYS.items()),
        (
            "ALTER TABLE audit_logs DROP CONSTRAINT audit_logs_pkey, "
            "ADD CONSTRAINT audit_logs_pkey PRIMARY KEY (tenant, audit_id)"
        ),
        # The product's distribution step drops this index and never restores it.
        "DROP INDEX workflow_runs_trigger_fire_key_unique",
        (
            "CREATE UNIQUE INDEX workflow_definitions_tenant_key_unique "
            "ON workflow_definitions (tenant, key) WHERE key IS NOT NULL"
        ),
        (
            "ALTER TABLE workflow_definition_versions "
            "DROP CONSTRAINT workflow_definition_versions_workflow_version_unique, "
            "ADD CONSTRAINT workflow_definition_versions_tenant_workflow_version_unique "
            "UNIQUE (tenant, workflow_id, version)"
        ),
        (
            "ALTER TABLE workflow_action_invocations "
            "DROP CONSTRAINT workflow_action_invocations_idempotency_unique, "
            "ADD CONSTRAINT workflow_action_invocations_tenant_idempotency_unique "
            "UNIQUE (tenant, action_id, action_version, idempotency_key)"
        ),
        (
            "ALTER TABLE tenant_workflow_schedule "
            "ADD CONSTRAINT tenant_workflow_schedule_tenant_workflow_unique UNIQUE (tenant, workflow_id)"
        ),
        *(_reference(table, "workflow", "workflow_definitions") for table in _OF_A_WORKFLOW),
        *(_reference(table, "run", "workflow_runs") for table in _OF_A_RUN),
    ]


def _lead_with_tenant(table: str, column: str) -> str:
    return (
        f"ALTER TABLE {table} ALTER COLUMN tenant SET NOT NULL, DROP CONSTRAINT {table}_pkey, "
        f"ADD CONSTRAINT {table}_pkey PRIMARY KEY (tenant, {column})"
    )


def _reference(table: str, parent: str, parent_table: str) -> str:
    """Return a tenant-led foreign key that is NOT VALID, as hosted rows without a same-tenant parent exist."""
    return (
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_tenant_{parent}_fk FOREIGN KEY (tenant, {parent}_id) "
        f"REFERENCES {parent_table} (tenant, {parent}_id) ON DELETE CASCADE NOT VALID"
    )
