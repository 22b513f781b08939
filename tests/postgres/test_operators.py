"""People and their rights: only active internal users, only roles and permissions of the MSP's side."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from app.domain.errors import NotFound
from app.domain.operator import Right
from app.postgres.operators import PostgresOperatorDirectory
from app.postgres.tables import permissions, role_permissions, roles, user_roles, users
from tests.postgres.world import World

pytestmark = pytest.mark.asyncio


async def add_user(world: World, email: str, tenant: UUID | None = None, **columns: object) -> UUID:
    row = {"user_id": uuid4(), "tenant": tenant or world.tenant, "email": email, "username": email}
    await world.add(users, {**row, "hashed_password": "x", "first_name": "Ada", "last_name": "Admin", **columns})
    return UUID(str(row["user_id"]))


async def grant(world: World, user: UUID, role: str, actions: dict[str, bool], *, msp: bool = True) -> None:
    """Give a role whose permissions are actions on workflows, each with its MSP flag."""
    tenant, role_id = world.tenant, uuid4()
    await world.add(roles, {"tenant": tenant, "role_id": role_id, "role_name": role, "msp": msp})
    await world.add(user_roles, {"tenant": tenant, "user_id": user, "role_id": role_id})
    for action, for_msp in actions.items():
        permission = uuid4()
        of_workflow = {"tenant": tenant, "permission_id": permission, "resource": "workflow", "action": action}
        await world.add(permissions, {**of_workflow, "msp": for_msp})
        await world.add(role_permissions, {"tenant": tenant, "role_id": role_id, "permission_id": permission})


async def test_rights_follow_the_path_of_roles(world: World) -> None:
    user = await add_user(world, "Ada@Example.com")
    await grant(world, user, "Technician", {"read": True, "publish": False})
    await grant(world, user, "Dispatcher", {"manage": True, "read": True})
    await grant(world, user, "Portal", {"admin": True}, msp=False)
    await world.add(permissions, {"tenant": world.tenant, "resource": "ticket", "action": "admin"})
    directory = PostgresOperatorDirectory(world.database)
    for who in (str(user), "ada@example.COM", " Ada@Example.com "):
        operator = await directory.find(world.tenant, who)
        assert (operator.user_id, operator.display_name, operator.email) == (user, "Ada Admin", "Ada@Example.com")
        assert operator.roles == ("Dispatcher", "Technician")
        assert operator.rights == {"read", "manage"}
        assert operator.verified is False
        assert operator.may(Right.MANAGE)
        assert not operator.may(Right.ADMIN)


@pytest.mark.parametrize("columns", [{"is_inactive": True}, {"user_type": "client"}])
async def test_only_active_internal_users_act(world: World, columns: dict[str, object]) -> None:
    await add_user(world, "ada@example.com", **columns)
    with pytest.raises(NotFound) as refusal:
        await PostgresOperatorDirectory(world.database).find(world.tenant, "ada@example.com")
    assert refusal.value.code == "operator.not_found"


async def test_a_user_with_unknown_activity_acts(world: World) -> None:
    user = await add_user(world, "ada@example.com", is_inactive=None, first_name=None, last_name=None)
    operator = await PostgresOperatorDirectory(world.database).find(world.tenant, "ada@example.com")
    assert (operator.user_id, operator.display_name) == (user, "ada@example.com")


async def test_a_shared_address_names_nobody(world: World) -> None:
    first = await add_user(world, "team@example.com")
    await add_user(world, "TEAM@example.com")
    directory = PostgresOperatorDirectory(world.database)
    with pytest.raises(NotFound) as refusal:
        await directory.find(world.tenant, "team@example.com")
    assert refusal.value.code == "operator.ambiguous"
    assert (await directory.find(world.tenant, str(first))).user_id == first


async def test_users_of_another_tenant_are_unknown(world: World) -> None:
    user = await add_user(world, "ada@example.com", tenant=world.other_tenant)
    for who in ("ada@example.com", str(user)):
        with pytest.raises(NotFound):
            await PostgresOperatorDirectory(world.database).find(world.tenant, who)
