"""Data store, entity links and the quota counter (database.md 2.7 and 2.8)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
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

from app.postgres.tables.base import DOCUMENT, NEW_UUID, NOW, TIMESTAMPTZ, metadata

workflow_data_store = Table(
    "workflow_data_store",
    metadata,
    Column("tenant", Uuid, nullable=False),
    Column("store_id", Uuid, nullable=False, server_default=NEW_UUID),
    Column("namespace", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("value", DOCUMENT, nullable=False),
    Column("value_type", Text, nullable=False, server_default=text("'json'")),
    Column("revision", BigInteger, nullable=False, server_default=text("'1'::bigint")),
    Column("expires_at", TIMESTAMPTZ),
    Column("created_by_run_id", Uuid),
    Column("created_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    Column("updated_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    PrimaryKeyConstraint("tenant", "store_id", name="workflow_data_store_pkey"),
    UniqueConstraint("tenant", "namespace", "key", name="workflow_data_store_tenant_namespace_key_uk"),
    ForeignKeyConstraint(["tenant"], ["tenants.tenant"], name="workflow_data_store_tenant_foreign"),
    Index("idx_workflow_data_store_tenant_namespace", "tenant", "namespace"),
    Index(
        "idx_workflow_data_store_tenant_expires_at",
        "tenant",
        "expires_at",
        postgresql_where=text("expires_at IS NOT NULL"),
    ),
)

workflow_entity_links = Table(
    "workflow_entity_links",
    metadata,
    Column("tenant", Uuid, nullable=False),
    Column("link_id", Uuid, nullable=False, server_default=NEW_UUID),
    Column("namespace", Text, nullable=False),
    Column("left_type", Text, nullable=False),
    Column("left_id", Text, nullable=False),
    Column("right_type", Text, nullable=False),
    Column("right_id", Text, nullable=False),
    Column("relation", Text, nullable=False, server_default=text("'related'")),
    Column("attributes", DOCUMENT, nullable=False, server_default=text("'{}'")),
    Column("created_by_run_id", Uuid),
    Column("created_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    Column("updated_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    PrimaryKeyConstraint("tenant", "link_id", name="workflow_entity_links_pkey"),
    UniqueConstraint(
        "tenant",
        "namespace",
        "left_type",
        "left_id",
        "right_type",
        "right_id",
        "relation",
        name="workflow_entity_links_tenant_typed_edge_uk",
    ),
    ForeignKeyConstraint(["tenant"], ["tenants.tenant"], name="workflow_entity_links_tenant_foreign"),
    Index("idx_workflow_entity_links_tenant_left", "tenant", "namespace", "left_type", "left_id"),
    Index("idx_workflow_entity_links_tenant_right", "tenant", "namespace", "right_type", "right_id"),
)

workflow_step_usage_periods = Table(
    "workflow_step_usage_periods",
    metadata,
    Column("tenant", Uuid, nullable=False),
    Column("period_start", TIMESTAMPTZ, nullable=False),
    Column("period_end", TIMESTAMPTZ, nullable=False),
    Column("period_source", Text, nullable=False),
    Column("stripe_subscription_id", Uuid),
    Column("effective_limit", Integer),
    Column("used_count", Integer, nullable=False, server_default=text("0")),
    Column("limit_source", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("metadata_json", DOCUMENT),
    Column("created_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    Column("updated_at", TIMESTAMPTZ, nullable=False, server_default=NOW),
    PrimaryKeyConstraint("tenant", "period_start", "period_end", name="workflow_step_usage_periods_pkey"),
    ForeignKeyConstraint(
        ["tenant"], ["tenants.tenant"], name="workflow_step_usage_periods_tenant_foreign", ondelete="CASCADE"
    ),
    CheckConstraint("period_start < period_end", name="workflow_step_usage_periods_period_bounds_check"),
    CheckConstraint("used_count >= 0", name="workflow_step_usage_periods_used_count_check"),
    CheckConstraint(
        "effective_limit IS NULL OR effective_limit > 0", name="workflow_step_usage_periods_effective_limit_check"
    ),
    Index("idx_workflow_step_usage_periods_tenant_period_end", "tenant", "period_end"),
    Index("idx_workflow_step_usage_periods_period_end", "period_end"),
)
