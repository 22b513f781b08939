"""Run a run again: the same input, or an edit of it, as a new run that names its source (runtime.md 4.5).

The stored input never comes here. The operator edits its redacted form; what was changed becomes a patch, which
Postgres applies to the stored document, so masked values survive untouched and unseen.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias
from uuid import UUID

from app.domain import payload_edit
from app.domain.batch import BatchRef
from app.domain.errors import ActionRefused, InvalidInput, NotFound
from app.domain.launching import (
    AuditNote,
    CopiedPayload,
    LaunchOrder,
    LaunchOutcome,
    PatchOperation,
    RunNote,
    check_payload_size,
)
from app.domain.operator import Operator, Right
from app.domain.payload_change import ChippedText, PayloadEdit
from app.domain.payload_edit import EditState
from app.domain.payload_schema import refuses_launch, schema_refusal
from app.domain.run import TERMINAL_STATUSES, RunKey, RunRow
from app.services.acting import ACTION_SOURCE, require_right, tenant_of
from app.services.launch_run import LaunchRun
from app.services.patience import Patience
from app.services.ports import ActionRecord, ReplaySource, RunReader, RunWriter
from app.services.preview_ports import PayloadSchemas
from app.services.reason import checked_reason
from app.services.replay_source import read_source

FOLLOW_PAUSE_SECONDS = 0.25
"""How often :meth:`ReplayRun.follow` looks."""
_OUTAGE = Patience(seconds=30.0)
"""How long an outage of Postgres may last before following ends with its error: the replay itself goes on."""

PayloadKind: TypeAlias = Literal["original", "edited"]


class Acceptance(StrEnum):
    """A danger that the operator was shown and confirmed by typing; recorded in the audit row."""

    DAMAGED_INPUT = "damaged_input"
    ACTIVE_SOURCE = "active_source"


@dataclass(frozen=True, slots=True)
class ReplayCommand:
    """What the operator asked for.

    ``edit`` is None for "as it is". ``expected_hash`` is the form's ``source.input_hash``: a source that changed since
    is refused. ``workflow_version`` is None for the source's own. ``input_of`` is the source's whole ancestor when its
    input is used in place of the source's damaged one. The new run's id is ``request_id``.
    """

    source: RunKey
    reason: str
    operator: Operator
    request_id: UUID
    edit: PayloadEdit | None = None
    expected_hash: str | None = None
    workflow_version: int | None = None
    accepts: frozenset[Acceptance] = frozenset()
    batch: BatchRef | None = None
    input_of: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReplayForm:
    """What the replay dialog opens with: the source, and its redacted input with a chip for each masked value."""

    source: ReplaySource
    content: ChippedText

    @property
    def text(self) -> str:
        """The redacted input as indented text with placeholders."""
        return payload_edit.pretty(self.source.redacted)


@dataclass(frozen=True, slots=True)
class ReplayOutcome:
    """The new run's launch, and whether it got the stored payload or an edit of it."""

    launch: LaunchOutcome
    payload: PayloadKind


