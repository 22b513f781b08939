"""Every boundary of a launch: no answer may be guessed at, nothing may run twice, nothing may be falsely FAILED."""

from __future__ import annotations

import asyncio
from collections import deque
from uuid import UUID, uuid4

import pytest

from app.domain.errors import DatabaseUnavailable, GateClosed, TemporalUnavailable
from app.domain.launching import AuditNote, LaunchOrder, LaunchState, NewPayload
from app.services.launch_run import LATE_ARRIVAL_SECONDS, MAX_UNCLEAR_STARTS, LaunchRun
from app.services.ports import ActionRecord, AdmittedLaunch, BeforeEffect
from tests.services.doubles import TENANT, ManualClock, MemoryGateway, MemoryWriter, operator

WORKFLOW = UUID(int=7)


class Bench:
    """A LaunchRun on in-memory sides."""

    def __init__(self) -> None:
        self.writer = MemoryWriter()
        self.gateway = MemoryGateway()
        self.clock = ManualClock()
        self.launch_run = LaunchRun(self.writer, self.gateway, self.clock.patience())

    async def launch(self, order: LaunchOrder):
        return await self.launch_run.launch(order, record_for(order))

    def stored(self, order: LaunchOrder):
        return self.writer.runs[order.request_id]

    async def settle_until_known(self):
        for _ in range(40):
            if known := await self.launch_run.settle():
                return known
            await self.clock.pause(1)
        raise AssertionError("never settled")


@pytest.fixture
def bench() -> Bench:
    return Bench()


def new_order(**changes: object) -> LaunchOrder:
    values: dict[str, object] = {"request_id": uuid4(), "payload": NewPayload("{}")} | changes
    return LaunchOrder(tenant=TENANT, workflow_id=WORKFLOW, **values)


def record_for(order: LaunchOrder) -> ActionRecord:
    audit = AuditNote("workflow_run_start", order.request_id, {"status": "RUNNING"}, {"workflowVersion": None})
    return ActionRecord(order.request_id, operator("manage"), audit=audit)


@pytest.mark.asyncio
async def test_a_launch_records_row_execution_ids_and_audit(bench: Bench) -> None:
    order = new_order()

    outcome = await bench.launch(order)

    assert outcome.state is LaunchState.STARTED
    assert outcome.run.run_id == order.request_id
    assert outcome.workflow_version == 3
    stored = bench.stored(order)
    assert stored.workflow_id == f"workflow-runtime-v2:run:{order.request_id}"
    assert stored.first_run_id == bench.gateway.executions[order.request_id].first_run_id
    audit = bench.writer.records[order.request_id].audit
    assert audit is not None
    assert audit.details["workflowVersion"] == 3
    assert bench.launch_run.unsettled == ()


@pytest.mark.asyncio
async def test_nothing_is_written_while_temporal_is_away(bench: Bench) -> None:
    bench.gateway.reachable = False
    with pytest.raises(TemporalUnavailable):
        await bench.launch(new_order())
    assert bench.writer.calls == []


@pytest.mark.asyncio
async def test_a_closed_gate_starts_nothing_and_is_forgotten(bench: Bench) -> None:
    bench.writer.refusal = GateClosed("launch.paused", "Paused.")
    with pytest.raises(GateClosed):
        await bench.launch(new_order())
    assert bench.gateway.sent == []
    assert bench.launch_run.unsettled == ()


@pytest.mark.asyncio
async def test_a_refused_start_is_a_failed_run_that_stays_visible(bench: Bench) -> None:
    bench.gateway.starts = deque(["refused"])
    order = new_order()

    outcome = await bench.launch(order)

    assert (outcome.state, outcome.status) == (LaunchState.FAILED, "FAILED")
    assert "namespace is handed over" in (outcome.message or "")
    assert bench.stored(order).failure == outcome.message


@pytest.mark.asyncio
@pytest.mark.parametrize("word", ["unanswered", "late", "lost"])
async def test_an_unclear_start_ends_as_exactly_one_execution(bench: Bench, word: str) -> None:
    bench.gateway.starts = deque([word])
    order = new_order()

    outcome = await bench.launch(order)

    assert outcome.state is LaunchState.STARTED
    assert bench.gateway.begun == 1
    assert bench.stored(order).status == "RUNNING"
    assert bench.stored(order).workflow_id is not None


