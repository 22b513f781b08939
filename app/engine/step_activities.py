"""The activities that project the start and the end of a step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from temporalio import activity

from app.domain.run import RunKey, WaitType
from app.engine import messages
from app.engine.failures import Category
from app.engine.instants import iso_text
from app.engine.projection_border import definite_failures, key_of
from app.engine.step_start import QUOTA_REASON
from app.postgres.database import Database
from app.postgres.projection import NewWait
from app.postgres.step_rows import NewStep, QuotaRefusal, StepRows


class StepActivities:
    """Activities on one database."""

    def __init__(self, database: Database) -> None:
        self._rows = StepRows(database)

    def all(self) -> list[Callable[..., Any]]:
        """Return the activities to register with a worker."""
        return [self.start, self.finish]

    @activity.defn(name=messages.START_STEP)
    async def start(self, step: messages.StepStart) -> messages.StepStarted:
        """Project the start of a step, or the pause of its run when the tenant's quota is used up."""
        with definite_failures():
            key = key_of(step.run)
            new = NewStep(UUID(step.step_id), step.step_path, step.definition_step_id, step.attempt)
            started = await self._rows.start(key, new)
            if not isinstance(started, QuotaRefusal):
                return messages.StepStarted(started.attempt)
            await self._pause(key, step.step_path, started)
            return messages.StepStarted(0, iso_text(started.terms.period_end))

    @activity.defn(name=messages.FINISH_STEP)
    async def finish(self, end: messages.StepEnd) -> None:
        """Project the end of a step."""
        with definite_failures():
            await self._rows.finish(key_of(end.run), UUID(end.step_id), end.status, end.error)

    async def _pause(self, key: RunKey, path: str, refusal: QuotaRefusal) -> None:
        terms = refusal.terms
        data = {
            "reason": QUOTA_REASON,
            "tenant": str(key.tenant),
            "periodStart": iso_text(terms.period_start),
            "periodEnd": iso_text(terms.period_end),
            "usedCount": refusal.used,
            "effectiveLimit": terms.limit,
            "periodSource": terms.period_source,
            "limitSource": terms.limit_source,
        }
        error = {
            "category": Category.QUOTA,
            "message": f"The step quota is used up: {refusal.used} of {terms.limit} steps until {data['periodEnd']}",
            "nodePath": path,
            "at": iso_text(datetime.now(UTC)),
            "data": data,
        }
        await self._rows.pause(key, NewWait(uuid4(), path, WaitType.QUOTA, None, None, terms.period_end, data), error)
