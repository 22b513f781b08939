"""The statements behind a diagnosis: a few for any number of runs, each of one tenant.

Those about certain runs take their ids as the parameter ``run_ids``. Stored texts are compared inside Postgres and
leave it as marks; only the payloads of events that a filter may have refused are read, to be judged at the border.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    FromClause,
    Integer,
    Join,
    Table,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    cast,
    false,
    func,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.types import NullType

from app.domain.run import ACTIVE_STATUSES, InvocationStatus, RunStatus, StepStatus, WaitStatus, WaitType
from app.postgres.run_predicates import REPLAY_OF, of_tenant
from app.postgres.sql_types import AnySelect, Condition
from app.postgres.tables import (
    workflow_action_invocations,
    workflow_definitions,
    workflow_run_logs,
    workflow_run_steps,
    workflow_run_waits,
    workflow_runs,
    workflow_runtime_events,
    workflow_tasks,
)

RUN_IDS = any_(cast(bindparam("run_ids", type_=NullType()), ARRAY(Uuid)))
"""``ANY (:run_ids)``: one parameter, where an IN would cost one for each run; to be given as :func:`ids_given`."""
Given: TypeAlias = dict[str, str]
"""A statement's parameters."""
_built_once = lru_cache(maxsize=64)
"""Building a statement costs more than sending it; few tenants are looked at by one console."""
MOST_EVENTS = 2000
"""Events read for one batch, newest first."""
MOST_NEAR_EVENTS = 200
MOST_FILTERED_BYTES = 64 * 1024
"""Larger event payloads are not judged against filters."""
CANCEL_LOG = "Run canceled by operator"
"""The log line of the product's and the console's cancel (runtime.md 4.6)."""

_UUID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_CONTINUED_AS_NEW = "Workflow continued as new"
_GENERIC_TEXTS = ("Activity task failed", "Child Workflow execution failed", "Child workflow execution failed")


def ids_given(run_ids: Iterable[UUID]) -> Given:
    """Return the parameter of :data:`RUN_IDS`, written once; the driver would write each id anew for each statement."""
    return {"run_ids": f"{{{','.join(map(str, run_ids))}}}"}


@_built_once
def unclosed_rows(tenant: UUID | None, closed_within: timedelta | None, limit: int) -> AnySelect:
    """Return the oldest runs that are not finally closed, or closed within this span."""
    return _run_rows(tenant, workflow_runs.c.run_id.in_(_unclosed_run_ids(tenant, closed_within))).limit(limit)


@_built_once
def named_rows(tenant: UUID | None) -> AnySelect:
    """Return the runs of these ids."""
    return _run_rows(tenant, workflow_runs.c.run_id == RUN_IDS)


def _unclosed_run_ids(tenant: UUID | None, closed_within: timedelta | None) -> AnySelect:
    """Return the ids of runs that are not finally closed, and of those that closed within this span.

    A union, so that the index on tenant and status serves the active ones however many have ended.
    """
    runs = workflow_runs.c
    ours = of_tenant(workflow_runs, tenant)
    parts = [
        select(runs.run_id).where(ours, runs.status.in_(ACTIVE_STATUSES)),
        select(runs.run_id).where(
            ours, runs.status.in_((RunStatus.FAILED, RunStatus.CANCELED)), runs.completed_at.is_(None)
        ),
    ]
    if closed_within is not None:
        closed = runs.status.not_in(ACTIVE_STATUSES) & (runs.completed_at >= func.now() - closed_within)
        parts.append(select(runs.run_id).where(ours, closed))
    return select(union_all(*parts).subquery("unclosed").c.run_id)


