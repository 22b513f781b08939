"""Replay: the stored input never leaves Postgres, and what was edited is a patch."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from app.domain import json_text
from app.domain.errors import ActionRefused, InvalidInput, NotFound, NotPermitted
from app.domain.launching import MAX_PAYLOAD_BYTES, LaunchState, PatchOperation
from app.domain.payload_change import EditedText
from app.domain.payload_schema import SchemaCheck, SchemaFault, SchemaState
from app.domain.run import JsonValue, RedactedDocument, RunKey, RunRow
from app.services.launch_run import LaunchRun
from app.services.ports import ReplaySource
from app.services.replay_run import Acceptance, ReplayCommand, ReplayRun
from tests.services.doubles import (
    TENANT,
    MemoryGateway,
    MemoryReader,
    MemorySchemas,
    MemoryWriter,
    copied,
    database_away,
    operator,
)

SOURCE = RunKey(TENANT, UUID(int=99))


class Bench:
    """A ReplayRun over one source whose password is masked."""

    def __init__(self) -> None:
        self.writer = MemoryWriter()
        self.gateway = MemoryGateway()
        self.writer.source = ReplaySource(
            key=SOURCE,
            workflow_id=UUID(int=7),
            workflow_name="Dunning",
            workflow_version=2,
            status="FAILED",
            redacted=RedactedDocument(
                json_text.parse('{"client": "Emerald", "password": "[REDACTED]", "amount": 1.10}'), ("/password",)
            ),
            input_hash="h1",
            damaged_paths=(),
            event_type="INVOICE_OVERDUE",
            source_payload_schema_ref="payload.Invoice.v1",
            trigger_mapping_applied=True,
        )
        self.schemas = MemorySchemas()
        launch = LaunchRun(self.writer, self.gateway)
        self.replay_run = ReplayRun(MemoryReader(self.writer), self.writer, launch, self.schemas)

    def damage(self, *paths: str) -> None:
        assert self.writer.source is not None
        self.writer.source = replace(self.writer.source, damaged_paths=paths)

    def command(self, **changes: object) -> ReplayCommand:
        made = ReplayCommand(SOURCE, " client asked ", operator("admin"), uuid4())
        return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.asyncio
async def test_the_form_shows_the_redacted_input(bench: Bench) -> None:
    form = await bench.replay_run.prepare(SOURCE)
    assert form.source.input_hash == "h1"
    assert json_text.parse(form.text) == form.source.redacted.value
    assert "1.10" in form.text


@pytest.mark.asyncio
async def test_an_unedited_replay_sends_nothing_and_copies_version_and_provenance(bench: Bench) -> None:
    command = bench.command()

    outcome = await bench.replay_run.replay(command)

    assert (outcome.launch.state, outcome.payload) == (LaunchState.STARTED, "original")
    order = bench.writer.runs[command.request_id].order
    assert (copied(order).source_run, copied(order).patch, copied(order).expected_hash) == (SOURCE.run_id, (), "h1")
    assert (order.workflow_id, order.workflow_version) == (UUID(int=7), 2)
    assert (order.trigger_type, order.trigger_fire_key, order.execution_key) == (None, None, None)
    assert order.trigger_metadata == {"replayOfRunId": str(SOURCE.run_id), "reason": "client asked"}
    assert (order.event_type, order.source_payload_schema_ref) == ("INVOICE_OVERDUE", "payload.Invoice.v1")
    assert order.trigger_mapping_applied


@pytest.mark.asyncio
async def test_both_runs_get_a_note_and_the_source_an_audit(bench: Bench) -> None:
    command = bench.command()
    await bench.replay_run.replay(command)

    record = bench.writer.records[command.request_id]
    new_run, source_run = str(command.request_id), str(SOURCE.run_id)
    assert [(str(note.run_id), note.level, note.message, note.context) for note in record.notes] == [
        (new_run, "INFO", "Run replayed from previous run", {"sourceRunId": source_run, "reason": "client asked"}),
        (source_run, "INFO", "Run replay created", {"newRunId": new_run, "reason": "client asked"}),
    ]
    assert record.audit is not None
    assert (record.audit.operation, record.audit.record_id) == ("workflow_run_replay", SOURCE.run_id)
    assert record.audit.changed == {"replayedRunId": new_run}
    assert record.audit.details == {
        "reason": "client asked",
        "newRunId": new_run,
        "payload": "original",
        "source": "rundesk",
        "sourceVersion": 2,
        "newVersion": 2,
    }


@pytest.mark.asyncio
async def test_reformatting_is_no_edit(bench: Bench) -> None:
    command = bench.command(edit=EditedText('{"amount":1.1,"password":"[REDACTED]","client":"Emerald"}'))
    outcome = await bench.replay_run.replay(command)
    assert outcome.payload == "original"
    assert copied(bench.writer.runs[command.request_id].order).patch == ()


@pytest.mark.asyncio
async def test_an_edit_is_a_patch_that_leaves_masked_values_alone(bench: Bench) -> None:
    text = '{"client": "Ruby", "password": "[REDACTED]", "amount": 1.10}'
    command = bench.command(edit=EditedText(text), expected_hash="h1")
    outcome = await bench.replay_run.replay(command)
    assert outcome.payload == "edited"
    assert copied(bench.writer.runs[command.request_id].order).patch == (
        PatchOperation("replace", ("client",), '"Ruby"'),
    )
    audit = bench.writer.records[command.request_id].audit
    assert audit is not None
    assert audit.details["payload"] == "edited"


@pytest.mark.asyncio
async def test_a_placeholder_elsewhere_is_refused_with_its_path(bench: Bench) -> None:
    text = '{"client": "[REDACTED]", "password": "[REDACTED]", "amount": 1.10}'
    with pytest.raises(InvalidInput) as caught:
        await bench.replay_run.replay(bench.command(edit=EditedText(text)))
    assert caught.value.params["path"] == "/client"
    assert bench.writer.runs == {}


@pytest.mark.asyncio
async def test_invalid_json_says_where(bench: Bench) -> None:
    with pytest.raises(InvalidInput) as caught:
        await bench.replay_run.replay(bench.command(edit=EditedText('{"client": }')))
    assert (caught.value.params["line"], caught.value.params["column"]) == (1, 12)


@pytest.mark.asyncio
async def test_an_edit_that_cannot_fit_is_refused_with_the_limit(bench: Bench) -> None:
    text = f'{{"client": "{"x" * 600_000}", "password": "[REDACTED]", "amount": 1.10}}'
    with pytest.raises(InvalidInput, match="512 KiB"):
        await bench.replay_run.replay(bench.command(edit=EditedText(text)))
    assert bench.writer.runs == {}


@pytest.mark.asyncio
async def test_placeholders_longer_than_their_values_do_not_count_against_the_limit(bench: Bench) -> None:
    masked: JsonValue = {f"password{number}": "[REDACTED]" for number in range(30_000)}
    assert isinstance(masked, dict)
    assert len(json_text.dump(masked)) > MAX_PAYLOAD_BYTES
    assert bench.writer.source is not None
    redacted = RedactedDocument({"client": "Emerald", **masked}, tuple(f"/{name}" for name in masked))
    bench.writer.source = replace(bench.writer.source, redacted=redacted)
    edited = json_text.dump({"client": "Ruby", **masked})
    assert (await bench.replay_run.replay(bench.command(edit=EditedText(edited)))).payload == "edited"


@pytest.mark.asyncio
async def test_a_damaged_input_is_blocked_with_its_paths(bench: Bench) -> None:
    bench.damage("/password", "/amount")
    with pytest.raises(ActionRefused) as caught:
        await bench.replay_run.replay(bench.command())
    assert caught.value.params["paths"] == ("/password", "/amount")
    assert "/amount" in caught.value.message
    assert bench.writer.runs == {}


@pytest.mark.asyncio
async def test_a_damaged_input_is_sent_once_every_path_has_a_value(bench: Bench) -> None:
    bench.damage("/password")
    repaired = '{"client": "Emerald", "password": "new-one", "amount": 1.10}'
    outcome = await bench.replay_run.replay(bench.command(edit=EditedText(repaired)))
    assert outcome.payload == "edited"


@pytest.mark.asyncio
async def test_another_version_reaches_the_order_and_the_audit(bench: Bench) -> None:
    command = bench.command(workflow_version=5)
    await bench.replay_run.replay(command)
    assert bench.writer.runs[command.request_id].order.workflow_version == 5
    audit = bench.writer.records[command.request_id].audit
    assert audit is not None
    assert (audit.details["sourceVersion"], audit.details["newVersion"]) == (2, 5)


@pytest.mark.asyncio
async def test_a_source_that_changed_since_the_form_is_refused(bench: Bench) -> None:
    with pytest.raises(ActionRefused, match="changed"):
        await bench.replay_run.replay(bench.command(expected_hash="h0"))


@pytest.mark.asyncio
@pytest.mark.parametrize("reason", ["", "  ", "ab", " ab "])
async def test_a_short_reason_is_refused(bench: Bench, reason: str) -> None:
    with pytest.raises(InvalidInput):
        await bench.replay_run.replay(bench.command(reason=reason))


@pytest.mark.asyncio
async def test_a_replay_needs_admin(bench: Bench) -> None:
    with pytest.raises(NotPermitted):
        await bench.replay_run.replay(bench.command(operator=operator("manage")))


@pytest.mark.asyncio
async def test_an_unknown_source_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFound):
        await bench.replay_run.prepare(RunKey(TENANT, uuid4()))


@pytest.mark.asyncio
async def test_following_ends_with_the_run_or_with_patience(bench: Bench) -> None:
    command = bench.command()
    outcome = await bench.replay_run.replay(command)
    assert (await bench.replay_run.follow(outcome.launch.run, seconds=0)).status == "RUNNING"
    stored = bench.writer.runs[command.request_id]
    stored.status, stored.completed = "SUCCEEDED", True
    assert (await bench.replay_run.follow(outcome.launch.run, seconds=60)).status == "SUCCEEDED"
    with pytest.raises(NotFound):
        await bench.replay_run.follow(RunKey(TENANT, uuid4()), seconds=0)


@pytest.mark.asyncio
async def test_following_outlasts_a_short_outage(bench: Bench) -> None:
    outcome = await bench.replay_run.replay(bench.command())
    reader = MemoryReader(bench.writer)
    rows, failures = reader.rows, iter([database_away(), database_away()])

    async def away_at_first(tenant: UUID | None, run_ids: tuple[UUID, ...]) -> tuple[RunRow, ...]:
        failure = next(failures, None)
        if failure is not None:
            raise failure
        return await rows(tenant, run_ids)

    reader.rows = away_at_first  # type: ignore[method-assign]
    following = ReplayRun(reader, bench.writer, LaunchRun(bench.writer, bench.gateway), bench.schemas)
    assert (await following.follow(outcome.launch.run, seconds=0)).status == "RUNNING"
    assert next(failures, None) is None


@pytest.mark.asyncio
@pytest.mark.parametrize("change", [{"status": "RUNNING", "completed": False}, {"completed": False}])
async def test_a_second_run_beside_its_source_is_started_only_on_a_typed_yes(
    bench: Bench, change: dict[str, object]
) -> None:
    assert bench.writer.source is not None
    bench.writer.source = replace(bench.writer.source, **change)  # type: ignore[arg-type]
    with pytest.raises(ActionRefused) as refused:
        await bench.replay_run.replay(bench.command())
    assert refused.value.code == "replay.source_active"
    assert refused.value.params["first_eight"] == str(SOURCE.run_id)[:8]
    assert bench.writer.runs == {}
    command = bench.command(accepts=frozenset({Acceptance.ACTIVE_SOURCE}))
    await bench.replay_run.replay(command)
    audit = bench.writer.records[command.request_id].audit
    assert audit is not None
    assert audit.details["accepted"] == ["active_source"]


@pytest.mark.asyncio
async def test_an_input_that_the_product_accepted_before_is_sent_unchecked(bench: Bench) -> None:
    bench.schemas.check = SchemaCheck(SchemaState.FAULTY, 2, (SchemaFault("/amount", "type", "string"),), 1)
    await bench.replay_run.replay(bench.command())
    assert bench.schemas.asked == []


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("command", "failed_at_launch", "version"),
    [
        ({"workflow_version": 3}, False, 3),
        ({}, True, 2),
        ({"edit": EditedText('{"client": "Emerald", "password": "[REDACTED]", "amount": 2}')}, False, 2),
    ],
)
async def test_what_breaks_the_schema_leaves_no_row(
    bench: Bench, command: dict[str, object], failed_at_launch: bool, version: int
) -> None:
    assert bench.writer.source is not None
    bench.writer.source = replace(bench.writer.source, failed_at_launch=failed_at_launch)
    bench.schemas.check = SchemaCheck(SchemaState.FAULTY, version, (SchemaFault("/amount", "type", "string"),), 1)
    with pytest.raises(InvalidInput) as refused:
        await bench.replay_run.replay(bench.command(**command))
    assert (refused.value.code, refused.value.params["path"]) == ("payload.schema", "/amount")
    assert [asked for asked, _ in bench.schemas.asked] == [version]
    assert bench.writer.runs == {}
    for state in (SchemaState.CANNOT_CHECK, SchemaState.NO_SCHEMA, SchemaState.FITS):
        bench.schemas.check = SchemaCheck(state, version)
        await bench.replay_run.replay(bench.command(**command))
    assert len(bench.writer.runs) == 3
