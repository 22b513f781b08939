"""Action invocations: at most one row per idempotency key, re-attempted in place (runtime.md 7.7, F20, F21)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.run import InvocationStatus, RunKey
from app.postgres.database import Database
from app.postgres.projection import in_tenant
from app.postgres.projection_json import from_stored, to_stored
from app.postgres.tables import workflow_action_invocations as invocations


@dataclass(frozen=True, slots=True)
class NewInvocation:
    """An attempt about to be made; ``input`` is what may be stored, without secrets."""

    invocation_id: UUID
    step_path: str
    action_id: str
    action_version: int
    idempotency_key: str
    input: Any


@dataclass(frozen=True, slots=True)
class Begun:
    """The row is STARTED and this attempt is ours. ``taken_over_from`` is another run whose failed row this was."""

    invocation_id: UUID
    attempt: int
    taken_over_from: UUID | None = None


@dataclass(frozen=True, slots=True)
class AlreadySucceeded:
    """An invocation with this key has succeeded; its output as stored, with what was masked."""

    invocation_id: UUID
    run_id: UUID
    output: Any


@dataclass(frozen=True, slots=True)
class OutcomeUnknown:
    """A row was left STARTED and the action may not be repeated. ``run_id`` is the run that left it."""

    invocation_id: UUID
    run_id: UUID
    attempt: int


class InvocationLog:
    """Writes ``workflow_action_invocations``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self, key: RunKey, new: NewInvocation, *, repeatable: bool
    ) -> Begun | AlreadySucceeded | OutcomeUnknown:
        """Claim the row of the key: insert it, or start a failed one again in place with one attempt more.

        A row left STARTED is started again only when the action is repeatable.
        """
        async with self._database.writing(key.tenant) as connection:
            has_errors = (await self._database.capabilities(connection)).has_invocation_errors
            if await self._inserted(connection, key, new):
                return Begun(new.invocation_id, 1)
            row = (await connection.execute(_locked(key, new))).one()
            if row.status == InvocationStatus.SUCCEEDED:
                return AlreadySucceeded(row.invocation_id, row.run_id, from_stored(row.output_json))
            if row.status == InvocationStatus.STARTED and not repeatable:
                return OutcomeUnknown(row.invocation_id, row.run_id, row.attempt)
            return await self._started_again(connection, key, row, new, has_errors=has_errors)

    async def succeed(self, key: RunKey, begun: Begun, output: Any) -> None:
        """Close our attempt SUCCEEDED; ``output`` is what may be stored."""
        await self._close(
            key, begun.invocation_id, begun.attempt, {"status": InvocationStatus.SUCCEEDED, "output_json": output}
        )

    async def fail(self, key: RunKey, invocation_id: UUID, attempt: int, message: str, error: Any) -> None:
        """Close an attempt FAILED with its message and error object."""
        changes = {"status": InvocationStatus.FAILED, "error_message": to_stored(message), "error_json": error}
        await self._close(key, invocation_id, attempt, changes)

    async def _inserted(self, connection: AsyncConnection, key: RunKey, new: NewInvocation) -> bool:
        row = {
            "invocation_id": new.invocation_id,
            "tenant": key.tenant,
            "run_id": key.run_id,
            "step_path": new.step_path,
            "action_id": new.action_id,
            "action_version": new.action_version,
            "idempotency_key": new.idempotency_key,
            "status": InvocationStatus.STARTED,
            "attempt": 1,
            "input_json": to_stored(new.input),
            "started_at": func.now(),
        }
        statement = insert(invocations).values(row).on_conflict_do_nothing().returning(invocations.c.invocation_id)
        return await connection.scalar(statement) is not None

    async def _started_again(
        self, connection: AsyncConnection, key: RunKey, row: Row[Any], new: NewInvocation, *, has_errors: bool
    ) -> Begun:
        changes: dict[str, Any] = {
            "status": InvocationStatus.STARTED,
            "attempt": row.attempt + 1,
            "input_json": to_stored(new.input),
            "started_at": func.now(),
            "completed_at": None,
            "error_message": None,
        }
        if has_errors:
            changes["error_json"] = None
        await connection.execute(update(invocations).where(_is(key, row.invocation_id)).values(changes))
        return Begun(row.invocation_id, row.attempt + 1, None if row.run_id == key.run_id else row.run_id)

    async def _close(self, key: RunKey, invocation_id: UUID, attempt: int, changes: dict[str, Any]) -> None:
        async with self._database.writing(key.tenant) as connection:
            if not (await self._database.capabilities(connection)).has_invocation_errors:
                changes.pop("error_json", None)
            values = {
                name: to_stored(value) if name.endswith("_json") else value for name, value in changes.items()
            } | {"completed_at": func.now()}
            ours = (
                _is(key, invocation_id)
                & (invocations.c.attempt == attempt)
                & (invocations.c.status == InvocationStatus.STARTED)
            )
            await connection.execute(update(invocations).where(ours).values(values))


def _is(key: RunKey, invocation_id: UUID) -> ColumnElement[bool]:
    return (invocations.c.invocation_id == invocation_id) & in_tenant(invocations, key.tenant)


def _locked(key: RunKey, new: NewInvocation) -> Any:
    return (
        select(
            invocations.c.invocation_id,
            invocations.c.run_id,
            invocations.c.status,
            invocations.c.attempt,
            invocations.c.output_json,
        )
        .where(
            in_tenant(invocations, key.tenant),
            invocations.c.action_id == new.action_id,
            invocations.c.action_version == new.action_version,
            invocations.c.idempotency_key == new.idempotency_key,
        )
        .with_for_update()
    )
