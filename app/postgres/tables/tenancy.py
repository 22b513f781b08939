"""Tenants, people and rights (database.md 2.10)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
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

from app.postgres.tables.base import DOCUMENT, FALSE, NEW_UUID, NOW, TIMESTAMPTZ, TRUE, metadata

tenants = Table(
    "tenants",
    metadata,
    Column("tenant", Uuid, nullable=False, server_default=NEW_UUID),
    Column("client_name", Text, nullable=False),
    Column("phone_number", Text),
    Column("email", Text, nullable=False),
    Column("industry", Text),
    Column("created_at", TIMESTAMPTZ),
    Column("updated_at", TIMESTAMPTZ, server_default=NOW),
    Column("payment_platform_id", Text),
    Column("payment_method_id", Text),
    Column("auth_service_id", Text),
    Column("plan", Text),
    Column("tax_id_number", String(255)),
    Column("licensed_user_count", Integer),
    Column("last_license_update", TIMESTAMPTZ),
    Column("stripe_event_id", String(255)),
    Column("billing_source", Text, nullable=False, server_default=text("'stripe'")),
    Column("product_code", Text, server_default=text("'psa'")),
    Column("suspended_at", TIMESTAMPTZ),
    Column("suspended_reason", Text),
    PrimaryKeyConstraint("tenant", name="tenants_pkey"),
    CheckConstraint(
        "product_code IS NOT NULL AND product_code IN ('psa', 'algadesk')", name="tenants_product_code_check"
    ),
    CheckConstraint(
        "(suspended_at IS NULL AND suspended_reason IS NULL)"
        " OR (suspended_at IS NOT NULL AND suspended_reason = 'tenant_cancelled')",
        name="tenants_suspended_reason_check",
    ),
    Index("idx_tenants_tenant_stripe_event", "tenant", "stripe_event_id"),
)

tenant_settings = Table(
    "tenant_settings",
    metadata,
    Column("tenant", Uuid, nullable=False),
    Column("onboarding_completed", Boolean, server_default=FALSE),
    Column("onboarding_completed_at", TIMESTAMPTZ),
    Column("onboarding_skipped", Boolean, server_default=FALSE),
    Column("onboarding_data", DOCUMENT),
    Column("settings", DOCUMENT),
    Column("created_at", TIMESTAMPTZ, server_default=NOW),
    Column("updated_at", TIMESTAMPTZ, server_default=NOW),
    Column("ticket_display_settings", DOCUMENT),
    Column("default_tax_source", String(20), server_default=text("'internal'")),
    Column("allow_external_tax_override", Boolean, server_default=FALSE),
    Column("tax_delegation_nudge_dismissed_at", TIMESTAMPTZ),
    PrimaryKeyConstraint("tenant", name="tenant_settings_pkey"),
    ForeignKeyConstraint(["tenant"], ["tenants.tenant"], name="tenant_settings_tenant_foreign", ondelete="CASCADE"),
    Index("tenant_settings_tenant_index", "tenant"),
)

users = Table(
    "users",
    metadata,
    Column("tenant", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False, server_default=NEW_UUID),
    Column("username", Text, nullable=False),
    Column("hashed_password", Text, nullable=False),
    Column("first_name", Text),
    Column("last_name", Text),
    Column("date_of_birth", TIMESTAMPTZ),
    Column("email", Text, nullable=False),
    Column("icon", Text),
    Column("auth_method", Text),
    Column("created_at", TIMESTAMPTZ, server_default=NOW),
    Column("updated_at", TIMESTAMPTZ, server_default=NOW),
    Column("two_factor_enabled", Boolean, server_default=FALSE),
    Column("two_factor_secret", Text),
    Column("is_google_user", Boolean, server_default=FALSE),
    Column("rate", BigInteger),
    Column("is_inactive", Boolean, server_default=FALSE),
    Column("user_type", Text, nullable=False, server_default=text("'internal'")),
    Column("contact_id", Uuid),
    Column("needs_contact_association", Boolean, server_default=FALSE),
    Column("phone", String(255)),
    Column("timezone", String(255)),
    Column("last_login_at", TIMESTAMPTZ),
    Column("last_login_method", String(50)),
    Column("two_factor_required_new_device", Boolean, server_default=FALSE),
    Column("reports_to", Uuid),
    Column("client_portal_entra_metadata", DOCUMENT),
    Column("phone_extension", Text),
    PrimaryKeyConstraint("tenant", "user_id", "email", name="users_pkey"),
    UniqueConstraint("tenant", "user_id", name="users_tenant_user_id_unique"),
    CheckConstraint("user_type IN ('internal', 'client')", name="users_user_type_check"),
    ForeignKeyConstraint(["tenant"], ["tenants.tenant"], name="users_tenant_foreign"),
    ForeignKeyConstraint(
        ["tenant", "reports_to"], ["users.tenant", "users.user_id"], name="users_tenant_reports_to_foreign"
    ),
    Index("users_contact_id_index", "contact_id"),
)

roles = Table(
    "roles",
    metadata,
    Column("tenant", Uuid, nullable=False),
    Column("role_id", Uuid, nullable=False, server_default=NEW_UUID),
    Column("role_name", Text, nullable=False),
    Column("description", Text),
    Column("created_at", TIMESTAMPTZ, server_default=NOW),
    Column("updated_at", TIMESTAMPTZ, server_default=NOW),
    Column("msp", Boolean, nullable=False, server_default=TRUE),
    Column("client", Boolean, nullable=False, server_default=FALSE),
    PrimaryKeyConstraint("tenant", "role_id", name="roles_pkey"),
    ForeignKeyConstraint(["tenant"], ["tenants.tenant"], name="roles_tenant_foreign"),
    Index("idx_roles_client", "client"),
    Index("idx_roles_msp", "msp"),
)

user_roles = Table(
    "user_roles",
    metadata,
    Column("tenant", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("role_id", Uuid, nullable=False),
    Column("created_at", TIMESTAMPTZ, server_default=NOW),
    PrimaryKeyConstraint("tenant", "user_id", "role_id", name="user_roles_pkey"),
    ForeignKeyConstraint(["tenant"], ["tenants.tenant"], name="user_roles_tenant_foreign"),
    ForeignKeyConstraint(
        ["tenant", "role_id"], ["roles.tenant", "roles.role_id"], name="user_roles_tenant_role_id_foreign"
    ),
    ForeignKeyConstraint(
        ["tenant", "user_id"], ["users.tenant", "users.user_id"], name="user_roles_tenant_user_id_foreign"
    ),
)

permissions = Table(
    "permissions",
    metadata,
    Column("tenant", Uuid, nullable=False),
    Column("permission_id", Uuid, nullable=False, server_default=NEW_UUID),
    Column("resource", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("created_at", TIMESTAMPTZ, server_default=NOW),
    Column("msp", Boolean, nullable=False, server_default=TRUE),
    Column("client", Boolean, nullable=False, server_default=FALSE),
    Column("description", Text),
    PrimaryKeyConstraint("tenant", "permission_id", name="permissions_pkey"),
    ForeignKeyConstraint(["tenant"], ["tenants.tenant"], name="permissions_tenant_foreign"),
    Index("idx_permissions_client", "client"),
    Index("idx_permissions_msp", "msp"),
)

role_permissions = Table(
    "role_permissions",
    metadata,
    Column("tenant", Uuid, nullable=False),
    Column("role_id", Uuid, nullable=False),
    Column("permission_id", Uuid, nullable=False),
    Column("created_at", TIMESTAMPTZ, server_default=NOW),
    PrimaryKeyConstraint("tenant", "role_id", "permission_id", name="role_permissions_pkey"),
    ForeignKeyConstraint(["tenant"], ["tenants.tenant"], name="role_permissions_tenant_foreign"),
    ForeignKeyConstraint(
        ["tenant", "permission_id"],
        ["permissions.tenant", "permissions.permission_id"],
        name="role_permissions_tenant_permission_id_foreign",
    ),
    ForeignKeyConstraint(
        ["tenant", "role_id"], ["roles.tenant", "roles.role_id"], name="role_permissions_tenant_role_id_foreign"
    ),
)
