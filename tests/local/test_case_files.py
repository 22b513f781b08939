"""Cases as files: what is kept comes back, private and whole; what is damaged is set aside, told and never lost."""

from __future__ import annotations

import json
import stat
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.case import Case, CaseAttempt, CaseComparison, CaseEvent, CaseNote, CaseRun, CaseSeverity
from app.domain.errors import Misconfigured, NotFound
from app.domain.run import RunKey
from app.local.case_codec import NewerCase, UnreadableCase, case_text, read_case
from app.local.case_files import CaseFiles
from app.services.triage_cases import TriageCases
from tests.domain.samples import a_row

NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
RUN = RunKey(UUID(int=1), UUID(int=2))
CASE = Case(
    case_id=UUID(int=9),
    title="Invoices of Harbor stand still",
    created_at=NOW,
    updated_at=NOW,
    severity=CaseSeverity.HIGH,
    customer="T-4711",
    summary="Since 06:00 no invoice left.",
    asked="Start the billing worker.",
    notes=(CaseNote(NOW, "Dana Reyes", "Nobody polls.\nÜberprüft."), CaseNote(NOW, None, "")),
    attempts=(CaseAttempt(NOW, "Replayed", "failed again"), CaseAttempt(NOW, "Asked operations")),
    runs=(CaseRun(RUN, NOW, "Invoice", "RUNNING", "S01"), CaseRun(RunKey(None, UUID(int=3)), NOW, None, "FAILED")),
    events=(CaseEvent(UUID(int=4), "INVOICE_PAID", NOW),),
    comparisons=(CaseComparison(RUN, RunKey(UUID(int=1), UUID(int=5)), NOW),),
)


@pytest.fixture
def store(tmp_path: Path) -> CaseFiles:
    return CaseFiles(tmp_path, "sandbox")


def files(tmp_path: Path) -> list[Path]:
    return [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.asyncio
async def test_a_case_comes_back_and_is_private(store: CaseFiles, tmp_path: Path) -> None:
    await store.write(replace(CASE, title="before"))
    await store.write(CASE)
    assert await store.read(CASE.case_id) == CASE
    (file,) = files(tmp_path)
    assert await store.read_file(str(file)) == CASE
    assert (await CaseFiles(tmp_path, "another place").shelf()).cases == ()
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.asyncio
async def test_the_last_changed_case_comes_first_and_a_removed_one_is_gone(store: CaseFiles) -> None:
    older = replace(CASE, case_id=UUID(int=8), updated_at=NOW - timedelta(hours=1))
    for case in (older, CASE):
        await store.write(case)
    assert (await store.shelf()).cases == (CASE, older)
    await store.remove(CASE.case_id)
    await store.remove(CASE.case_id)
    assert (await store.shelf()).cases == (older,)
    with pytest.raises(NotFound):
        await store.read(CASE.case_id)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe", b'{"schema": "rundesk.case", "version": 1}', b"[" * 100_000]
)
async def test_a_damaged_file_is_set_aside_and_told(store: CaseFiles, tmp_path: Path, content: bytes) -> None:
    await store.write(CASE)
    (file,) = files(tmp_path)
    file.write_bytes(content)
    with pytest.raises(Misconfigured) as caught:
        await store.read(CASE.case_id)
    assert caught.value.code == "case.damaged"
    for _ in range(2):  # it is told as long as it is there
        shelf = await store.shelf()
        assert shelf.cases == ()
        (damaged,) = shelf.damaged
        assert [file.read_bytes() for file in files(tmp_path)] == [content]
        assert Path(damaged.path) in files(tmp_path)
    await store.write(CASE)
    file.write_bytes(content)
    assert len((await store.shelf()).damaged) == 2, "the second one did not take the place of the first"


@pytest.mark.asyncio
async def test_the_case_of_a_newer_version_is_left_where_it_is(store: CaseFiles, tmp_path: Path) -> None:
    await store.write(CASE)
    (file,) = files(tmp_path)
    newer = file.read_text("utf-8").replace('"version": 1', '"version": 2')
    file.write_text(newer, "utf-8")
    shelf = await store.shelf()
    assert [(one.path, one.newer) for one in shelf.damaged] == [(str(file), True)]
    assert file.read_text("utf-8") == newer
    with pytest.raises(Misconfigured) as caught:
        await store.read(CASE.case_id)
    assert caught.value.code == "case.newer"


@pytest.mark.asyncio
async def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    (tmp_path / "cases").write_text("no directory")
    with pytest.raises(Misconfigured) as caught:
        await CaseFiles(tmp_path, "sandbox").write(CASE)
    assert caught.value.code == "case.file"


def test_an_older_document_is_brought_up_to_date_step_by_step() -> None:
    def second(document: dict[str, Any]) -> dict[str, Any]:
        return {**document, "title": document["title"] + " (second)"}

    def third(document: dict[str, Any]) -> dict[str, Any]:
        return {**document, "title": document["title"] + " (third)"}

    read = read_case(case_text(CASE), {1: second, 2: third}, version=3)
    assert read.title == "Invoices of Harbor stand still (second) (third)"
    with pytest.raises(NewerCase):
        read_case(case_text(CASE), {}, version=0)
    with pytest.raises(UnreadableCase):
        read_case(case_text(CASE).replace(NOW.isoformat(), "2026-11-23T14:30:00"))


@settings(max_examples=60)
@given(text=st.text(), note=st.text(), outcome=st.none() | st.text(), severity=st.sampled_from(CaseSeverity))
def test_every_text_comes_back(text: str, note: str, outcome: str | None, severity: CaseSeverity) -> None:
    case = replace(
        CASE,
        title=text,
        summary=text,
        severity=severity,
        notes=(CaseNote(NOW, None, note),),
        attempts=(CaseAttempt(NOW, note, outcome),),
    )
    assert read_case(case_text(case)) == case
    json.loads(case_text(case))


@pytest.mark.asyncio
async def test_credentials_that_were_typed_never_reach_the_disk(tmp_path: Path) -> None:
    cases = TriageCases(CaseFiles(tmp_path, "sandbox"), lambda: NOW)
    case = await cases.open("password=hunter2hunter2", [a_row()])
    words = "api_key=sk-live-123456789 and postgresql://dana:geheim99@db/app"
    kept = await cases.keep(
        replace(
            case,
            summary=words,
            asked=words,
            customer=words,
            notes=(CaseNote(NOW, None, words),),
            attempts=(CaseAttempt(NOW, words, words),),
        )
    )
    (file,) = files(tmp_path)
    for secret in ("hunter2", "sk-live-123456789", "geheim99"):
        assert secret not in file.read_text("utf-8")
        assert secret not in repr(kept)
    assert await cases.load(str(case.case_id)) == await cases.load(str(file)) == kept
    assert [run.workflow for run in kept.runs] == ["Ticket triage"]
