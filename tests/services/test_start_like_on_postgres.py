"""Starting with another run's input on a real database: identical where unedited, and nothing hidden comes out."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from app.domain import chips, json_text
from app.domain.chips import Chip
from app.domain.errors import ActionRefused, InvalidInput
from app.domain.launching import LaunchState
from app.domain.payload_change import ChippedText, EditedText
from app.domain.payload_edit import chipped
from app.domain.run import RunKey
from app.domain.start_draft import DraftOrigin, keep_changed, restored
from app.local.start_drafts import DraftFiles
from app.postgres.database import Database
from app.postgres.payload_checks import PostgresPayloadSchemas
from app.postgres.run_reader import PostgresRunReader
from app.postgres.run_writer import PostgresRunWriter
from app.postgres.start_reader import PostgresStartReader
from app.services.launch_run import LaunchRun
from app.services.prepare_start import PrepareStart
from app.services.start_run import InputOfRun, StartCommand, StartRun
from tests.services.conftest import Seeded
from tests.services.doubles import TENANT, MemoryGateway, operator

SECRET = "Zebra between two rivers"  # of no shape that would hide it by itself
INPUT = f'{{"ticket": 12345678901234567890.50, "note": "call with {SECRET}", "auth": {{"apiKey": "{SECRET}"}}}}'


@dataclass(slots=True)
class Bench:
    """The services of starting, on one database."""

    seeded: Seeded
    start: StartRun
    prepare: PrepareStart
    reader: PostgresRunReader
    directory: Path

    def insert(self, input_text: str = INPUT, workflow_id: UUID | None = None) -> RunKey:
        run_id = uuid4()
        self.seeded.execute(
            "INSERT INTO workflow_runs (run_id, tenant, workflow_id, workflow_version, status, engine, input_json,"
            " completed_at) VALUES (%s, %s, %s, 1, 'FAILED', 'temporal', %s, now())",
            run_id,
            TENANT,
            workflow_id or self.seeded.workflow_id,
            input_text,
        )
        return RunKey(TENANT, run_id)

    def command(self, source: RunKey, **like: object) -> StartCommand:
        taken = replace(InputOfRun(source), **like)  # type: ignore[arg-type]
        return StartCommand(TENANT, self.seeded.workflow_id, None, operator("manage"), uuid4(), like=taken)

    def equals(self, run_id: UUID, source: RunKey, change: str = "s.input_json") -> bool:
        query = f"SELECT r.input_json = {change} AS same FROM workflow_runs r, workflow_runs s"
        found = self.seeded.rows(f"{query} WHERE r.run_id = %s AND s.run_id = %s", run_id, source.run_id)
        return bool(found[0]["same"])


@pytest_asyncio.fixture
async def bench(seeded: Seeded, tmp_path: Path) -> AsyncIterator[Bench]:
    database = Database.open(seeded.url)
    writer = PostgresRunWriter(database)
    start = StartRun(LaunchRun(writer, MemoryGateway()), writer, PostgresPayloadSchemas(database))
    prepare = PrepareStart(PostgresStartReader(database), writer, DraftFiles(tmp_path / "drafts"))
    yield Bench(seeded, start, prepare, PostgresRunReader(database), tmp_path)
    await database.dispose()


@pytest.mark.asyncio
async def test_the_input_is_copied_as_it_is_and_the_run_is_no_replay(bench: Bench) -> None:
    source = bench.insert()
    command = bench.command(source)
    assert (await bench.start.start(command)).state is LaunchState.STARTED
    assert bench.equals(command.request_id, source)
    (row,) = bench.seeded.rows("SELECT * FROM workflow_runs WHERE run_id = %s", command.request_id)
    assert (row["trigger_metadata_json"], row["trigger_type"]) == (None, None)
    (audit,) = bench.seeded.rows("SELECT * FROM audit_logs")
    assert (audit["operation"], audit["record_id"]) == ("workflow_run_start", str(command.request_id))
    details = audit["details"]
    assert isinstance(details, dict)
    assert (details["inputOfRunId"], details["payload"]) == (str(source.run_id), "original")
    assert not (await bench.reader.inspect(source, documents=False)).run.replays


@pytest.mark.asyncio
async def test_an_edit_keeps_masked_values_and_no_surface_shows_one(bench: Bench) -> None:
    """The secret's own key is taken away: only the source still says that the note repeats a secret."""
    source = bench.insert()
    taken = await bench.prepare.input_of(source)
    document = chips.parse(*_parts(chipped(taken.redacted)))
    assert isinstance(document, dict)
    assert isinstance(document["note"], Chip)
    edit = ChippedText(*chips.dump({"ticket": document["ticket"], "copy": document["note"], "new": True}))
    command = bench.command(source, edit=edit, expected_hash=taken.input_hash)
    await bench.start.start(command)
    wanted = "(s.input_json - 'auth' - 'note') || jsonb_build_object('copy', s.input_json->'note', 'new', true)"
    assert bench.equals(command.request_id, source, wanted)

    new = RunKey(TENANT, command.request_id)
    shown = repr(await bench.reader.inspect(new, documents=True))
    again = repr(await bench.prepare.input_of(new))
    audits = json.dumps(bench.seeded.rows("SELECT details, changed_data FROM audit_logs"), default=str)
    logs = json.dumps(bench.seeded.rows("SELECT message, context_json FROM workflow_run_logs"), default=str)
    assert [text for text in (shown, again, repr(taken), audits, logs) if SECRET in text] == []


