"""A cancel of a batch is seen closed too; one that has not closed yet is left for whoever looks next."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from app.domain.cancellation import ClosedParts, OpenParts
from app.domain.execution import ExecutionStatus
from app.domain.launching import LaunchOrder, NewPayload
from app.domain.run import RunKey
from app.local.intent_journal import FileIntentJournal
from app.services.cancel_run import CancelCommand, CancelRun
from app.services.closing_cancels import ClosingCancels
from app.services.follow_cancel import FollowCancel
from app.services.ports import ActionRecord, ExecutionStart
from tests.services.doubles import TENANT, ManualClock, MemoryGateway, MemoryReader, MemoryWriter, StoredRun, operator


class MemoryClosing:
    """Nothing is open; remembers what was closed."""

    def __init__(self) -> None:
        self.closed: list[UUID] = []

    async def open_parts(self, _key: RunKey) -> OpenParts:
        return OpenParts()

    async def close(self, key: RunKey, _children: tuple[UUID, ...], _record: ActionRecord) -> ClosedParts:
        self.closed.append(key.run_id)
        return ClosedParts()


@pytest.mark.asyncio
@pytest.mark.parametrize("closes", [True, False])
async def test_a_cancel_is_followed_for_a_moment(tmp_path: Path, closes: bool) -> None:
    writer, gateway, closing, run_id = MemoryWriter(), MemoryGateway(), MemoryClosing(), uuid4()
    writer.runs[run_id] = StoredRun(LaunchOrder(TENANT, UUID(int=7), run_id, NewPayload("{}")))
    await gateway.start(ExecutionStart(run_id, TENANT, UUID(int=7), 3, None, "launch-1"))
    gateway.cancel_ends_as = ExecutionStatus.CANCELED if closes else None
    journal = FileIntentJournal(tmp_path, "here")
    cancels = ClosingCancels(
        CancelRun(MemoryReader(writer), writer, gateway),
        FollowCancel(closing, gateway, ManualClock().patience(), journal),
        journal,
    )
    command = CancelCommand(RunKey(TENANT, run_id), "wrong client", operator("admin"), uuid4())

    outcome = await cancels.cancel(command)

    assert outcome.accepted
    assert outcome.requested_at is not None
    assert outcome.requested_at <= datetime.now(UTC)
    assert closing.closed == ([run_id] if closes else [])
    assert outcome.code == ("cancel.done" if closes else "cancel.not_closed")
    assert [intent.request_id for intent in await journal.unfinished()] == ([] if closes else [command.request_id])
