"""Step rows: their start, counted against the tenant's quota, and their end (runtime.md 4.7 and 8.1).

Every step of every run costs them, so that a start takes two round trips and an end one: what belongs to a start
travels with the begin, and the commit follows once it is known that the quota allows the step. The counter comes last,
because all runs of a tenant wait for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Table, Text, Uuid, bindparam, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.domain.run import RunKey, RunStatus, StepStatus, WaitStatus, WaitType
from app.postgres.built_statement import BuiltStatement, Values
from app.postgres.database import Database
from app.postgres.projection import NewWait, insert_wait, of_run, touch_run
from app.postgres.projection_json import to_stored
from app.postgres.step_duration import milliseconds_until
from app.postgres.step_quota import QuotaTerms, StepQuota
from app.postgres.tables import workflow_run_steps, workflow_run_waits, workflow_runs, workflow_step_usage_periods


@dataclass(frozen=True, slots=True)
class NewStep:
    """A step row to insert.

    ``attempt`` counts the entries of the path, None where only the rows know it.
    """

    step_id: UUID
    step_path: str
    definition_step_id: str
    attempt: int | None = None


@dataclass(frozen=True, slots=True)
class StartedStep:
    """The step has its row."""

    attempt: int


@dataclass(frozen=True, slots=True)
class QuotaRefusal:
    """No step may begin before the limit is raised or the period ends; nothing was written."""

    terms: QuotaTerms
    used: int


class StepRows:
    """Writes ``workflow_run_steps`` of the runs that the engine executes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._quota = StepQuota(database)

    async def start(self, key: RunKey, step: NewStep) -> StartedStep | QuotaRefusal:
        """Insert the step STARTED, count it, and move the run to its path, or say that the quota refuses it.

        A repeated id is neither inserted nor counted again.
        """
        if key.tenant is None:
            return await self._started(key, step)
        terms = await self._quota.terms(key.tenant)
        if terms is None:
            return await self._started(key, step)
        if (started := await self._counted(key, step, terms)) is not None:
            return started
        terms = await self._quota.terms(key.tenant, afresh=True)
        if terms is None:
            return await self._started(key, step)
        if (started := await self._counted(key, step, terms)) is not None:
            return started
        return QuotaRefusal(terms, await self._quota.used(key.tenant, terms))

    async def pause(self, key: RunKey, wait: NewWait, error: dict[str, Any]) -> None:
        """Open a quota wait, or renew the one that is open at its path, and set the run WAITING with the error."""
        waits = workflow_run_waits
        here = of_run(waits, key) & _is_open_pause(waits.c.step_path == wait.step_path)
        renewed = update(waits).where(here).values(timeout_at=wait.timeout_at, payload=to_stored(wait.payload))
        async with self._database.writing(key.tenant) as connection:
            if (await connection.execute(renewed.returning(waits.c.wait_id))).first() is None:
                await insert_wait(connection, key, wait)
            changes = {"status": RunStatus.WAITING, "node_path": wait.step_path, "error_json": to_stored(error)}
            await touch_run(connection, key, changes)

    async def finish(self, key: RunKey, step_id: UUID, status: str, error: dict[str, Any] | None) -> None:
        """Close a step row. The run row keeps its status: a failure may yet be handled (F39)."""
        values = {**_of(key), "step": step_id, "end": status, "error": None if error is None else to_stored(error)}
        end, touch = _statements(key.tenant is None).end
        async with self._database.writing_briefly(key.tenant) as writing:
            if error is None:
                await writing.ask((end, values), (touch, _of(key)), commit=True)
            else:  # an error's text must not stand in the server's log
                await writing.ask((touch, _of(key)))
                await writing.ask_bound((end, values))

    async def _started(self, key: RunKey, step: NewStep) -> StartedStep:
        async with self._database.writing_briefly(key.tenant) as writing:
            rows = await writing.ask(*_asked(key, step), commit=True)
        return await self._as_started(key, step, rows[0])

    async def _counted(self, key: RunKey, step: NewStep, terms: QuotaTerms) -> StartedStep | None:
        """Start the step and count it; None when the terms do not allow it."""
        counting = (_COUNT_STORED if terms.stored else _COUNT, _count_values(key.tenant, terms))
        async with self._database.writing_briefly(key.tenant) as writing:
            inserted, *_, counted = await writing.ask(*_asked(key, step), counting)
            if inserted and counted:
                return StartedStep(inserted[0].attempt)
            await writing.roll_back()
        return None if inserted else await self._as_started(key, step, ())

    async def _as_started(self, key: RunKey, step: NewStep, inserted: Any) -> StartedStep:
        """Return the inserted row's attempt, or that of the row which an earlier try with a lost answer has left."""
        if inserted:
            return StartedStep(inserted[0].attempt)
        steps = workflow_run_steps
        query = select(steps.c.attempt).where(of_run(steps, key), steps.c.step_id == step.step_id)
        async with self._database.reading() as connection:
            return StartedStep((await connection.execute(query)).scalar_one())


@dataclass(frozen=True, slots=True)
class _Statements:
    """``start`` inserts, ends a pause and moves, ``end`` closes and touches."""

    start: tuple[BuiltStatement, BuiltStatement, BuiltStatement]
    end: tuple[BuiltStatement, BuiltStatement]


