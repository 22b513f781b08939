"""``action.call`` inside the workflow: maps the input, has the activity executed, saves the output."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, Protocol

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception
from temporalio.workflow import ActivityCancellationType

from app.engine.definition import ActionStep, Expression, Literal, MappedList, MappingValue, SecretReference
from app.engine.expression_functions import to_string
from app.engine.failures import Category, StepFailure, failure_of
from app.engine.messages import EXECUTE_ACTION, ActionCall, ActionResult
from app.engine.run_state import RunState
from app.engine.size_limits import LIMIT_TEXT, too_large
from app.temporal.contract import ACTIVITY_TIMEOUT

INPUT_TOO_LARGE = "INPUT_TOO_LARGE"

HEARTBEAT_TIMEOUT = timedelta(seconds=15)
"""After this silence the worker counts as dead; what its action did is then unknown."""

_AFTER_LOSS = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=10))
"""For a lost worker or database only: everything else that an action can fail with is not retried by the server."""


async def call_action(state: RunState, step: ActionStep, step_id: str) -> None:
    """Execute one attempt at an action and save its output.

    Raises:
        StepFailure: With the action's true category, message and code.
        asyncio.CancelledError: The workflow was cancelled; the action has ended, one way or the other.
    """
    mapped = resolve(state, step.input_mapping)
    key = None if step.idempotency_key is None else _key(state.evaluate(step.idempotency_key))
    size = too_large(mapped)
    if size is not None:
        message = f"The input of {step.action_id} holds {size}; an action takes at most {LIMIT_TEXT}"
        raise StepFailure(Category.VALIDATION, message, INPUT_TOO_LARGE)
    call = ActionCall(state.run, step_id, step.path, step.action_id, step.version, mapped, key)
    result = await _execute(call)
    if step.save_as is not None:
        state.scopes.assign(step.save_as, result.output)


class Evaluates(Protocol):
    """What gives an expression its value: a run's state, or the event of a trigger."""

    def evaluate(self, expression: Expression) -> Any:
        """Return the value."""


def resolve(state: Evaluates, value: MappingValue) -> Any:
    """Turn a mapping value into JSON; secrets stay references, to be resolved inside the activity (fault F41)."""
    if isinstance(value, Expression):
        return state.evaluate(value)
    if isinstance(value, SecretReference):
        return {"$secret": value.name}
    if isinstance(value, Literal):
        return value.value
    if isinstance(value, MappedList):
        return [resolve(state, element) for element in value.elements]
    return {name: resolve(state, member) for name, member in value.members}


def _key(value: Any) -> str:
    if isinstance(value, (str, int, float)) and not isinstance(value, bool) and value != "":
        return to_string(value)
    raise StepFailure(Category.VALIDATION, "idempotencyKey must evaluate to a text that is not empty")


async def _execute(call: ActionCall) -> ActionResult:
    try:
        result: ActionResult = await workflow.execute_activity(
            EXECUTE_ACTION,
            call,
            result_type=ActionResult,
            start_to_close_timeout=ACTIVITY_TIMEOUT,
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
            retry_policy=_AFTER_LOSS,
            cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        )
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise asyncio.CancelledError from error
        raise failure_of(error) from error
    if workflow.cancellation_reason() is not None:
        # The action finished before it noticed; its invocation row tells so, and the run still ends cancelled.
        raise asyncio.CancelledError
    return result