@pytest.mark.asyncio
async def test_a_start_that_arrives_late_after_a_refused_one_is_still_found(bench: Bench) -> None:
    bench.gateway.starts = deque(["late", "refused"])
    order = new_order()

    outcome = await bench.launch(order)

    assert outcome.state is LaunchState.STARTED
    assert bench.gateway.begun == 1


@pytest.mark.asyncio
async def test_a_lost_start_that_is_then_refused_fails_only_when_no_late_arrival_is_possible(bench: Bench) -> None:
    bench.gateway.starts = deque(["lost", "refused"])
    order = new_order()

    outcome = await bench.launch(order)
    assert outcome.state is LaunchState.UNCONFIRMED
    assert bench.stored(order).status == "RUNNING"
    before = bench.clock()

    (known,) = await bench.settle_until_known()

    assert known.state is LaunchState.FAILED
    assert bench.clock() - before >= LATE_ARRIVAL_SECONDS
    assert bench.gateway.begun == 0


@pytest.mark.asyncio
async def test_starts_that_never_arrive_end_as_failed_and_are_bounded(bench: Bench) -> None:
    bench.gateway.starts = deque(["lost"] * 50)
    order = new_order()
    assert (await bench.launch(order)).state is LaunchState.UNCONFIRMED

    (known,) = await bench.settle_until_known()

    assert known.state is LaunchState.FAILED
    assert bench.stored(order).status == "FAILED"
    assert len(bench.gateway.sent) == MAX_UNCLEAR_STARTS


@pytest.mark.asyncio
async def test_an_unreachable_temporal_leaves_the_launch_unconfirmed_until_known(bench: Bench) -> None:
    bench.gateway.starts = deque(["unanswered"])
    bench.gateway.silent_describes = 1000
    order = new_order()

    outcome = await bench.launch(order)

    assert (outcome.state, outcome.status) == (LaunchState.UNCONFIRMED, "RUNNING")
    assert await bench.launch_run.settle() == ()
    assert [key.run_id for key in bench.launch_run.unsettled] == [order.request_id]
    bench.gateway.silent_describes = 0
    (known,) = await bench.launch_run.settle()
    assert known.state is LaunchState.STARTED
    assert bench.gateway.begun == 1
    assert bench.launch_run.unsettled == ()


@pytest.mark.asyncio
@pytest.mark.parametrize("fault", ["before", "after"])
async def test_a_lost_admission_is_repeated_without_a_second_run(bench: Bench, fault: str) -> None:
    bench.writer.order_faults("admit", fault, fault)
    outcome = await bench.launch(new_order())
    assert outcome.state is LaunchState.STARTED
    assert len(bench.writer.runs) == bench.gateway.begun == 1


@pytest.mark.asyncio
async def test_a_row_committed_behind_a_lasting_outage_is_closed_because_nothing_was_started(bench: Bench) -> None:
    bench.writer.order_faults("admit", "after", *["before"] * 50)
    order = new_order()
    with pytest.raises(DatabaseUnavailable, match="Nothing was started"):
        await bench.launch(order)
    bench.writer.faults.clear()

    (known,) = await bench.settle_until_known()

    assert known.state is LaunchState.FAILED
    assert bench.stored(order).status == "FAILED"
    assert bench.gateway.begun == 0


@pytest.mark.asyncio
async def test_an_admission_that_never_arrived_is_forgotten(bench: Bench) -> None:
    bench.writer.order_faults("admit", *["before"] * 50)
    with pytest.raises(DatabaseUnavailable):
        await bench.launch(new_order())
    bench.writer.faults.clear()
    await bench.clock.pause(LATE_ARRIVAL_SECONDS)
    assert await bench.launch_run.settle() == ()
    assert bench.launch_run.unsettled == ()
    assert bench.writer.runs == {}


