"""Human tasks and the forms they show (database.md 2.11)."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from app.postgres.tables.base import DOCUMENT, FALSE, NEW_UUID, NOW, TIMESTAMPTZ, metadata

system_workflow_form_definitions = Table(
    "system_workflow_form_definitions",
    metadata,
    Column("definition_id", Uuid, nullable=False, server_default=NEW_UUID),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("version", Text, nullable=False, server_default=text("'1.0'")),
    Column("status", Text, nullable=False, server_default=text("'ACTIVE'")),
    Column("category", Text),
    Column("tags", ARRAY(Text)),
    Column("json_schema", DOCUMENT, nullable=False),
    Column("ui_schema", DOCUMENT),
    Column("default_values", DOCUMENT),
    Column("created_by", Uuid),
    Column("created_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    Column("updated_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    PrimaryKeyConstraint("definition_id", name="system_workflow_form_definitions_pkey"),
    UniqueConstraint("name", name="system_workflow_form_definitions_name_unique"),
)

system_workflow_task_definitions = Table(
    "system_workflow_task_definitions",
    metadata,
    Column("task_type", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("form_id", Text, nullable=False),
    Column("form_type", Text, nullable=False, server_default=text("'system'")),
    Column("default_priority", Text),
    Column("default_sla_days", Integer),
    Column("created_by", Uuid),
    Column("created_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    Column("updated_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    PrimaryKeyConstraint("task_type", name="system_workflow_task_definitions_pkey"),
    ForeignKeyConstraint(
        ["form_id"],
        ["system_workflow_form_definitions.name"],
        name="system_workflow_task_definitions_form_id_foreign",
        onupdate="CASCADE",
        ondelete="RESTRICT",
    ),
)

workflow_task_definitions = Table(
    "workflow_task_definitions",
    metadata,
    Column("task_definition_id", Uuid, nullable=False, server_default=NEW_UUID),
    Column("tenant", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("form_id", Text),
    Column("form_type", Text, nullable=False, server_default=text("'tenant'")),
    Column("default_priority", Text),
    Column("default_sla_days", Integer),
    Column("created_by", Uuid),
    Column("created_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    Column("updated_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    Column("task_type", Text, nullable=False),
    PrimaryKeyConstraint("task_definition_id", "tenant", name="workflow_task_definitions_pkey"),
    UniqueConstraint("tenant", "name", name="workflow_task_definitions_tenant_name_unique"),
    Index("idx_workflow_task_definitions_tenant_task_type", "tenant", "task_type"),
)

workflow_tasks = Table(
    "workflow_tasks",
    metadata,
    Column("task_id", Uuid, nullable=False, server_default=NEW_UUID),
    Column("tenant", Uuid, nullable=False),
    Column("execution_id", Uuid, nullable=False),
    Column("task_definition_type", Text, nullable=False),
    Column("system_task_definition_task_type", Text),
    Column("tenant_task_definition_id", Uuid),
    Column("title", Text, nullable=False),
    Column("description", Text),
    Column("event_id", Uuid),
    Column("context_data", DOCUMENT),
    Column("status", Text, nullable=False),
    Column("priority", Text),
    Column("assigned_roles", DOCUMENT),
    Column("assigned_users", DOCUMENT),
    Column("due_date", TIMESTAMPTZ),
    Column("completed_at", TIMESTAMPTZ),
    Column("response_data", DOCUMENT),
    Column("created_by", Uuid),
    Column("created_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    Column("updated_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    Column("completed_by", Uuid),
    Column("is_hidden", Boolean, nullable=False, server_default=FALSE),
    Column("hidden_at", TIMESTAMPTZ),
    Column("hidden_by", Uuid),
    Column("claimed_at", TIMESTAMPTZ),
    Column("claimed_by", String(255)),
    PrimaryKeyConstraint("task_id", "tenant", name="workflow_tasks_pkey"),
    CheckConstraint(
        "(task_definition_type = 'tenant' AND tenant_task_definition_id IS NOT NULL"
        " AND system_task_definition_task_type IS NULL)"
        " OR (task_definition_type = 'system' AND system_task_definition_task_type IS NOT NULL"
        " AND tenant_task_definition_id IS NULL)",
        name="chk_task_def_type_consistency",
    ),
    ForeignKeyConstraint(
        ["system_task_definition_task_type"],
        ["system_workflow_task_definitions.task_type"],
        name="fk_wt_system_task_def_type",
        onupdate="CASCADE",
        ondelete="SET NULL",
    ),
    ForeignKeyConstraint(
        ["tenant_task_definition_id", "tenant"],
        ["workflow_task_definitions.task_definition_id", "workflow_task_definitions.tenant"],
        name="fk_wt_tenant_task_def_id",
    ),
    ForeignKeyConstraint(
        ["tenant", "completed_by"], ["users.tenant", "users.user_id"], name="workflow_tasks_tenant_completed_by_foreign"
    ),
    Index("idx_workflow_tasks_tenant_hidden", "tenant", "is_hidden"),
    Index("idx_workflow_tasks_tenant_hidden_status", "tenant", "is_hidden", "status"),
)

workflow_task_history = Table(
    "workflow_task_history",
    metadata,
    Column("history_id", Uuid, nullable=False, server_default=NEW_UUID),
    Column("task_id", Uuid, nullable=False),
    Column("tenant", Uuid, nullable=False),
    Column("action", Text, nullable=False),
    Column("from_status", Text),
    Column("to_status", Text),
    Column("user_id", Uuid),
    Column("timestamp", TIMESTAMPTZ, nullable=False, server_default=NOW),
    Column("details", DOCUMENT),
    Column("created_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    Column("updated_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    PrimaryKeyConstraint("history_id", "tenant", name="workflow_task_history_pkey"),
    ForeignKeyConstraint(
        ["task_id", "tenant"],
        ["workflow_tasks.task_id", "workflow_tasks.tenant"],
        name="workflow_task_history_task_id_tenant_foreign",
    ),
)
