"""What the database says of itself: version, schema, rights of this login, pooling, encryption, missing indexes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.health.facts import DatabaseFacts, Pooling, TableRight
from app.postgres.database import Database
from app.postgres.index_advice import missing_indexes
from app.postgres.probe import PostgresProbe
from app.postgres.tables import (
    audit_logs,
    permissions,
    role_permissions,
    roles,
    tenant_settings,
    tenants,
    user_roles,
    users,
    workflow_action_invocations,
    workflow_definition_versions,
    workflow_definitions,
    workflow_run_logs,
    workflow_run_snapshots,
    workflow_run_steps,
    workflow_run_waits,
    workflow_runs,
    workflow_runtime_events,
    workflow_step_usage_periods,
    workflow_task_history,
    workflow_tasks,
)

_READ = (
    *(workflow_runs, workflow_run_steps, workflow_run_waits, workflow_run_logs, workflow_run_snapshots),
    *(workflow_action_invocations, workflow_runtime_events, workflow_definitions),
    *(workflow_definition_versions, workflow_step_usage_periods, workflow_tasks, audit_logs),
    *(tenants, tenant_settings, users, roles, user_roles, permissions, role_permissions),
)
_INSERTED = (workflow_runs, workflow_run_logs, audit_logs, workflow_runtime_events, workflow_task_history)
_UPDATED = (workflow_runs, workflow_run_steps, workflow_run_waits, workflow_tasks)
_NEEDED = tuple(
    (table.name, right)
    for right, tables in (("SELECT", _READ), ("INSERT", _INSERTED), ("UPDATE", _UPDATED))
    for table in tables
)
"""Every right that this console uses somewhere."""

_ABOUT = text(
    """
    SELECT current_setting('server_version') AS version,
           current_user AS login,
           EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') AS citus,
           EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
                   WHERE i.indrelid = to_regclass('workflow_runs') AND i.indisprimary AND a.attname = 'tenant')
               AS keyed_by_tenant,
           coalesce(inet_server_addr() << '127.0.0.0/8'::inet OR host(inet_server_addr()) = '::1', true) AS is_local,
           (SELECT version || ', ' || cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl) AS tls
    """
)
_LACKING = text(
    """
    SELECT needed.table_name, needed.privilege
    FROM unnest(CAST(:tables AS text[]), CAST(:rights AS text[])) WITH ORDINALITY
         AS needed(table_name, privilege, place)
    WHERE NOT coalesce(has_table_privilege(to_regclass(needed.table_name), needed.privilege), false)
    ORDER BY needed.place
    """
)


class PostgresExamination:
    """Implements :class:`app.services.doctor_ports.DatabaseExamination`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._probe = PostgresProbe(database)

    async def ping(self) -> float:
        """Return the milliseconds of one round trip."""
        return await self._probe.ping()

    async def clock(self) -> datetime:
        """Return the database's clock, aware, in UTC."""
        return await self._probe.clock()

    async def examine(self) -> DatabaseFacts:
        """Return what the database says of itself. DatabaseRefused for a foreign schema."""
        async with self._database.reading() as connection:
            pooling = await _pooling(connection)
            capabilities = await self._database.capabilities(connection)
            about = (await connection.execute(_ABOUT)).one()
            lacking = await _lacking(connection)
            unreadable = {right.table for right in lacking if right.right == "SELECT"}
            indexes = await missing_indexes(connection, unreadable)
        parts = {
            "the errors of invocations (July 2026)": capabilities.has_invocation_errors,
            "schedules (enterprise)": capabilities.has_schedules,
        }
        return DatabaseFacts(
            version=about.version,
            login=about.login,
            missing_parts=tuple(name for name, is_there in parts.items() if not is_there),
            settings_readable=capabilities.can_read_settings,
            citus=about.citus,
            keyed_by_tenant=about.keyed_by_tenant,
            lacking=lacking,
            pooling=pooling,
            tls=about.tls,
            is_local=about.is_local,
            indexes=indexes,
        )


async def _pooling(connection: AsyncConnection) -> Pooling:
    """Return the server process that the login was told, and those that ran two transactions of this connection."""
    query = text("SELECT pg_backend_pid()")
    first: int = (await connection.execute(query)).scalar_one()
    await connection.rollback()
    second: int = (await connection.execute(query)).scalar_one()
    driver = (await connection.get_raw_connection()).driver_connection
    return Pooling(first if driver is None else driver.info.backend_pid, (first, second))


async def _lacking(connection: AsyncConnection) -> tuple[TableRight, ...]:
    tables, rights = zip(*_NEEDED, strict=True)
    rows = await connection.execute(_LACKING, {"tables": list(tables), "rights": list(rights)})
    return tuple(TableRight(row.table_name, row.privilege) for row in rows)
