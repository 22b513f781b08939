"""How a batch is run: its pace, its stops, its ends, and what it never does twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count, pairwise
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from app.domain.batch import BatchAction, BatchScope, BatchSettings, Verdict
from app.domain.batch_ledger import BatchState, EntryState, WaitingFor
from app.domain.batch_pace import LaunchRoom, WorkflowRoom
from app.domain.errors import ActionRefused, GateClosed, InvalidInput, NotPermitted
from app.domain.launching import PatchOperation
from app.local.file_lock import FileLock
from app.local.place import Place
from tests.services.batch_doubles import WORKFLOW, BatchDesk, limited
from tests.services.doubles import TENANT, operator, temporal_away

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[BatchDesk]:
    made = BatchDesk(tmp_path)
    yield made
    await made.journal.close()


async def test_every_run_is_replayed_once_and_followed_to_its_end(desk: BatchDesk) -> None:
    progress = await desk.run(await desk.plan())
    assert (progress.state, progress.done, progress.total) == (BatchState.FINISHED, 20, 20)
    assert progress.count(EntryState.RECOVERED) == 20
    assert desk.replays.effects == dict.fromkeys(desk.runs, 1)


async def test_recovered_is_said_only_of_a_replay_that_succeeded(desk: BatchDesk) -> None:
    desk.replays.script[desk.runs[3]] = ["FAILED"]
    plan = await desk.plan()
    await desk.run(plan)
    ledger = await desk.batches.ledger(plan.order.batch_id)
    entry = ledger.entries[3]
    assert (entry.state, entry.status) == (EntryState.NOT_RECOVERED, "FAILED")
    assert entry.message == "The replay ended as FAILED: The gateway is down."
    assert ledger.progress.count(EntryState.RECOVERED) == 19


async def test_a_failure_rate_stops_the_batch_and_going_on_forgives_it(desk: BatchDesk) -> None:
    for run in desk.runs[:10]:
        desk.replays.script[run] = [InvalidInput("payload.patch", "The edit does not fit.")]
    plan = await desk.plan(BatchSettings(stop_at_percent=50, stop_sample=4, parallel=1))
    stopped = await desk.run(plan)
    assert (stopped.state, stopped.code) == (BatchState.STOPPED, "batch.failure_rate")
    assert stopped.count(EntryState.REFUSED) == 4
    again = await desk.run(plan)
    assert (again.state, again.count(EntryState.REFUSED)) == (BatchState.STOPPED, 8)
    done = await desk.run(plan)
    assert (done.state, done.bad, done.count(EntryState.RECOVERED)) == (BatchState.FINISHED, 10, 10)


async def test_the_canary_goes_first_and_its_end_decides(desk: BatchDesk) -> None:
    desk.replays.script[desk.runs[1]] = ["FAILED"]
    plan = await desk.plan(BatchSettings(canary=3))
    stopped = await desk.run(plan)
    assert (stopped.state, stopped.code) == (BatchState.STOPPED, "batch.canary")
    assert {run for _, run in desk.replays.sent} == set(desk.runs[:3])
    assert WaitingFor.CANARY in {told.waiting_for for told in desk.told}
    assert (await desk.run(plan)).state is BatchState.FINISHED


async def test_the_rate_is_kept(desk: BatchDesk) -> None:
    began = desk.time.now
    await desk.run(await desk.plan(BatchSettings(rate_per_minute=60)))
    at = [moment - began for moment, _ in desk.replays.sent]
    assert all(later - earlier >= 0.99 for earlier, later in pairwise(at))
    assert desk.told[-1].per_minute is not None


async def test_the_tenants_limit_is_never_run_into_and_leaves_room_for_people(desk: BatchDesk) -> None:
    others = iter(range(1000))
    desk.facts.room_now = limited(desk, 10, lambda: min(next(others) // 20, 3))
    progress = await desk.run(await desk.plan())
    assert progress.count(EntryState.RECOVERED) == 20
    moments = [moment for moment, _ in desk.replays.sent]
    assert max(sum(0 <= moment - other < 60 for other in moments) for moment in moments) <= 9
    assert WaitingFor.TENANT_LIMIT in {told.waiting_for for told in desk.told}


async def test_a_workflows_concurrency_limit_is_waited_for(desk: BatchDesk) -> None:
    most = 0

    def room() -> LaunchRoom:
        nonlocal most
        most = max(most, len(desk.replays.running))
        return LaunchRoom(0, None, None, (WorkflowRoom(WORKFLOW, 3, len(desk.replays.running)),))

    desk.facts.room_now, desk.facts.before_ends = room, desk.replays.end_all
    desk.replays.script = {run: ["RUNNING"] for run in desk.runs}
    progress = await desk.run(await desk.plan())
    assert (progress.state, progress.count(EntryState.RECOVERED)) == (BatchState.FINISHED, 20)
    assert most <= 2
    assert WaitingFor.CONCURRENCY in {told.waiting_for for told in desk.told}


async def test_at_most_so_many_runs_are_open_at_once(desk: BatchDesk) -> None:
    most = 0

    def note(_run: object) -> None:
        nonlocal most
        most = max(most, len(desk.replays.running) + 1)

    desk.replays.script = {run: ["RUNNING"] for run in desk.runs}
    desk.replays.at_send, desk.facts.before_ends = note, desk.replays.end_all
    progress = await desk.run(await desk.plan(BatchSettings(at_once=5, parallel=2)))
    assert progress.count(EntryState.RECOVERED) == 20
    assert most <= 5


async def test_somebody_faster_at_the_gate_is_no_failure(desk: BatchDesk) -> None:
    closed = GateClosed("launch.rate", "This tenant started 60 runs in the last minute.")
    desk.replays.script = {desk.runs[0]: [closed, closed, "SUCCEEDED"]}
    progress = await desk.run(await desk.plan())
    assert (progress.state, progress.bad, progress.count(EntryState.RECOVERED)) == (BatchState.FINISHED, 0, 20)


async def test_a_workflow_paused_meanwhile_stops_the_batch(desk: BatchDesk) -> None:
    desk.replays.script[desk.runs[5]] = [GateClosed("launch.paused", "Ticket triage is paused.")]
    stopped = await desk.run(await desk.plan(BatchSettings(parallel=1)))
    assert (stopped.state, stopped.code, stopped.bad) == (BatchState.STOPPED, "launch.paused", 0)
    assert stopped.count(EntryState.PENDING) == 15


async def test_a_lost_answer_is_asked_for_again(desk: BatchDesk) -> None:
    desk.replays.script = {run: [temporal_away(), temporal_away(), "SUCCEEDED"] for run in desk.runs[::7]}
    progress = await desk.run(await desk.plan())
    assert (progress.state, progress.count(EntryState.RECOVERED)) == (BatchState.FINISHED, 20)
    assert desk.replays.effects == dict.fromkeys(desk.runs, 1)


async def test_a_long_outage_stops_the_batch_which_can_be_gone_on_with(desk: BatchDesk) -> None:
    desk.replays.script = {run: [temporal_away()] * 100 for run in desk.runs[4:]}
    plan = await desk.plan(BatchSettings(parallel=2))
    stopped = await desk.run(plan)
    assert (stopped.state, stopped.code) == (BatchState.STOPPED, "temporal.unavailable")
    desk.replays.script = {}
    assert (await desk.run(plan)).count(EntryState.RECOVERED) == 20
    assert desk.replays.effects == dict.fromkeys(desk.runs, 1)


async def test_pausing_from_another_process_and_going_on(desk: BatchDesk) -> None:
    plan = await desk.plan(BatchSettings(parallel=1))
    other = BatchDesk(desk._directory)

    def press(run: object) -> None:
        if run == desk.runs[6]:
            pausing.append(asyncio.ensure_future(other.batches.pause(plan.order.batch_id)))  # noqa: TID251

    pausing: list[asyncio.Future[object]] = []
    desk.replays.at_send = press
    paused = await desk.run(plan)
    await asyncio.gather(*pausing)
    await other.journal.close()
    assert paused.state is BatchState.PAUSED
    assert 0 < paused.count(EntryState.PENDING) < 20
    assert (await desk.run(plan)).count(EntryState.RECOVERED) == 20


async def test_an_aborted_batch_sends_nothing_more_and_is_over(desk: BatchDesk) -> None:
    plan = await desk.plan(BatchSettings(canary=2))
    desk.replays.script[desk.runs[0]] = ["FAILED"]
    await desk.run(plan)
    aborted = await desk.batches.abort(plan.order.batch_id, desk.operators.person)
    assert (aborted.state, aborted.count(EntryState.LEFT_OUT)) == (BatchState.ABORTED, 18)
    assert len(desk.replays.sent) == 2
    with pytest.raises(ActionRefused, match="aborted"):
        await desk.run(plan)


async def test_an_abort_finishes_what_a_killed_session_may_have_sent(desk: BatchDesk) -> None:
    plan = await desk.plan()
    first, second = (await desk.journal.entries(plan.order.batch_id))[:2]
    sending = [replace(entry, state=EntryState.SENDING) for entry in (first, second)]
    await desk.journal.write(plan.order.batch_id, sending)
    desk.replays.statuses[plan.order.request_of(first.run_id)] = "RUNNING"
    aborted = await desk.batches.abort(plan.order.batch_id, desk.operators.person)
    assert aborted.state is BatchState.ABORTED
    assert [run for _, run in desk.replays.sent] == [first.run_id]
    assert aborted.count(EntryState.LEFT_OUT) == 19


async def test_only_one_runner_at_a_time(desk: BatchDesk) -> None:
    plan = await desk.plan()
    other = BatchDesk(desk._directory)
    async with desk.journal.hold(plan.order.batch_id):
        with pytest.raises(ActionRefused, match="being run already"):
            await other.run(plan)
    await other.journal.close()
    assert (await desk.run(plan)).state is BatchState.FINISHED


async def test_a_runner_that_is_gone_leaves_an_interrupted_batch_that_goes_on(desk: BatchDesk) -> None:
    plan = await desk.plan()
    held = asyncio.Event()

    async def hang(_command: object, _source: object) -> None:
        held.set()
        await asyncio.Event().wait()

    replay, desk.replays.replay = desk.replays.replay, hang  # type: ignore[method-assign,assignment]
    session = asyncio.ensure_future(desk.run(plan))  # noqa: TID251
    await held.wait()
    session.cancel()
    with pytest.raises(asyncio.CancelledError):
        await session
    desk.replays.replay = replay  # type: ignore[method-assign]
    assert (await desk.batches.progress(plan.order.batch_id)).state is BatchState.INTERRUPTED
    assert (await desk.run(plan)).count(EntryState.RECOVERED) == 20
    assert desk.replays.effects == dict.fromkeys(desk.runs, 1)


async def test_a_right_lost_meanwhile_stops_the_batch(desk: BatchDesk) -> None:
    plan = await desk.plan()
    person = desk.operators.person
    desk.operators.person = replace(person, rights=frozenset({"read"}))
    stopped = await desk.batches.run(plan.order.batch_id, person)
    assert (stopped.state, stopped.code, len(desk.replays.sent)) == (BatchState.STOPPED, "operator.not_permitted", 0)
    with pytest.raises(NotPermitted):
        await desk.run(plan)


async def test_what_changed_since_the_plan_is_left_out(desk: BatchDesk) -> None:
    plan = await desk.plan()
    desk.facts.changes[desk.runs[2]] = {"replays": ((uuid4(), "SUCCEEDED"),)}
    progress = await desk.run(plan)
    left = (await desk.batches.ledger(plan.order.batch_id)).entries[2]
    assert (left.state, left.code) == (EntryState.LEFT_OUT, "already_recovered")
    assert (progress.total, progress.count(EntryState.RECOVERED)) == (19, 19)


async def test_decisions_are_left_out_until_they_are_accepted(desk: BatchDesk) -> None:
    desk.facts.changes = {
        desk.runs[0]: {"ended": False, "status": "RUNNING"},
        desk.runs[1]: {"damaged_paths": ("/ticket",)},
        desk.runs[2]: {"version_exists": False},
    }
    desk.facts.missing = {desk.runs[3]}
    plan = await desk.plan()
    totals = plan.totals
    assert (totals.eligible, totals.needs_decision, totals.blocked) == (16, 1, 3)
    assert dict(totals.by_code) == {"active_source": 1, "damaged_input": 1, "version_missing": 1, "unknown_run": 1}
    assert [item.verdict for item in plan.items[:4]] == [
        Verdict.NEEDS_DECISION,
        Verdict.BLOCKED,
        Verdict.BLOCKED,
        Verdict.BLOCKED,
    ]
    paused = BatchSettings(include=frozenset({"active_source"}), canary=1)
    desk.replays.script[desk.runs[0]] = ["FAILED"]
    assert (await desk.run(plan, paused)).total == 17
    done = await desk.run(plan, BatchSettings(include=frozenset({"active_source", "damaged_input"})))
    assert (done.state, done.total, done.count(EntryState.RECOVERED)) == (BatchState.FINISHED, 17, 16)


async def test_runs_of_another_unfinished_batch_are_blocked(desk: BatchDesk) -> None:
    first = await desk.plan(BatchSettings(canary=1))
    desk.replays.script[desk.runs[0]] = ["FAILED"]
    await desk.run(first)
    second = await desk.plan(BatchSettings())
    assert dict(second.totals.by_code) == {"other_batch": 19}
    await desk.batches.abort(first.order.batch_id, desk.operators.person)
    assert (await desk.plan()).totals.eligible == 20


async def test_whoever_looks_at_a_batch_keeps_nobody_from_running_it(
    desk: BatchDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = await desk.plan()
    take, tries = FileLock.try_take, count()
    monkeypatch.setattr(FileLock, "try_take", lambda path: take(path) if next(tries) else None)
    assert (await desk.run(plan)).state is BatchState.FINISHED


async def test_a_batch_that_ends_before_its_abort_is_not_called_aborted(desk: BatchDesk) -> None:
    plan = await desk.plan()
    hold = desk.journal.hold

    @asynccontextmanager
    async def hold_too_late(batch_id: UUID) -> AsyncIterator[None]:
        desk.journal.hold = hold  # type: ignore[method-assign]
        await desk.run(plan)
        async with hold(batch_id):
            yield

    desk.journal.hold = hold_too_late  # type: ignore[method-assign, assignment]
    with pytest.raises(ActionRefused, match="finished"):
        await desk.batches.abort(plan.order.batch_id, desk.operators.person)
    assert (await desk.batches.progress(plan.order.batch_id)).state is BatchState.FINISHED


async def test_a_batch_is_not_run_on_another_database(desk: BatchDesk) -> None:
    plan = await desk.plan()
    desk.journal._place = Place("postgresql://db/copy", "temporal:7233 default")
    with pytest.raises(ActionRefused, match="planned on postgresql://db/one"):
        await desk.run(plan)
    person = desk.operators.person
    moved = await desk.batches.run(plan.order.batch_id, person, moved=True)
    assert moved.state is BatchState.FINISHED


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "  "}, "batch.unnamed"),
        ({"reason": "x"}, "reason.too_short"),
        ({"scope": BatchScope(TENANT, ())}, "batch.empty"),
        ({"patch": (PatchOperation("add", ("a",), '{"b": "[REDACTED]"}'),)}, "batch.patch_placeholder"),
        (
            {"action": BatchAction.CANCEL, "patch": (PatchOperation("remove", ("a",)),)},
            "batch.patch_on_cancel",
        ),
    ],
)
async def test_an_order_that_cannot_be_planned_is_refused(desk: BatchDesk, changes: dict, code: str) -> None:
    with pytest.raises((InvalidInput, ActionRefused)) as refused:
        await desk.plan(**changes)
    assert refused.value.code == code


async def test_planning_needs_the_right(desk: BatchDesk) -> None:
    desk.operators.person = operator("read")
    with pytest.raises(NotPermitted):
        await desk.plan()
