"""The demo tenant: people, roles, rights, settings and the form of its human tasks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.domain.operator import Right
from app.domain.quota_pause import UNLIMITED_METADATA
from app.sandbox.seed_identity import OPERATOR_EMAIL, TENANT, TENANT_NAME, demo_id
from app.sandbox.seed_rows import TableRows

APPROVAL_TASK_TYPE = "purchase_approval"
APPROVAL_FORM = "purchase_approval_form"

_PEOPLE = {
    OPERATOR_EMAIL: ("Maria", "Ortiz", "Admin"),
    "jonas.weber@harbor-it.example": ("Jonas", "Weber", "Technician"),
    "priya.nair@harbor-it.example": ("Priya", "Nair", "Viewer"),
}
_ROLES: dict[str, tuple[str, tuple[Right, ...]]] = {
    "Admin": ("Runs the service desk and its workflows", tuple(Right)),
    "Technician": ("Works on tickets and starts workflows", (Right.READ, Right.VIEW, Right.MANAGE)),
    "Viewer": ("Looks at workflows and their runs", (Right.READ, Right.VIEW)),
}
_UNUSABLE_PASSWORD = "!"  # noqa: S105 - nobody logs in to the demo's product
_PERIOD = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
"""Fixed, so that a seeding can be repeated."""
SETTINGS: dict[str, Any] = {
    "workflowRunStudio": {
        "redactionPointers": ["/customer/taxId"],
        "redactionKeyPatterns": ["^iban$"],
    },
    # The product's 60 starts a minute would refuse a newcomer's first start right after seeding.
    "rundesk": {"startsPerMinute": 6000},
}


def people_rows() -> tuple[TableRows, ...]:
    """Return the tenant and everything that says who may do what, in an order that keeps every foreign key."""
    return (
        TableRows("tenants", (_tenant(),)),
        TableRows.one("tenant_settings", tenant=TENANT, settings=SETTINGS),
        _unlimited_steps(),
        TableRows("users", tuple(_user(email) for email in _PEOPLE)),
        TableRows("roles", tuple(_role(role) for role in _ROLES)),
        TableRows(
            "user_roles",
            tuple(
                {"tenant": TENANT, "user_id": demo_id("user", email), "role_id": demo_id("role", role)}
                for email, (_, _, role) in _PEOPLE.items()
            ),
        ),
        TableRows("permissions", tuple(_permission(right) for right in Right)),
        TableRows(
            "role_permissions",
            tuple(
                {"tenant": TENANT, "role_id": demo_id("role", role), "permission_id": demo_id("permission", right)}
                for role, (_, rights) in _ROLES.items()
                for right in rights
            ),
        ),
        *_approval_form(),
    )


def _role(role: str) -> dict[str, Any]:
    description, _ = _ROLES[role]
    return {"tenant": TENANT, "role_id": demo_id("role", role), "role_name": role, "description": description}


def _permission(right: Right) -> dict[str, Any]:
    identity = demo_id("permission", right)
    return {"tenant": TENANT, "permission_id": identity, "resource": "workflow", "action": str(right)}


def _tenant() -> dict[str, Any]:
    return {
        "tenant": TENANT,
        "client_name": TENANT_NAME,
        "email": "desk@harbor-it.example",
        "phone_number": "+1 555 0142",
        "industry": "Managed services",
        "plan": "pro",
    }


def _unlimited_steps() -> TableRows:
    """Return a subscription's period without a limit: the seed alone would use the plan's steps of a month up."""
    begins, ends = _PERIOD
    return TableRows.one(
        "workflow_step_usage_periods",
        tenant=TENANT,
        period_start=begins,
        period_end=ends,
        period_source="stripe_subscription",
        effective_limit=None,
        limit_source=UNLIMITED_METADATA,
        tier="pro",
    )


def _user(email: str) -> dict[str, Any]:
    first_name, last_name, _ = _PEOPLE[email]
    return {
        "tenant": TENANT,
        "user_id": demo_id("user", email),
        "username": email.partition("@")[0],
        "hashed_password": _UNUSABLE_PASSWORD,
        "first_name": first_name,
        "last_name": last_name,
        "email": email,
        "timezone": "America/New_York",
    }


def _approval_form() -> tuple[TableRows, ...]:
    schema = {
        "type": "object",
        "required": ["approved"],
        "properties": {
            "approved": {"type": "boolean", "title": "Approve this purchase?"},
            "comment": {"type": "string", "title": "Comment"},
        },
    }
    return (
        TableRows.one(
            "system_workflow_form_definitions",
            definition_id=demo_id("form", APPROVAL_FORM),
            name=APPROVAL_FORM,
            description="Decision about a purchase",
            category="approvals",
            json_schema=schema,
        ),
        TableRows.one(
            "system_workflow_task_definitions",
            task_type=APPROVAL_TASK_TYPE,
            name="Purchase approval",
            description="Somebody decides about a purchase above the limit",
            form_id=APPROVAL_FORM,
            default_priority="medium",
            default_sla_days=3,
        ),
    )
