"""Counts failures that are alike where they lie: the port :class:`app.services.fingerprint_ports.FailureReader`.

Raw messages never leave Postgres. It takes from them what surely differs from run to run, groups by a hash of the rest,
and names runs; what such a run says is then read like any error of the list, redacted. Groups that turn out to say the
same are merged by the domain, whose rules for a shape are finer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, func, select, true, type_coerce
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.failure_fingerprint import FailureGroup
from app.domain.redaction import Redactor
from app.domain.run import InvocationStatus, RunStatus
from app.postgres.database import Database
from app.postgres.redaction_border import redaction_policy
from app.postgres.run_predicates import of_tenant
from app.postgres.run_rows import read_run_rows, select_runs
from app.postgres.sql_types import AnyRow, AnySelect
from app.postgres.tables import workflow_action_invocations, workflow_definitions, workflow_runs
from app.services.fingerprint_ports import FailureFacts

MOST_RUNS = 20_000
"""Failed runs of a tenant that are counted, the newest ones."""
MOST_GROUPS = 300
"""Groups of a tenant that are told, the largest ones."""
MOST_RUN_IDS = 50
"""Runs that a group names."""
_TEXTS_AT_ONCE = 50
_MESSAGE_CHARACTERS = 600
_DIFFERS = r"""\s+|"[^"]*"|'[^']*'|`[^`]*`|[[:alnum:]_.:@/+-]*[0-9@][[:alnum:]_.:@/+-]*"""
"""What surely differs from run to run: space, quoted values, and words with a digit or an @ in them."""
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.:/\-]{0,99}")
"""A code names a kind of failure; what is no such name may be anything, and is left out."""


class PostgresFailureReader:
    """Implements :class:`app.services.fingerprint_ports.FailureReader`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def failures(self, tenant: UUID | None, within: timedelta) -> FailureFacts:
        """Return the failed runs that started within this time before now; texts are redacted."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(_groups(tenant, within))).all()
            total = (await connection.execute(_total(tenant, within))).one()
            redactor = Redactor(await redaction_policy(self._database, connection, tenant))
            groups = [_group(tenant, row, redactor) for row in rows[:MOST_GROUPS]]
            texts = await _texts(self._database, connection, tenant, groups)
        counted = sum(row.runs for row in rows[:MOST_GROUPS])
        return FailureFacts(
            groups=tuple(replace(group, text=texts.get(group.run_ids[0])) for group in groups),
            counted=counted,
            read_at=total.read_at,
            cut=counted < total.runs,
        )


def _failed_within(tenant: UUID | None, within: timedelta) -> tuple[ColumnElement[bool], ...]:
    runs = workflow_runs.c
    return (
        of_tenant(workflow_runs, tenant),
        runs.status == RunStatus.FAILED,
        runs.started_at >= func.now() - within,
    )


def _total(tenant: UUID | None, within: timedelta) -> AnySelect:
    return select(func.count().label("runs"), func.now().label("read_at")).where(*_failed_within(tenant, within))


def _groups(tenant: UUID | None, within: timedelta) -> AnySelect:
    """Return the query of the largest groups, and of one more, which tells that there are more."""
    failure = _failures(tenant, within)
    names = workflow_definitions.c
    alike = func.md5(func.regexp_replace(func.coalesce(failure.c.message, ""), _DIFFERS, "#", "g"))
    keys = (failure.c.workflow_id, failure.c.action, failure.c.code, alike)
    ids = func.array_agg(aggregate_order_by(failure.c.run_id, failure.c.failed_at.desc(), failure.c.run_id))
    grouped = (
        select(
            failure.c.workflow_id,
            failure.c.action,
            failure.c.code,
            func.count().label("runs"),
            func.min(failure.c.failed_at).label("first_seen"),
            func.max(failure.c.failed_at).label("last_seen"),
            type_coerce(ids, ARRAY(Uuid))[1:MOST_RUN_IDS].label("run_ids"),
        )
        .group_by(*keys)
        .order_by(func.count().desc(), func.max(failure.c.failed_at).desc())
        .limit(MOST_GROUPS + 1)
        .subquery("grouped")
    )
    same_workflow = of_tenant(workflow_definitions, tenant) & (names.workflow_id == grouped.c.workflow_id)
    return (
        select(grouped, names.name.label("workflow_name"))
        .select_from(grouped.outerjoin(workflow_definitions, same_workflow))
        .order_by(grouped.c.runs.desc(), grouped.c.last_seen.desc())
    )


def _failures(tenant: UUID | None, within: timedelta) -> Any:
    """Return each failed run with action, code and message, by the rule of :func:`app.domain.run_error.error_line`."""
    runs = workflow_runs.c
    recent = (
        select(
            runs.run_id,
            runs.workflow_id,
            func.coalesce(runs.completed_at, runs.updated_at).label("failed_at"),
            func.coalesce(runs.error_json["nodePath"].astext, runs.node_path).label("path"),
            runs.error_json["stage"].astext.label("stage"),
            runs.error_json["code"].astext.label("code"),
            runs.error_json["category"].astext.label("category"),
            func.left(runs.error_json["message"].astext, _MESSAGE_CHARACTERS).label("message"),
        )
        .where(*_failed_within(tenant, within))
        .order_by(runs.started_at.desc(), runs.run_id.desc())
        .limit(MOST_RUNS)
        .subquery("recent")
    )
    invocations = workflow_action_invocations.c
    failed = (
        select(
            invocations.action_id,
            invocations.error_json["code"].astext.label("code"),
            func.nullif(func.left(invocations.error_message, _MESSAGE_CHARACTERS), "").label("message"),
        )
        .where(
            of_tenant(workflow_action_invocations, tenant),
            invocations.run_id == recent.c.run_id,
            invocations.status == InvocationStatus.FAILED,
            invocations.step_path == func.coalesce(recent.c.path, invocations.step_path),
            recent.c.stage.is_(None),
        )
        .order_by(invocations.created_at.desc(), invocations.invocation_id)
        .limit(1)
        .lateral("failed")
    )
    return (
        select(
            recent.c.run_id,
            recent.c.workflow_id,
            recent.c.failed_at,
            failed.c.action_id.label("action"),
            func.coalesce(failed.c.code, recent.c.code, recent.c.stage, recent.c.category).label("code"),
            func.coalesce(failed.c.message, recent.c.message).label("message"),
        )
        .select_from(recent.outerjoin(failed, true()))
        .subquery("failure")
    )


def _group(tenant: UUID | None, row: AnyRow, redactor: Redactor) -> FailureGroup:
    return FailureGroup(
        tenant=tenant,
        workflow_id=row.workflow_id,
        workflow_name=row.workflow_name,
        action=redactor.text(row.action),
        code=redactor.text(row.code) if row.code and _CODE.fullmatch(row.code) else None,
        count=row.runs,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        run_ids=tuple(row.run_ids),
    )


async def _texts(
    database: Database, connection: AsyncConnection, tenant: UUID | None, groups: Sequence[FailureGroup]
) -> dict[UUID, str]:
    """Return what the newest run of each group says, as the list shows it."""
    newest = list(dict.fromkeys(group.run_ids[0] for group in groups))
    texts: dict[UUID, str] = {}
    for start in range(0, len(newest), _TEXTS_AT_ONCE):
        some = newest[start : start + _TEXTS_AT_ONCE]
        query = select_runs(tenant).where(of_tenant(workflow_runs, tenant), workflow_runs.c.run_id.in_(some))
        for row in await read_run_rows(database, connection, tenant, query):
            if row.error_text is not None:
                texts[row.key.run_id] = row.error_text
    return texts