@pytest.mark.asyncio
async def test_a_replay_of_such_a_start_still_hides_what_the_first_run_said(bench: Bench) -> None:
    source = bench.insert()
    edited = EditedText('{"note": "[REDACTED]"}')
    first = bench.command(source, edit=edited)
    await bench.start.start(first)
    second = bench.command(RunKey(TENANT, first.request_id))
    await bench.start.start(second)
    assert bench.equals(second.request_id, source, "s.input_json - 'auth' - 'ticket'")
    assert SECRET not in repr(await bench.reader.inspect(RunKey(TENANT, second.request_id), documents=True))


@pytest.mark.asyncio
async def test_only_the_same_workflow_the_same_input_and_whole_ones_are_taken(bench: Bench) -> None:
    other = uuid4()
    bench.seeded.execute(
        "INSERT INTO workflow_definitions (workflow_id, tenant, name, payload_schema_ref, draft_definition)"
        " VALUES (%s, %s, 'Other', 'p', '{}')",
        other,
        TENANT,
    )
    with pytest.raises(ActionRefused, match="not a run of this workflow"):
        await bench.start.start(bench.command(bench.insert(workflow_id=other)))
    with pytest.raises(ActionRefused, match="has changed"):
        await bench.start.start(bench.command(bench.insert(), expected_hash="old"))
    with pytest.raises(ActionRefused, match="damaged"):
        await bench.start.start(bench.command(bench.insert('{"a": "***"}')))
    with pytest.raises(InvalidInput, match="placeholder"):
        await bench.start.start(bench.command(bench.insert(), edit=EditedText('{"b": "[REDACTED]"}')))
    assert bench.seeded.rows("SELECT 1 FROM audit_logs") == []


@pytest.mark.asyncio
async def test_a_draft_survives_without_any_value_of_the_run_or_under_a_hidden_name(bench: Bench) -> None:
    source = bench.insert()
    taken = await bench.prepare.input_of(source)
    policy = (await bench.prepare.form(TENANT, bench.seeded.workflow_id, None)).policy
    document = chips.parse(*_parts(chipped(taken.redacted)))
    assert isinstance(document, dict)
    typed = {**document, "moved": document["note"], "mine": "typed 1.50", "password": "hunter2-typed"}
    edit = ChippedText(*chips.dump(typed))
    origin = DraftOrigin(source.run_id, taken.input_hash)
    draft = keep_changed(taken.redacted, edit, origin, 1, policy)
    assert draft is not None
    assert draft.omitted == ("/password",)
    await bench.prepare.keep_draft(TENANT, bench.seeded.workflow_id, draft)

    (file,) = (path for path in bench.directory.rglob("*") if path.is_file())
    written = file.read_text("utf-8")
    assert "typed 1.50" in written
    assert [value for value in (SECRET, "hunter2-typed", "12345678901234567890") if value in written] == []

    kept = await bench.prepare.draft(TENANT, bench.seeded.workflow_id)
    assert kept == draft
    back = restored(taken.redacted, kept)
    assert back is not None
    expected = {key: value for key, value in typed.items() if key != "password"}
    assert json_text.equal(chips.parse(*_parts(back)), expected)
    await bench.prepare.discard_draft(TENANT, bench.seeded.workflow_id)
    assert await bench.prepare.draft(TENANT, bench.seeded.workflow_id) is None


@pytest.mark.asyncio
async def test_the_newest_run_is_the_starting_point(bench: Bench) -> None:
    assert await bench.prepare.input_of_newest(TENANT, bench.seeded.workflow_id) is None
    bench.insert("{}")
    newest = bench.insert()
    older = "UPDATE workflow_runs SET started_at = now() - interval '1 h' WHERE run_id <> %s"
    bench.seeded.execute(older, newest.run_id)
    found = await bench.prepare.input_of_newest(TENANT, bench.seeded.workflow_id)
    assert found is not None
    assert found.key == newest


def _parts(text: ChippedText) -> tuple[str, tuple[tuple[str, ...], ...]]:
    return text.text, text.origins
