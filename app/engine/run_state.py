"""Everything the interpreter knows of a run at one moment, and its form as a continue-as-new checkpoint."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from temporalio import workflow

from app.engine.chain import Chain
from app.engine.definition import ROOT_BLOCK, Definition, Expression
from app.engine.expressions import ExpressionFailure, evaluate, evaluate_items
from app.engine.failures import Category, StepFailure
from app.engine.frames import BlockFrame, Frame, frames_from_json, frames_to_json
from app.engine.inbox import Inbox
from app.engine.messages import RunReference
from app.engine.scopes import Scopes


@dataclass(slots=True)
class UnderWay:
    """A step that has been entered and not left.

    Attributes:
        step_id: Of its row.
        started: The row is written; before that it may still wait for quota.
        attempt: The present attempt, from 1.
        not_before: ISO 8601 instant before which the attempt does not begin, after one that failed.
        wait: The wait that the attempt has opened, as it was opened.
    """

    step_id: str
    started: bool = False
    attempt: int = 1
    not_before: str | None = None
    wait: dict[str, Any] | None = None


@dataclass(slots=True)
class RunState:
    """The interpreter's state.

    ``step_count`` counts over the whole chain of executions; ``execution_key`` is the start's, of which children's are
    made; ``attempts`` are the entries so far of paths that loops repeat.
    """

    run: RunReference
    definition: Definition
    scopes: Scopes
    inbox: Inbox
    execution_key: str
    chain: Chain
    frames: list[Frame] = field(default_factory=lambda: [BlockFrame(ROOT_BLOCK)])
    step_count: int = 0
    attempts: dict[str, int] = field(default_factory=dict)
    under_way: UnderWay | None = None
    current_path: str | None = None
    current_wait: dict[str, Any] | None = None

    def evaluate(self, expression: Expression, **further: Any) -> Any:
        """Evaluate an expression against the scopes and ``further`` variables, with workflow time.

        Raises:
            StepFailure: Category ExpressionError.
        """
        try:
            return evaluate(expression.source, {**self.scopes.context(), **further}, workflow.now)
        except ExpressionFailure as error:
            raise StepFailure(Category.EXPRESSION, str(error)) from error

    def evaluate_items(self, expression: Expression) -> list[Any]:
        """Evaluate the list of a loop; as :meth:`evaluate`."""
        try:
            return evaluate_items(expression.source, self.scopes.context(), workflow.now)
        except ExpressionFailure as error:
            raise StepFailure(Category.EXPRESSION, str(error)) from error

    def assign_all(self, assignments: tuple[tuple[str, Expression], ...]) -> None:
        """Assign one entry after another, each seeing the earlier ones."""
        for path, expression in assignments:
            self.scopes.assign(path, self.evaluate(expression))

    def checkpoint(self) -> dict[str, Any]:
        """Return the contract's checkpoint, with signals, attempts and the step under way under keys of their own."""
        return {
            "stepCount": self.step_count,
            "state": {
                "runId": self.run.run_id,
                "frames": frames_to_json(self.frames),
                "currentStepPath": self.current_path,
                "scopes": self.scopes.as_json(),
            },
            "signals": self.inbox.as_json(),
            "attempts": self.attempts,
            "underWay": None if self.under_way is None else asdict(self.under_way),
        }

    def restore(self, checkpoint: dict[str, Any]) -> None:
        """Take up where the previous execution of the chain stopped."""
        state = checkpoint["state"]
        self.step_count = checkpoint["stepCount"]
        self.frames = frames_from_json(state["frames"])
        self.current_path = state["currentStepPath"]
        self.scopes = Scopes.from_json(state["scopes"])
        self.attempts = checkpoint["attempts"]
        self.under_way = None if checkpoint["underWay"] is None else UnderWay(**checkpoint["underWay"])
        self.inbox.prepend(checkpoint["signals"])
