"""``control.forEach``: sequential, on one frame, restoring what it shadowed however it is left (fault F7)."""

from __future__ import annotations

import copy
from typing import Any

from app.engine.definition import ForEachStep
from app.engine.frames import BlockFrame, LoopFrame
from app.engine.run_state import RunState

_LOOP_STATE = "__forEach"
"""Variable with the state of every open loop, by step path; an empty object remains after the last one."""


def enter_loop(state: RunState, step: ForEachStep) -> None:
    """Evaluate the items and put the loop on the stack; an empty list or body skips it.

    Raises:
        StepFailure: The items cannot be evaluated or are null.
    """
    items = state.evaluate_items(step.items)
    if not items or not state.definition.blocks[f"{step.path}.body"]:
        return
    variables = state.scopes.vars
    state.frames.append(
        LoopFrame(
            step.path,
            items,
            index=-1,
            shadowed=copy.deepcopy(variables.get(step.item_variable)),
            shadows=step.item_variable in variables,
        )
    )
    state.scopes.lexical.append({})


def take_next_item(state: RunState, loop: LoopFrame) -> None:
    """Begin the next item of the loop on top of the stack, or leave the loop after the last one."""
    loop.index += 1
    if loop.index == len(loop.items):
        state.frames.pop()
        leave_loop(state, loop)
        return
    name = _step_of(state, loop).item_variable
    state.scopes.vars[name] = copy.deepcopy(loop.items[loop.index])
    state.scopes.lexical[-1] = _locals(loop, name)
    _loop_states(state)[loop.path] = {"itemVar": name, "index": loop.index, "length": len(loop.items)}
    state.frames.append(BlockFrame(f"{loop.path}.body"))


def leave_loop(state: RunState, loop: LoopFrame) -> None:
    """Undo the loop's traces: its entry in ``__forEach``, the item variable and the locals."""
    name = _step_of(state, loop).item_variable
    _loop_states(state).pop(loop.path, None)
    if loop.shadows:
        state.scopes.vars[name] = loop.shadowed
    else:
        state.scopes.vars.pop(name, None)
    state.scopes.lexical.pop()


def continues_on_error(state: RunState, loop: LoopFrame) -> bool:
    """Say whether the loop's author asked to go on after a failed step."""
    return _step_of(state, loop).continue_on_error


def _step_of(state: RunState, loop: LoopFrame) -> ForEachStep:
    step = state.definition.step_at(loop.path)
    assert isinstance(step, ForEachStep), loop.path  # noqa: S101 - the frame was made from this step
    return step


def _locals(loop: LoopFrame, name: str) -> dict[str, Any]:
    last = len(loop.items) - 1
    item = loop.items[loop.index]
    return {
        "item": copy.deepcopy(item),
        name: copy.deepcopy(item),
        "index": loop.index,
        "length": len(loop.items),
        "isFirst": loop.index == 0,
        "isLast": loop.index == last,
    }


def _loop_states(state: RunState) -> dict[str, Any]:
    states = state.scopes.vars.get(_LOOP_STATE)
    if not isinstance(states, dict):
        states = state.scopes.vars[_LOOP_STATE] = {}
    return states