def _run_rows(tenant: UUID | None, chosen: Condition) -> AnySelect:
    """Return the runs that meet a condition, oldest first, with the marks that stand in their own row."""
    runs, definitions = workflow_runs.c, workflow_definitions.c
    same_workflow = of_tenant(workflow_definitions, tenant) & (definitions.workflow_id == runs.workflow_id)
    message = runs.error_json["message"].astext
    return (
        select(
            runs.run_id,
            runs.tenant,
            definitions.name.label("workflow_name"),
            runs.status,
            runs.engine,
            runs.started_at,
            runs.updated_at,
            runs.completed_at,
            runs.temporal_workflow_id.is_not(None).label("has_temporal_ids"),
            runs.parent_run_id,
            runs.trigger_metadata_json[REPLAY_OF].astext.label("replay_of"),
            runs.runtime_semantics_version,
            runs.error_json["stage"].astext.label("error_stage"),
            (message == _CONTINUED_AS_NEW).label("continued_as_new_failure"),
            message.in_(_GENERIC_TEXTS).label("generic_failure_text"),
            message.contains("did not evaluate to an array").label("singleton_list_text"),
            message.contains("Expression evaluation exceeded").label("expression_time_text"),
            (runs.error_json.is_not(None) & (runs.status == RunStatus.SUCCEEDED)).label("error_beside_success"),
            func.count().over().label("total"),
            func.now().label("read_at"),
        )
        .select_from(workflow_runs.outerjoin(workflow_definitions, same_workflow))
        .where(of_tenant(workflow_runs, tenant), chosen)
        .order_by(runs.started_at, runs.run_id)
    )


@_built_once
def newest_steps(tenant: UUID | None) -> AnySelect:
    """Return the newest step row of each run."""
    steps = workflow_run_steps.c
    return (
        select(steps.run_id, steps.step_path, steps.status, steps.attempt, steps.started_at, steps.completed_at)
        .where(of_tenant(workflow_run_steps, tenant), steps.run_id == RUN_IDS)
        .ext(distinct_on(steps.run_id))
        .order_by(steps.run_id, steps.started_at.desc(), steps.completed_at.desc().nulls_first(), steps.step_id)
    )


@_built_once
def telling_waits(tenant: UUID | None) -> AnySelect:
    """Return open waits and quota waits, open or not."""
    waits = workflow_run_waits.c
    filters = waits.payload["filters"]
    count = case((func.jsonb_typeof(filters) == "array", func.jsonb_array_length(filters)), else_=0)
    return select(
        waits.run_id,
        waits.wait_id,
        waits.wait_type,
        waits.status,
        waits.step_path,
        waits.event_name,
        waits.key.is_not(None).label("has_key"),
        waits.timeout_at,
        waits.created_at,
        waits.resolved_at,
        cast(count, Integer).label("filters"),
    ).where(
        of_tenant(workflow_run_waits, tenant),
        waits.run_id == RUN_IDS,
        or_(waits.status == WaitStatus.WAITING, waits.wait_type == WaitType.QUOTA),
    )


@_built_once
def newest_invocations(tenant: UUID | None) -> AnySelect:
    """Return the newest invocation of each run."""
    invocations = workflow_action_invocations.c
    return (
        select(
            invocations.run_id,
            invocations.step_path,
            invocations.action_id,
            invocations.status,
            invocations.attempt,
            invocations.started_at,
            invocations.completed_at,
        )
        .where(of_tenant(workflow_action_invocations, tenant), invocations.run_id == RUN_IDS)
        .ext(distinct_on(invocations.run_id))
        .order_by(invocations.run_id, invocations.created_at.desc(), invocations.invocation_id)
    )


@_built_once
def awaited_tasks(tenant: UUID | None) -> AnySelect:
    """Return the task rows that open human waits point to by their key."""
    waits, tasks = workflow_run_waits.c, workflow_tasks.c
    return (
        select(waits.run_id, tasks.task_id, tasks.status, tasks.completed_at)
        .select_from(_waits_with_tasks(tenant))
        .where(
            of_tenant(workflow_run_waits, tenant),
            waits.run_id == RUN_IDS,
            waits.wait_type == WaitType.HUMAN,
            waits.status == WaitStatus.WAITING,
        )
    )


@_built_once
def matching_events(tenant: UUID | None) -> AnySelect:
    """Return events with name and key of an open event wait, recorded since its run began."""
    waits, events = workflow_run_waits.c, workflow_runtime_events.c
    return _events_near(tenant, and_(events.event_name == waits.event_name, events.correlation_key == waits.key))


