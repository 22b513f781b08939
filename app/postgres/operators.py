"""Finds people of a tenant and their workflow rights (database.md 2.10 and section 8)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.errors import NotFound
from app.domain.operator import Operator
from app.postgres.database import Database
from app.postgres.sql_types import AnyRow, Condition
from app.postgres.tables import permissions, role_permissions, roles, user_roles, users

WORKFLOW_RESOURCE = "workflow"
INTERNAL_USER = "internal"


class PostgresOperatorDirectory:
    """Implements :class:`app.services.ports.OperatorDirectory`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, tenant: UUID, who: str) -> Operator:
        """Return the active internal user with this user id or e-mail, compared without case.

        The operator is unverified: nothing in the tables ties a database login to a person.

        Raises:
            NotFound: Nobody, or several people share the e-mail (it is not unique in the database).
        """
        async with self._database.reading() as connection:
            person = await _person(connection, tenant, who.strip())
            names = await _role_names(connection, tenant, person.user_id)
            rights = await _rights(connection, tenant, person.user_id)
        full_name = " ".join(part for part in (person.first_name, person.last_name) if part)
        return Operator(
            tenant=tenant,
            user_id=person.user_id,
            display_name=full_name or person.email,
            email=person.email,
            roles=names,
            rights=rights,
        )


async def _person(connection: AsyncConnection, tenant: UUID, who: str) -> AnyRow:
    query = select(users.c.user_id, users.c.first_name, users.c.last_name, users.c.email).where(
        users.c.tenant == tenant,
        users.c.user_type == INTERNAL_USER,
        func.coalesce(users.c.is_inactive, False).is_(False),
        _is_named(who),
    )
    found = (await connection.execute(query.limit(2))).all()
    if len(found) > 1:
        raise NotFound(
            "operator.ambiguous",
            f"Several active users of this tenant have the e-mail {who}. Give the user id.",
            who=who,
        )
    if not found:
        raise NotFound(
            "operator.not_found",
            f"There is no active internal user {who} in this tenant. Check user id or e-mail.",
            who=who,
        )
    return found[0]


def _is_named(who: str) -> Condition:
    by_email = func.lower(users.c.email) == who.lower()
    try:
        return or_(users.c.user_id == UUID(who), by_email)
    except ValueError:
        return by_email


async def _role_names(connection: AsyncConnection, tenant: UUID, user_id: UUID) -> tuple[str, ...]:
    query = (
        select(roles.c.role_name)
        .select_from(user_roles.join(roles, _same(user_roles, roles, "role_id")))
        .where(user_roles.c.tenant == tenant, user_roles.c.user_id == user_id, roles.c.msp)
        .order_by(roles.c.role_name)
    )
    return tuple(await connection.scalars(query))


async def _rights(connection: AsyncConnection, tenant: UUID, user_id: UUID) -> frozenset[str]:
    """Return the granted actions on workflows; for internal users only roles and permissions with ``msp`` count."""
    path = (
        user_roles.join(roles, _same(user_roles, roles, "role_id"))
        .join(role_permissions, _same(roles, role_permissions, "role_id"))
        .join(permissions, _same(role_permissions, permissions, "permission_id"))
    )
    query = (
        select(permissions.c.action)
        .distinct()
        .select_from(path)
        .where(
            user_roles.c.tenant == tenant,
            user_roles.c.user_id == user_id,
            roles.c.msp,
            permissions.c.msp,
            permissions.c.resource == WORKFLOW_RESOURCE,
        )
    )
    return frozenset(await connection.scalars(query))


def _same(left: Any, right: Any, column: str) -> Condition:
    """Return the join condition on a column and, as always, on the tenant."""
    condition: Condition = (left.c.tenant == right.c.tenant) & (left.c[column] == right.c[column])
    return condition
