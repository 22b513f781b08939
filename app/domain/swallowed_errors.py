"""Which steps succeeded although their action failed: ``onError: continue`` drops the error from the step row (F22)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from app.domain.run import Invocation, InvocationStatus, Step, StepStatus
from app.domain.step_passes import StepPasses


def steps_with_swallowed_errors(steps: Iterable[Step], invocations: Sequence[Invocation]) -> frozenset[UUID]:
    """Return the ids of steps that SUCCEEDED while the last invocation of their pass FAILED.

    Only the last one counts, because a retried action leaves a failed invocation before its successful one.
    """
    steps = tuple(steps)
    passes = StepPasses(steps)
    last: dict[UUID, Invocation] = {}
    for invocation in sorted(invocations, key=lambda invocation: invocation.created_at):
        owner = passes.at(invocation.step_path, invocation.created_at)
        if owner is not None:
            last[owner.step_id] = invocation
    return frozenset(
        step.step_id
        for step in steps
        if step.status == StepStatus.SUCCEEDED
        and step.step_id in last
        and last[step.step_id].status == InvocationStatus.FAILED
    )
