"""The chain of executions that one run is: when the next takes over, and with what (runtime.md 2.2, F2 and F3).

An execution hands over by a count of steps or when the server finds its history long, between two steps, between two
attempts at one, or out of a wait. What it hands over is measured first: a checkpoint that Temporal would refuse stays
with its execution for as long as the history has room.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from temporalio import workflow

from app.engine.deadline import chain_started_at
from app.engine.failures import Category, StepFailure
from app.engine.projecting import RunFailure
from app.engine.size_limits import LIMIT_TEXT, too_large

if TYPE_CHECKING:
    from app.engine.run_state import RunState

STATE_TOO_LARGE = "STATE_TOO_LARGE"
_LAST_EVENT = 40_000
_LAST_BYTE = 40_000_000
"""The server ends an execution at 51,200 events or 50 MiB of history."""


class Chain:
    """One execution's place in its run's chain.

    Args:
        argument: The workflow's argument, which the next execution gets too.
        most_steps: Counted steps after which the next execution takes over.
    """

    def __init__(self, argument: dict[str, Any], most_steps: int) -> None:
        checkpoint = argument.get("checkpoint")
        self.started_at = chain_started_at(checkpoint)
        self._argument = argument
        self._most_steps = most_steps
        self._next_handover = most_steps + (0 if checkpoint is None else int(checkpoint["stepCount"]))
        self._held = False

    def is_due(self, state: RunState) -> bool:
        """Say whether the next execution should take over now."""
        if state.step_count >= self._next_handover or _is_nearly_full():
            return True
        return workflow.info().is_continue_as_new_suggested() and not self._held

    def continue_if_due(self, state: RunState) -> None:
        """Hand over when it is time: then this does not return.

        Raises:
            RunFailure: The history is nearly full, and the variables are too large to be handed over.
            ContinueAsNewError: Must reach Temporal; no handler of errors takes it, for it is no Exception.
        """
        if not self.is_due(state):
            return
        checkpoint = {**state.checkpoint(), "chainStartedAt": self.started_at.isoformat()}
        size = too_large(checkpoint)
        if size is None:
            workflow.continue_as_new({**self._argument, "checkpoint": checkpoint})
        if _is_nearly_full():
            message = (
                f"The run's variables hold {size} and its history is full; a run that goes on for so long can carry "
                f"{LIMIT_TEXT}"
            )
            raise RunFailure(StepFailure(Category.VALIDATION, message, STATE_TOO_LARGE))
        self._held, self._next_handover = True, state.step_count + self._most_steps


def _is_nearly_full() -> bool:
    info = workflow.info()
    return info.get_current_history_length() >= _LAST_EVENT or info.get_current_history_size() >= _LAST_BYTE
