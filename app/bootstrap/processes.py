"""The two long-running commands without a window: the sandbox and the worker."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from app.bootstrap.connection import attached
from app.cli.answer import ExitCode
from app.cli.rooms import ConnectionFlags, SandboxRequest, WorkerRequest
from app.local.log_redaction import log_to_stderr
from app.temporal.contract import TASK_QUEUE

if TYPE_CHECKING:
    from app.engine.worker_options import WorkerOptions
    from app.sandbox.stack import RunningSandbox, Seed

Say = Callable[[str], None]


async def run_sandbox(request: SandboxRequest, announce: Say, progress: Say) -> int:
    """Start the stack, or join the living one, and stay until a signal or until it has ended.

    Who started it stops it: leaving a sandbox of another process leaves it running.
    """
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine that runs has a task
    signals: list[None] = []

    def stop() -> None:
        signals.append(None)
        if len(signals) == 1:  # a second one must not cut the stopping short
            task.cancel()

    with _on_signals(stop):
        try:
            return await _host(request, announce, progress)
        except asyncio.CancelledError:
            if not signals:
                raise
            task.uncancel()
            return ExitCode.OK


async def _host(request: SandboxRequest, announce: Say, progress: Say) -> ExitCode:
    from app.sandbox.stack import ensure_sandbox

    sandbox = await ensure_sandbox(
        request.data_dir, seed=cast("Seed", request.seed), worker=request.worker, progress=progress
    )
    try:
        announce(json.dumps(sandbox.info.as_json()))
        await sandbox.wait_ended()
    finally:
        await sandbox.stop()
    return _ended_by_itself(sandbox, progress)


async def run_worker(flags: ConnectionFlags, request: WorkerRequest, announce: Say | None, progress: Say) -> int:
    """Run the engine's worker until a signal; announce one JSON line about it when asked to."""
    from app.engine.serving import Servers
    from app.engine.serving import run_worker as work

    connection = attached(flags, os.environ)
    options = _worker_options(request)
    _log_to_stderr()
    if announce is not None:
        where = {"temporal_address": connection.temporal_address, "namespace": connection.namespace}
        announce(json.dumps({"pid": os.getpid(), "task_queue": TASK_QUEUE, **where}))
    progress(f"Worker on {connection.temporal_address}, namespace {connection.namespace}")
    stop = asyncio.Event()
    with _on_signals(stop.set):
        servers = Servers(connection.database_url, connection.temporal_address, connection.namespace)
        await work(servers, stop, options, tell=progress)
    return ExitCode.OK


def _worker_options(request: WorkerRequest) -> WorkerOptions:
    from app.engine.worker_options import HealthAddress, WorkerOptions
    from app.local.settings_file import SettingsFile, settings_directory

    settings = SettingsFile(settings_directory(os.environ)).read().worker
    port = settings.health_port if request.health_port is None else request.health_port
    return WorkerOptions(
        health=HealthAddress(settings.health_host, port),
        sweep_interval=timedelta(seconds=settings.sweep_interval_seconds),
        sweep_tenants=settings.sweep_tenants,
        sweep_batch=settings.sweep_batch,
        scan_interval=timedelta(seconds=settings.scan_interval_seconds),
        scan_batch=settings.scan_batch,
        drain=timedelta(seconds=settings.drain_seconds),
    )


def _log_to_stderr() -> None:
    """Show what the worker says; not the SDK's tracebacks of failed actions, whose texts may quote stored values."""
    log_to_stderr(logging.INFO)
    logging.getLogger("temporalio.activity").setLevel(logging.ERROR)


def _ended_by_itself(sandbox: RunningSandbox, progress: Say) -> ExitCode:
    if not sandbox.owned:
        progress("The sandbox was stopped by the process that started it.")
        return ExitCode.OK
    progress(f"The sandbox ended unexpectedly. Its logs are below {sandbox.info.data_dir}.")
    return ExitCode.FAILED


@contextmanager
def _on_signals(react: Callable[[], None]) -> Iterator[None]:
    """Call ``react`` on the event loop for every signal that asks the process to end."""
    loop = asyncio.get_running_loop()
    names = [signal.SIGINT, signal.SIGTERM]
    if sys.platform == "win32":
        names.append(signal.SIGBREAK)
        previous = [(name, signal.signal(name, lambda *_: loop.call_soon_threadsafe(react))) for name in names]
        try:
            yield
        finally:
            for name, handler in previous:
                signal.signal(name, handler)
    else:
        for name in names:
            loop.add_signal_handler(name, react)
        try:
            yield
        finally:
            for name in names:
                loop.remove_signal_handler(name)
