"""Plans and batches as JSON with stable keys and as text."""

from __future__ import annotations

from app.cli import documents, text
from app.domain.batch import DECISIONS, BatchPlan, PlanItem, Verdict
from app.domain.batch_ledger import BatchProgress, EntryState
from app.domain.batch_patch import shown_patch
from app.domain.run import JsonValue

SHOWN_ITEMS = 40
"""Runs that a plan's table names; the JSON document names all."""


def plan_document(plan: BatchPlan) -> dict[str, JsonValue]:
    """Return a plan with its totals and every run."""
    order, totals = plan.order, plan.totals
    effects = plan.side_effects
    return {
        "batch_id": str(order.batch_id),
        "name": order.name,
        "action": str(order.action),
        "reason": order.reason,
        "patch": list(shown_patch(order.patch)),
        "planned_at": documents.instant(plan.planned_at),
        "totals": {
            "runs": totals.runs,
            "eligible": totals.eligible,
            "needs_decision": totals.needs_decision,
            "blocked": totals.blocked,
            "acted_upon": len(plan.chosen()),
            "by_code": dict(totals.by_code),
            "by_workflow": dict(totals.by_workflow),
        },
        "side_effects": None
        if effects is None
        else [
            {
                "action_id": effect.action_id,
                "foretold": effect.foretold,
                "calls": effect.calls,
                "runs": effect.runs,
            }
            for effect in effects
        ],
        "runs": [_item(item) for item in plan.items],
    }


def progress_document(progress: BatchProgress) -> dict[str, JsonValue]:
    """Return how a batch stands."""
    return {
        "batch_id": str(progress.batch_id),
        "name": progress.name,
        "action": str(progress.action),
        "state": str(progress.state),
        "code": progress.code,
        "message": progress.message,
        "planned_at": documents.instant(progress.planned_at),
        "total": progress.total,
        "done": progress.done,
        "bad": progress.bad,
        "counts": {str(state): number for state, number in progress.counts},
    }


def plan_text(plan: BatchPlan) -> str:
    """Return a plan for people: totals, what a replay does again, and the runs, those with a concern first."""
    order, totals = plan.order, plan.totals
    head = text.fields(
        (
            ("Batch", str(order.batch_id)),
            ("Name", order.name),
            ("Action", str(order.action)),
            ("Runs", str(totals.runs)),
            ("Eligible", str(totals.eligible)),
            ("Needs decision", str(totals.needs_decision)),
            ("Blocked", str(totals.blocked)),
            ("Acted upon", str(len(plan.chosen()))),
            ("Patch", "; ".join(shown_patch(order.patch)) or None),
        )
    )
    return head + _codes(plan) + _effects(plan) + _items(plan)


def progress_text(progress: BatchProgress) -> str:
    """Return how a batch stands for people."""
    counted = ", ".join(f"{_word(state)} {number}" for state, number in progress.counts if number)
    return text.fields(
        (
            ("Batch", str(progress.batch_id)),
            ("Name", progress.name),
            ("Action", str(progress.action)),
            ("State", str(progress.state)),
            ("Why", progress.message),
            ("Done", f"{progress.done} of {progress.total}"),
            ("Outcomes", counted or "-"),
        )
    )


def progress_line(progress: BatchProgress) -> str:
    """Return one line about a batch that runs."""
    parts = [f"{progress.done} of {progress.total} done"]
    if progress.bad:
        parts.append(f"{progress.bad} badly")
    parts.append(f"{progress.count(EntryState.UNDER_WAY)} under way")
    if progress.per_minute is not None:
        parts.append(f"{progress.per_minute:.0f} a minute")
    if progress.seconds_left:
        parts.append(f"about {text.span(progress.seconds_left)} left")
    if progress.waiting_for is not None:
        parts.append(f"waits for {_word(progress.waiting_for)}")
    return ", ".join(parts)


def _codes(plan: BatchPlan) -> str:
    rows = [(code, "decision" if code in DECISIONS else "blocks", str(runs)) for code, runs in plan.totals.by_code]
    return text.section("Concerns", text.table(("CODE", "", ">RUNS"), rows, None)) if rows else ""


def _effects(plan: BatchPlan) -> str:
    if not plan.side_effects:
        return ""
    rows = [(effect.action_id, effect.foretold, str(effect.calls), str(effect.runs)) for effect in plan.side_effects]
    return text.section("What the replays do", text.table(("ACTION", "FORETOLD", ">CALLS", ">RUNS"), rows, None))


def _items(plan: BatchPlan) -> str:
    ordered = sorted(plan.items, key=lambda item: item.verdict is Verdict.ELIGIBLE)
    rows = [_cells(item) for item in ordered[:SHOWN_ITEMS]]
    more = len(ordered) - len(rows)
    headers = ("RUN", "STATUS", "WORKFLOW", "VERDICT", "CODE", "REASON")
    rest = f"\n{more} more; --json names all." if more else ""
    return text.section("Runs", text.table(headers, rows, text.terminal_width()) + rest)


def _cells(item: PlanItem) -> tuple[str, ...]:
    return (
        str(item.run_id),
        item.status or "-",
        item.workflow_name or "-",
        _word(item.verdict),
        item.code or "",
        item.message or "",
    )


def _item(item: PlanItem) -> dict[str, JsonValue]:
    return {
        "run_id": str(item.run_id),
        "verdict": str(item.verdict),
        "code": item.code,
        "message": item.message,
        "concerns": [
            {"code": str(concern.code), "message": concern.message, "path": concern.path} for concern in item.concerns
        ],
        "workflow_id": None if item.workflow_id is None else str(item.workflow_id),
        "workflow_name": item.workflow_name,
        "workflow_version": item.workflow_version,
        "status": item.status,
        "started_at": documents.instant(item.started_at),
    }


def _word(code: str) -> str:
    return code.replace("_", " ")
