"""Which handler takes a failure: the nearest enclosing one, be it a try branch or a loop that continues (fault F7)."""

from __future__ import annotations

from app.engine.definition import TryCatchStep
from app.engine.failures import StepFailure
from app.engine.frames import BlockFrame, LoopFrame, TryFrame
from app.engine.loops import continues_on_error, leave_loop
from app.engine.run_state import RunState


def handle(state: RunState, failure: StepFailure) -> bool:
    """Move the stack to where the run goes on after ``failure`` and set ``error``; False when nobody handles it.

    A loop that continues skips the failed step only: the rest of the same item's body goes on. When inner loops
    failed as a whole, the loop's body goes on after the outermost of them.
    """
    for position in range(len(state.frames) - 1, -1, -1):
        frame = state.frames[position]
        if isinstance(frame, TryFrame):
            _enter_catch(state, position, failure)
            return True
        if isinstance(frame, LoopFrame) and continues_on_error(state, frame):
            _skip_failed_step(state, position)
            state.scopes.error = failure.as_error()
            return True
    return False


def unwind(state: RunState, keep: int) -> None:
    """Take frames off the stack until ``keep`` remain; loops restore what they shadowed."""
    while len(state.frames) > keep:
        frame = state.frames.pop()
        if isinstance(frame, LoopFrame):
            leave_loop(state, frame)


def _enter_catch(state: RunState, position: int, failure: StepFailure) -> None:
    path = state.frames[position].path  # type: ignore[union-attr]  # a TryFrame, by the caller
    unwind(state, position)
    step = state.definition.step_at(path)
    state.scopes.error = failure.as_error()
    if isinstance(step, TryCatchStep) and step.capture_as:
        state.scopes.assign(step.capture_as, failure.as_error())
    state.frames.append(BlockFrame(f"{path}.catch"))


def _skip_failed_step(state: RunState, loop_position: int) -> None:
    inner_loops = [
        position
        for position in range(loop_position + 1, len(state.frames))
        if isinstance(state.frames[position], LoopFrame)
    ]
    if inner_loops:
        unwind(state, inner_loops[0])
