"""Release a run that waits for a person: the signal that the product's inbox never sends, then the task row (F28)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

from app.domain import json_text
from app.domain.errors import DatabaseUnavailable, InvalidInput, TemporalUnavailable
from app.domain.payload_schema import SchemaCheck, SchemaState
from app.domain.repair import OpenWaitFacts, PlannedWrite, RepairPlan
from app.domain.repair_rules import human_wait
from app.domain.run import JsonValue, WaitStatus
from app.domain.run_message import TaskResponse
from app.services.acting import tenant_of
from app.services.patience import Patience
from app.services.ports import ActionRecord, ExecutionGateway, RunWriter
from app.services.repair_acts import RepairCommand, RepairOutcome, record_of, record_writes, write
from app.services.repair_launch import changed_meanwhile
from app.services.repair_ports import RepairStore, RunMessages


@dataclass(frozen=True, slots=True)
class _Release:
    wait: OpenWaitFacts
    task_id: UUID
    message: TaskResponse


class ReleaseHumanTask:
    """Answers a human task for its run.

    Args:
        store: The rows and the form.
        writer: Records a response that the worker rejected.
        messages: The execution.
        gateway: Says whether somebody can take the answer.
        patience: How long to look for the wait's end.
    """

    def __init__(
        self,
        store: RepairStore,
        writer: RunWriter,
        messages: RunMessages,
        gateway: ExecutionGateway,
        patience: Patience | None = None,
    ) -> None:
        self._store = store
        self._writer = writer
        self._messages = messages
        self._gateway = gateway
        self._patience = patience or Patience(10)
        self._sent: dict[UUID, _Release] = {}

    async def plan(self, command: RepairCommand) -> RepairPlan:
        """Return the signal and the completion of the task."""
        release = await self._look(command)
        answer: dict[str, JsonValue] = {"taskId": release.message.task_id, "override": release.message.override}
        writes = (
            PlannedWrite("temporal", "signal human task", {**answer, "payload": release.message.response}),
            write(
                "workflow_tasks",
                release.task_id,
                status="completed",
                completed_at="now",
                completed_by=str(command.operator.user_id),
            ),
            write("workflow_task_history", release.task_id, action="complete", to_status="completed"),
        )
        cautions = ("The response is sent without a check against the form.",) if release.message.override else ()
        return RepairPlan(command.action, command.key, (*writes, *record_writes(command)), cautions)

    async def apply(self, command: RepairCommand) -> RepairOutcome:
        """Send the response, then complete the task row; sending the command again finishes what an outage left."""
        sent_before = self._sent.get(command.request_id)
        release = sent_before or await self._look(command)
        self._sent[command.request_id] = release
        request = uuid5(command.request_id, "signal")
        try:
            delivered = await self._messages.send(command.key.run_id, release.message, request)
        except TemporalUnavailable as error:
            message = f"{error.message} Should the response have arrived nevertheless, the run will show it."
            raise TemporalUnavailable(error.code, message, **error.params, aftermath="response_may_arrive") from error
        if not delivered and (sent_before is None or await self._end_of(command, release) is None):
            del self._sent[command.request_id]
            raise changed_meanwhile()
        return await self._complete(command, release)

    async def _complete(self, command: RepairCommand, release: _Release) -> RepairOutcome:
        status = await self._patience.until_known(lambda: self._end_of(command, release))
        record = _record(command, release, status)
        try:
            await self._patience.persist(lambda: self._write(command, release, record, status))
        except DatabaseUnavailable as error:
            message = f"The response is sent, but the task row is not completed yet. {error.message}"
            raise DatabaseUnavailable(error.code, message, **error.params, aftermath="response_unrecorded") from error
        del self._sent[command.request_id]
        return _outcome(status)

    async def _write(self, command: RepairCommand, release: _Release, record: ActionRecord, status: str | None) -> None:
        if status == WaitStatus.CANCELED:  # the worker ended the task over the response (F29): nothing to complete
            await self._writer.record(tenant_of(command.key), record)
        else:
            await self._store.complete_task(command.key, release.task_id, release.message.response, record)

    async def _end_of(self, command: RepairCommand, release: _Release) -> str | None:
        status = await self._store.wait_status(command.key, release.wait.wait_id)
        return None if status == WaitStatus.WAITING else status

    async def _look(self, command: RepairCommand) -> _Release:
        response = _object(command.arguments.response)
        facts = await self._store.facts(command.key)
        wait = human_wait(facts, await self._gateway.describe(command.key.run_id))
        if not command.arguments.override:
            _require_fit(await self._store.check_response(command.key, wait.wait_id, response))
        task_id = str(wait.key)
        return _Release(wait, UUID(task_id), TaskResponse(task_id, response, override=command.arguments.override))


def _object(text: str | None) -> JsonValue:
    """Return the response; InvalidInput unless it is a JSON object."""
    if text is None:
        raise InvalidInput("repair.no_response", "Give the response: a JSON object that answers the task's form.")
    try:
        response = json_text.parse(text)
    except json_text.JsonTextError as error:
        raise InvalidInput(
            "repair.response_text",
            f"The response is not JSON: {error.message} Nothing was sent.",
            line=error.line,
            column=error.column,
        ) from error
    if not isinstance(response, dict):
        raise InvalidInput("repair.response_object", "The response must be a JSON object. Nothing was sent.")
    return response


def _require_fit(check: SchemaCheck) -> None:
    """Refuse what the worker would refuse, and with it end the task for good (F29)."""
    if check.state is SchemaState.FITS:
        return
    if check.state is not SchemaState.FAULTY:
        raise InvalidInput(
            "repair.no_form",
            "The task offers no form that the response can be checked against, and the worker would end the task over "
            "it. Nothing was sent. Only an override can release it.",
        )
    places = "; ".join(f"{fault.path or 'the response'} {fault.message}" for fault in check.faults[:3])
    raise InvalidInput(
        "repair.form",
        f"The response does not fit the task's form: {places}. The worker would end the task over it, so nothing was "
        "sent.",
        places=places,
    )


def _record(command: RepairCommand, release: _Release, status: str | None) -> ActionRecord:
    changed: dict[str, object] = {"task": "canceled" if status == WaitStatus.CANCELED else "completed"}
    wait_id, task_id = release.wait.wait_id, release.message.task_id
    return record_of(command, changed, taskId=task_id, waitId=wait_id, override=release.message.override)


def _outcome(status: str | None) -> RepairOutcome:
    if status == WaitStatus.RESOLVED:
        return RepairOutcome(
            accepted=True, observed=True, code="repair.released", message="The run took the response and goes on."
        )
    if status == WaitStatus.CANCELED:
        return RepairOutcome(
            accepted=True,
            observed=False,
            code="repair.response_rejected",
            message="The worker rejected the response and ended the task; the run follows its error handling.",
        )
    return RepairOutcome(
        accepted=True,
        observed=False,
        code="repair.unobserved",
        message="Temporal holds the response, but no worker has taken it yet. A worker that starts goes on.",
    )
