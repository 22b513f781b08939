"""What a database has beyond the tables that every installation shares (database.md sections 11 and 12)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.errors import DatabaseRefused

_PROBE = text(
    """
    SELECT to_regclass('workflow_runs') IS NOT NULL AS has_runtime,
           to_regclass('tenant_workflow_schedule') IS NOT NULL AS has_schedules,
           EXISTS (SELECT FROM pg_attribute
                   WHERE attrelid = to_regclass('workflow_action_invocations')
                     AND attname = 'error_json' AND NOT attisdropped) AS has_invocation_errors,
           EXISTS (SELECT FROM pg_attribute
                   WHERE attrelid = to_regclass('workflow_runs')
                     AND attname = 'tenant' AND NOT attnotnull) AS has_unassigned_runs,
           coalesce(has_table_privilege(to_regclass('tenant_settings'), 'SELECT'), false) AS can_read_settings,
           coalesce(has_table_privilege(to_regclass('workflow_step_usage_periods'), 'SELECT'), false)
             AND EXISTS (SELECT FROM pg_attribute
                         WHERE attrelid = to_regclass('tenants') AND attname = 'plan' AND NOT attisdropped
                           AND has_column_privilege(attrelid, attnum, 'SELECT')) AS can_read_quota,
           coalesce(has_table_privilege(to_regclass('audit_logs'), 'SELECT'), false)
             AND coalesce(has_table_privilege(to_regclass('users'), 'SELECT'), false) AS can_read_audit
    """
)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Optional parts of the schema.

    Attributes:
        has_schedules: Enterprise migrations ran: ``tenant_workflow_schedule`` is there.
        has_invocation_errors: ``workflow_action_invocations.error_json`` of July 2026 is there.
        has_unassigned_runs: The plain shape, in which a run's tenant may be null.
        can_read_settings: ``tenant_settings``, which holds the redaction rules, is there and readable.
        can_read_quota: ``workflow_step_usage_periods`` of April 2026 and the tenants' plan are there and readable.
        can_read_audit: ``audit_logs`` and ``users``, which say who did what, are there and readable.
    """

    has_schedules: bool
    has_invocation_errors: bool
    has_unassigned_runs: bool
    can_read_settings: bool
    can_read_quota: bool
    can_read_audit: bool


async def read_capabilities(connection: AsyncConnection) -> Capabilities:
    """Ask the catalogue. DatabaseRefused when the runtime's own tables are missing."""
    found = (await connection.execute(_PROBE)).one()
    if not found.has_runtime:
        raise DatabaseRefused(
            "database.schema",
            "The database answers, but it holds no tables of AlgaPSA's workflow runtime. Check the database's name.",
        )
    return Capabilities(
        has_schedules=found.has_schedules,
        has_invocation_errors=found.has_invocation_errors,
        has_unassigned_runs=found.has_unassigned_runs,
        can_read_settings=found.can_read_settings,
        can_read_quota=found.can_read_quota,
        can_read_audit=found.can_read_audit,
    )
