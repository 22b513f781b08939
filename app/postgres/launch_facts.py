"""What an admission must know, read under its locks: the launch's own facts and the tenant's rules.

The statements are built once: an admission is the one act that a batch does a thousand times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Text, Uuid, bindparam, literal, or_, select, true

from app.domain.definition_hash import definition_hash
from app.domain.launching import GateFacts, LaunchOrder
from app.domain.redaction import RedactionPolicy
from app.postgres.brief_transaction import BriefTransaction
from app.postgres.built_statement import BuiltStatement
from app.postgres.database import Database
from app.postgres.launch_gates import active_runs, launch_locks, starts_in_window, starts_of
from app.postgres.redaction_border import document_text, policy_of, studio_settings
from app.postgres.sql_types import AnySelect
from app.postgres.tables import (
    tenant_settings,
    workflow_definition_versions,
    workflow_definitions,
    workflow_runs,
)

known_hash = lru_cache(maxsize=64)(definition_hash)
"""The hash of a definition's text; a batch asks for the same few again and again."""


@dataclass(frozen=True, slots=True)
class TenantRules:
    """What the tenant's settings say about launches and about what may be seen."""

    policy: RedactionPolicy
    starts_per_minute: int


@dataclass(frozen=True, slots=True)
class LaunchFacts:
    """``row`` has ``earlier_…``, ``workflow_name``, gate columns, ``version``, ``definition``; null where missing."""

    row: Any
    rules: TenantRules

    @property
    def gates(self) -> GateFacts:
        """The facts of the gates; only where the workflow was found."""
        return GateFacts(
            workflow_name=self.row.workflow_name,
            is_paused=self.row.is_paused,
            concurrency_limit=self.row.concurrency_limit,
            active_runs=self.row.active_runs,
            starts_in_window=self.row.starts_in_window,
            starts_per_minute=self.rules.starts_per_minute,
        )


async def lock_and_read(database: Database, writing: BriefTransaction, order: LaunchOrder) -> LaunchFacts:
    """Take the launch locks and return the facts of a launch under them, in one round trip with the begin."""
    readable = (await database.capabilities(writing.connection)).can_read_settings
    values = {
        "of_tenant": order.tenant,
        "of_workflow": order.workflow_id,
        "request": order.request_id,
        "fire_key": order.trigger_fire_key,
        "asked_version": order.workflow_version,
    }
    locks = launch_locks(order.tenant, order.workflow_id)
    rules = ((_RULES, {"of_tenant": order.tenant}),) if readable else ()
    _, (row,), *found = await writing.ask(locks, (_FACTS, values), *rules)
    return LaunchFacts(row, _rules(found[0] if found else None))


def _rules(found: Sequence[Any] | None) -> TenantRules:
    """Return the tenant's rules; redaction is closed when they cannot be read, and the start limit the product's."""
    if found is None:
        return TenantRules(RedactionPolicy(closed=True), starts_of(None))
    if not found:
        return TenantRules(policy_of(None), starts_of(None))
    return TenantRules(policy_of(found[0].studio), starts_of(found[0].starts_per_minute))


def _facts() -> AnySelect:
    tenant, workflow = bindparam("of_tenant", type_=Uuid), bindparam("of_workflow", type_=Uuid)
    definitions = workflow_definitions.c
    earlier, version, asked = _earlier(tenant), _version(tenant, workflow), select(literal(1).label("one")).subquery()
    is_workflow = (definitions.tenant == tenant) & (definitions.workflow_id == workflow)
    return select(
        definitions.name.label("workflow_name"),
        definitions.is_paused,
        definitions.concurrency_limit,
        active_runs(tenant, workflow).label("active_runs"),
        starts_in_window(tenant).label("starts_in_window"),
        version.c.version,
        version.c.definition,
        *earlier.c,
    ).select_from(
        asked.outerjoin(workflow_definitions, is_workflow).outerjoin(earlier, true()).outerjoin(version, true())
    )


def _earlier(tenant: Any) -> Any:
    """Return the run that already stands for an order: of the same request first, else of the same fire key."""
    runs = workflow_runs.c
    is_same = runs.run_id == bindparam("request", type_=Uuid)
    has_key = runs.trigger_fire_key == bindparam("fire_key", type_=Text)
    columns = ("run_id", "workflow_id", "workflow_version", "status", "temporal_run_id", "trigger_type", "started_at")
    return (
        select(*(runs[name].label(f"earlier_{name}") for name in columns))
        .where(runs.tenant == tenant, or_(is_same, has_key))
        .order_by(is_same.desc(), runs.started_at, runs.run_id)
        .limit(1)
        .subquery("earlier")
    )


def _version(tenant: Any, workflow: Any) -> Any:
    """Return the asked or the newest published version."""
    versions, asked = workflow_definition_versions.c, bindparam("asked_version", type_=Integer)
    return (
        select(versions.version, document_text(versions.definition_json).label("definition"))
        .where(versions.tenant == tenant, versions.workflow_id == workflow)
        .where(or_(asked.is_(None), versions.version == asked))
        .order_by(versions.version.desc())
        .limit(1)
        .subquery("published")
    )


_FACTS = BuiltStatement(_facts())
_RULES = BuiltStatement(
    select(
        document_text(studio_settings()).label("studio"),
        tenant_settings.c.settings["rundesk"]["startsPerMinute"].astext.label("starts_per_minute"),
    ).where(tenant_settings.c.tenant == bindparam("of_tenant", type_=Uuid))
)
