"""Fills a fresh sandbox with demo data, once, by running workflows through Temporal with the real worker.

    people, definitions, history (one transaction) ─▶ launches ─▶ at rest ─▶ what happens to them ─▶ at rest ─▶ marker

Ids derive from names and every launch is repeatable, so a seeding that was interrupted is completed by the next
start. Nothing that an execution stands behind is back-dated; the one run that looks old never got an execution.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from uuid import UUID

from app.domain.errors import SandboxUnavailable
from app.domain.run import TERMINAL_STATUSES, InvocationStatus, RunKey, RunRow
from app.postgres.database import Database
from app.postgres.operators import PostgresOperatorDirectory
from app.postgres.tables import metadata
from app.sandbox.seed_definitions import definition_rows
from app.sandbox.seed_follow_ups import FollowUps
from app.sandbox.seed_history import history_rows
from app.sandbox.seed_identity import OPERATOR_EMAIL, TENANT
from app.sandbox.seed_launches import insert_stuck_run, launch_all
from app.sandbox.seed_marker import mark_seeded, tenant_settings
from app.sandbox.seed_people import people_rows
from app.sandbox.seed_plans import Replayed, demo_plans
from app.sandbox.seed_tools import SeedTools

_SETTLE_SECONDS = 150.0
_POLL_SECONDS = 0.2

Progress = Callable[[str], None]


async def seed_demo(tools: SeedTools, progress: Progress) -> None:
    """Make the demo data, or complete them. A worker must be polling.

    Raises:
        SandboxUnavailable: The runs did not come to rest; the next start goes on from here.
        EnvironmentFailure: A server ended meanwhile.
    """
    progress("Creating the demo tenant")
    await insert_base(tools.database)
    operator = await PostgresOperatorDirectory(tools.database).find(TENANT, OPERATOR_EMAIL)
    plans = demo_plans()
    progress(f"Running {len(plans)} demo workflows")
    await launch_all(tools, operator, plans)
    await insert_stuck_run(tools)
    await _at_rest(tools, {plan.run_id: plan.pauses for plan in plans})
    progress("Replying, approving, canceling, replaying")
    await FollowUps(tools, operator).carry_out(plans)
    replays = {plan.replay_id: False for plan in plans if isinstance(plan.follow_up, Replayed)}
    await _at_rest(tools, {**{plan.run_id: plan.stays_open for plan in plans}, **replays})
    await mark_seeded(tools.database)


async def insert_base(database: Database) -> None:
    """Write the tenant with people, workflows and history, unless it is there."""
    if await tenant_settings(database) is not None:
        return
    async with database.writing(TENANT) as connection:
        for batch in (*people_rows(), *definition_rows(), *history_rows()):
            await connection.execute(metadata.tables[batch.table].insert(), batch.rows)


async def _at_rest(tools: SeedTools, runs: dict[UUID, bool]) -> None:
    """Wait until every run has ended, or, where its value is True, waits for something that takes longer."""
    deadline = monotonic() + _SETTLE_SECONDS
    pending = set(runs)
    while pending:
        rows = await tools.reader.rows(TENANT, tuple(pending))
        for row in rows:
            if _has_ended(row) or (runs[row.key.run_id] and await _is_waiting(tools, row)):
                pending.discard(row.key.run_id)
        if pending and monotonic() > deadline:
            raise SandboxUnavailable(
                "sandbox.seed_slow",
                f"{len(pending)} demo runs did not come to rest within {_SETTLE_SECONDS:.0f} seconds. "
                "Look into logs/worker.log in the sandbox's directory, then start it again; it goes on from here.",
            )
        await asyncio.sleep(_POLL_SECONDS)


def _has_ended(row: RunRow) -> bool:
    return row.status in TERMINAL_STATUSES and row.completed_at is not None


async def _is_waiting(tools: SeedTools, row: RunRow) -> bool:
    """Say whether the run has an open wait, or sleeps between two attempts at an action."""
    if row.open_wait is not None:
        return True
    if not row.has_steps:
        return False
    inspection = await tools.reader.inspect(RunKey(TENANT, row.key.run_id), documents=False)
    return any(invocation.status == InvocationStatus.FAILED for invocation in inspection.invocations)
