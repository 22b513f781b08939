"""See before you send: what a replay would run, meet and do twice, looked up and never guessed.

Each part is found out by itself. One that cannot be known says why, and hides none of the others.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from app.domain.errors import InvalidInput, RuleViolation, RundeskError
from app.domain.headroom import Headroom
from app.domain.launching import CopiedPayload, PatchOperation
from app.domain.payload_change import PayloadEdit
from app.domain.payload_edit import remaining_damage
from app.domain.payload_schema import SchemaCheck, refuses_launch
from app.domain.replay_preview import NotKnown, ReplayPreview, VersionChoice, VersionPreview
from app.domain.run import RunKey, RunLink
from app.domain.side_effects import ActionCatalogue, SideEffectForecast, forecast
from app.services.acting import tenant_of
from app.services.ports import ReplaySource, RunWriter
from app.services.preview_ports import PayloadSchemas, PreviewReader
from app.services.replay_run import accepted_before, patch_of
from app.services.replay_source import read_source

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PreviewQuestion:
    """The replay that is meant: the same edit and version that a ReplayCommand would carry."""

    source: RunKey
    version: VersionChoice | int = VersionChoice.OWN
    edit: PayloadEdit | None = None
    input_of: UUID | None = None


@dataclass(frozen=True, slots=True)
class PayloadVerdict:
    """A check against a version's schema, and whether the launch would be refused for it."""

    check: SchemaCheck
    refuses: bool


class ReplayPreviews:
    """Answers what a replay would run, meet and do twice; writes nothing and needs no right but to look.

    Args:
        reader: Versions, gates, earlier effects and replays.
        schemas: The payload check.
        writer: The projection, for the source.
        catalogue: What is known of actions.
    """

    def __init__(
        self, reader: PreviewReader, schemas: PayloadSchemas, writer: RunWriter, catalogue: ActionCatalogue
    ) -> None:
        self._reader = reader
        self._schemas = schemas
        self._writer = writer
        self._catalogue = catalogue

    async def preview(self, question: PreviewQuestion) -> ReplayPreview:
        """Return every part of the preview.

        Raises:
            NotFound: No such run.
            ActionRefused: A run without a tenant, which nobody may replay.
            EnvironmentFailure: Postgres is away, so that not even the run itself can be read.
        """
        key = question.source
        tenant = tenant_of(key)
        source = await read_source(self._writer, key, question.input_of)
        version = await _part(self.versions(key, question.version))
        verdict = await self._verdict(source, question, version)
        return ReplayPreview(
            source=key,
            source_status=source.status,
            source_active=source.is_active,
            damaged_paths=_remaining_damage(source, question.edit),
            version=version,
            schema=verdict if isinstance(verdict, NotKnown) else verdict.check,
            schema_refuses=not isinstance(verdict, NotKnown) and verdict.refuses,
            headroom=await _part(self.headroom(tenant, source.workflow_id)),
            forecast=await _part(self.forecast(key)),
            replays=await _part(self.replays(key)),
        )

    async def versions(self, key: RunKey, choice: VersionChoice | int) -> VersionPreview:
        """Return the versions at hand and how the chosen one differs from the run's own. NotFound."""
        return await self._reader.versions(key, choice)

    async def check(self, source: ReplaySource, patch: tuple[PatchOperation, ...], version: int) -> PayloadVerdict:
        """Check a source's stored input with a patch, as the form's, against a version's schema.

        NotFound (run, version), InvalidInput (the patch does not fit), ActionRefused (the input has changed).
        """
        copied = CopiedPayload(source.input_run, patch, source.input_hash)
        check = await self._schemas.check_copy(tenant_of(source.key), source.workflow_id, version, copied)
        return PayloadVerdict(check, refuses_launch(check, accepted_before=accepted_before(source, patch, version)))

    async def check_given(self, tenant: UUID, workflow_id: UUID, version: int | None, text: str) -> PayloadVerdict:
        """Check the payload of a start, JSON text, against a version's schema, None for the newest.

        NotFound (version), InvalidInput (no JSON that Postgres stores).
        """
        check = await self._schemas.check_given(tenant, workflow_id, version, text)
        return PayloadVerdict(check, refuses_launch(check, accepted_before=False))

    async def headroom(self, tenant: UUID, workflow_id: UUID) -> Headroom:
        """Return gates and quota as they are at this moment. NotFound."""
        return await self._reader.headroom(tenant, workflow_id)

    async def forecast(self, key: RunKey) -> SideEffectForecast:
        """Return what a replay of this run would do again. ActionRefused for a run without a tenant."""
        return (await self.forecasts(tenant_of(key), (key.run_id,)))[key.run_id]

    async def forecasts(self, tenant: UUID, run_ids: Sequence[UUID]) -> Mapping[UUID, SideEffectForecast]:
        """Return what replays of these runs would do again, in a few statements for all of them."""
        uses = await self._reader.action_uses(tenant, run_ids)
        return {run_id: forecast(of_run, self._catalogue) for run_id, of_run in uses.items()}

    async def replays(self, key: RunKey) -> tuple[RunLink, ...]:
        """Return the replays of a run so far, oldest first. NotFound."""
        return await self._reader.replays(key)

    async def _verdict(
        self, source: ReplaySource, question: PreviewQuestion, version: VersionPreview | NotKnown
    ) -> PayloadVerdict | NotKnown:
        if isinstance(version, VersionPreview):
            chosen = version.chosen
        elif question.version == VersionChoice.LATEST:
            return version
        else:
            chosen = source.workflow_version if question.version == VersionChoice.OWN else int(question.version)
        return await _part(self._check_edit(source, question.edit, chosen))

    async def _check_edit(self, source: ReplaySource, edit: PayloadEdit | None, version: int) -> PayloadVerdict:
        return await self.check(source, patch_of(source, edit), version)


def _remaining_damage(source: ReplaySource, edit: PayloadEdit | None) -> tuple[str, ...]:
    if not source.damaged_paths:
        return ()
    try:
        return remaining_damage(source.damaged_paths, patch_of(source, edit))
    except InvalidInput:
        return ()  # the edit cannot be sent at all, which the check of the payload says


async def _part(asked: Awaitable[T]) -> T | NotKnown:
    try:
        return await asked
    except RundeskError as error:
        return NotKnown(error.code, error.message, tuple(error.params.items()), isinstance(error, RuleViolation))
