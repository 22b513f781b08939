"""One measurement of the UI thread's pauses, in a process of its own.

Usage: ``python -m tests.benchmarks.ui_gap_probe MODE DATABASE_URL TEMPORAL_ADDRESS NAMESPACE``

``plain`` runs everything on one qasync loop, untuned; ``rundesk`` runs it as the app does, on the I/O thread with
the garbage collector tuned. Both stream 20,000 rows and list 1,000 workflows at the same time while a 10 ms timer
ticks on the UI thread. Prints one JSON line: the lateness of the ticks in milliseconds.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

ROWS = 20_000
WORKFLOWS = 1_000
ROUNDS = 3
TICK_MS = 10


async def stream_rows(url: str) -> int:
    """Read the rows as the driver hands them over, one object each."""
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    seen = 0
    try:
        async with engine.connect() as connection:
            for _ in range(ROUNDS):
                result = await connection.stream(text("SELECT * FROM bench_rows"))
                async for row in result:
                    seen += len(row) > 0
    finally:
        await engine.dispose()
    return seen


async def list_workflows(address: str, namespace: str) -> int:
    """List the workflows by visibility."""
    from temporalio.client import Client

    client = await Client.connect(address, namespace=namespace)
    seen = 0
    for _ in range(ROUNDS):
        async for execution in client.list_workflows("WorkflowType = 'bench'"):
            seen += execution.id != ""
    return seen


async def load(url: str, address: str, namespace: str) -> int:
    """Do both at once."""
    return sum(await asyncio.gather(stream_rows(url), list_workflows(address, namespace)))


class Ticks:
    """A 10 ms timer on the UI thread and how late each tick came."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.late: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MS)

    def _tick(self) -> None:
        now = time.perf_counter()
        self.late.append(max(0.0, (now - self._last) * 1000 - TICK_MS))
        self._last = now

    def stop(self) -> dict[str, float]:
        """Return p50, p99 and the longest, in milliseconds."""
        self._timer.stop()
        ordered = sorted(self.late)
        return {
            "p50": ordered[len(ordered) // 2],
            "p99": ordered[len(ordered) * 99 // 100],
            "max": ordered[-1],
            "ticks": len(ordered),
        }


def measure(make_work: Callable[[], Coroutine[Any, Any, int]], *, tuned: bool) -> dict[str, float]:
    """Run the load under a ticking window."""
    from PySide6.QtWidgets import QApplication, QWidget

    from app.bridge import Bridge, IoThread, close_ui_loop, make_ui_loop
    from app.bridge.pause_tuning import UiCollector, tune_pauses

    application = QApplication([])
    window = QWidget()
    window.show()
    loop = make_ui_loop(application)
    io = IoThread()
    import sqlalchemy.ext.asyncio  # noqa: F401
    import temporalio.client  # noqa: F401

    if tuned:
        tune_pauses()
        io.start()
    else:
        for collector in application.findChildren(UiCollector):
            collector.stop()
    ticks = Ticks()
    outcome: dict[str, float] = {}

    async def run() -> None:
        seen = await (Bridge(io).call(make_work) if tuned else make_work())
        outcome.update(ticks.stop())
        outcome["seen"] = seen
        application.quit()

    task = loop.create_task(run())
    application.exec()
    task.result()
    close_ui_loop(application, loop)
    return outcome


def main() -> None:
    """Measure one mode and print it."""
    mode, url, address, namespace = sys.argv[1:5]
    outcome = measure(lambda: load(url, address, namespace), tuned=mode == "rundesk")
    print(json.dumps(outcome), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
