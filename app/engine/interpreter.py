"""The interpreter: takes one step after another from an explicit stack and projects each.

Order of work per step (runtime.md 7.2): step start → work → step end. A container's own row ends before its branch
begins. A failure is written on its step row only, unless nobody handles it, in which case the run fails (F39).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from temporalio import workflow

from app.domain.run import StepStatus
from app.engine import messages
from app.engine.action_steps import call_action
from app.engine.child_runs import call_workflow
from app.engine.definition import (
    ActionStep,
    AssignStep,
    CallWorkflowStep,
    EventWaitStep,
    ForEachStep,
    GuardedStep,
    HumanTaskStep,
    IfStep,
    ReturnStep,
    StateSetStep,
    Step,
    TimeWaitStep,
    TryCatchStep,
)
from app.engine.failures import Category, StepFailure
from app.engine.frames import BlockFrame, LoopFrame, TryFrame
from app.engine.handlers import handle, unwind
from app.engine.instants import iso_text
from app.engine.loops import enter_loop, take_next_item
from app.engine.patience import wait_until
from app.engine.projecting import RunFailure, log_line, project
from app.engine.retries import delay_seconds, tries_again
from app.engine.run_state import RunState, UnderWay
from app.engine.step_start import begin_step
from app.engine.waits import wait_for_event, wait_for_person, wait_for_time


class Interpreter:
    """Executes a run, one step per :meth:`advance`; between two calls the state is a complete checkpoint."""

    def __init__(self, state: RunState) -> None:
        self._state = state

    async def advance(self) -> bool:
        """Execute the next step; False when the run has come to its end.

        Raises:
            RunFailure: The run fails.
        """
        state = self._state
        if state.under_way is not None and state.current_path is not None:  # entered by the execution before this one
            await self._execute(state.definition.step_at(state.current_path), state.under_way)
            return True
        step = self._next_step()
        if step is None:
            return False
        state.current_path, state.under_way = step.path, UnderWay(str(workflow.uuid4()))
        await self._execute(step, state.under_way)
        return True

    def _next_step(self) -> Step | None:
        state = self._state
        while state.frames:
            frame = state.frames[-1]
            if isinstance(frame, LoopFrame):
                take_next_item(state, frame)
            elif isinstance(frame, BlockFrame) and frame.next < len(state.definition.blocks[frame.block]):
                frame.next += 1
                return state.definition.blocks[frame.block][frame.next - 1]
            else:
                state.frames.pop()
        return None

    async def _execute(self, step: Step, under_way: UnderWay) -> None:
        state, step_id = self._state, under_way.step_id
        if not under_way.started:
            try:
                await begin_step(state, step, step_id)
            except RunFailure as error:
                error.failure.located(step.path, iso_text(workflow.now()))
                raise
            under_way.started = True
        try:
            await self._perform(step, under_way)
        except StepFailure as failure:
            await self._fail(step, step_id, failure)
        else:
            await project(messages.FINISH_STEP, messages.StepEnd(state.run, step_id, StepStatus.SUCCEEDED))
        state.under_way = None
        state.step_count += 1

    async def _fail(self, step: Step, step_id: str, failure: StepFailure) -> None:
        failure.located(step.path, iso_text(workflow.now()))
        self._state.current_wait = None
        end = messages.StepEnd(self._state.run, step_id, StepStatus.FAILED, failure.for_row())
        await project(messages.FINISH_STEP, end)
        try:
            handled = handle(self._state, failure)
        except StepFailure as refused:  # captureErrorAs names a path that cannot be assigned
            raise RunFailure(refused.located(step.path, iso_text(workflow.now()))) from failure
        if not handled:
            raise RunFailure(failure)

    async def _perform(self, step: Step, under_way: UnderWay) -> None:
        if isinstance(step, GuardedStep):
            await self._perform_guarded(step, under_way)
        elif isinstance(step, IfStep):
            self._branch(step)
        elif isinstance(step, ForEachStep):
            enter_loop(self._state, step)
        elif isinstance(step, TryCatchStep):
            self._state.frames += [TryFrame(step.path), BlockFrame(f"{step.path}.try")]
        elif isinstance(step, ReturnStep):
            unwind(self._state, 0)

    def _branch(self, step: IfStep) -> None:
        condition = self._state.evaluate(step.condition)
        if not isinstance(condition, bool):
            raise StepFailure(Category.VALIDATION, "control.if condition did not evaluate to true or false")
        self._state.frames.append(BlockFrame(f"{step.path}.{'then' if condition else 'else'}"))

    async def _perform_guarded(self, step: GuardedStep, under_way: UnderWay) -> None:
        """Try a step as often as its policy says, then fail, or go on when its author asked for that (F9)."""
        while True:
            if under_way.not_before is not None:
                await wait_until(self._state, datetime.fromisoformat(under_way.not_before))
            try:
                await self._perform_once(step, under_way)
            except StepFailure as failure:
                failure.located(step.path, iso_text(workflow.now()))
                if step.retry is None or not tries_again(step.retry, failure, under_way.attempt):
                    await self._continue_or_raise(step, under_way.step_id, failure)
                    return
                pause = delay_seconds(step.retry, under_way.attempt, workflow.random())
                under_way.attempt, under_way.wait = under_way.attempt + 1, None
                under_way.not_before = (workflow.now() + timedelta(seconds=pause)).isoformat()
            else:
                return

    async def _perform_once(self, step: GuardedStep, under_way: UnderWay) -> None:
        state = self._state
        if isinstance(step, ActionStep):
            await call_action(state, step, under_way.step_id)
        elif isinstance(step, CallWorkflowStep):
            await call_workflow(state, step, under_way.step_id)
        elif isinstance(step, EventWaitStep):
            await wait_for_event(state, step, under_way)
        elif isinstance(step, TimeWaitStep):
            await wait_for_time(state, step, under_way)
        elif isinstance(step, HumanTaskStep):
            await wait_for_person(state, step, under_way)
        elif isinstance(step, AssignStep):
            state.assign_all(step.assign)
        elif isinstance(step, StateSetStep):
            state.scopes.assign("meta.state", step.state)

    async def _continue_or_raise(self, step: GuardedStep, step_id: str, failure: StepFailure) -> None:
        """With onError ``continue`` the step row stays SUCCEEDED and a WARN log tells what happened (F22)."""
        if not step.continue_on_error:
            raise failure
        state = self._state
        state.current_wait = None
        state.scopes.error = failure.as_error()
        state.step_count += 1
        await log_line(
            messages.LogLine(
                run=state.run,
                log_id=str(workflow.uuid4()),
                level="WARN",
                message=f"Step failed and was continued: {failure.message}",
                step_id=step_id,
                step_path=step.path,
                context={"category": failure.category, "code": failure.code, "definitionStepId": step.id},
            )
        )