class ReplayRun:
    """Prepares, launches and follows replays.

    Args:
        reader: The projection, to follow a replay to its end.
        writer: The projection, for the source.
        launch: The one way to create runs.
        schemas: Checks what the product has not accepted before: an edit, or the input on another version.
    """

    def __init__(self, reader: RunReader, writer: RunWriter, launch: LaunchRun, schemas: PayloadSchemas) -> None:
        self._reader = reader
        self._writer = writer
        self._launch = launch
        self._schemas = schemas

    async def prepare(self, key: RunKey, input_of: UUID | None = None) -> ReplayForm:
        """Return what a replay of this run would copy, for editing.

        Args:
            key: The run.
            input_of: Its whole ancestor, to copy that one's input instead.

        Raises:
            NotFound: No such run.
            ActionRefused: ``input_of`` is not that ancestor.
        """
        source = await read_source(self._writer, key, input_of)
        return ReplayForm(source, payload_edit.chipped(source.redacted))

    async def whole_ancestor(self, key: RunKey) -> UUID:
        """Return the run whose input can stand in for this run's damaged one.

        Raises:
            NotFound: No such run.
            ActionRefused: The run's own input is whole, or nothing that it was copied from is.
        """
        source = await self._writer.replay_source(key)
        if source.whole_ancestor is not None:
            return source.whole_ancestor
        run_id = str(key.run_id)
        if not source.damaged_paths:
            raise ActionRefused(
                "replay.not_damaged",
                f"The input of run {run_id} holds no placeholder, so its own input is the one to replay.",
                run_id=run_id,
            )
        raise ActionRefused(
            "replay.no_whole_ancestor",
            f"No run that the input of {run_id} was copied from has a whole input. Replace the placeholders by values.",
            run_id=run_id,
        )

    async def replay(self, command: ReplayCommand, source: ReplaySource | None = None) -> ReplayOutcome:
        """Launch a new run with the source's input, on its own version unless another is named.

        Args:
            command: What the operator asked for.
            source: The source as :meth:`RunWriter.replay_sources` read it just before, for a replay that edits nothing;
                an input that has changed since is refused.

        Raises:
            NotPermitted: The operator lacks ``admin``.
            InvalidInput: The reason is too short, the edit cannot be sent, or it breaks the version's schema;
                ``params`` has path, line, column.
            ActionRefused: The source still runs or its stored input is damaged and that was not accepted, or the input
                has changed since the form was opened.
            NotFound, GateClosed: From the source look-up and the launch's gates.
            EnvironmentFailure: A side is down; nothing was started.
        """
        tenant = tenant_of(command.source)
        require_right(command.operator, tenant, Right.ADMIN, "replay runs")
        reason = checked_reason(command.reason)
        edited = command.edit is not None
        if source is None:
            source = await read_source(self._writer, command.source, command.input_of, redacted=edited)
        if command.expected_hash is not None and command.expected_hash != source.input_hash:
            raise ActionRefused(
                "replay.source_changed",
                "The input of this run has changed since the replay was opened. Close the replay and open it again.",
                run_id=str(command.source.run_id),
            )
        patch = patch_of(source, command.edit)
        if Acceptance.DAMAGED_INPUT not in command.accepts:
            refuse_damaged(source, patch)
        if Acceptance.ACTIVE_SOURCE not in command.accepts:
            refuse_active(source)
        await self._refuse_faulty(command, source, tenant, patch)
        kind: PayloadKind = "edited" if patch else "original"
        order = _order_of(command, source, tenant, reason, patch)
        return ReplayOutcome(await self._launch.launch(order, _record_of(command, source, reason, kind)), kind)

    async def sources(self, tenant: UUID, run_ids: Sequence[UUID]) -> tuple[ReplaySource, ...]:
        """Return what :meth:`replay` may be given, for many runs at once; those with a damaged input are left out."""
        return await self._writer.replay_sources(tenant, run_ids)

    async def _refuse_faulty(
        self, command: ReplayCommand, source: ReplaySource, tenant: UUID, patch: tuple[PatchOperation, ...]
    ) -> None:
        """Raise InvalidInput for a payload that breaks the schema, instead of leaving a FAILED row (runtime.md F34)."""
        version = _version_of(command, source)
        if accepted_before(source, patch, version):
            return
        copied = CopiedPayload(source.input_run, patch, expected_hash=source.input_hash)
        check = await self._schemas.check_copy(tenant, source.workflow_id, version, copied)
        if refuses_launch(check, accepted_before=False):
            raise schema_refusal(check)

    async def follow(self, key: RunKey, seconds: float) -> RunRow:
        """Return the run's row once it has ended, or as it is when ``seconds`` are over.

        Raises:
            NotFound: No such run.
            DatabaseUnavailable: Postgres was away for longer than half a minute.
        """
        deadline = time.monotonic() + seconds
        while True:
            rows = await _OUTAGE.persist(lambda: self._reader.rows(key.tenant, (key.run_id,)))
            if not rows:
                raise NotFound("run.not_found", f"There is no run {key.run_id} in this tenant.", run_id=str(key.run_id))
            row = rows[0]
            ended = row.status in TERMINAL_STATUSES and row.completed_at is not None
            if ended or time.monotonic() >= deadline:
                return row
            await asyncio.sleep(FOLLOW_PAUSE_SECONDS)


def patch_of(source: ReplaySource, edit: PayloadEdit | None) -> tuple[PatchOperation, ...]:
    """Return the operations that make the edit of the stored input; none when it changes nothing.

    Raises InvalidInput with the first problem's path, line and column.
    """
    if edit is None:
        return ()
    assessment = payload_edit.assess(source.redacted, edit, damaged=source.damaged_paths)
    if assessment.state in {EditState.PRISTINE, EditState.REFORMATTED}:
        return ()
    if assessment.state is not EditState.EDITED:
        problem = assessment.problems[0]
        raise InvalidInput(
            problem.code,
            problem.message,
            fault=problem.message,
            path=problem.path,
            line=problem.line,
            column=problem.column,
        )
    # Only Postgres can measure the patched document: a placeholder may be longer than the value it stands for. This
    # spares it values that cannot fit by themselves.
    check_payload_size(sum(len((operation.value_text or "").encode()) for operation in assessment.patch))
    return assessment.patch


