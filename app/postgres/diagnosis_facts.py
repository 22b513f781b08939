"""The projection's side of a diagnosis; implements :class:`app.services.diagnosis_ports.DiagnosisReader`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.diagnosis.facts import (
    EventFacts,
    InvocationFacts,
    Marks,
    RowFacts,
    StepFacts,
    TaskFacts,
    UsageFacts,
    WaitFacts,
)
from app.domain.event_filters import first_refusal
from app.domain.quota_pause import limit_ahead
from app.domain.run import RunKey, WaitType
from app.postgres import diagnosis_statements as statements
from app.postgres.database import Database
from app.postgres.quota_usage import usage_now
from app.postgres.redaction_border import RunBorder, read_document
from app.postgres.run_predicates import as_run_id, of_tenant
from app.postgres.run_secrets import read_run_border
from app.postgres.sql_types import AnyRow, AnySelect
from app.postgres.tables import workflow_run_waits
from app.services.diagnosis_ports import CloserFacts, RowBatch

_CLOSEST_EVENTS = 10
"""How many near events are told of one run."""
_OWN_MARKS = (
    "continued_as_new_failure",
    "generic_failure_text",
    "singleton_list_text",
    "expression_time_text",
    "error_beside_success",
)
_MARKS_BELOW = (
    "continued_as_new_failure",
    "duplicate_key_text",
    "cancel_logged",
    "swallowed_failure",
    "unmatched_resolved_wait",
    "refused_response",
    "late_invocation",
    "open_steps",
    "open_tasks",
)
_NO_MARKS = Marks()


class PostgresDiagnosisReader:
    """Reads facts of many runs of one tenant in about ten statements."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def active(self, tenant: UUID | None, closed_within: timedelta | None, limit: int) -> RowBatch:
        """Return runs that are not finally closed and those that closed within this span, oldest first."""
        return await self._batch(tenant, statements.unclosed_rows(tenant, closed_within, limit), {})

    async def runs(self, tenant: UUID | None, run_ids: tuple[UUID, ...]) -> RowBatch:
        """Return these runs; ids that do not exist are left out."""
        return await self._batch(tenant, statements.named_rows(tenant), statements.ids_given(run_ids))

    async def closer(self, row: RowFacts) -> CloserFacts:
        """Return the run with redacted keys, near misses and a scrubber that knows its secrets. NotFound."""
        key = row.key
        async with self._database.reading() as connection:
            border = await read_run_border(self._database, connection, key)
            keys = await _keys(connection, key)
            near = await _about(connection, statements.near_events(key.tenant), statements.ids_given([key.run_id]))
        waits = tuple(replace(wait, key=border.text(keys.get(wait.wait_id))) for wait in row.waits)
        closest = sorted((_event(each, border) for each in near), key=lambda event: not event.similar)
        return CloserFacts(replace(row, waits=waits, events=(*row.events, *closest[:_CLOSEST_EVENTS])), border)

    async def _batch(self, tenant: UUID | None, query: AnySelect, values: statements.Given) -> RowBatch:
        async with self._database.reading() as connection:
            rows = (await connection.execute(query, values)).all()
            read_at = rows[0].read_at if rows else await _clock(connection)
            parts = await _read_parts(connection, tenant, [row.run_id for row in rows])
            if parts.counts_quota and (await self._database.capabilities(connection)).can_read_quota:
                parts.usage = await _usage(connection, tenant)
        facts = tuple(_row_facts(row, parts) for row in rows)
        return RowBatch(facts, read_at, rows[0].total if rows else 0, parts.usage)


@dataclass(slots=True)
class _Parts:
    """What hangs on the rows of a batch, by run; ``counts_quota``: one of them pauses or paused on the step quota."""

    steps: Mapping[UUID, AnyRow] = field(default_factory=dict)
    waits: Mapping[UUID, Sequence[AnyRow]] = field(default_factory=dict)
    invocations: Mapping[UUID, AnyRow] = field(default_factory=dict)
    tasks: Mapping[UUID, AnyRow] = field(default_factory=dict)
    events: Mapping[UUID, Sequence[AnyRow]] = field(default_factory=dict)
    children: Mapping[UUID, Sequence[UUID]] = field(default_factory=dict)
    marks: Mapping[UUID, AnyRow] = field(default_factory=dict)
    counts_quota: bool = False
    usage: UsageFacts | None = None


async def _clock(connection: AsyncConnection) -> datetime:
    now: datetime = (await connection.execute(select(func.now()))).scalar_one()
    return now


async def _read_parts(connection: AsyncConnection, tenant: UUID | None, run_ids: list[UUID]) -> _Parts:
    if not run_ids:
        return _Parts()
    given = statements.ids_given(run_ids)
    parts = _Parts(
        steps=await _one_each(connection, statements.newest_steps(tenant), given),
        waits=await _many_each(connection, statements.telling_waits(tenant), given),
        invocations=await _one_each(connection, statements.newest_invocations(tenant), given),
        marks=await _one_each(connection, statements.fault_marks(tenant), given),
        children=await _children(connection, tenant, given),
    )
    of_type = _waiting_runs(parts.waits)
    if people := of_type.get(WaitType.HUMAN):
        parts.tasks = await _one_each(connection, statements.awaited_tasks(tenant), statements.ids_given(people))
    if listeners := of_type.get(WaitType.EVENT):
        parts.events = await _many_each(connection, statements.matching_events(tenant), statements.ids_given(listeners))
    parts.counts_quota = WaitType.QUOTA in of_type
    return parts


