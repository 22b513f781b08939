"""``control.callWorkflow`` inside the workflow: opens the child's row, executes the child and maps its outcome.

The child is an execution of its own whose worker projects it. What the parent adds is what the child cannot do: its row
before it begins, and its end where no code of its own could run any more (terminated, timed out, never begun). A cancel
of the parent cancels the child and waits until it has cleaned up (runtime.md 7.3, F13, F19 and F35).
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any
from uuid import UUID, uuid5

from temporalio import workflow
from temporalio.exceptions import ApplicationError, ChildWorkflowError, TerminatedError, WorkflowAlreadyStartedError
from temporalio.exceptions import TimeoutError as TemporalTimeout
from temporalio.workflow import ChildWorkflowHandle, ParentClosePolicy

from app.domain.run import RunStatus
from app.engine import messages
from app.engine.definition import CallWorkflowStep
from app.engine.failures import Category, StepFailure, failure_of
from app.engine.projecting import project, project_or_fail_step
from app.engine.run_state import RunState
from app.temporal import contract

_START_REFUSED = "CHILD_NOT_STARTED"
_CANCELED = "CHILD_CANCELED"
_RESULT_TOO_LARGE = "CHILD_RESULT_TOO_LARGE"
_ENDED_FROM_OUTSIDE = {TerminatedError: "Terminated", TemporalTimeout: str(Category.TIMEOUT)}


async def call_workflow(state: RunState, step: CallWorkflowStep, step_id: str) -> None:
    """Execute one attempt at a child run and map what it leaves.

    Every attempt is at the same child: its row is opened again, and what its actions have done is not done twice.

    Raises:
        StepFailure: Category ChildWorkflowError with the child's true message and code.
        asyncio.CancelledError: This run was cancelled; the child has ended.
    """
    child_id = str(uuid5(UUID(step_id), "child"))
    payload = {name: state.evaluate(expression) for name, expression in step.input_mapping}
    opening = messages.ChildOpening(state.run, child_id, step.workflow_id, step.workflow_version, step.path, payload)
    try:
        result = await _executed(state, opening)
    except asyncio.CancelledError:
        await project(messages.CANCEL_RUN, opening.run)  # for what the child never began, or could not write
        raise
    try:
        _map_output(state, step, result)
    except StepFailure as failure:
        failure.final = True  # another attempt would execute a child again that has succeeded
        raise


async def _executed(state: RunState, opening: messages.ChildOpening) -> Any:
    """Open, start and await the child, and return its result."""
    opened = await project_or_fail_step(messages.OPEN_CHILD_RUN, opening, messages.OpenedChild, handled=Category.CHILD)
    argument = {
        "runId": opening.run_id,
        "tenantId": state.run.tenant,
        "workflowId": opening.workflow_id,
        "workflowVersion": opening.workflow_version,
        "triggerType": None,
        "executionKey": f"{state.execution_key}:child:{opening.run_id}",
    }
    try:
        return await _ended(await _started(argument))
    except ChildWorkflowError as error:
        raise _of_child(await _failed(opening, error), opening, opened) from error
    except (WorkflowAlreadyStartedError, RuntimeError) as error:
        message = f"The child run could not be started: {error}"
        await _close(opening, {"message": message, "stage": "launch", "details": {}})
        raise _of_child(StepFailure(Category.CHILD, message, _START_REFUSED), opening, opened) from error


async def _started(argument: dict[str, Any]) -> ChildWorkflowHandle[Any, Any]:
    """Start the child; a cancel meanwhile waits until it has begun, so that it can be cancelled and clean up."""
    starting = asyncio.get_running_loop().create_task(
        workflow.start_child_workflow(
            contract.WORKFLOW_TYPE,
            argument,
            id=contract.workflow_id_of(argument["runId"]),
            parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
            execution_timeout=contract.EXECUTION_TIMEOUT,
            run_timeout=contract.RUN_TIMEOUT,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await _cancelled(await starting)
        raise


async def _ended(handle: ChildWorkflowHandle[Any, Any]) -> Any:
    try:
        return await asyncio.shield(handle)
    except asyncio.CancelledError:
        await _cancelled(handle)
        raise


async def _cancelled(handle: ChildWorkflowHandle[Any, Any]) -> None:
    """Cancel the child and wait until it has ended, in whatever way."""
    handle.cancel()
    with contextlib.suppress(ChildWorkflowError, asyncio.CancelledError):
        await handle


async def _failed(opening: messages.ChildOpening, error: ChildWorkflowError) -> StepFailure:
    """Return what became of the child, and close its row where its own end could not."""
    cause = error.cause
    if isinstance(cause, ApplicationError):
        return failure_of(cause)
    category = _ENDED_FROM_OUTSIDE.get(type(cause))
    if category is None:
        await project(messages.CANCEL_RUN, opening.run)
        return StepFailure(Category.CANCELLATION, "The child run was canceled", _CANCELED)
    message = f"The child run's execution was ended from outside: {cause}"
    await _close(opening, {"message": message, "stage": "repair", "category": category})
    return StepFailure(category, message)


async def _close(opening: messages.ChildOpening, error: dict[str, Any]) -> None:
    await project(messages.COMPLETE_RUN, messages.RunEnd(opening.run, RunStatus.FAILED, error))


def _of_child(failure: StepFailure, opening: messages.ChildOpening, opened: messages.OpenedChild) -> StepFailure:
    """Return the step's failure: the child's own words, and where to find it."""
    details = {
        "workflowId": opening.workflow_id,
        "workflowVersion": opening.workflow_version,
        "childRunId": opening.run_id,
        "rootRunId": opened.root_run_id,
        "cause": {"message": failure.message, **failure.detail()},
    }
    return StepFailure(Category.CHILD, failure.message, failure.code, details)


def _map_output(state: RunState, step: CallWorkflowStep, result: Any) -> None:
    """Assign what the parent takes over; all of it is evaluated before the first assignment."""
    scopes = result["scopes"]
    if step.output_mapping and "omitted" in scopes:
        message = f"The child run succeeded, but what it leaves cannot be handed over. {scopes['omitted']}"
        raise StepFailure(Category.CHILD, message, _RESULT_TOO_LARGE)
    lexical = scopes["lexical"]
    child_run = {
        "payload": scopes["payload"],
        "vars": scopes["workflow"],
        "local": lexical[-1] if lexical else {},
        "system": scopes["system"],
        "meta": scopes["meta"],
    }
    values = [(path, state.evaluate(expression, childRun=child_run)) for path, expression in step.output_mapping]
    for path, value in values:
        state.scopes.assign(path, value)
