"""Run a published workflow with a payload of the operator's own, or with another run's input as the beginning of one.

Another run's input is never read here: as for a replay, what the operator changed becomes a patch on the stored
document, which Postgres copies. The new run is a start all the same: it names no source, and it runs beside whatever
the other run has done.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.domain import json_text
from app.domain.errors import ActionRefused, InvalidInput
from app.domain.json_text import JsonTextError
from app.domain.launching import (
    AuditNote,
    CopiedPayload,
    LaunchOrder,
    LaunchOutcome,
    NewPayload,
    Payload,
    check_payload_size,
)
from app.domain.operator import Operator, Right
from app.domain.payload_change import PayloadEdit
from app.domain.payload_edit import remaining_damage
from app.domain.payload_schema import refuses_launch, schema_refusal
from app.domain.placeholders import find_placeholders
from app.domain.run import RunKey, RunStatus
from app.services.acting import ACTION_SOURCE, require_right
from app.services.launch_run import LaunchRun
from app.services.ports import ActionRecord, ReplaySource, RunWriter
from app.services.preview_ports import PayloadSchemas
from app.services.replay_preview import PayloadVerdict
from app.services.replay_run import accepted_before, patch_of

EMPTY_PAYLOAD = "{}"


@dataclass(frozen=True, slots=True)
class InputOfRun:
    """Another run's input as the payload to start with.

    ``edit`` is None for "as it is". ``expected_hash`` is that of the input as it was shown: one that changed since is
    refused.
    """

    source: RunKey
    edit: PayloadEdit | None = None
    expected_hash: str | None = None


@dataclass(frozen=True, slots=True)
class StartCommand:
    """What the operator asked for.

    ``payload_text`` is JSON text (None or blank means an empty object); with ``like`` it is not used.
    ``workflow_version`` None means the newest published one. The new run's id is ``request_id``: sending the same
    command twice starts one run.
    """

    tenant: UUID
    workflow_id: UUID
    payload_text: str | None
    operator: Operator
    request_id: UUID
    workflow_version: int | None = None
    like: InputOfRun | None = None


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A payload that may be launched unless its schema objects. ``source`` is the run that it is copied from."""

    payload: Payload
    source: ReplaySource | None = None


class StartRun:
    """Checks a start and launches it. Pause, limits and version are the launch's gates.

    The product also drops a top-level ``tenantId`` that the version's payload schema does not declare (runtime.md 4.4
    step 6). It does so for a value that its own form injects; here the operator typed the payload, and it is sent as
    typed.

    Args:
        launch: The one way to create runs.
        writer: The projection, for the run whose input is taken.
        schemas: Checks the payload against the version, instead of leaving a FAILED row (runtime.md F34).
    """

    def __init__(self, launch: LaunchRun, writer: RunWriter, schemas: PayloadSchemas) -> None:
        self._launch = launch
        self._writer = writer
        self._schemas = schemas

    async def start(self, command: StartCommand) -> LaunchOutcome:
        """Start the workflow.

        Raises:
            NotPermitted: The operator lacks ``manage``.
            InvalidInput: The payload is no JSON object, too large, holds a placeholder or breaks the schema; ``params``
                may hold path, line and column.
            ActionRefused: The other run is of another workflow, its input has changed, or is damaged.
            GateClosed, NotFound: From the launch's gates and the look-up of the other run.
            EnvironmentFailure: A side is down; nothing was started.
        """
        require_right(command.operator, command.tenant, Right.MANAGE, "start workflows")
        prepared = await self._prepare(command)
        verdict = await self._judge(command, prepared)
        if verdict.refuses:
            raise schema_refusal(verdict.check)
        order = LaunchOrder(
            tenant=command.tenant,
            workflow_id=command.workflow_id,
            request_id=command.request_id,
            payload=prepared.payload,
            workflow_version=command.workflow_version,
        )
        return await self._launch.launch(order, _record_of(command, prepared))

    async def check(self, command: StartCommand) -> PayloadVerdict:
        """Return what the version's schema says of the payload, and whether the start would be refused for it.

        Raises like :meth:`start`, but asks for no right and for no gate.
        """
        return await self._judge(command, await self._prepare(command))

    async def _prepare(self, command: StartCommand) -> _Prepared:
        like = command.like
        if like is None:
            return _Prepared(NewPayload(checked_payload(command.payload_text)))
        source = await self._writer.replay_source(like.source)
        _refuse_unlike(command, like, source)
        patch = patch_of(source, like.edit)
        damage = remaining_damage(source.damaged_paths, patch)
        if damage:
            raise ActionRefused(
                "start.damaged_input",
                "The input of that run is damaged: it holds placeholders instead of values at "
                f"{', '.join(path or 'the top' for path in damage)}. Replace each of them by a value, then start.",
                paths=damage,
            )
        return _Prepared(CopiedPayload(like.source.run_id, patch, source.input_hash), source)

    async def _judge(self, command: StartCommand, prepared: _Prepared) -> PayloadVerdict:
        tenant, workflow_id, version = command.tenant, command.workflow_id, command.workflow_version
        payload, accepted = prepared.payload, False
        if isinstance(payload, CopiedPayload):
            check = await self._schemas.check_copy(tenant, workflow_id, version, payload)
            accepted = prepared.source is not None and accepted_before(prepared.source, payload.patch, check.version)
        else:
            check = await self._schemas.check_given(tenant, workflow_id, version, payload.text)
        return PayloadVerdict(check, refuses_launch(check, accepted_before=accepted))


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
    placeholders = find_placeholders(value)
    if placeholders:
        raise InvalidInput(
            "payload.placeholder",
            f"At {placeholders[0] or 'the top'} stands a placeholder. It keeps nothing here and would be stored as "
            "data, so nothing was started. Type the real value, or start from the run that holds it.",
            path=placeholders[0],
        )
    compact = json_text.dump(value)
    check_payload_size(len(compact.encode()))
    return compact


def _refuse_unlike(command: StartCommand, like: InputOfRun, source: ReplaySource) -> None:
    """Raise ActionRefused unless the input shown is the one stored, of a run of this workflow in this tenant."""
    if like.source.tenant != command.tenant or source.workflow_id != command.workflow_id:
        raise ActionRefused(
            "start.other_workflow",
            f"Run {like.source.run_id} is not a run of this workflow, so its input cannot be taken. "
            "Choose a run of the workflow that you want to start.",
            run_id=str(like.source.run_id),
        )
    if like.expected_hash is not None and like.expected_hash != source.input_hash:
        raise ActionRefused(
            "start.source_changed",
            "The input of that run has changed since it was shown, so nothing was started. Take it again.",
            run_id=str(like.source.run_id),
        )


def _record_of(command: StartCommand, prepared: _Prepared) -> ActionRecord:
    details: dict[str, object] = {
        "workflowId": str(command.workflow_id),
        "workflowVersion": command.workflow_version,
        "eventType": None,
        "source": ACTION_SOURCE,
    }
    if isinstance(prepared.payload, CopiedPayload):
        details["inputOfRunId"] = str(prepared.payload.source_run)
        details["payload"] = "edited" if prepared.payload.patch else "original"
    audit = AuditNote(
        operation="workflow_run_start",
        record_id=command.request_id,
        changed={"status": str(RunStatus.RUNNING)},
        details=details,
    )
    return ActionRecord(request_id=command.request_id, operator=command.operator, audit=audit)
