"""A console on real servers whose runs need a way out, with an administrator whom the command line knows, too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Table, insert, text

from app.domain.errors import RuleViolation
from app.domain.operator import Operator
from app.domain.repair import RepairAction
from app.domain.run import RunKey
from app.postgres.database import Database
from app.postgres.operators import PostgresOperatorDirectory
from app.postgres.tables import (
    permissions,
    role_permissions,
    roles,
    user_roles,
    users,
    workflow_run_steps,
    workflow_run_waits,
    workflow_runs,
)
from app.services.console import Console
from app.services.repair_acts import RepairArguments, RepairCommand
from app.temporal.gateway import TemporalGateway
from tests.conftest import Stack, TestDatabase
from tests.engine.bench import Bench, Row

ADMIN = "root@example.org"
REASON = "for the test"


@dataclass
class Rescue:
    """Rows as something left them, executions as they are, and the services that mend both."""

    bench: Bench
    gateway: TemporalGateway
    console: Console
    operator: Operator
    flags: tuple[str, ...]

    @property
    def tenant(self) -> UUID:
        return self.bench.tenant

    def key(self, run_id: UUID) -> RunKey:
        return RunKey(self.tenant, run_id)

    async def add(self, table: Table, **columns: Any) -> None:
        async with self.bench.database.writing(self.tenant) as connection:
            await connection.execute(insert(table).values(columns))

    async def add_runs(self, workflow_id: UUID, *rows: Row) -> list[UUID]:
        """Insert run rows that started an hour ago; nothing executes them."""
        made = [
            {
                "run_id": uuid4(),
                "workflow_id": workflow_id,
                "workflow_version": 1,
                "tenant": self.tenant,
                "started_at": datetime.now(UTC) - timedelta(hours=1),
                **row,
            }
            for row in rows
        ]
        async with self.bench.database.writing(self.tenant) as connection:
            for row in made:
                await connection.execute(insert(workflow_runs).values(row))
        return [row["run_id"] for row in made]

    async def add_wait(self, run_id: UUID, **columns: Any) -> UUID:
        wait_id = uuid4()
        given = {"step_path": "root.steps[0]", "wait_type": "event", "status": "WAITING", **columns}
        await self.add(workflow_run_waits, wait_id=wait_id, run_id=run_id, tenant=self.tenant, **given)
        return wait_id

    async def add_step(self, run_id: UUID, **columns: Any) -> None:
        given = {"step_path": "root.steps[0]", "definition_step_id": "s", "status": "STARTED", **columns}
        await self.add(workflow_run_steps, run_id=run_id, tenant=self.tenant, **given)

    async def audits(self, operation: str) -> list[Row]:
        query = text("SELECT * FROM audit_logs WHERE operation = :o AND tenant = :t ORDER BY timestamp")
        async with self.bench.database.reading() as connection:
            result = await connection.execute(query, {"o": operation, "t": self.tenant})
            return [dict(row) for row in result.mappings()]


async def add_admin(database: Database, tenant: UUID) -> Operator:
    """Insert an active internal user with the right ``workflow:admin`` and return who that is."""
    user, role, permission = uuid4(), uuid4(), uuid4()
    rows: list[tuple[Table, Row]] = [
        (users, {"user_id": user, "username": ADMIN, "email": ADMIN, "hashed_password": "x", "user_type": "internal"}),
        (roles, {"role_id": role, "role_name": "Admin", "msp": True}),
        (permissions, {"permission_id": permission, "resource": "workflow", "action": "admin", "msp": True}),
        (role_permissions, {"role_id": role, "permission_id": permission}),
        (user_roles, {"user_id": user, "role_id": role}),
    ]
    async with database.writing(tenant) as connection:
        for table, row in rows:
            await connection.execute(insert(table).values({"tenant": tenant, **row}))
    return await PostgresOperatorDirectory(database).find(tenant, ADMIN)


def flags_of(stack: Stack, database: TestDatabase) -> tuple[str, ...]:
    """Return the command line's flags that lead to these servers as the administrator."""
    return (
        "--database-url",
        database.url,
        "--temporal-address",
        stack.temporal_address,
        "--temporal-namespace",
        stack.namespace,
        "--operator",
        ADMIN,
    )


def repair_of(rescue: Rescue, run_id: UUID, action: RepairAction, **fields: Any) -> RepairCommand:
    """Return a command of the administrator; ``arguments`` may be a dict."""
    arguments = RepairArguments(**fields.pop("arguments", {}))
    given = {"reason": REASON, "operator": rescue.operator, "request_id": uuid4(), **fields}
    return RepairCommand(rescue.key(run_id), action, arguments=arguments, **given)


async def refusal_of(rescue: Rescue, command: RepairCommand) -> str:
    """Return the code by which plan and apply both refuse the command, after which nothing has changed."""
    before = await everything_of(rescue, command.key.run_id)
    with pytest.raises(RuleViolation) as planned:
        await rescue.console.repair.plan(command)
    with pytest.raises(RuleViolation) as applied:
        await rescue.console.repair.apply(command)
    assert planned.value.code == applied.value.code
    assert await everything_of(rescue, command.key.run_id) == before
    return planned.value.code


async def everything_of(rescue: Rescue, run_id: UUID) -> tuple[Any, ...]:
    """Return the run's row with all rows below it."""
    bench = rescue.bench
    below = [await read(run_id) for read in (bench.steps, bench.waits, bench.tasks, bench.logs)]
    return await bench.run(run_id), *below
