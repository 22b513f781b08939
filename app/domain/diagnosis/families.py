"""What holds up a parent is what holds up its child: the leaf's cause, named on the parent (S11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from app.domain.diagnosis.codes import Cause, Severity
from app.domain.diagnosis.finding import Diagnosis

_START_CHILD = "It starts its child run: look at why its worker does not."


def blame_leaves(found: Mapping[UUID, Diagnosis], children: Mapping[UUID, tuple[UUID, ...]]) -> dict[UUID, Diagnosis]:
    """Return the diagnoses, healthy parents of stuck children naming the leaf; a parent itself never is trouble."""
    return {run_id: _with_leaf(diagnosis, found, children) for run_id, diagnosis in found.items()}


def _with_leaf(
    parent: Diagnosis, found: Mapping[UUID, Diagnosis], children: Mapping[UUID, tuple[UUID, ...]]
) -> Diagnosis:
    leaf = _stuck_leaf(parent.key.run_id, found, children, frozenset())
    if parent.severity is not Severity.OK or leaf is None:
        return parent
    return replace(
        parent,
        severity=Severity.WATCH,
        cause=Cause.CHILD_RUN,
        kind="child_stuck",
        title=f"Waits for child run {leaf.key.run_id}: {leaf.title}",
        evidence=(*parent.evidence, *leaf.evidence),
        advice=_START_CHILD if leaf.cause is Cause.LAUNCH_GAP else leaf.advice,
        engineering=leaf.engineering,
        since=leaf.since,
        params=(("child", str(leaf.key.run_id)),),
    )


def _stuck_leaf(
    run_id: UUID, found: Mapping[UUID, Diagnosis], children: Mapping[UUID, tuple[UUID, ...]], above: frozenset[UUID]
) -> Diagnosis | None:
    """Return the deepest child in trouble below a run."""
    for child in children.get(run_id, ()):
        if child in above or child not in found:
            continue
        leaf = _stuck_leaf(child, found, children, above | {run_id})
        if leaf is None and found[child].severity is Severity.TROUBLE:
            leaf = found[child]
        if leaf is not None:
            return leaf
    return None
