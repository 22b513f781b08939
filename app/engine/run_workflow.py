"""The contract's workflow: loads the definition, interprets it, and leaves the projection true however it ends.

Signals and queries as in ``runtime.md`` sections 2.3 and 2.4.
"""

from __future__ import annotations

import asyncio
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from app.domain.run import RunStatus
from app.engine import messages
from app.engine.chain import Chain
from app.engine.deadline import deadline_failure, seconds_left
from app.engine.definition_parser import parse_definition
from app.engine.failures import Category, StepFailure
from app.engine.inbox import Inbox
from app.engine.instants import iso_text
from app.engine.interpreter import Interpreter
from app.engine.projecting import RunFailure, project, project_and_read
from app.engine.run_state import RunState
from app.engine.scopes import Scopes
from app.engine.semantics import CONTINUE_AS_NEW_STEPS, SEMANTICS_VERSION
from app.temporal import contract


@workflow.defn(name=contract.WORKFLOW_TYPE)
class RunWorkflow:
    """One run. Its argument is the contract's start object, with ``checkpoint`` after a continue-as-new."""

    @workflow.init
    def __init__(self, argument: dict[str, Any]) -> None:
        self._argument = argument
        self._run = messages.RunReference(argument["runId"], argument.get("tenantId"))
        self._inbox = Inbox()
        self._state: RunState | None = None
        self._chain = Chain(argument, CONTINUE_AS_NEW_STEPS)

    @workflow.run
    async def run(self, argument: dict[str, Any]) -> dict[str, Any]:
        """Execute the run and return ``{scopes}``.

        Raises:
            ApplicationError: The run failed; type ``WorkflowRuntimeV2.<category>``.
            asyncio.CancelledError: The run was cancelled.
        """
        try:
            state = await self._load()
            await self._interpret_in_time(state)
        except asyncio.CancelledError:
            await self._cancelled()
            raise
        except RunFailure as error:
            raise await self._failed(error) from error
        except Exception as bug:  # the row must not stay RUNNING because of a fault of ours
            raise await self._failed(RunFailure(_corruption(bug))) from bug
        await self._complete(messages.RunEnd(self._run, RunStatus.SUCCEEDED))
        return {"scopes": state.scopes.as_result()}

    @workflow.signal(name=contract.SIGNAL_EVENT)
    def on_event(self, content: Any) -> None:
        """Keep an event until a wait takes it."""
        self._inbox.put_event(content, iso_text(workflow.now()))

    @workflow.signal(name=contract.SIGNAL_HUMAN_TASK)
    def on_human_task(self, content: Any) -> None:
        """Keep a response until its task takes it."""
        self._inbox.put_human_task(content)

    @workflow.signal(name=contract.SIGNAL_QUOTA_RESUME)
    def on_quota_resume(self, content: Any) -> None:
        """Remember that quota may be there again."""
        self._inbox.quota_resumed = True

    @workflow.query(name=contract.QUERY_CURRENT_STEP)
    def current_step(self) -> dict[str, Any]:
        """Return the path last entered."""
        return {"runId": self._run.run_id, "currentStepPath": self._current_path()}

    @workflow.query(name=contract.QUERY_CURRENT_WAIT)
    def current_wait(self) -> dict[str, Any] | None:
        """Return what the run waits for, or None."""
        return None if self._state is None else self._state.current_wait

    @workflow.query(name=contract.QUERY_SUMMARY)
    def summary(self) -> dict[str, Any]:
        """Return counters of the interpreter."""
        state = self._state
        return {
            "runId": self._run.run_id,
            "stepCount": 0 if state is None else state.step_count,
            "currentStepPath": self._current_path(),
            "frameDepth": 0 if state is None else len(state.frames),
        }

    async def _load(self) -> RunState:
        checkpoint = self._argument.get("checkpoint")
        chain = workflow.info().first_execution_run_id
        request = messages.LoadRequest(self._run, first=checkpoint is None, chain=chain)
        try:
            loaded = await project_and_read(messages.LOAD, request, messages.LoadedRun)
        except RunFailure as error:
            raise RunFailure(error.failure, stage="launch") from error
        system = {
            "runId": self._run.run_id,
            "workflowId": self._argument["workflowId"],
            "workflowVersion": self._argument["workflowVersion"],
            "tenantId": self._run.tenant,
            "definitionHash": loaded.definition_hash,
            "runtimeSemanticsVersion": SEMANTICS_VERSION,
        }
        scopes = Scopes(loaded.payload, system, meta=loaded.meta)
        definition = parse_definition(loaded.definition)
        state = RunState(self._run, definition, scopes, self._inbox, self._execution_key(), self._chain)
        if checkpoint is not None:
            state.restore(checkpoint)
        self._state = state
        return state

    async def _interpret_in_time(self, state: RunState) -> None:
        deadline = asyncio.timeout(seconds_left(self._chain.started_at))
        try:
            async with deadline:
                await self._interpret(state)
        except TimeoutError as error:
            if not deadline.expired():
                raise
            raise RunFailure(deadline_failure()) from error

    async def _interpret(self, state: RunState) -> None:
        """Advance to the end; between two steps, outside every error handler, continue as new when it is time (F2)."""
        interpreter = Interpreter(state)
        while await interpreter.advance():
            if workflow.cancellation_reason() is not None:
                raise asyncio.CancelledError
            self._chain.continue_if_due(state)

    async def _failed(self, error: RunFailure) -> ApplicationError:
        """Complete the row as FAILED and return what the execution fails with."""
        error.failure.located(self._current_path() or "root", iso_text(workflow.now()))
        await self._complete(messages.RunEnd(self._run, RunStatus.FAILED, error.run_error()))
        return error.failure.as_application_error()

    async def _complete(self, end: messages.RunEnd) -> None:
        """Write the run's end. A cancel that comes this late changes neither the row nor how the execution ends."""
        try:
            await project(messages.COMPLETE_RUN, end)
        except asyncio.CancelledError:
            workflow.logger.info("The cancel came after the run had ended %s", end.status)
        except RunFailure as error:
            raise error.failure.as_application_error() from error

    async def _cancelled(self) -> None:
        """Clean up after a cancel. If even that cannot be written, the execution still ends as cancelled."""
        try:
            await project(messages.CANCEL_RUN, self._run)
        except RunFailure as error:
            workflow.logger.error("The cancelled run could not be cleaned up: %s", error)

    def _execution_key(self) -> str:
        return str(self._argument.get("executionKey", ""))

    def _current_path(self) -> str | None:
        return None if self._state is None else self._state.current_path


def _corruption(bug: Exception) -> StepFailure:
    workflow.logger.error("The interpreter failed", exc_info=bug)
    return StepFailure(Category.CORRUPTION, f"The interpreter failed: {type(bug).__name__}: {bug}")