def accepted_before(source: ReplaySource, patch: tuple[PatchOperation, ...], version: int) -> bool:
    """Say whether the product has launched this very input on this very version, so that its own checks passed."""
    own_input = not patch and source.input_of is None
    return own_input and version == source.workflow_version and not source.failed_at_launch


def refuse_active(source: ReplaySource) -> None:
    """Raise ActionRefused while the source still runs: both runs would act on the same things."""
    if source.is_active:
        run_id = str(source.key.run_id)
        raise ActionRefused(
            "replay.source_active",
            f"This run has not ended, so a replay would be a second run beside it. Wait for its end, or confirm with "
            f"the first eight characters of its id (--source-still-runs {run_id[:8]}).",
            run_id=run_id,
            first_eight=run_id[:8],
        )


def refuse_damaged(source: ReplaySource, patch: tuple[PatchOperation, ...]) -> None:
    """Raise ActionRefused while the stored input holds placeholders that the patch does not replace."""
    remaining = payload_edit.remaining_damage(source.damaged_paths, patch)
    if remaining:
        raise ActionRefused(
            "replay.damaged_input",
            "The stored input is damaged: it holds placeholders instead of values at "
            f"{', '.join(path or 'the top' for path in remaining)}. {_way_out(source)}",
            paths=remaining,
            whole_ancestor=None if source.whole_ancestor is None else str(source.whole_ancestor),
        )


def _way_out(source: ReplaySource) -> str:
    replaced = "Replace each of them by a value, then replay"
    if source.whole_ancestor is None or source.input_of is not None:
        return f"{replaced}."
    return f"{replaced}, or use the input of run {source.whole_ancestor}, which is whole (--from-ancestor)."


def _order_of(
    command: ReplayCommand, source: ReplaySource, tenant: UUID, reason: str, patch: tuple[PatchOperation, ...]
) -> LaunchOrder:
    source_run = command.source.run_id
    return LaunchOrder(
        tenant=tenant,
        workflow_id=source.workflow_id,
        request_id=command.request_id,
        payload=CopiedPayload(source.input_run, patch, expected_hash=source.input_hash),
        workflow_version=_version_of(command, source),
        trigger_metadata={"replayOfRunId": str(source_run), "reason": reason, **_input_provenance(source)},
        event_type=source.event_type,
        source_payload_schema_ref=source.source_payload_schema_ref,
        trigger_mapping_applied=source.trigger_mapping_applied,
        yields=command.batch is not None,
    )


def _input_provenance(source: ReplaySource) -> dict[str, object]:
    """Name the run whose input was copied where that is not the replayed one: the one link stays ``replayOfRunId``."""
    return {} if source.input_of is None else {"inputOfRunId": str(source.input_of)}


def _version_of(command: ReplayCommand, source: ReplaySource) -> int:
    return source.workflow_version if command.workflow_version is None else command.workflow_version


def _record_of(command: ReplayCommand, source: ReplaySource, reason: str, kind: PayloadKind) -> ActionRecord:
    source_run, new_run = command.source.run_id, command.request_id
    why = {"reason": reason, **_input_provenance(source)}
    details: dict[str, object] = {
        "reason": reason,
        "newRunId": str(new_run),
        "payload": kind,
        "source": ACTION_SOURCE,
        "sourceVersion": source.workflow_version,
        "newVersion": _version_of(command, source),
    }
    details |= _input_provenance(source)
    if command.accepts:
        details["accepted"] = sorted(command.accepts)
    if command.batch is not None:
        details["batch"] = command.batch.as_details()
    return ActionRecord(
        request_id=command.request_id,
        operator=command.operator,
        notes=(
            RunNote(new_run, "INFO", "Run replayed from previous run", {"sourceRunId": str(source_run), **why}),
            RunNote(source_run, "INFO", "Run replay created", {"newRunId": str(new_run), **why}),
        ),
        audit=AuditNote(
            operation="workflow_run_replay",
            record_id=source_run,
            changed={"replayedRunId": str(new_run)},
            details=details,
        ),
    )