def _asked(key: RunKey, step: NewStep) -> list[tuple[BuiltStatement, Values]]:
    statements = _statements(key.tenant is None)
    insertion, resume, move = statements.start
    place = {**_of(key), "path": step.step_path}
    values = {**place, "step": step.step_id, "own_id": step.definition_step_id, "known_attempt": step.attempt}
    return [(insertion, values), (resume, place), (move, place)]


def _of(key: RunKey) -> Values:
    run = {"run": key.run_id}
    return run if key.tenant is None else {**run, "tenant": key.tenant}


def _count_values(tenant: UUID | None, terms: QuotaTerms) -> Values:
    return {
        "tenant": tenant,
        "period_start": terms.period_start,
        "period_end": terms.period_end,
        "period_source": terms.period_source,
        "stripe_subscription_id": terms.subscription_id,
        "effective_limit": terms.limit,
        "limit_source": terms.limit_source,
        "tier": terms.tier,
    }


@lru_cache(maxsize=2)
def _statements(unassigned: bool) -> _Statements:
    """Return the statements for runs of a tenant, or for those without one."""
    runs, steps, waits = workflow_runs, workflow_run_steps, workflow_run_waits

    def own(table: Table) -> ColumnElement[bool]:
        tenant = table.c.tenant.is_(None) if unassigned else table.c.tenant == bindparam("tenant", type_=Uuid)
        run: ColumnElement[bool] = table.c.run_id == bindparam("run", type_=Uuid)
        return run & tenant

    path, step = bindparam("path", type_=Text), bindparam("step", type_=Uuid)
    latest = select(func.coalesce(func.max(steps.c.attempt), 0) + 1).where(own(steps), steps.c.step_path == path)
    row = {
        "step_id": step,
        "run_id": bindparam("run", type_=Uuid),
        "step_path": path,
        "definition_step_id": bindparam("own_id", type_=Text),
        "status": str(StepStatus.STARTED),
        # The path's rows are counted where the engine does not remember: a long loop would count ever more of them.
        "attempt": func.coalesce(bindparam("known_attempt", type_=Integer), latest.scalar_subquery()),
    } | ({} if unassigned else {"tenant": bindparam("tenant", type_=Uuid)})
    insertion = insert(steps).values(row).on_conflict_do_nothing().returning(steps.c.attempt)
    touch = update(runs).where(own(runs), runs.c.completed_at.is_(None))
    moved = {"node_path": path, "status": str(RunStatus.RUNNING), "error_json": None, "updated_at": func.now()}
    resumed = {"status": str(WaitStatus.RESOLVED), "resolved_at": func.now()}
    # Asked of every step, as the worker that paused the run may have died: without a pause the waits are not searched.
    paused = exists().where(own(runs), runs.c.status == str(RunStatus.WAITING))
    closed = {
        "status": bindparam("end", type_=Text),
        "completed_at": func.now(),
        "duration_ms": milliseconds_until(func.now()),
        "error_json": bindparam("error", type_=steps.c.error_json.type),
    }
    open_step = own(steps) & (steps.c.step_id == step) & steps.c.completed_at.is_(None)
    return _Statements(
        start=(
            BuiltStatement(insertion),
            BuiltStatement(
                update(waits).where(paused, own(waits), _is_open_pause(waits.c.step_path == path)).values(resumed)
            ),
            BuiltStatement(touch.values(moved)),
        ),
        end=(
            BuiltStatement(update(steps).where(open_step).values(closed)),
            BuiltStatement(touch.values(updated_at=func.now())),
        ),
    )


def _is_open_pause(here: ColumnElement[bool]) -> ColumnElement[bool]:
    waits = workflow_run_waits.c
    return here & (waits.wait_type == str(WaitType.QUOTA)) & (waits.status == str(WaitStatus.WAITING))


def _count(*, stored: bool) -> BuiltStatement:
    """Return the upsert that counts one step, and returns no row where the limit is reached.

    The limit is the given one, which the counter then shows; or, ``stored``, the one that the counter already has.
    """
    usage = workflow_step_usage_periods
    limits = ("effective_limit", "limit_source", "tier")
    names = ("tenant", "period_start", "period_end", "period_source", "stripe_subscription_id", *limits)
    given = {name: bindparam(name, type_=usage.c[name].type) for name in names}
    insertion = insert(usage).values({**given, "used_count": 1, "updated_at": func.now()})
    renewed = insertion.excluded
    limit: ColumnElement[Any] = usage.c.effective_limit if stored else given["effective_limit"]
    changes = {"used_count": usage.c.used_count + 1, "updated_at": renewed.updated_at}
    return BuiltStatement(
        insertion.on_conflict_do_update(
            index_elements=[usage.c.tenant, usage.c.period_start, usage.c.period_end],
            set_=changes if stored else changes | {name: renewed[name] for name in limits},
            where=or_(limit.is_(None), usage.c.used_count < limit),
        ).returning(usage.c.used_count)
    )


_COUNT = _count(stored=False)
_COUNT_STORED = _count(stored=True)
