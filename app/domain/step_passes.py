"""Finds the step row that an invocation or wait belongs to.

Nothing in the database links them but the step path, and every pass of a loop has a step row of its own under one path.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from app.domain.run import Step


class StepPasses:
    """The step rows of a run by path, oldest pass first."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._by_path: dict[str, list[Step]] = {}
        for step in sorted(steps, key=lambda step: (step.started_at, step.attempt)):
            self._by_path.setdefault(step.step_path, []).append(step)

    def at(self, path: str, moment: datetime) -> Step | None:
        """Return the newest pass of the path that had begun by then.

        None when the path has no row (a quota pause has none); the first pass when clocks disagree by a little.
        """
        passes = self._by_path.get(path, [])
        begun = [step for step in passes if step.started_at <= moment]
        return begun[-1] if begun else next(iter(passes), None)