@_built_once
def near_events(tenant: UUID | None) -> AnySelect:
    """Return events since an open event wait of this run opened that have its name or its key, but not both."""
    waits, events = workflow_run_waits.c, workflow_runtime_events.c
    other_key = and_(events.event_name == waits.event_name, events.correlation_key.is_distinct_from(waits.key))
    other_name = and_(events.event_name != waits.event_name, events.correlation_key == waits.key)
    near = and_(events.created_at >= waits.created_at, or_(other_key, other_name))
    return _events_near(tenant, near).limit(MOST_NEAR_EVENTS)


@_built_once
def active_children(tenant: UUID | None) -> AnySelect:
    """Return active runs whose parent is one of these, oldest first."""
    runs = workflow_runs.c
    return (
        select(runs.parent_run_id, runs.run_id)
        .where(
            of_tenant(workflow_runs, tenant),
            runs.status.in_(ACTIVE_STATUSES),
            runs.parent_run_id == RUN_IDS,
        )
        .order_by(runs.started_at, runs.run_id)
    )


@_built_once
def fault_marks(tenant: UUID | None) -> AnySelect:
    """Return what the rows below runs prove about known faults (runtime.md section 10); only runs with a trace."""
    runs, steps, logs = workflow_runs.c, workflow_run_steps, workflow_run_logs
    invocations = workflow_action_invocations
    canceled = runs.status == RunStatus.CANCELED
    marks = {
        "continued_as_new_failure": _has(steps, tenant, steps.c.error_json["message"].astext == _CONTINUED_AS_NEW),
        "duplicate_key_text": _has_duplicate_key(tenant),
        "swallowed_failure": _swallowed(tenant),
        "unmatched_resolved_wait": _unmatched_resolved(tenant),
        "refused_response": _refused_response(tenant),
        "late_invocation": _has(invocations, tenant, invocations.c.completed_at > runs.completed_at),
        "cancel_logged": canceled & _has(logs, tenant, logs.c.message == CANCEL_LOG),
        "open_steps": canceled & _has(steps, tenant, steps.c.status == StepStatus.STARTED),
        "open_tasks": canceled & _has_open_task(tenant),
    }
    ours = of_tenant(workflow_runs, tenant) & (runs.run_id == RUN_IDS)
    every = select(runs.run_id, *(mark.label(name) for name, mark in marks.items())).where(ours)
    # Materialized, as each mark would else be looked for twice: once for the condition and once for the column.
    found = every.cte("found").prefix_with("MATERIALIZED")
    return select(found).where(or_(*(found.c[name] for name in marks)))


def _events_near(tenant: UUID | None, near: Condition) -> AnySelect:
    runs, waits, events = workflow_runs.c, workflow_run_waits.c, workflow_runtime_events.c
    earlier = workflow_run_waits.alias("earlier_waits")
    consumed = _is_any(
        earlier,
        of_tenant(earlier, tenant),
        earlier.c.run_id == waits.run_id,
        earlier.c.payload["matchedEventId"].astext == cast(events.event_id, Text),
    )
    judged = and_(
        waits.payload["filters"].is_not(None), func.octet_length(cast(events.payload, Text)) <= MOST_FILTERED_BYTES
    )
    same_run = of_tenant(workflow_runs, tenant) & (runs.run_id == waits.run_id)
    return (
        select(
            waits.run_id,
            waits.wait_id,
            waits.event_name.label("wanted_name"),
            waits.key.label("wanted_key"),
            events.event_id,
            events.event_name,
            events.correlation_key,
            events.created_at,
            events.error_message.is_not(None).label("failed"),
            consumed.label("consumed"),
            case((judged, cast(events.payload, Text)), else_=null()).label("payload"),
            case((judged, cast(waits.payload["filters"], Text)), else_=null()).label("wanted_filters"),
        )
        .select_from(
            workflow_run_waits.join(workflow_runs, same_run).join(
                workflow_runtime_events, of_tenant(workflow_runtime_events, tenant) & near
            )
        )
        .where(
            of_tenant(workflow_run_waits, tenant),
            waits.run_id == RUN_IDS,
            waits.wait_type == WaitType.EVENT,
            waits.status == WaitStatus.WAITING,
            events.created_at >= runs.started_at,
        )
        .order_by(events.created_at.desc(), events.event_id)
        .limit(MOST_EVENTS)
    )


