"""SQLAlchemy Core tables of AlgaPSA's runtime V2 that the console, the engine or the sandbox read or write.

They describe the *plain* shape of ``../shared/contract/schema.sql`` with every column, type, default, key and
index; :mod:`app.postgres.ddl` turns a database made from them into the Citus shape. Statements never rely on
constraint names, which differ between the two.
"""

from __future__ import annotations

from app.postgres.tables.audit import audit_logs
from app.postgres.tables.base import metadata
from app.postgres.tables.definitions import tenant_workflow_schedule, workflow_definition_versions, workflow_definitions
from app.postgres.tables.runs import (
    workflow_action_invocations,
    workflow_run_logs,
    workflow_run_snapshots,
    workflow_run_steps,
    workflow_run_waits,
    workflow_runs,
    workflow_runtime_events,
)
from app.postgres.tables.stores import workflow_data_store, workflow_entity_links, workflow_step_usage_periods
from app.postgres.tables.tasks import (
    system_workflow_form_definitions,
    system_workflow_task_definitions,
    workflow_task_definitions,
    workflow_task_history,
    workflow_tasks,
)
from app.postgres.tables.tenancy import (
    permissions,
    role_permissions,
    roles,
    tenant_settings,
    tenants,
    user_roles,
    users,
)

__all__ = [
    "audit_logs",
    "metadata",
    "permissions",
    "role_permissions",
    "roles",
    "system_workflow_form_definitions",
    "system_workflow_task_definitions",
    "tenant_settings",
    "tenant_workflow_schedule",
    "tenants",
    "user_roles",
    "users",
    "workflow_action_invocations",
    "workflow_data_store",
    "workflow_definition_versions",
    "workflow_definitions",
    "workflow_entity_links",
    "workflow_run_logs",
    "workflow_run_snapshots",
    "workflow_run_steps",
    "workflow_run_waits",
    "workflow_runs",
    "workflow_runtime_events",
    "workflow_step_usage_periods",
    "workflow_task_definitions",
    "workflow_task_history",
    "workflow_tasks",
]