def _waiting_runs(waits: Mapping[UUID, Sequence[AnyRow]]) -> dict[str, list[UUID]]:
    found: dict[str, list[UUID]] = defaultdict(list)
    for run_id, rows in waits.items():
        for wait_type in {row.wait_type for row in rows}:
            found[wait_type].append(run_id)
    return found


async def _about(connection: AsyncConnection, query: AnySelect, given: statements.Given) -> Sequence[AnyRow]:
    return (await connection.execute(query, given)).all()


async def _one_each(connection: AsyncConnection, query: AnySelect, given: statements.Given) -> dict[UUID, AnyRow]:
    return {row.run_id: row for row in await _about(connection, query, given)}


async def _many_each(
    connection: AsyncConnection, query: AnySelect, given: statements.Given
) -> dict[UUID, list[AnyRow]]:
    found: dict[UUID, list[AnyRow]] = defaultdict(list)
    for row in await _about(connection, query, given):
        found[row.run_id].append(row)
    return found


async def _children(
    connection: AsyncConnection, tenant: UUID | None, given: statements.Given
) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for row in await _about(connection, statements.active_children(tenant), given):
        found[row.parent_run_id].append(row.run_id)
    return found


async def _usage(connection: AsyncConnection, tenant: UUID | None) -> UsageFacts | None:
    row = (await connection.execute(usage_now(tenant))).one_or_none()
    if row is None:
        return None
    return UsageFacts(row.used_count, limit_ahead(row.effective_limit, row.limit_source, row.plan), row.period_end)


async def _keys(connection: AsyncConnection, key: RunKey) -> dict[UUID, str | None]:
    waits = workflow_run_waits.c
    ours = of_tenant(workflow_run_waits, key.tenant)
    query = select(waits.wait_id, waits.key).where(ours, waits.run_id == key.run_id)
    return {row.wait_id: row.key for row in await connection.execute(query)}


def _row_facts(row: AnyRow, parts: _Parts) -> RowFacts:
    run_id = row.run_id
    step, invocation, task = parts.steps.get(run_id), parts.invocations.get(run_id), parts.tasks.get(run_id)
    return RowFacts(
        key=RunKey(row.tenant, run_id),
        workflow_name=row.workflow_name,
        status=row.status,
        engine=row.engine,
        started_at=row.started_at,
        updated_at=row.updated_at,
        completed_at=row.completed_at,
        has_temporal_ids=row.has_temporal_ids,
        parent_run_id=row.parent_run_id,
        replay_of=as_run_id(row.replay_of),
        semantics_version=row.runtime_semantics_version,
        error_stage=row.error_stage,
        step=None if step is None else _step(step),
        waits=tuple(map(_wait, parts.waits.get(run_id, ()))),
        invocation=None if invocation is None else _invocation(invocation),
        task=None if task is None else TaskFacts(task.task_id, task.status, task.completed_at),
        events=tuple(_event(event) for event in parts.events.get(run_id, ())),
        children=tuple(parts.children.get(run_id, ())),
        marks=_marks(row, parts.marks.get(run_id)),
    )


def _step(row: AnyRow) -> StepFacts:
    return StepFacts(row.step_path, row.status, row.attempt, row.started_at, row.completed_at)


def _wait(row: AnyRow) -> WaitFacts:
    return WaitFacts(
        wait_id=row.wait_id,
        wait_type=row.wait_type,
        status=row.status,
        step_path=row.step_path,
        event_name=row.event_name,
        has_key=row.has_key,
        timeout_at=row.timeout_at,
        created_at=row.created_at,
        resolved_at=row.resolved_at,
        filters=row.filters,
    )


def _invocation(row: AnyRow) -> InvocationFacts:
    return InvocationFacts(row.step_path, row.action_id, row.status, row.attempt, row.started_at, row.completed_at)


def _event(row: AnyRow, border: RunBorder | None = None) -> EventFacts:
    """Return an event; its payload is judged here, at the border, and goes no further."""
    same_name, same_key = row.event_name == row.wanted_name, row.correlation_key == row.wanted_key
    judged = None if row.payload is None else (read_document(row.payload), read_document(row.wanted_filters))
    return EventFacts(
        event_id=row.event_id,
        event_name=row.event_name,
        created_at=row.created_at,
        same_name=same_name,
        same_key=same_key,
        rejected_by=None if judged is None else first_refusal(*judged),
        failed=row.failed,
        consumed=row.consumed,
        similar=_is_similar(row.event_name, row.wanted_name) and _is_similar(row.correlation_key, row.wanted_key),
        key=None if border is None else border.text(row.correlation_key),
    )


def _is_similar(one: str | None, other: str | None) -> bool:
    """Say whether two names or keys differ in case, spaces and punctuation only."""
    plain = ["".join(filter(str.isalnum, text.casefold())) for text in (one, other) if text is not None]
    return len(plain) == 2 and plain[0] == plain[1] != ""


def _marks(row: AnyRow, below: AnyRow | None) -> Marks:
    """Return the marks of the run's own row and of the rows below it; most runs have none."""
    found = {name for name in _OWN_MARKS if getattr(row, name)}
    if below is not None:
        found |= {name for name in _MARKS_BELOW if getattr(below, name)}
    return Marks(**dict.fromkeys(found, True)) if found else _NO_MARKS
