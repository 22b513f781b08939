"""Cancel: Temporal first, then the record; a race with the run's own end is told as it was."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from app.domain.errors import (
    ActionRefused,
    DatabaseUnavailable,
    InvalidInput,
    NotFound,
    NotPermitted,
    TemporalUnavailable,
)
from app.domain.execution import ExecutionStatus
from app.domain.launching import LaunchOrder, NewPayload
from app.domain.run import RunKey
from app.services.cancel_run import CancelCommand, CancelRun
from app.services.ports import ExecutionStart
from tests.services.doubles import (
    TENANT,
    ManualClock,
    MemoryGateway,
    MemoryReader,
    MemoryWriter,
    StoredRun,
    operator,
    temporal_away,
)


class Bench:
    """A CancelRun over one run that is known to both sides."""

    def __init__(self) -> None:
        self.writer = MemoryWriter()
        self.gateway = MemoryGateway()
        self.clock = ManualClock()
        self.run_id = uuid4()
        self.writer.runs[self.run_id] = StoredRun(
            LaunchOrder(tenant=TENANT, workflow_id=UUID(int=7), request_id=self.run_id, payload=NewPayload("{}"))
        )
        self.cancel_run = CancelRun(MemoryReader(self.writer), self.writer, self.gateway, self.clock.patience())

    @property
    def stored(self) -> StoredRun:
        return self.writer.runs[self.run_id]

    async def execute(self) -> None:
        await self.gateway.start(ExecutionStart(self.run_id, TENANT, UUID(int=7), 3, None, "launch-1"))

    def command(self, **changes: object) -> CancelCommand:
        made = CancelCommand(RunKey(TENANT, self.run_id), "  wrong client ", operator("admin"), uuid4())
        return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.asyncio
async def test_a_cancel_is_requested_then_recorded_with_log_and_audit(bench: Bench) -> None:
    await bench.execute()
    command = bench.command()

    outcome = await bench.cancel_run.cancel(command)

    assert (outcome.requested, outcome.accepted, outcome.status) == (True, True, "CANCELED")
    assert bench.stored.status == "CANCELED"
    record = bench.writer.records[command.request_id]
    (note,) = record.notes
    assert (note.level, note.message, note.context) == ("WARN", "Run canceled by operator", {"reason": "wrong client"})
    assert record.audit is not None
    assert (record.audit.operation, record.audit.record_id) == ("workflow_run_cancel", bench.run_id)
    assert record.audit.details == {"reason": "wrong client", "source": "rundesk"}


@pytest.mark.asyncio
@pytest.mark.parametrize("rights", [(), ("read",), ("manage",), ("publish",)])
async def test_without_admin_nothing_happens(bench: Bench, rights: tuple[str, ...]) -> None:
    await bench.execute()
    with pytest.raises(NotPermitted):
        await bench.cancel_run.cancel(bench.command(operator=operator(*rights)))
    assert bench.writer.calls == []


@pytest.mark.asyncio
async def test_rights_of_another_tenant_are_worth_nothing(bench: Bench) -> None:
    with pytest.raises(NotPermitted, match="another tenant"):
        await bench.cancel_run.cancel(bench.command(operator=operator("admin", tenant=uuid4())))


@pytest.mark.asyncio
async def test_an_unassigned_run_cannot_be_acted_upon(bench: Bench) -> None:
    with pytest.raises(ActionRefused, match="no tenant"):
        await bench.cancel_run.cancel(bench.command(key=RunKey(None, bench.run_id)))


@pytest.mark.asyncio
@pytest.mark.parametrize("reason", ["wrong \0 client", "wrong \udcff client"])
async def test_a_reason_that_cannot_be_recorded_cancels_nothing(bench: Bench, reason: str) -> None:
    with pytest.raises(InvalidInput, match="cannot store"):
        await bench.cancel_run.cancel(bench.command(reason=reason))
    assert bench.writer.calls == []


@pytest.mark.asyncio
async def test_a_reason_of_two_characters_is_too_short(bench: Bench) -> None:
    with pytest.raises(InvalidInput):
        await bench.cancel_run.cancel(bench.command(reason=" ab  "))


@pytest.mark.asyncio
async def test_an_unknown_run_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFound):
        await bench.cancel_run.cancel(bench.command(key=RunKey(TENANT, uuid4())))


@pytest.mark.asyncio
async def test_an_ended_run_is_refused_and_keeps_its_outcome(bench: Bench) -> None:
    await bench.execute()
    bench.stored.status, bench.stored.completed = "SUCCEEDED", True
    with pytest.raises(ActionRefused, match="SUCCEEDED"):
        await bench.cancel_run.cancel(bench.command())
    assert bench.stored.status == "SUCCEEDED"


@pytest.mark.asyncio
async def test_a_run_temporal_does_not_know_is_refused_and_nothing_is_written(bench: Bench) -> None:
    with pytest.raises(ActionRefused, match="never started"):
        await bench.cancel_run.cancel(bench.command())
    assert bench.stored.status == "RUNNING"
    assert bench.writer.records == {}


@pytest.mark.asyncio
async def test_an_unreachable_temporal_writes_nothing(bench: Bench) -> None:
    await bench.execute()
    bench.gateway.reachable = False
    with pytest.raises(TemporalUnavailable):
        await bench.cancel_run.cancel(bench.command())
    assert bench.stored.status == "RUNNING"


@pytest.mark.asyncio
@pytest.mark.parametrize("ended", [ExecutionStatus.COMPLETED, ExecutionStatus.FAILED])
async def test_an_execution_with_an_outcome_of_its_own_is_not_overwritten(bench: Bench, ended: ExecutionStatus) -> None:
    await bench.execute()
    bench.gateway.cancel_ends_as = ended

    outcome = await bench.cancel_run.cancel(bench.command())

    assert (outcome.requested, outcome.accepted, outcome.status) == (True, False, "RUNNING")
    assert str(ended) in outcome.message
    assert bench.stored.status == "RUNNING"
    assert bench.writer.records == {}


@pytest.mark.asyncio
async def test_a_row_that_completes_during_the_cancel_is_told_as_it_ended(bench: Bench) -> None:
    await bench.execute()
    describe = bench.gateway.describe

    async def complete_then_describe(run_id: UUID):
        bench.stored.status, bench.stored.completed = "SUCCEEDED", True
        return await describe(run_id)

    bench.gateway.describe = complete_then_describe  # type: ignore[method-assign]
    outcome = await bench.cancel_run.cancel(bench.command())
    assert (outcome.accepted, outcome.status) == (False, "SUCCEEDED")
    assert bench.writer.records == {}


@pytest.mark.asyncio
async def test_a_cancel_the_worker_projected_first_still_gets_its_audit(bench: Bench) -> None:
    await bench.execute()
    describe = bench.gateway.describe

    async def project_then_describe(run_id: UUID):
        bench.stored.status, bench.stored.completed = "CANCELED", True
        return await describe(run_id)

    bench.gateway.describe = project_then_describe  # type: ignore[method-assign]
    command = bench.command()
    outcome = await bench.cancel_run.cancel(command)
    assert (outcome.accepted, outcome.status) == (True, "CANCELED")
    assert command.request_id in bench.writer.records


@pytest.mark.asyncio
async def test_a_failure_that_the_worker_is_still_handling_is_no_end(bench: Bench) -> None:
    await bench.execute()
    bench.stored.status = "FAILED"
    command = bench.command()
    outcome = await bench.cancel_run.cancel(command)
    assert (outcome.requested, outcome.accepted, outcome.status) == (True, True, "FAILED")
    assert command.request_id in bench.writer.records


@pytest.mark.asyncio
@pytest.mark.parametrize("fault", ["before", "after"])
async def test_a_lost_answer_of_the_record_is_repeated(bench: Bench, fault: str) -> None:
    await bench.execute()
    bench.writer.order_faults("cancel", fault)
    command = bench.command()
    outcome = await bench.cancel_run.cancel(command)
    assert outcome.accepted
    assert command.request_id in bench.writer.records


@pytest.mark.asyncio
@pytest.mark.parametrize("projected", [True, False])
async def test_an_accepted_cancel_that_could_not_be_recorded_is_recorded_when_sent_again(
    bench: Bench, projected: bool
) -> None:
    await bench.execute()
    bench.writer.order_faults("cancel", *["before"] * 20)
    command = bench.command()
    with pytest.raises(DatabaseUnavailable, match="accepted the cancel"):
        await bench.cancel_run.cancel(command)
    bench.writer.faults.clear()
    if projected:
        bench.stored.status, bench.stored.completed = "CANCELED", True

    outcome = await bench.cancel_run.cancel(command)

    assert outcome.accepted
    assert command.request_id in bench.writer.records


@pytest.mark.asyncio
async def test_a_cancel_whose_acceptance_was_lost_is_recorded_when_sent_again(bench: Bench) -> None:
    await bench.execute()
    request_cancel = bench.gateway.request_cancel

    async def lose_the_answer(run_id: UUID) -> bool:
        await request_cancel(run_id)
        raise temporal_away()

    bench.gateway.request_cancel = lose_the_answer  # type: ignore[method-assign]
    command = bench.command()
    with pytest.raises(TemporalUnavailable, match="will show it"):
        await bench.cancel_run.cancel(command)
    bench.stored.status, bench.stored.completed = "CANCELED", True  # the worker's own projection

    outcome = await bench.cancel_run.cancel(command)

    assert outcome.accepted
    assert command.request_id in bench.writer.records
    with pytest.raises(ActionRefused):
        await bench.cancel_run.cancel(command)
