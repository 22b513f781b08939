"""Runs, their children and runtime events (database.md 2.4 and 2.5)."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from app.postgres.tables.base import DOCUMENT, FALSE, NEW_UUID, NOW, TIMESTAMPTZ, metadata

workflow_runs = Table(
    "workflow_runs",
    metadata,
    Column("run_id", Uuid, nullable=False, server_default=NEW_UUID),
    Column("workflow_id", Uuid, nullable=False),
    Column("workflow_version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("node_path", Text),
    Column("input_json", DOCUMENT),
    Column("resume_event_payload", DOCUMENT),
    Column("resume_event_name", Text),
    Column("resume_error", DOCUMENT),
    Column("error_json", DOCUMENT),
    Column("lease_owner", Text),
    Column("lease_expires_at", TIMESTAMPTZ),
    Column("started_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    Column("completed_at", TIMESTAMPTZ),
    Column("updated_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    Column("event_type", Text),
    Column("source_payload_schema_ref", Text),
    Column("trigger_mapping_applied", Boolean, nullable=False, server_default=FALSE),
    Column("trigger_type", Text),
    Column("trigger_metadata_json", DOCUMENT),
    Column("trigger_fire_key", Text),
    Column("engine", Text),
    Column("temporal_workflow_id", Text),
    Column("temporal_run_id", Text),
    Column("definition_hash", Text),
    Column("runtime_semantics_version", Text),
    Column("parent_run_id", Uuid),
    Column("root_run_id", Uuid),
    Column("tenant", Uuid),
    PrimaryKeyConstraint("run_id", name="workflow_runs_pkey"),
    ForeignKeyConstraint(
        ["workflow_id"],
        ["workflow_definitions.workflow_id"],
        name="workflow_runs_workflow_id_foreign",
        ondelete="CASCADE",
    ),
    Index("idx_workflow_runs_status", "status"),
    Index("idx_workflow_runs_tenant_status", "tenant", "status"),
    Index("idx_workflow_runs_workflow_status_updated", "workflow_id", "status", "updated_at"),
    Index("idx_workflow_runs_event_type", "event_type"),
    Index("idx_workflow_runs_source_payload_schema_ref", "source_payload_schema_ref"),
    Index("idx_workflow_runs_trigger_mapping_applied", "trigger_mapping_applied"),
    Index("idx_workflow_runs_trigger_type", "trigger_type"),
    Index(
        "workflow_runs_trigger_fire_key_unique",
        "trigger_fire_key",
        unique=True,
        postgresql_where=text("trigger_fire_key IS NOT NULL"),
    ),
    Index("idx_workflow_runs_engine_status", "engine", "status"),
    Index("idx_workflow_runs_temporal_workflow_id", "temporal_workflow_id"),
)

workflow_run_steps = Table(
    "workflow_run_steps",
    metadata,
    Column("step_id", Uuid, nullable=False, server_default=NEW_UUID),
    Column("run_id", Uuid, nullable=False),
    Column("step_path", Text, nullable=False),
    Column("definition_step_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempt", Integer, nullable=False, server_default=text("1")),
    Column("duration_ms", Integer),
    Column("error_json", DOCUMENT),
    Column("snapshot_id", Uuid),
    Column("started_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    Column("completed_at", TIMESTAMPTZ),
    Column("tenant", Uuid),
    PrimaryKeyConstraint("step_id", name="workflow_run_steps_pkey"),
    ForeignKeyConstraint(
        ["run_id"], ["workflow_runs.run_id"], name="workflow_run_steps_run_id_foreign", ondelete="CASCADE"
    ),
    Index("idx_workflow_run_steps_run_path", "run_id", "step_path"),
    Index("idx_workflow_run_steps_run_step", "run_id", "step_id"),
)

workflow_run_waits = Table(
    "workflow_run_waits",
    metadata,
    Column("wait_id", Uuid, nullable=False, server_default=NEW_UUID),
    Column("run_id", Uuid, nullable=False),
    Column("step_path", Text, nullable=False),
    Column("wait_type", Text, nullable=False),
    Column("key", Text),
    Column("event_name", Text),
    Column("timeout_at", TIMESTAMPTZ),
    Column("status", Text, nullable=False, server_default=text("'WAITING'")),
    Column("payload", DOCUMENT),
    Column("created_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    Column("resolved_at", TIMESTAMPTZ),
    Column("tenant", Uuid),
    PrimaryKeyConstraint("wait_id", name="workflow_run_waits_pkey"),
    ForeignKeyConstraint(
        ["run_id"], ["workflow_runs.run_id"], name="workflow_run_waits_run_id_foreign", ondelete="CASCADE"
    ),
    Index("idx_workflow_run_waits_type_status", "wait_type", "status"),
    Index("idx_workflow_run_waits_event_key", "event_name", "key", "status"),
)

workflow_run_snapshots = Table(
    "workflow_run_snapshots",
    metadata,
    Column("snapshot_id", Uuid, nullable=False, server_default=NEW_UUID),
    Column("run_id", Uuid, nullable=False),
    Column("step_path", Text, nullable=False),
    Column("envelope_json", DOCUMENT, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("created_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    Column("tenant", Uuid),
    PrimaryKeyConstraint("snapshot_id", name="workflow_run_snapshots_pkey"),
    ForeignKeyConstraint(
        ["run_id"], ["workflow_runs.run_id"], name="workflow_run_snapshots_run_id_foreign", ondelete="CASCADE"
    ),
    Index("idx_workflow_run_snapshots_run_path", "run_id", "step_path"),
)

workflow_run_logs = Table(
    "workflow_run_logs",
    metadata,
    Column("log_id", Uuid, nullable=False, server_default=NEW_UUID),
    Column("run_id", Uuid, nullable=False),
    Column("step_id", Uuid),
    Column("step_path", Text),
    Column("level", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("context_json", DOCUMENT),
    Column("correlation_key", Text),
    Column("event_name", Text),
    Column("source", Text),
    Column("created_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    Column("tenant", Uuid),
    PrimaryKeyConstraint("log_id", name="workflow_run_logs_pkey"),
    ForeignKeyConstraint(
        ["run_id"], ["workflow_runs.run_id"], name="workflow_run_logs_run_id_foreign", ondelete="CASCADE"
    ),
    Index("idx_workflow_run_logs_run_created", "run_id", "created_at"),
    Index("idx_workflow_run_logs_run_level", "run_id", "level"),
    Index("idx_workflow_run_logs_tenant_created", "tenant", "created_at"),
)

workflow_action_invocations = Table(
    "workflow_action_invocations",
    metadata,
    Column("invocation_id", Uuid, nullable=False, server_default=NEW_UUID),
    Column("run_id", Uuid, nullable=False),
    Column("step_path", Text, nullable=False),
    Column("action_id", Text, nullable=False),
    Column("action_version", Integer, nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempt", Integer, nullable=False, server_default=text("1")),
    Column("lease_owner", Text),
    Column("lease_expires_at", TIMESTAMPTZ),
    Column("input_json", DOCUMENT),
    Column("output_json", DOCUMENT),
    Column("error_message", Text),
    Column("created_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    Column("started_at", TIMESTAMPTZ),
    Column("completed_at", TIMESTAMPTZ),
    Column("tenant", Uuid),
    Column("error_json", DOCUMENT),
    PrimaryKeyConstraint("invocation_id", name="workflow_action_invocations_pkey"),
    UniqueConstraint(
        "action_id", "action_version", "idempotency_key", name="workflow_action_invocations_idempotency_unique"
    ),
    ForeignKeyConstraint(
        ["run_id"], ["workflow_runs.run_id"], name="workflow_action_invocations_run_id_foreign", ondelete="CASCADE"
    ),
    Index("idx_workflow_action_invocations_run_path", "run_id", "step_path"),
)

workflow_runtime_events = Table(
    "workflow_runtime_events",
    metadata,
    Column("event_id", Uuid, nullable=False, server_default=NEW_UUID),
    Column("event_name", Text, nullable=False),
    Column("correlation_key", Text),
    Column("payload", DOCUMENT),
    Column("created_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    Column("processed_at", TIMESTAMPTZ),
    Column("matched_run_id", Uuid),
    Column("matched_wait_id", Uuid),
    Column("matched_step_path", Text),
    Column("error_message", Text),
    Column("payload_schema_ref", Text),
    Column("schema_ref_conflict", DOCUMENT),
    Column("tenant", Uuid),
    PrimaryKeyConstraint("event_id", name="workflow_runtime_events_pkey"),
    Index("idx_workflow_runtime_events_name_key", "event_name", "correlation_key"),
    Index("idx_workflow_runtime_events_created_at", "created_at"),
    Index("idx_workflow_runtime_events_matched_run", "matched_run_id"),
    Index("idx_workflow_runtime_events_payload_schema_ref", "payload_schema_ref"),
)
