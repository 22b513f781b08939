"""The door between the threads: calls, cancellation, errors, publishing, the orderly end."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import weakref
from typing import Any

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.bridge import Bridge, Channel, IoThread, TaskSupervisor
from app.bridge.pause_tuning import GC_THRESHOLDS, tune_pauses
from app.domain.errors import DatabaseUnavailable


def spawn(tasks: TaskSupervisor, coroutine: Any, name: str = "work") -> list[Any]:
    """Run a coroutine; its result (or error) arrives in the returned list."""
    results: list[Any] = []

    async def kept() -> None:
        try:
            results.append(await coroutine)
        except Exception as error:  # noqa: BLE001
            results.append(error)

    tasks.spawn(name, kept())
    return results


def test_call_runs_on_the_named_thread_and_answers_on_the_ui_thread(
    qtbot: QtBot, io: IoThread, tasks: TaskSupervisor
) -> None:
    answered_on: list[str] = []

    async def work() -> str:
        return threading.current_thread().name

    async def ask() -> str:
        name = await Bridge(io).call(work)
        answered_on.append(threading.current_thread().name)
        return name

    results = spawn(tasks, ask())
    qtbot.waitUntil(lambda: bool(results))
    assert results == ["rundesk-io"]
    assert answered_on == [threading.main_thread().name]


def test_an_error_of_the_work_is_raised_at_the_call(qtbot: QtBot, io: IoThread, tasks: TaskSupervisor) -> None:
    async def fail() -> None:
        raise DatabaseUnavailable("database.unreachable", "Postgres cannot be reached.")

    results = spawn(tasks, Bridge(io).call(fail))
    qtbot.waitUntil(lambda: bool(results))
    assert isinstance(results[0], DatabaseUnavailable)


def test_canceling_the_call_cancels_the_work(qtbot: QtBot, io: IoThread, tasks: TaskSupervisor) -> None:
    begun, canceled = threading.Event(), threading.Event()

    async def endless() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            canceled.set()
            raise

    task = tasks.spawn("call", Bridge(io).call(endless))
    qtbot.waitUntil(begun.is_set)
    task.cancel()
    qtbot.waitUntil(canceled.is_set)
    qtbot.waitUntil(task.done)


def test_values_published_on_another_thread_arrive_in_order_on_the_ui_thread(qtbot: QtBot, io: IoThread) -> None:
    channel, received = Channel(), []
    channel.received.connect(lambda value: received.append((value, threading.current_thread())))

    async def publish() -> None:
        for number in range(100):
            channel.publish(number)

    io.submit(publish).result(5)
    assert received == [], "nothing may be delivered on the publisher's thread"
    qtbot.waitUntil(lambda: len(received) == 100)
    assert [value for value, _ in received] == list(range(100))
    assert {thread for _, thread in received} == {threading.main_thread()}


def test_a_closed_channel_drops_what_is_queued_and_what_comes(qtbot: QtBot, io: IoThread) -> None:
    channel, received = Channel(), []
    channel.received.connect(received.append)
    channel.publish("queued")
    channel.close()
    channel.publish("late")
    qtbot.wait(20)
    assert received == []


def test_thousands_of_signals_leave_the_singletons_alone(qtbot: QtBot) -> None:
    """PySide6 6.12 on Python 3.11 drops a reference to True at every emit and aborts after about a thousand."""
    channel, received = Channel(), []
    channel.received.connect(received.append)
    before = sys.getrefcount(True), sys.getrefcount(None)
    for _ in range(5000):
        channel.publish(True)
    qtbot.waitUntil(lambda: len(received) == 5000)
    received.clear()
    gc.collect()
    after = sys.getrefcount(True), sys.getrefcount(None)
    assert abs(after[0] - before[0]) < 200
    assert abs(after[1] - before[1]) < 200


def test_drain_cancels_work_then_runs_closers_newest_first_and_refuses_new_work(ui_loop: Any) -> None:
    io, order = IoThread(), []
    begun = threading.Event()
    io.start()

    async def endless() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            order.append("work")

    async def close(name: str) -> None:
        order.append(name)

    async def broken() -> None:
        raise OSError("already closed")

    io.add_closer(lambda: close("pool"))
    io.add_closer(broken)
    io.add_closer(lambda: close("client"))
    io.submit(endless)
    assert begun.wait(5)
    io.drain(5.0).result(5)
    assert order == ["work", "client", "pool"]
    with pytest.raises(RuntimeError, match="not running"):
        io.submit(endless)
    assert io.join(5.0)
    assert not any(thread.name == "rundesk-io" for thread in threading.enumerate())


def test_drain_gives_up_on_work_that_will_not_end(ui_loop: Any) -> None:
    io, released = IoThread(), threading.Event()
    io.start()

    async def stubborn() -> None:
        while not released.is_set():
            try:
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                continue

    io.submit(stubborn)
    io.drain(0.05).result(5)
    released.set()
    assert io.join(5.0)


def test_the_supervisor_gives_errors_of_the_tree_to_the_spawner_and_bugs_to_its_own_handler(
    qtbot: QtBot, tasks: TaskSupervisor, errors: list[tuple[str, Exception]]
) -> None:
    taken: list[Exception] = []

    async def raising(error: Exception) -> None:
        raise error

    outage, bug = DatabaseUnavailable("database.unreachable", "Down."), KeyError("bug")
    tasks.spawn("outage", raising(outage), taken.append)
    tasks.spawn("unclaimed outage", raising(outage))
    tasks.spawn("bug", raising(bug), taken.append)
    qtbot.waitUntil(lambda: len(errors) == 2)
    assert taken == [outage]
    assert {name for name, _ in errors} == {"unclaimed outage", "bug"}
    errors.clear()


def test_canceling_all_ends_every_task_but_the_caller(qtbot: QtBot, tasks: TaskSupervisor) -> None:
    for number in range(3):
        tasks.spawn(f"waits {number}", asyncio.Event().wait())
    assert tasks.names() == ("waits 0", "waits 1", "waits 2")
    ending = tasks.spawn("ending", tasks.cancel_all())
    qtbot.waitUntil(ending.done)
    assert tasks.names() == ()


class _Circle(QObject):
    """Garbage that only a collection finds, and that notes the thread it dies on."""

    def __init__(self, died_on: list[int]) -> None:
        super().__init__()
        self.itself = self
        weakref.finalize(self, lambda: died_on.append(threading.get_ident()))


def test_garbage_of_the_window_is_collected_on_the_ui_thread_only(qtbot: QtBot, io: IoThread) -> None:
    """A closed dialog is a circle of Qt objects; deleted while the I/O thread allocates, it ended the process."""
    died_on: list[int] = []

    async def allocate() -> int:
        return len([[number] for number in range(200_000)])

    for _ in range(20):
        _Circle(died_on)
    assert io.submit(allocate).result(10) == 200_000
    assert died_on == []
    kept: list[list[int]] = []

    def collected() -> bool:
        kept.extend([number] for number in range(1_000))
        return len(died_on) == 20

    qtbot.waitUntil(collected)
    assert set(died_on) == {threading.get_ident()}


def test_pauses_are_tuned_in_one_place() -> None:
    thresholds, interval = gc.get_threshold(), sys.getswitchinterval()
    try:
        tune_pauses()
        assert gc.get_threshold() == GC_THRESHOLDS
        assert gc.get_freeze_count() > 0
        assert sys.getswitchinterval() == pytest.approx(0.0005)
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
        sys.setswitchinterval(interval)
