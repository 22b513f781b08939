"""The demo tenant: people, roles, rights, settings and the form of its human tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.domain.operator import Right
from app.postgres import tables
from app.sandbox.seed_identity import OPERATOR_EMAIL, TENANT, TENANT_NAME, demo_id

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

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
SETTINGS: dict[str, Any] = {
    "workflowRunStudio": {
        "redactionPointers": ["/customer/taxId"],
        "redactionKeyPatterns": ["^iban$"],
    },
    # The product's 60 starts a minute would refuse a newcomer's first start right after seeding.
    "rundesk": {"startsPerMinute": 6000},
}


async def insert_people(connection: AsyncConnection) -> None:
    """Insert the tenant and everything that says who may do what, into a database without them."""
    await connection.execute(tables.tenants.insert(), [_tenant()])
    await connection.execute(tables.tenant_settings.insert(), [{"tenant": TENANT, "settings": SETTINGS}])
    await connection.execute(tables.users.insert(), [_user(email) for email in _PEOPLE])
    await connection.execute(
        tables.roles.insert(),
        [
            {"tenant": TENANT, "role_id": demo_id("role", role), "role_name": role, "description": description}
            for role, (description, _) in _ROLES.items()
        ],
    )
    await connection.execute(
        tables.user_roles.insert(),
        [
            {"tenant": TENANT, "user_id": demo_id("user", email), "role_id": demo_id("role", role)}
            for email, (_, _, role) in _PEOPLE.items()
        ],
    )
    await connection.execute(
        tables.permissions.insert(),
        [
            {
                "tenant": TENANT,
                "permission_id": demo_id("permission", right),
                "resource": "workflow",
                "action": str(right),
            }
            for right in Right
        ],
    )
    await connection.execute(
        tables.role_permissions.insert(),
        [
            {"tenant": TENANT, "role_id": demo_id("role", role), "permission_id": demo_id("permission", right)}
            for role, (_, rights) in _ROLES.items()
            for right in rights
        ],
    )
    await _insert_approval_form(connection)


def _tenant() -> dict[str, Any]:
    return {
        "tenant": TENANT,
        "client_name": TENANT_NAME,
        "email": "desk@harbor-it.example",
        "phone_number": "+1 555 0142",
        "industry": "Managed services",
        "plan": "pro",
    }


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


async def _insert_approval_form(connection: AsyncConnection) -> None:
    schema = {
        "type": "object",
        "required": ["approved"],
        "properties": {
            "approved": {"type": "boolean", "title": "Approve this purchase?"},
            "comment": {"type": "string", "title": "Comment"},
        },
    }
    await connection.execute(
        tables.system_workflow_form_definitions.insert(),
        [
            {
                "definition_id": demo_id("form", APPROVAL_FORM),
                "name": APPROVAL_FORM,
                "description": "Decision about a purchase",
                "category": "approvals",
                "json_schema": schema,
            }
        ],
    )
    await connection.execute(
        tables.system_workflow_task_definitions.insert(),
        [
            {
                "task_type": APPROVAL_TASK_TYPE,
                "name": "Purchase approval",
                "description": "Somebody decides about a purchase above the limit",
                "form_id": APPROVAL_FORM,
                "default_priority": "medium",
                "default_sla_days": 3,
            }
        ],
    )
