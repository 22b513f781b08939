"""The activities that load a run and write its projection."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from temporalio import activity

from app.domain.run import RunKey, RunStatus, WaitType
from app.engine import messages
from app.engine.definition_fields import DefinitionError
from app.engine.definition_parser import parse_definition
from app.engine.failures import Category, StepFailure
from app.engine.projection_border import definite_failures, key_of
from app.engine.semantics import SEMANTICS_VERSION
from app.postgres.database import Database
from app.postgres.projection import NewLog, NewWait, PinnedRun, RunProjection
from app.postgres.projection_tasks import HumanTasks, NewTask
from app.temporal.contract import HUMAN_TASK_COMPLETED, workflow_id_of


class ProjectionActivities:
    """Activities on one database."""

    def __init__(self, database: Database) -> None:
        self._projection = RunProjection(database)
        self._tasks = HumanTasks(database)

    def all(self) -> list[Callable[..., Any]]:
        """Return the activities to register with a worker."""
        return [
            self.load,
            self.open_wait,
            self.close_wait,
            self.open_human_task,
            self.complete_human_task,
            self.write_log,
            self.complete_run,
            self.cancel_run,
        ]

    @activity.defn(name=messages.LOAD)
    async def load(self, request: messages.LoadRequest) -> messages.LoadedRun:
        """Read and check what a run executes, and stamp the row with our semantics."""
        with definite_failures():
            key = key_of(request.run)
            pinned = await self._projection.pinned(key)
            if pinned is None:
                raise StepFailure(Category.VALIDATION, "The run has no row in the database")
            _check(pinned, request.chain)
            await self._projection.adopt(key, SEMANTICS_VERSION, reopen=pinned.launch_failed)
            if pinned.chain is None and request.first:
                await self._projection.name_execution(key, workflow_id_of(key.run_id), request.chain)
            return messages.LoadedRun(
                definition=pinned.definition,
                definition_hash=pinned.stored_hash,
                payload=pinned.payload if request.first and isinstance(pinned.payload, dict) else {},
                meta={
                    "sourcePayloadSchemaRef": pinned.source_payload_schema_ref,
                    "triggerMappingApplied": pinned.trigger_mapping_applied,
                },
            )

    @activity.defn(name=messages.OPEN_WAIT)
    async def open_wait(self, wait: messages.WaitOpening) -> None:
        """Project the start of an event or time wait."""
        with definite_failures():
            timeout_at = None if wait.timeout_at is None else datetime.fromisoformat(wait.timeout_at)
            await self._projection.open_wait(
                key_of(wait.run),
                NewWait(
                    UUID(wait.wait_id),
                    wait.step_path,
                    wait.wait_type,
                    wait.key,
                    wait.event_name,
                    timeout_at,
                    wait.payload,
                ),
            )

    @activity.defn(name=messages.CLOSE_WAIT)
    async def close_wait(self, closing: messages.WaitClosing) -> None:
        """Project the end of an event or time wait."""
        with definite_failures():
            event_id = _uuid_or_none(closing.event_id)
            await self._projection.resolve_wait(key_of(closing.run), UUID(closing.wait_id), closing.added, event_id)

    @activity.defn(name=messages.OPEN_HUMAN_TASK)
    async def open_human_task(self, task: messages.HumanTaskOpening) -> None:
        """Open a human task with its wait."""
        with definite_failures():
            key = key_of(task.run)
            await self._tasks.open(key, await self._new_task(key, task))

    @activity.defn(name=messages.COMPLETE_HUMAN_TASK)
    async def complete_human_task(self, answer: messages.HumanTaskResponse) -> bool:
        """Accept a response and close task and wait, or log why it does not fit and return False."""
        with definite_failures():
            key = key_of(answer.run)
            wait_id = UUID(answer.wait_id)
            errors = [] if answer.override else await self._tasks.misfits(key, wait_id, answer.response)
            if errors:
                message = "Human task response does not fit its form; the task stays open"
                context = {"taskId": answer.task_id, "errors": errors}
                line = NewLog(UUID(answer.log_id), "WARN", message, None, answer.step_path, context)
                await self._projection.log(key, line)
                return False
            added = {
                "taskId": answer.task_id,
                "eventName": answer.event_name,
                "response": answer.response,
                "resolvedAt": answer.resolved_at,
            }
            await self._tasks.complete(key, UUID(answer.task_id), wait_id, answer.response, added)
            return True

    @activity.defn(name=messages.WRITE_LOG)
    async def write_log(self, line: messages.LogLine) -> None:
        """Write a run log."""
        with definite_failures():
            step_id = None if line.step_id is None else UUID(line.step_id)
            new = NewLog(UUID(line.log_id), line.level, line.message, step_id, line.step_path, line.context)
            await self._projection.log(key_of(line.run), new)

    @activity.defn(name=messages.COMPLETE_RUN)
    async def complete_run(self, end: messages.RunEnd) -> None:
        """Project the end of a run."""
        with definite_failures():
            await self._projection.complete(key_of(end.run), end.status, end.error)

    @activity.defn(name=messages.CANCEL_RUN)
    async def cancel_run(self, run: messages.RunReference) -> None:
        """Project a cancelled run with everything it left open."""
        with definite_failures():
            await self._projection.cancel(key_of(run))

    async def _new_task(self, key: RunKey, task: messages.HumanTaskOpening) -> NewTask:
        if key.tenant is None:
            raise StepFailure(Category.VALIDATION, "human.task needs a run that belongs to a tenant")
        task_type = await self._tasks.task_type(key.tenant, task.task_type)
        if task_type is None:
            raise StepFailure(Category.VALIDATION, f"The human task type {task.task_type} is not defined")
        payload = {
            "taskId": task.task_id,
            "contextData": task.context_data,
            "formSchema": task_type.form,
            "taskType": task.task_type,
        }
        wait = NewWait(
            UUID(task.wait_id), task.step_path, WaitType.HUMAN, task.task_id, HUMAN_TASK_COMPLETED, None, payload
        )
        return NewTask(UUID(task.task_id), task_type, task.title, task.description, task.context_data, wait)


def _check(pinned: PinnedRun, chain: str) -> None:
    """Refuse what must not be executed (F4: with a clear text, and the row is completed as FAILED).

    A row that this very chain has closed is executed again: its worker died before it could report the end, and what
    it did since its last report, every write of it idempotent, is done again to the same end.
    """
    ended_by_us = pinned.chain == chain and pinned.status in (RunStatus.SUCCEEDED, RunStatus.FAILED)
    if pinned.closed and not pinned.launch_failed and not ended_by_us:
        raise StepFailure(Category.VALIDATION, f"The run's row was already closed as {pinned.status}")
    if pinned.definition is None:
        raise StepFailure(Category.VALIDATION, "The run's workflow version does not exist")
    # A hash that cannot be reproduced exactly proves nothing, so only two known hashes are compared.
    if None not in (pinned.stored_hash, pinned.current_hash) and pinned.stored_hash != pinned.current_hash:
        raise StepFailure(
            Category.VALIDATION,
            "The workflow version was changed after the run was launched: its definition hash differs",
            "DEFINITION_HASH_MISMATCH",
            {"expected": pinned.stored_hash, "actual": pinned.current_hash},
        )
    try:
        parse_definition(pinned.definition)
    except DefinitionError as error:
        raise StepFailure(
            Category.VALIDATION, f"The definition cannot be executed: {error}", None, {"path": error.path}
        ) from error


def _uuid_or_none(text: str | None) -> UUID | None:
    """An event sent straight to Temporal may carry any text as its id; only a uuid can name an event row."""
    try:
        return None if text is None else UUID(text)
    except ValueError:
        return None
