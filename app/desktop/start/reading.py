"""What the start dialog reads: workflows, forms, other runs' inputs and drafts; each answer comes from the I/O loop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

from app.desktop.shell.context import DesktopContext
from app.domain.payload_change import ChippedText
from app.domain.payload_edit import chipped
from app.domain.run import RunKey
from app.domain.run_query import WorkflowChoice
from app.domain.start_draft import KeptDraft, restored
from app.services.ports import ReplaySource
from app.services.prepare_start import StartForm


@dataclass(frozen=True, slots=True)
class RestoredDraft:
    """A draft with the payload that it stands for.

    ``content`` is None when the input that it changes is another one by now. ``source`` is the run of that input.
    """

    kept: KeptDraft
    content: ChippedText | None
    source: ReplaySource | None = None


@dataclass(frozen=True, slots=True)
class TakenInput:
    """Another run's input as the payload to begin with."""

    source: ReplaySource
    content: ChippedText


class StartReading:
    """Asks the services; every method raises their errors.

    Args:
        context: The desktop's surroundings.
        tenant: The tenant that is started for.
    """

    def __init__(self, context: DesktopContext, tenant: UUID | None) -> None:
        self._call = context.bridge.call
        self._console = context.console
        self._tenant = tenant

    async def workflows(self) -> tuple[WorkflowChoice, ...]:
        """Return the tenant's workflows."""
        found: tuple[WorkflowChoice, ...] = await self._call(lambda: self._console.browse.workflows(self._tenant))
        return found

    async def form(self, workflow_id: UUID, version: int | None) -> StartForm:
        """Return what a version takes, None for the newest."""
        tenant = self._known_tenant()
        form: StartForm = await self._call(lambda: self._console.prepare_start.form(tenant, workflow_id, version))
        return form

    async def input_of(self, key: RunKey) -> TakenInput:
        """Return the input of a run."""
        return await self._taken(await self._source(key))

    async def newest_input(self, workflow_id: UUID) -> TakenInput | None:
        """Return the input of the workflow's newest run, or None when it has none."""
        tenant = self._known_tenant()
        prepare = self._console.prepare_start
        source: ReplaySource | None = await self._call(lambda: prepare.input_of_newest(tenant, workflow_id))
        return None if source is None else await self._taken(source)

    async def draft(self, workflow_id: UUID) -> RestoredDraft | None:
        """Return what was typed before and not sent, or None."""
        tenant = self._known_tenant()
        kept: KeptDraft | None = await self._call(lambda: self._console.prepare_start.draft(tenant, workflow_id))
        if kept is None:
            return None
        if kept.origin is None:
            return RestoredDraft(kept, ChippedText(kept.text or "{}"))
        source = await self._source(RunKey(tenant, kept.origin.run_id))
        if source.input_hash != kept.origin.input_hash:
            return RestoredDraft(kept, None)
        content: ChippedText | None = await self._call(lambda: asyncio.to_thread(restored, source.redacted, kept))
        return RestoredDraft(kept, content, source)

    async def _source(self, key: RunKey) -> ReplaySource:
        source: ReplaySource = await self._call(lambda: self._console.prepare_start.input_of(key))
        return source

    async def _taken(self, source: ReplaySource) -> TakenInput:
        """Make the text with chips off the UI thread: an input may have half a megabyte."""
        content: ChippedText = await self._call(lambda: asyncio.to_thread(chipped, source.redacted))
        return TakenInput(source, content)

    def _known_tenant(self) -> UUID:
        """Return the tenant. A workflow can be chosen only where there is one, so anything else is a bug."""
        if self._tenant is None:
            raise ValueError("nothing can be started without a tenant")
        return self._tenant
