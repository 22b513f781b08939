"""Causes around the launch: never started (S12), not found any more (S13), a row of the removed engine (S18)."""

from __future__ import annotations

from app.domain.diagnosis.codes import Act, Cause, Severity
from app.domain.diagnosis.facts import RowFacts, RunFacts
from app.domain.diagnosis.finding import Evidence, Finding, from_row, from_temporal
from app.domain.diagnosis.verdicts import is_past_retention, launch_is_young, never_had_an_execution


def legacy_row(facts: RunFacts) -> Finding | None:
    """S18: an active row that the removed database engine left behind."""
    row, execution = facts.row, facts.temporal.execution
    if not row.is_legacy:
        return None
    runs_after_all = execution is not None and execution.is_open
    open_waits = sum(wait.is_open for wait in row.waits)
    return Finding(
        cause=Cause.LEGACY_ROW,
        kind="executing" if runs_after_all else "stranded",
        severity=Severity.TROUBLE,
        title=f"Left behind by the removed {row.engine or 'unnamed'} engine; nothing will execute it."
        if not runs_after_all
        else "The row names no Temporal engine, yet Temporal executes it.",
        evidence=(
            from_row(
                "engine is {engine}, status {status}", row.updated_at, engine=row.engine or "null", status=row.status
            ),
            from_row("Open waits: {count}", facts.now, count=open_waits),
            _execution_evidence(facts),
        ),
        actions=() if runs_after_all else (Act.FINALIZE_STRANDED, Act.REPLAY),
        advice="Leave it alone: it runs."
        if runs_after_all
        else "Finalize it as canceled, then replay it if it matters.",
        engineering="Rows of the database engine were not closed when it was removed."
        if not runs_after_all
        else "A row with another engine has a running execution: find out who wrote it.",
    )


def launch_gap(facts: RunFacts) -> Finding | None:
    """S12: the row was committed, the execution never started (F30)."""
    row = facts.row
    if not _is_unknown(facts) or not _is_gap(facts) or launch_is_young(facts):
        return None
    return Finding(
        cause=Cause.LAUNCH_GAP,
        kind="never_started",
        severity=Severity.TROUBLE,
        title="The launch never reached Temporal.",
        evidence=(
            from_row(
                "Row {status} since {since}, without Temporal ids and steps",
                row.started_at,
                status=row.status,
                since=row.started_at,
            ),
            _execution_evidence(facts),
        ),
        actions=(Act.FAIL_LAUNCH,) if row.parent_run_id is not None else (Act.COMPLETE_LAUNCH, Act.FAIL_LAUNCH),
        advice="Look at its parent, which starts it."
        if row.parent_run_id is not None
        else "Complete the launch (same run id, safe to repeat) or mark it FAILED and launch it again.",
        engineering="The launcher died or lost Temporal between inserting the row and starting the execution (F30).",
    )


def missing_execution(facts: RunFacts) -> Finding | None:
    """S13: there was an execution once, and Temporal does not know it: expired, or lost to us."""
    row = facts.row
    if not _is_unknown(facts) or launch_is_young(facts) or row.is_legacy or _is_gap(facts):
        return None
    if row.is_closed and (never_had_an_execution(row) or is_past_retention(facts)):
        return None
    kind = _how_missing(facts)
    return Finding(
        cause=Cause.MISSING_EXECUTION,
        kind=kind,
        severity=Severity.WATCH if row.is_closed else Severity.TROUBLE,
        title=_MISSING[kind],
        evidence=(_trace_evidence(row), _execution_evidence(facts), *_retention_evidence(facts)),
        actions=() if row.is_closed else (Act.CANCEL, Act.REPLAY),
        advice="Nothing executes this run any more. Check that this connection uses the product's namespace, then "
        "replay the run if it matters.",
        engineering="An active row without an execution counts against concurrency limits and attracts events (F24, "
        "F40).",
    )


_MISSING = {
    "expired": "Temporal does not know its execution any more; if it closed back then, retention has deleted it.",
    "other_namespace": "Temporal does not know its execution, nor any other of the product's in this namespace.",
    "lost": "Temporal does not know its execution, although retention would have kept it.",
}


def _how_missing(facts: RunFacts) -> str:
    if facts.temporal.namespace_in_use is False:
        return "other_namespace"
    return "expired" if is_past_retention(facts) else "lost"


def _is_unknown(facts: RunFacts) -> bool:
    return facts.temporal.problem is None and facts.temporal.execution is None


def _is_gap(facts: RunFacts) -> bool:
    """Say whether nothing ever told of an execution, lately enough that retention would have kept a failed one."""
    row = facts.row
    untold = row.step is None and not row.has_temporal_ids and not row.waits
    return row.is_active and not row.is_legacy and untold and not is_past_retention(facts)


def _execution_evidence(facts: RunFacts) -> Evidence:
    execution = facts.temporal.execution
    if facts.temporal.problem is not None:
        return from_temporal("Not verified: {problem}", facts.temporal.asked_at, problem=facts.temporal.problem)
    if execution is None:
        return from_temporal("No execution under the run's workflow id", facts.temporal.asked_at)
    at = execution.closed_at or execution.started_at
    return from_temporal("The execution is {status}", at, status=execution.status)


def _trace_evidence(row: RowFacts) -> Evidence:
    if row.has_temporal_ids:
        return from_row("Temporal ids are stored; the row last moved at {moved}", row.moved_at, moved=row.moved_at)
    return from_row("Steps or waits were projected; the row last moved at {moved}", row.moved_at, moved=row.moved_at)


def _retention_evidence(facts: RunFacts) -> tuple[Evidence, ...]:
    retention = facts.temporal.retention
    if facts.temporal.namespace_in_use is False:
        return (from_temporal("The namespace holds no execution of the product's workflow type", None),)
    if retention is None:
        return ()
    return (from_temporal("The namespace keeps closed executions for {days} days", None, days=retention.days),)
