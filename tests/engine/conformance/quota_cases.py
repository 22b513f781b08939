"""The step quota (runtime.md 4.7, 8.1; database.md 6): pause, resume, and that no resume is lost (F36, F37)."""

from __future__ import annotations

from app.temporal import contract
from tests.engine.conformance.acts import (
    Act,
    Scene,
    asks,
    cancels,
    executes,
    paused,
    resumes_quota,
    sees,
    sends,
    waiting,
)
from tests.engine.conformance.case import SOMETHING, Case, Exactly, Expected
from tests.engine.conformance.definitions import put, wait

ONE, TWO, THREE = (put(name, {f"vars.{name}": "1"}) for name in ("one", "two", "three"))
REASON = "workflow_step_quota_exceeded"


def used(count: int) -> Act:
    """The tenant's plan allows 150 steps and has used this many of the calendar month."""
    return executes(
        "WITH plan AS (UPDATE tenants SET plan = 'solo' WHERE tenant = :tenant RETURNING tenant)"
        " INSERT INTO workflow_step_usage_periods (tenant, period_start, period_end, period_source, effective_limit,"
        " used_count, limit_source, tier) SELECT tenant,"
        " date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC',"
        " (date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC',"
        " 'fallback_calendar', 150, :count, 'tier_default', 'solo' FROM plan",
        count=count,
    )


def frees(count: int) -> Act:
    """Steps become available."""
    return executes(
        "UPDATE workflow_step_usage_periods SET used_count = used_count - :count WHERE tenant = :tenant", count=count
    )


def sees_usage(count: int) -> Act:
    """So many steps have been counted."""

    async def act(scene: Scene) -> None:
        rows = await scene.found("SELECT used_count FROM workflow_step_usage_periods WHERE tenant = :tenant")
        scene.seen.append(("usage", [{"used_count": count}], rows))

    return act


QUOTA_WAIT = {
    "wait_type": "quota",
    "key": None,
    "event_name": None,
    "timeout_at": SOMETHING,
    "payload": {
        "reason": REASON,
        "tenant": SOMETHING,
        "periodStart": SOMETHING,
        "periodEnd": SOMETHING,
        "usedCount": 150,
        "effectiveLimit": 150,
        "periodSource": "fallback_calendar",
        "limitSource": "tier_default",
    },
}

QUOTA_CASES = [
    Case(
        id="quota-pause",
        rule="4.7: a pause has a wait and no step row; the run is WAITING with a QuotaExceeded error; a resume goes on",
        steps=[ONE, TWO],
        before=[used(149)],
        acts=[
            paused("two"),
            sees(
                "workflow_runs",
                {
                    "status": "WAITING",
                    "node_path": "root.steps[1]",
                    "completed_at": None,
                    "error_json": {
                        "category": "QuotaExceeded",
                        "message": SOMETHING,
                        "nodePath": "root.steps[1]",
                        "at": SOMETHING,
                        "data": QUOTA_WAIT["payload"],
                    },
                },
            ),
            sees("workflow_run_steps", {"definition_step_id": "one", "status": "SUCCEEDED"}),
            sees("workflow_run_waits", {**QUOTA_WAIT, "status": "WAITING", "step_path": "root.steps[1]"}),
            asks(
                contract.QUERY_CURRENT_WAIT,
                Exactly({"type": "quota", "stepPath": "root.steps[1]", "descriptor": Exactly({"reason": REASON})}),
            ),
            frees(10),
            resumes_quota(),
        ],
        expect=Expected(
            steps=["one", "two"],
            vars={"one": 1, "two": 1},
            waits=[{**QUOTA_WAIT, "status": "RESOLVED"}],
            run={"error_json": None},
        ),
    ),
    Case(
        id="quota-still-exhausted",
        rule="4.7: a resume causes a fresh check, which may pause again; nothing is lost by trying",
        steps=[ONE],
        before=[used(150)],
        acts=[paused("one"), resumes_quota(), resumes_quota(), paused("one"), frees(1), resumes_quota()],
        expect=Expected(steps=["one"], vars={"one": 1}),
    ),
    Case(
        id="quota-resume-unasked",
        rule="F37: a resume sent while nothing was paused does not make the next pause fall through",
        steps=[wait("hold", "GO"), TWO],
        before=[used(149)],
        acts=[
            waiting("hold"),
            resumes_quota(),
            sends("GO"),
            paused("two"),
            sees("workflow_run_waits", {"wait_type": "event"}, {"wait_type": "quota", "status": "WAITING"}),
            frees(1),
            resumes_quota(),
        ],
        expect=Expected(steps=["hold", "two"], waits=[{"wait_type": "event"}, {"wait_type": "quota"}]),
    ),
    Case(
        id="quota-resume-repaired",
        rule="F36: rows that a resume has already changed are put right by the worker once the signal comes",
        steps=[ONE],
        before=[used(150)],
        acts=[
            paused("one"),
            executes(
                "UPDATE workflow_run_waits SET status = 'RESOLVED', resolved_at = now()"
                " WHERE tenant = :tenant AND run_id = :run"
            ),
            executes(
                "UPDATE workflow_runs SET status = 'RUNNING', error_json = NULL"
                " WHERE tenant = :tenant AND run_id = :run"
            ),
            frees(1),
            resumes_quota(),
        ],
        expect=Expected(steps=["one"], vars={"one": 1}, waits=[{"wait_type": "quota", "status": "RESOLVED"}]),
    ),
    Case(
        id="quota-counts-steps",
        rule="4.7: one unit per step start, reserved in the period's row",
        steps=[ONE, TWO, THREE, wait("hold", "GO")],
        before=[used(0)],
        acts=[
            waiting("hold"),
            sees_usage(4),
            sends("GO"),
        ],
        expect=Expected(steps=["one", "two", "three", "hold"]),
    ),
    Case(
        id="quota-cancelled",
        rule="F13: a cancel during a quota pause closes the pause and the run",
        steps=[ONE, TWO],
        before=[used(149)],
        acts=[paused("two"), cancels()],
        expect=Expected(ends="CANCELED", steps=["one"], waits=[{"wait_type": "quota", "status": "CANCELED"}]),
    ),
]