@pytest.mark.asyncio
async def test_sending_the_request_again_after_an_outage_completes_the_committed_row(bench: Bench) -> None:
    bench.writer.order_faults("admit", "after", *["before"] * 50)
    order = new_order()
    with pytest.raises(DatabaseUnavailable):
        await bench.launch(order)
    bench.writer.faults.clear()

    outcome = await bench.launch(order)
    await bench.clock.pause(LATE_ARRIVAL_SECONDS)

    assert outcome.state is LaunchState.STARTED
    assert await bench.launch_run.settle() == ()
    assert bench.stored(order).status == "RUNNING"
    assert bench.gateway.begun == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("fault", ["before", "after"])
async def test_a_lost_confirmation_is_repeated(bench: Bench, fault: str) -> None:
    bench.writer.order_faults("confirm_launch", fault)
    order = new_order()
    outcome = await bench.launch(order)
    assert (outcome.state, outcome.message) == (LaunchState.STARTED, None)
    assert bench.stored(order).workflow_id is not None


@pytest.mark.asyncio
async def test_an_outage_at_the_confirmation_is_a_started_run_whose_ids_come_later(bench: Bench) -> None:
    bench.writer.order_faults("confirm_launch", *["before"] * 20)
    order = new_order()

    outcome = await bench.launch(order)

    assert outcome.state is LaunchState.STARTED
    assert "not recorded yet" in (outcome.message or "")
    bench.writer.faults.clear()
    (known,) = await bench.launch_run.settle()
    assert (known.state, known.message) == (LaunchState.STARTED, None)
    assert order.request_id in bench.writer.records
    assert bench.gateway.begun == 1


@pytest.mark.asyncio
async def test_a_run_that_was_deleted_meanwhile_is_forgotten(bench: Bench) -> None:
    bench.writer.order_faults("confirm_launch", *["before"] * 20)
    order = new_order()
    await bench.launch(order)
    bench.writer.faults.clear()
    del bench.writer.runs[order.request_id]
    assert await bench.launch_run.settle() == ()
    assert bench.launch_run.unsettled == ()


@pytest.mark.asyncio
async def test_a_failure_that_cannot_be_recorded_is_recorded_later(bench: Bench) -> None:
    bench.gateway.starts = deque(["refused"])
    bench.writer.order_faults("fail_launch", *["before"] * 8)
    order = new_order()

    outcome = await bench.launch(order)

    assert outcome.state is LaunchState.FAILED
    assert "not recorded yet" in (outcome.message or "")
    bench.writer.faults.clear()
    (known,) = await bench.settle_until_known()
    assert known.state is LaunchState.FAILED
    assert bench.stored(order).status == "FAILED"


@pytest.mark.asyncio
@pytest.mark.parametrize("fault", ["before", "after"])
async def test_a_failure_whose_recording_loses_an_answer_stays_a_failure(bench: Bench, fault: str) -> None:
    bench.gateway.starts = deque(["refused"])
    bench.writer.order_faults("fail_launch", fault)
    order = new_order()
    assert (await bench.launch(order)).state is LaunchState.FAILED
    assert bench.stored(order).status == "FAILED"
    assert bench.launch_run.unsettled == ()


@pytest.mark.asyncio
async def test_a_double_click_sends_once(bench: Bench) -> None:
    order = new_order()
    first, second = await asyncio.gather(bench.launch(order), bench.launch(order))
    assert first.run == second.run
    assert {first.state, second.state} == {LaunchState.STARTED}
    assert bench.gateway.begun == len(bench.writer.runs) == len(bench.writer.records) == 1


@pytest.mark.asyncio
async def test_a_double_click_in_two_processes_sends_once(bench: Bench) -> None:
    other = LaunchRun(bench.writer, bench.gateway, bench.clock.patience())
    order = new_order()
    outcomes = await asyncio.gather(bench.launch(order), other.launch(order, record_for(order)))
    assert {outcome.state for outcome in outcomes} == {LaunchState.STARTED}
    assert bench.gateway.begun == len(bench.writer.runs) == 1


