"""The activity that opens the row of a child run (runtime.md 7.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from temporalio import activity

from app.domain.errors import RuleViolation
from app.engine import messages
from app.engine.failures import Category, StepFailure
from app.engine.projection_border import definite_failures
from app.engine.semantics import SEMANTICS_VERSION
from app.postgres.database import Database
from app.postgres.projection_children import ChildRuns, NewChild


class ChildActivities:
    """Opens child runs on one database."""

    def __init__(self, database: Database) -> None:
        self._children = ChildRuns(database)

    def all(self) -> list[Callable[..., Any]]:
        """Return the activities to register with a worker."""
        return [self.open]

    @activity.defn(name=messages.OPEN_CHILD_RUN)
    async def open(self, opening: messages.ChildOpening) -> messages.OpenedChild:
        """Open the child's row; a refusal is the step's failure, with the refusal's own code."""
        with definite_failures():
            try:
                return messages.OpenedChild(str(await self._children.open(_new_child(opening))))
            except RuleViolation as refusal:
                raise _refused(opening, refusal.message, refusal.code) from refusal


def _new_child(opening: messages.ChildOpening) -> NewChild:
    if opening.parent.tenant is None:
        raise _refused(opening, "control.callWorkflow needs a run that belongs to a tenant", None)
    try:
        workflow_id = UUID(opening.workflow_id)
    except ValueError as error:
        raise _refused(opening, f"{opening.workflow_id!r} is no workflow id", "workflow.not_found") from error
    return NewChild(
        tenant=UUID(opening.parent.tenant),
        run_id=UUID(opening.run_id),
        parent_run_id=UUID(opening.parent.run_id),
        workflow_id=workflow_id,
        workflow_version=opening.workflow_version,
        step_path=opening.step_path,
        payload=opening.payload,
        semantics_version=SEMANTICS_VERSION,
    )


def _refused(opening: messages.ChildOpening, message: str, code: str | None) -> StepFailure:
    called = {"workflowId": opening.workflow_id, "workflowVersion": opening.workflow_version}
    return StepFailure(Category.CHILD, message, code, called)