def _has(table: Table, tenant: UUID | None, condition: Condition) -> Condition:
    """Return whether a run has a row below it that meets a condition."""
    return _is_any(table, of_tenant(table, tenant), table.c.run_id == workflow_runs.c.run_id, condition)


def _is_any(table: FromClause, *conditions: Condition) -> Condition:
    """Return whether a row meets the conditions, found by its run.

    Not an EXISTS: to answer that for a few runs the planner may read every row of the tenant into a hash. Everything
    but the table belongs to the enclosing statements, however deep this one is nested.
    """
    first = select(true()).select_from(table).where(*conditions).limit(1).correlate_except(table)
    return func.coalesce(first.scalar_subquery(), false())


def _waits_with_tasks(tenant: UUID | None) -> Join:
    """Return human waits with the tasks that their keys name: by primary key, as tasks have no index on the run."""
    waits, tasks = workflow_run_waits.c, workflow_tasks.c
    task_id = case((waits.key.regexp_match(_UUID), cast(waits.key, Uuid)))
    same = and_(of_tenant(workflow_tasks, tenant), tasks.task_id == task_id, tasks.execution_id == waits.run_id)
    return workflow_run_waits.join(workflow_tasks, same)


def _has_open_task(tenant: UUID | None) -> Condition:
    """F17: a task that a human wait of the run opened is still pending."""
    waits = workflow_run_waits.c
    of_run = of_tenant(workflow_run_waits, tenant) & (waits.run_id == workflow_runs.c.run_id)
    return _is_any(
        _waits_with_tasks(tenant), of_run, waits.wait_type == WaitType.HUMAN, workflow_tasks.c.status == "pending"
    )


def _has_duplicate_key(tenant: UUID | None) -> Condition:
    """F20: an attempt failed on the unique key of its own first attempt."""
    invocations, steps = workflow_action_invocations, workflow_run_steps
    words = "duplicate key value violates"
    return or_(
        _has(invocations, tenant, invocations.c.error_message.contains(words)),
        _has(steps, tenant, steps.c.error_json["message"].astext.contains(words)),
    )


def _swallowed(tenant: UUID | None) -> Condition:
    """F22: a green step with a failed invocation at its path, and none that succeeded."""
    steps, invocations = workflow_run_steps.c, workflow_action_invocations
    at_path = invocations.c.step_path == steps.step_path
    failed = _has(invocations, tenant, at_path & (invocations.c.status == InvocationStatus.FAILED))
    succeeded = _has(invocations, tenant, at_path & (invocations.c.status == InvocationStatus.SUCCEEDED))
    return _has(workflow_run_steps, tenant, and_(steps.status == StepStatus.SUCCEEDED, failed, ~succeeded))


def _unmatched_resolved(tenant: UUID | None) -> Condition:
    """F1: an event wait without a timeout that was resolved by no event, and its step failed."""
    waits, steps = workflow_run_waits.c, workflow_run_steps
    failed = _has(steps, tenant, and_(steps.c.step_path == waits.step_path, steps.c.status == StepStatus.FAILED))
    return _has(
        workflow_run_waits,
        tenant,
        and_(
            waits.wait_type == WaitType.EVENT,
            waits.timeout_at.is_(None),
            waits.status == WaitStatus.RESOLVED,
            waits.payload["matchedEventId"].astext.is_(None),
            failed,
        ),
    )


def _refused_response(tenant: UUID | None) -> Condition:
    """F29: a human wait was canceled and its step failed."""
    waits, steps = workflow_run_waits.c, workflow_run_steps
    failed = _has(steps, tenant, and_(steps.c.step_path == waits.step_path, steps.c.status == StepStatus.FAILED))
    canceled = and_(waits.wait_type == WaitType.HUMAN, waits.status == WaitStatus.CANCELED)
    return _has(workflow_run_waits, tenant, and_(canceled, failed))
