"""Stand-ins for the services that prepare a start and tell a run's generations."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from app.domain.payload_form import build_form
from app.domain.redaction import RedactionPolicy
from app.domain.replay_chain import FamilyRun, ReplayChain, ReplayFamily, build_chain
from app.domain.run import JsonValue, RunKey
from app.domain.start_draft import KeptDraft
from app.services.ports import ReplaySource
from app.services.prepare_start import StartForm
from tests.desktop.doubles import NOW


@dataclass
class FakePrepareStart:
    """Stands in for PrepareStart: without a schema and without drafts until a test says otherwise."""

    schema: JsonValue = None
    versions: tuple[int, ...] = (3, 2, 1)
    policy: RedactionPolicy = field(default_factory=RedactionPolicy)
    inputs: dict[RunKey, ReplaySource] = field(default_factory=dict)
    newest: ReplaySource | None = None
    drafts: dict[UUID, KeptDraft] = field(default_factory=dict)
    error: Exception | None = None
    asked: list[int | None] = field(default_factory=list)

    async def form(self, _tenant: UUID, _workflow_id: UUID, version: int | None) -> StartForm:
        self.asked.append(version)
        if self.error is not None:
            raise self.error
        form = build_form(self.schema, self.policy.hides_key)
        return StartForm(version or self.versions[0], self.versions, form, self.policy)

    async def input_of(self, key: RunKey) -> ReplaySource:
        return self.inputs[key]

    async def input_of_newest(self, _tenant: UUID, _workflow_id: UUID) -> ReplaySource | None:
        return self.newest

    async def draft(self, _tenant: UUID, workflow_id: UUID) -> KeptDraft | None:
        return self.drafts.get(workflow_id)

    async def keep_draft(self, _tenant: UUID, workflow_id: UUID, draft: KeptDraft) -> None:
        self.drafts[workflow_id] = draft

    async def discard_draft(self, _tenant: UUID, workflow_id: UUID) -> None:
        self.drafts.pop(workflow_id, None)


@dataclass
class FakeChains:
    """Stands in for ReplayChains: every run stands alone until a test says otherwise."""

    chains: dict[RunKey, ReplayChain] = field(default_factory=dict)
    error: Exception | None = None

    async def of(self, key: RunKey) -> ReplayChain:
        if self.error is not None:
            raise self.error
        return self.chains.get(key) or alone(key)


def alone(key: RunKey) -> ReplayChain:
    """Return the chain of a run without a family."""
    return build_chain(ReplayFamily(key.run_id, (FamilyRun(key.run_id, 4, "FAILED", NOW, NOW),)))
