"""The journal of intents across crashes and power cuts, as far as files can show them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from app.domain.errors import JournalUnusable
from app.domain.intent import Intent, IntentKind
from app.local.intent_codec import as_document
from app.local.intent_journal import FileIntentJournal

pytestmark = pytest.mark.asyncio
PLACE = "postgresql://here / temporal"


def intent(reason: str = "the gateway is back", request_id: UUID | None = None) -> Intent:
    request = request_id or uuid4()
    return Intent(
        request_id=request,
        kind=IntentKind.REPLAY,
        tenant=UUID(int=1),
        run_id=request,
        operator=None,
        reason=reason,
        at=datetime(2026, 11, 25, tzinfo=UTC),
        source_run=UUID(int=2),
    )


def journal(tmp_path: Path) -> FileIntentJournal:
    return FileIntentJournal(tmp_path, PLACE)


def files(tmp_path: Path, suffix: str) -> list[Path]:
    return sorted(tmp_path.rglob(f"*{suffix}"))


async def left_behind(tmp_path: Path, *intents: Intent) -> None:
    writer = journal(tmp_path)
    for one in intents:
        await writer.begin(one)
        await writer.let_go(one.request_id)


async def test_what_is_left_behind_is_read_as_it_was_written(tmp_path: Path) -> None:
    long, short = intent("ü" * 5000), replace(intent(), at=datetime(2026, 11, 26, tzinfo=UTC))
    await left_behind(tmp_path, long, short)
    assert await journal(tmp_path).unfinished() == (long, short)


async def test_a_file_is_used_again_and_nothing_of_the_last_act_is_left_in_it(tmp_path: Path) -> None:
    writer = journal(tmp_path)
    for reason in ("a very long reason " * 400, "short"):
        await writer.begin(one := intent(reason))
        await writer.let_go(one.request_id)
        assert await journal(tmp_path).unfinished() == (one,)
        await writer.finish(one.request_id)
        assert await journal(tmp_path).unfinished() == ()
    (spare,) = files(tmp_path, ".spare")
    assert spare.read_bytes().strip() == b""
    assert spare.stat().st_mode & 0o077 == 0


async def test_there_are_only_a_few_spares(tmp_path: Path) -> None:
    writer, acts = journal(tmp_path), [intent() for _ in range(9)]
    for one in acts:
        await writer.begin(one)
    for one in acts:
        await writer.finish(one.request_id)
    assert len(files(tmp_path, ".spare")) == 4
    assert files(tmp_path, ".json") == files(tmp_path, ".lock") == files(tmp_path, ".new") == []


async def test_a_renaming_that_a_power_cut_undid_hides_no_intent(tmp_path: Path) -> None:
    await left_behind(tmp_path, one := intent())
    (path,) = files(tmp_path, ".json")
    path.rename(path.with_name(f"{uuid4()}.spare"))
    assert await journal(tmp_path).unfinished() == (one,)
    async with journal(tmp_path).hold(one.request_id) as held:
        assert held


async def test_a_crash_before_anything_was_written_leaves_nothing_to_settle(tmp_path: Path) -> None:
    await left_behind(tmp_path, intent())
    (path,) = files(tmp_path, ".json")
    path.write_bytes(b" " * 4096)
    assert await journal(tmp_path).unfinished() == ()
    assert files(tmp_path, ".json") == []


async def test_half_a_write_is_no_intent_and_is_left_as_it_is(tmp_path: Path) -> None:
    await left_behind(tmp_path, intent())
    (path,) = files(tmp_path, ".json")
    torn = path.read_bytes().replace(b"gateway", b"getaway")
    path.write_bytes(torn)
    with pytest.raises(JournalUnusable) as refused:
        await journal(tmp_path).unfinished()
    assert refused.value.code == "intent.damaged"
    assert path.read_bytes() == torn


async def test_an_intent_of_the_first_version_is_read(tmp_path: Path) -> None:
    await left_behind(tmp_path, one := intent())
    (path,) = files(tmp_path, ".json")
    path.write_text(json.dumps(as_document(one)), encoding="utf-8")
    assert await journal(tmp_path).unfinished() == (one,)


async def test_a_second_writing_of_the_same_request_replaces_the_first(tmp_path: Path) -> None:
    first = intent()
    second = replace(first, reason="on second thought")
    await left_behind(tmp_path, first, second)
    assert await journal(tmp_path).unfinished() == (second,)
