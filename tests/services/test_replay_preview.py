"""See before you send: every part by itself, and what is not known is said in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

import pytest

from app.domain import json_text
from app.domain.errors import ActionRefused, NotFound
from app.domain.headroom import Headroom, QuotaUnknown
from app.domain.launching import GateFacts
from app.domain.payload_change import EditedText
from app.domain.payload_schema import SchemaCheck, SchemaFault, SchemaState
from app.domain.replay_preview import NotKnown, VersionChoice, VersionPreview
from app.domain.run import RedactedDocument, RunKey, RunLink
from app.domain.side_effects import ActionCatalogue, ActionUse, Foretold, SideEffectForecast
from app.services.ports import ReplaySource
from app.services.replay_preview import PreviewQuestion, ReplayPreviews
from tests.services.doubles import NOW, TENANT, MemorySchemas, MemoryWriter, database_away

SOURCE = RunKey(TENANT, UUID(int=99))
FAULTY = SchemaCheck(SchemaState.FAULTY, 2, (SchemaFault("/amount", "type", "string"),), 1)


@dataclass
class MemoryPreviewReader:
    """Looks at what a test put into it; ``away`` are the methods that Postgres does not answer."""

    latest: int = 3
    gates: GateFacts = field(default_factory=lambda: GateFacts("Dunning", False, None, 0, 0, 60))
    uses: Mapping[UUID, tuple[ActionUse, ...]] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)

    async def versions(self, key: RunKey, choice: VersionChoice | int) -> VersionPreview:
        self._answer("versions")
        chosen = {VersionChoice.OWN: 2, VersionChoice.LATEST: self.latest}.get(choice, choice)  # type: ignore[call-overload]
        return VersionPreview(2, self.latest, chosen, own_exists=True, chosen_exists=chosen <= self.latest)

    async def headroom(self, tenant: UUID, workflow_id: UUID) -> Headroom:
        self._answer("headroom")
        return Headroom(self.gates, NOW, quota_unknown=QuotaUnknown.NO_COUNTER)

    async def action_uses(self, tenant: UUID, run_ids: Sequence[UUID]) -> Mapping[UUID, tuple[ActionUse, ...]]:
        self._answer("action_uses")
        return {run_id: self.uses.get(run_id, ()) for run_id in run_ids}

    async def replays(self, key: RunKey) -> tuple[RunLink, ...]:
        self._answer("replays")
        return ()

    def _answer(self, part: str) -> None:
        if part in self.away:
            raise database_away()


class Bench:
    """Previews over one ended run."""

    def __init__(self) -> None:
        self.writer, self.schemas, self.reader = MemoryWriter(), MemorySchemas(), MemoryPreviewReader()
        self.source = ReplaySource(
            key=SOURCE,
            workflow_id=UUID(int=7),
            workflow_name="Dunning",
            workflow_version=2,
            status="FAILED",
            redacted=RedactedDocument(json_text.parse('{"password": "[REDACTED]", "amount": 1.10}'), ("/password",)),
            input_hash="h1",
            damaged_paths=(),
            event_type=None,
            source_payload_schema_ref=None,
            trigger_mapping_applied=False,
        )
        self.previews = ReplayPreviews(self.reader, self.schemas, self.writer, ActionCatalogue())

    @property
    def source(self) -> ReplaySource:
        assert self.writer.source is not None
        return self.writer.source

    @source.setter
    def source(self, source: ReplaySource) -> None:
        self.writer.source = source


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.asyncio
async def test_an_open_road_has_no_refusals(bench: Bench) -> None:
    preview = await bench.previews.preview(PreviewQuestion(SOURCE))
    assert preview.refusals(active_accepted=False) == ()
    assert isinstance(preview.schema, SchemaCheck)
    assert preview.forecast == SideEffectForecast()
    assert [version for version, _ in bench.schemas.asked] == [2]


@pytest.mark.asyncio
async def test_the_edit_is_checked_on_the_chosen_version_as_the_replay_would_send_it(bench: Bench) -> None:
    bench.schemas.check = FAULTY
    edit = EditedText('{"password": "[REDACTED]", "amount": "free"}')
    preview = await bench.previews.preview(PreviewQuestion(SOURCE, VersionChoice.LATEST, edit))
    ((version, payload),) = bench.schemas.asked
    assert version == 3
    assert [(operation.op, operation.path) for operation in payload.patch] == [("replace", ("amount",))]
    assert payload.expected_hash == "h1"
    assert preview.schema_refuses
    assert [code for code, _ in preview.refusals(active_accepted=False)] == ["payload.schema"]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("version", "failed_at_launch", "refuses"),
    [(VersionChoice.OWN, False, False), (VersionChoice.OWN, True, True), (VersionChoice.LATEST, False, True)],
)
async def test_what_the_product_has_run_before_is_warned_of_but_not_refused(
    bench: Bench, version: VersionChoice, failed_at_launch: bool, refuses: bool
) -> None:
    bench.schemas.check = FAULTY
    bench.source = replace(bench.source, failed_at_launch=failed_at_launch)
    assert (await bench.previews.preview(PreviewQuestion(SOURCE, version))).schema_refuses is refuses


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("away", "part"),
    [("headroom", "headroom"), ("action_uses", "forecast"), ("replays", "replays"), ("versions", "version")],
)
async def test_a_part_that_cannot_be_known_hides_no_other(bench: Bench, away: str, part: str) -> None:
    bench.reader.away = {away}
    preview = await bench.previews.preview(PreviewQuestion(SOURCE))
    parts = {name: getattr(preview, name) for name in ("version", "schema", "headroom", "forecast", "replays")}
    assert {name for name, answer in parts.items() if isinstance(answer, NotKnown)} == {part}
    assert parts[part].code == "database.unavailable"
    assert preview.refusals(active_accepted=False) == ()


@pytest.mark.asyncio
async def test_without_the_latest_version_there_is_nothing_to_check_against(bench: Bench) -> None:
    bench.reader.away = {"versions"}
    preview = await bench.previews.preview(PreviewQuestion(SOURCE, VersionChoice.LATEST))
    assert preview.schema == preview.version
    assert bench.schemas.asked == []
    assert isinstance((await bench.previews.preview(PreviewQuestion(SOURCE, 3))).schema, SchemaCheck)


@pytest.mark.asyncio
async def test_every_refusal_of_the_send_is_foretold(bench: Bench) -> None:
    bench.reader.gates = replace(bench.reader.gates, is_paused=True)
    bench.source = replace(bench.source, status="RUNNING", completed=False, damaged_paths=("/password",))
    preview = await bench.previews.preview(PreviewQuestion(SOURCE, 9, EditedText("{")))
    assert [code for code, _ in preview.refusals(active_accepted=False)] == [
        "replay.source_active",
        "version.not_found",
        "payload.invalid_json",
        "launch.paused",
    ]
    whole = await bench.previews.preview(PreviewQuestion(SOURCE))
    assert [code for code, _ in whole.refusals(active_accepted=True)] == ["replay.damaged_input", "launch.paused"]
    at_the_top = replace(whole, damaged_paths=("",)).refusals(active_accepted=True)
    assert at_the_top[0] == ("replay.damaged_input", "The stored input holds placeholders at the top.")


@pytest.mark.asyncio
async def test_forecasts_come_for_many_runs_at_once(bench: Bench) -> None:
    other = uuid4()
    bench.reader.uses = {other: (ActionUse("email.send", 1, "root.steps[0]", "SUCCEEDED", authored_key=False),)}
    told = await bench.previews.forecasts(TENANT, (SOURCE.run_id, other))
    assert told[SOURCE.run_id].totals == {}
    assert told[other].totals == {Foretold.UNKNOWN: 1}


@pytest.mark.asyncio
async def test_a_run_that_is_not_there_or_nobodys_is_an_error_of_the_whole(bench: Bench) -> None:
    with pytest.raises(NotFound):
        await bench.previews.preview(PreviewQuestion(RunKey(TENANT, uuid4())))
    with pytest.raises(ActionRefused):
        await bench.previews.preview(PreviewQuestion(RunKey(None, SOURCE.run_id)))


@pytest.mark.asyncio
async def test_the_payload_of_a_start_is_checked_and_every_fault_refuses(bench: Bench) -> None:
    bench.schemas.check = FAULTY
    verdict = await bench.previews.check_given(TENANT, UUID(int=7), None, "{}")
    assert verdict.refuses
