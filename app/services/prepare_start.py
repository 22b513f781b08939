"""What would this workflow be started with: its form, another run's input, or what was typed before?"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.domain.payload_form import PayloadForm, build_form
from app.domain.redaction import RedactionPolicy
from app.domain.run import RunKey
from app.domain.start_draft import KeptDraft
from app.services.ports import ReplaySource, RunWriter
from app.services.start_ports import DraftStore, StartReader


@dataclass(frozen=True, slots=True)
class StartForm:
    """What the start dialog asks for.

    ``form`` is None where the version's payload can only be typed as JSON. ``versions`` are all that are published,
    newest first. ``policy`` says what of the typed payload must not be kept in clear.
    """

    version: int
    versions: tuple[int, ...]
    form: PayloadForm | None
    policy: RedactionPolicy


class PrepareStart:
    """Prepares a start; writes nothing but drafts on this desktop.

    Args:
        reader: Published versions and the newest run.
        writer: The projection, for the run whose input is taken.
        drafts: What was typed before.
    """

    def __init__(self, reader: StartReader, writer: RunWriter, drafts: DraftStore) -> None:
        self._reader = reader
        self._writer = writer
        self._drafts = drafts

    async def form(self, tenant: UUID, workflow_id: UUID, version: int | None) -> StartForm:
        """Return the form of a version, None for the newest. NotFound when it is not published."""
        found = await self._reader.launchable(tenant, workflow_id, version)
        form = build_form(found.schema, found.policy.hides_key)
        return StartForm(found.version, found.versions, form, found.policy)

    async def input_of(self, key: RunKey) -> ReplaySource:
        """Return a run whose input may be taken, as the operator may see it. NotFound."""
        return await self._writer.replay_source(key)

    async def input_of_newest(self, tenant: UUID, workflow_id: UUID) -> ReplaySource | None:
        """Return the workflow's newest run as :meth:`input_of`, or None when it has none."""
        run_id = await self._reader.newest_run(tenant, workflow_id)
        return None if run_id is None else await self.input_of(RunKey(tenant, run_id))

    async def draft(self, tenant: UUID, workflow_id: UUID) -> KeptDraft | None:
        """Return what was typed for this workflow and not sent, or None. Misconfigured when it cannot be used."""
        return await self._drafts.read(tenant, workflow_id)

    async def keep_draft(self, tenant: UUID, workflow_id: UUID, draft: KeptDraft) -> None:
        """Keep what was typed; an empty draft takes an earlier one away. Misconfigured when it cannot be written."""
        if draft.empty:
            await self.discard_draft(tenant, workflow_id)
        else:
            await self._drafts.write(tenant, workflow_id, draft)

    async def discard_draft(self, tenant: UUID, workflow_id: UUID) -> None:
        """Forget what was typed. Misconfigured when it cannot be removed."""
        await self._drafts.remove(tenant, workflow_id)
