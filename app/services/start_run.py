"""Run a published workflow with a payload of the operator's own."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.domain import json_text
from app.domain.errors import InvalidInput
from app.domain.json_text import JsonTextError
from app.domain.launching import AuditNote, LaunchOrder, LaunchOutcome, NewPayload, check_payload_size
from app.domain.operator import Operator, Right
from app.domain.run import RunStatus
from app.services.acting import ACTION_SOURCE, require_right
from app.services.launch_run import LaunchRun
from app.services.ports import ActionRecord

EMPTY_PAYLOAD = "{}"


@dataclass(frozen=True, slots=True)
class StartCommand:
    """What the operator asked for.

    ``payload_text`` is JSON text (None or blank means an empty object); ``workflow_version`` None means the newest
    published one. The new run's id is ``request_id``: sending the same command twice starts one run.
    """

    tenant: UUID
    workflow_id: UUID
    payload_text: str | None
    operator: Operator
    request_id: UUID
    workflow_version: int | None = None


class StartRun:
    """Checks a start and launches it. Pause, limits and version are the launch's gates.

    The product also drops a top-level ``tenantId`` that the version's payload schema does not declare (runtime.md 4.4
    step 6). It does so for a value that its own form injects; here the operator typed the payload, and it is sent as
    typed.

    Args:
        launch: The one way to create runs.
    """

    def __init__(self, launch: LaunchRun) -> None:
        self._launch = launch

    async def start(self, command: StartCommand) -> LaunchOutcome:
        """Start the workflow.

        Raises:
            NotPermitted: The operator lacks ``manage``.
            InvalidInput: The payload is no JSON object or too large; ``params`` may hold path, line and column.
            GateClosed, NotFound: From the launch's gates.
            EnvironmentFailure: A side is down; nothing was started.
        """
        require_right(command.operator, command.tenant, Right.MANAGE, "start workflows")
        order = LaunchOrder(
            tenant=command.tenant,
            workflow_id=command.workflow_id,
            request_id=command.request_id,
            payload=NewPayload(checked_payload(command.payload_text)),
            workflow_version=command.workflow_version,
        )
        return await self._launch.launch(order, _record_of(command))


def checked_payload(text: str | None) -> str:
    """Return the payload as compact JSON text of an object, every digit kept; InvalidInput when it is none."""
    try:
        value = json_text.parse(text if text and text.strip() else EMPTY_PAYLOAD)
    except JsonTextError as error:
        raise InvalidInput(
            "payload.invalid_json",
            f"The payload is not valid JSON: {error.message} (line {error.line}, column {error.column}).",
            fault=error.message,
            path=error.path,
            line=error.line,
            column=error.column,
        ) from error
    if not isinstance(value, dict):
        raise InvalidInput("payload.not_object", "The payload must be a JSON object, in braces.", path="")
    compact = json_text.dump(value)
    check_payload_size(len(compact.encode()))
    return compact


def _record_of(command: StartCommand) -> ActionRecord:
    audit = AuditNote(
        operation="workflow_run_start",
        record_id=command.request_id,
        changed={"status": str(RunStatus.RUNNING)},
        details={
            "workflowId": str(command.workflow_id),
            "workflowVersion": command.workflow_version,
            "eventType": None,
            "source": ACTION_SOURCE,
        },
    )
    return ActionRecord(request_id=command.request_id, operator=command.operator, audit=audit)
