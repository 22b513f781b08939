"""The conditions of run statements, each written once: one predicate builds rows, counts and exports alike.

Every condition on another table equates its tenant too, as a hosted installation shards by it. ``tenant`` None is
the pseudo-tenant "unassigned" of the plain shape.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    FromClause,
    Uuid,
    any_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    true,
)

from app.domain.run import RunKey, RunStatus, WaitStatus
from app.domain.run_query import RunFilter
from app.domain.stuck import STUCK_AFTER_SECONDS
from app.postgres.sql_types import Condition
from app.postgres.tables import workflow_run_steps, workflow_run_waits, workflow_runs

REPLAY_OF = "replayOfRunId"
"""Key in ``trigger_metadata_json`` that names the run a replay copied (runtime.md 3.8)."""
REPLAY_REASON = "reason"

_RUN_ID_PREFIX = re.compile(
    r"[0-9a-f]{1,8}|[0-9a-f]{8}(-[0-9a-f]{4}){0,2}-[0-9a-f]{0,4}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{0,12}"
)
_UUID_DIGITS = 32


def of_tenant(table: FromClause, tenant: UUID | BindParameter[UUID] | None) -> Condition:
    """Return the condition that a row of the table belongs to the tenant."""
    column: ColumnElement[UUID | None] = table.c.tenant
    return column.is_(None) if tenant is None else column == tenant


def is_run(key: RunKey) -> tuple[Condition, Condition]:
    """Return the conditions that name one run."""
    return of_tenant(workflow_runs, key.tenant), workflow_runs.c.run_id == key.run_id


def has_steps(tenant: UUID | None) -> Condition:
    """Return whether a run has a step row, as a column of a page.

    Not an EXISTS: for that the planner may read every step of the tenant into a hash to answer it for fifty rows.
    """
    steps = workflow_run_steps.c
    first = (
        select(true())
        .where(of_tenant(workflow_run_steps, tenant), steps.run_id == workflow_runs.c.run_id)
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(first, false())


def without_steps(tenant: UUID | None) -> Condition:
    """Return the condition that a run has no step row."""
    steps = workflow_run_steps.c
    return ~exists().where(of_tenant(workflow_run_steps, tenant), steps.run_id == workflow_runs.c.run_id)


def is_stuck(tenant: UUID | None, after_seconds: int = STUCK_AFTER_SECONDS) -> Condition:
    """Return :func:`app.domain.stuck.is_stuck` in SQL, by the database's clock."""
    older = workflow_runs.c.started_at < func.now() - timedelta(seconds=after_seconds)
    return (workflow_runs.c.status == RunStatus.RUNNING) & older & without_steps(tenant)


def matching(
    tenant: UUID | None, run_filter: RunFilter, stuck_after_seconds: int = STUCK_AFTER_SECONDS
) -> tuple[Condition, ...]:
    """Return every condition of a filter, the tenant first."""
    runs = workflow_runs.c
    conditions = [of_tenant(workflow_runs, tenant)]
    if run_filter.statuses:
        conditions.append(runs.status.in_(run_filter.statuses))
    if run_filter.workflow_id is not None:
        conditions.append(runs.workflow_id == run_filter.workflow_id)
    if run_filter.started_from is not None:
        conditions.append(runs.started_at >= run_filter.started_from)
    if run_filter.started_to is not None:
        conditions.append(runs.started_at < _end_of_millisecond(run_filter.started_to))
    if run_filter.text.strip():
        conditions.append(_has_text(tenant, run_filter.text.strip()))
    if run_filter.replays_only:
        conditions.append(runs.trigger_metadata_json[REPLAY_OF].astext.is_not(None))
    if run_filter.open_wait_only:
        conditions.append(_has_open_wait(tenant))
    if run_filter.run_ids is not None:
        conditions.append(runs.run_id == any_(bindparam(None, list(run_filter.run_ids), ARRAY(Uuid))))
    if run_filter.stuck_only:
        conditions.append(is_stuck(tenant, stuck_after_seconds))
    return tuple(conditions)


def run_id_range(text: str) -> tuple[UUID, UUID] | None:
    """Return the first and last run id that begin with this text, or None when no run id does.

    A range on the uuid itself can use the primary key, which ``run_id::text LIKE`` cannot.
    """
    lowered = text.lower()
    if _RUN_ID_PREFIX.fullmatch(lowered) is None:
        return None
    digits = lowered.replace("-", "")
    return UUID(digits.ljust(_UUID_DIGITS, "0")), UUID(digits.ljust(_UUID_DIGITS, "f"))


def _has_text(tenant: UUID | None, text: str) -> Condition:
    """Return the condition that the text begins the run id or is the key of one of the run's waits."""
    if not _storable(text):
        return false()
    waits = workflow_run_waits.c
    of_waits = select(waits.run_id).where(of_tenant(workflow_run_waits, tenant), waits.key == text)
    by_key = workflow_runs.c.run_id == any_(func.array(of_waits.scalar_subquery()))
    bounds = run_id_range(text)
    return by_key if bounds is None else or_(workflow_runs.c.run_id.between(*bounds), by_key)


def _storable(text: str) -> bool:
    """Say whether Postgres takes the text at all: no NUL and no half of a surrogate pair; no stored key has either."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _has_open_wait(tenant: UUID | None) -> Condition:
    waits = workflow_run_waits.c
    return exists().where(
        of_tenant(workflow_run_waits, tenant),
        waits.run_id == workflow_runs.c.run_id,
        waits.status == WaitStatus.WAITING,
    )


def _end_of_millisecond(moment: datetime) -> datetime:
    """Return the moment before which everything shown with the same milliseconds lies: what is copied includes it."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000) + timedelta(milliseconds=1)


def as_run_id(text: str | None) -> UUID | None:
    """Return a run id found in free-form metadata, or None when it is none."""
    try:
        return None if text is None else UUID(text)
    except ValueError:
        return None