@pytest.mark.asyncio
async def test_repeating_a_request_after_its_run_has_ended_starts_nothing(bench: Bench) -> None:
    order = new_order()
    await bench.launch(order)
    bench.stored(order).status = "SUCCEEDED"
    again = await bench.launch(order)
    assert (again.state, again.status) == (LaunchState.STARTED, "SUCCEEDED")
    assert len(bench.gateway.sent) == 1


@pytest.mark.asyncio
async def test_repeating_a_request_that_failed_at_launch_starts_nothing(bench: Bench) -> None:
    bench.gateway.starts = deque(["refused"])
    order = new_order()
    await bench.launch(order)
    again = await bench.launch(order)
    assert again.state is LaunchState.FAILED
    assert bench.gateway.begun == 0


@pytest.mark.asyncio
async def test_a_refusal_of_a_repeated_request_does_not_fail_the_run_that_its_first_start_began(bench: Bench) -> None:
    bench.gateway.starts = deque(["unanswered", "refused"])
    bench.gateway.silent_describes = 50
    order = new_order()
    assert (await bench.launch(order)).state is LaunchState.UNCONFIRMED
    assert (await bench.launch(order)).state is LaunchState.UNCONFIRMED
    assert bench.stored(order).status == "RUNNING"
    bench.gateway.silent_describes = 0
    (known,) = await bench.settle_until_known()
    assert known.state is LaunchState.STARTED
    assert bench.gateway.begun == 1


@pytest.mark.asyncio
async def test_a_used_fire_key_answers_with_the_first_run_and_starts_nothing(bench: Bench) -> None:
    first, second = (new_order(trigger_fire_key="fire-1") for _ in range(2))
    await bench.launch(first)

    outcome = await bench.launch(second)

    assert outcome.state is LaunchState.EXISTING
    assert outcome.run.run_id == first.request_id
    assert bench.gateway.begun == 1
    assert second.request_id not in bench.writer.records


@pytest.mark.asyncio
async def test_a_run_that_moved_on_is_not_failed_by_a_late_refusal(bench: Bench) -> None:
    bench.gateway.starts = deque(["refused"])
    order = new_order()
    admit = bench.writer.admit

    async def admit_and_execute(asked: LaunchOrder, before_effect: BeforeEffect | None = None) -> AdmittedLaunch:
        admitted = await admit(asked, before_effect)
        bench.stored(order).has_steps = True
        return admitted

    bench.writer.admit = admit_and_execute  # type: ignore[method-assign]
    outcome = await bench.launch(order)
    assert outcome.state is LaunchState.STARTED
    assert bench.stored(order).status == "RUNNING"


@pytest.mark.asyncio
async def test_a_cancelled_caller_leaves_nothing_half_done(bench: Bench) -> None:
    order = new_order()
    reached, never = asyncio.Event(), asyncio.Event()
    start = bench.gateway.start

    async def hang(_: object) -> None:
        reached.set()
        await never.wait()

    bench.gateway.start = hang  # type: ignore[assignment,method-assign]
    async with asyncio.TaskGroup() as group:
        task = group.create_task(bench.launch(order))
        await reached.wait()
        task.cancel()
    bench.gateway.start = start  # type: ignore[method-assign]

    (known,) = await bench.launch_run.settle()

    assert known.state is LaunchState.STARTED
    assert bench.gateway.begun == 1
    assert bench.stored(order).workflow_id is not None


@pytest.mark.asyncio
async def test_settling_leaves_a_launch_alone_that_is_under_way(bench: Bench) -> None:
    order = new_order()
    reached, go_on = asyncio.Event(), asyncio.Event()
    start = bench.gateway.start

    async def slow(asked: object):
        reached.set()
        await go_on.wait()
        return await start(asked)  # type: ignore[arg-type]

    bench.gateway.start = slow  # type: ignore[method-assign]
    async with asyncio.TaskGroup() as group:
        task = group.create_task(bench.launch(order))
        await reached.wait()
        assert await bench.launch_run.settle() == ()
        go_on.set()
    assert task.result().state is LaunchState.STARTED
    assert len(bench.gateway.sent) == 1
