"""The journal of batches: whose batches it lists, what an older one keeps, and which locks it leaves behind."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from app.domain.batch import BatchAction, BatchOrder, BatchPlan, BatchScope, BatchSettings, PlanItem
from app.domain.batch_ledger import BatchState, EntryState
from app.domain.errors import ActionRefused
from app.local.batch_journal import FILE_NAME, SqliteBatchJournal
from app.local.file_lock import FileLock
from app.local.place import Place

pytestmark = pytest.mark.asyncio

TENANT = UUID("11111111-1111-4111-8111-111111111111")
HERE = Place.of("postgresql://db/one", "temporal:7233", "default")
COPY = replace(HERE, database="postgresql://db/copy")
OTHER_TEMPORAL = Place.of("postgresql://db/one", "temporal:7233", "trial")


@asynccontextmanager
async def journal_of(directory: Path, place: Place) -> AsyncIterator[SqliteBatchJournal]:
    journal = SqliteBatchJournal(directory, place)
    try:
        yield journal
    finally:
        await journal.close()


async def kept(journal: SqliteBatchJournal) -> UUID:
    scope = BatchScope(TENANT, (uuid4(),))
    order = BatchOrder(uuid4(), scope, BatchAction.REPLAY, "INC-7", "the gateway is back", settings=BatchSettings())
    (run_id,) = scope.run_ids or ()
    await journal.keep(BatchPlan(order, (PlanItem(run_id),), datetime(2026, 3, 1, tzinfo=UTC)))
    return order.batch_id


async def listed(journal: SqliteBatchJournal) -> list[UUID]:
    return [head.plan.order.batch_id for head in await journal.known(TENANT)]


@pytest.mark.parametrize("other", [COPY, OTHER_TEMPORAL])
async def test_a_batch_is_listed_only_on_the_place_that_it_was_planned_on(tmp_path: Path, other: Place) -> None:
    async with journal_of(tmp_path, HERE) as here, journal_of(tmp_path, other) as there:
        batch = await kept(here)
        assert await listed(here) == [batch]
        assert await listed(there) == []
        assert await there.planned_elsewhere(TENANT) == ((batch, str(HERE)),)
        assert await here.planned_elsewhere(TENANT) == ()
        assert (await there.standing(batch)).planned_elsewhere
        with pytest.raises(ActionRefused, match="planned on"):
            async with there.hold(batch):
                pass
        async with there.hold(batch, moved=True):
            assert await listed(there) == [batch]
        assert await listed(here) == []


async def test_a_journal_of_version_1_keeps_every_batch_for_its_database(tmp_path: Path) -> None:
    async with journal_of(tmp_path, HERE) as journal:
        batch = await kept(journal)
        (entry,) = await journal.entries(batch)
        await journal.write(batch, [replace(entry, state=EntryState.SENDING)])
        before = await journal.plan(batch)
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.executescript("ALTER TABLE batches DROP COLUMN temporal; PRAGMA user_version = 1;")
    connection.close()
    async with journal_of(tmp_path, COPY) as copy:
        assert await listed(copy) == []
    async with journal_of(tmp_path, HERE) as here, journal_of(tmp_path, OTHER_TEMPORAL) as there:
        assert await listed(here) == await listed(there) == [batch]
        assert await here.plan(batch) == before
        assert [entry.state for entry in await here.entries(batch)] == [EntryState.SENDING]
        async with here.hold(batch):
            assert await listed(here) == [batch]
        assert await listed(there) == []  # whoever ran it first has it


async def test_the_lock_of_an_ended_batch_goes_and_an_open_one_keeps_out_as_ever(tmp_path: Path) -> None:
    async with journal_of(tmp_path, HERE) as journal:
        batch = await kept(journal)
        path = tmp_path / f"{batch}.lock"
        assert not (await journal.standing(batch)).held
        assert not path.exists()  # looking leaves nothing behind
        async with journal.hold(batch):
            await journal.stand(batch, replace(await journal.standing(batch), state=BatchState.PAUSED))
        assert path.exists()
        async with journal.hold(batch):
            await journal.stand(batch, replace(await journal.standing(batch), state=BatchState.FINISHED))
            assert FileLock.try_take(path) is None
        assert not path.exists()
        path.touch()  # of an older Rundesk, which left it
        assert not (await journal.standing(batch)).held
        assert not path.exists()


async def test_a_removed_lock_that_was_opened_before_is_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "batch.lock"
    first = FileLock.try_take(path)
    assert first is not None
    late, opened = Path.open, []

    def open_then_lose(self: Path, mode: str = "r") -> object:
        file = late(self, mode)
        if not opened:
            opened.append(file)
            first.remove()  # the holder ends just now
        return file

    monkeypatch.setattr(Path, "open", open_then_lose)
    taken = FileLock.try_take(path)
    assert taken is not None
    assert FileLock.try_take(path) is None, "the lock was taken on a file that nobody else can find"
    taken.release()
