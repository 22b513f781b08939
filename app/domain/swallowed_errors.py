"""Which steps succeeded although their action failed: ``onError: continue`` drops the error from the step row (F22)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from app.domain.run import Invocation, InvocationStatus, Step, StepStatus


def steps_with_swallowed_errors(steps: Iterable[Step], invocations: Sequence[Invocation]) -> frozenset[UUID]:
    """Return the ids of steps that SUCCEEDED while the last invocation of their pass FAILED.

    A retried action leaves a failed invocation before its successful one, and a loop leaves the invocations of every
    pass under one path, so an invocation belongs to the newest step row of its path that had begun by then.
    """
    by_path: dict[str, list[Step]] = defaultdict(list)
    for step in sorted(steps, key=lambda step: step.started_at):
        by_path[step.step_path].append(step)
    last: dict[UUID, Invocation] = {}
    for invocation in sorted(invocations, key=lambda invocation: invocation.created_at):
        step = _pass_at(by_path[invocation.step_path], invocation.created_at)
        if step is not None:
            last[step.step_id] = invocation
    succeeded = (step for passes in by_path.values() for step in passes if step.status == StepStatus.SUCCEEDED)
    return frozenset(
        step.step_id
        for step in succeeded
        if step.step_id in last and last[step.step_id].status == InvocationStatus.FAILED
    )


def _pass_at(passes: Sequence[Step], moment: datetime) -> Step | None:
    """Return the newest pass begun by then; the first one when clocks disagree by a little."""
    begun = [step for step in passes if step.started_at <= moment]
    return begun[-1] if begun else next(iter(passes), None)
