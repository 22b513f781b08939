"""The generic audit table (database.md 2.9)."""

from __future__ import annotations

from sqlalchemy import Column, Index, PrimaryKeyConstraint, String, Table, Uuid

from app.postgres.tables.base import DOCUMENT, NOW, TIMESTAMPTZ, metadata

audit_logs = Table(
    "audit_logs",
    metadata,
    Column("audit_id", Uuid, nullable=False),
    Column("tenant", Uuid, nullable=False),
    Column("user_id", String(255)),
    Column("operation", String(255), nullable=False),
    Column("table_name", String(255), nullable=False),
    Column("record_id", String(255), nullable=False),
    Column("changed_data", DOCUMENT, nullable=False),
    Column("details", DOCUMENT, nullable=False),
    Column("timestamp", TIMESTAMPTZ, nullable=False, server_default=NOW),
    PrimaryKeyConstraint("audit_id", name="audit_logs_pkey"),
    Index("audit_logs_table_name_record_id_index", "table_name", "record_id"),
    Index("audit_logs_tenant_index", "tenant"),
    Index("audit_logs_timestamp_index", "timestamp"),
)
