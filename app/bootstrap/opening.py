"""Opens what a window shows: the configured connection, or the sandbox, started when none lives."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from app.bootstrap.connection import Connection, of_sandbox
from app.bootstrap.reports import render_ledger, render_report
from app.bridge.pause_tuning import tune_pauses
from app.cli.rooms import ConnectionFlags
from app.desktop.shell.session import OpenedConsole
from app.local.settings import EnvironmentKind

if TYPE_CHECKING:
    from app.desktop.shell.environment import EnvironmentKind as FrameKind

Progress = Callable[[str], None]


def window_kind(connection: Connection | None) -> FrameKind:
    """Return what decides the frame's colour; no connection means the sandbox."""
    if connection is None or connection.environment is EnvironmentKind.SANDBOX:
        return "sandbox"
    return "production" if connection.environment is EnvironmentKind.PRODUCTION else "other"


def opening_of(
    connection: Connection | None, flags: ConnectionFlags
) -> Callable[[Progress], AbstractAsyncContextManager[OpenedConsole]]:
    """Return how the window's session opens its console on the I/O loop."""

    def opening(progress: Progress) -> AbstractAsyncContextManager[OpenedConsole]:
        return _sandbox(flags, progress) if connection is None else _console(connection)

    return opening


@asynccontextmanager
async def _sandbox(flags: ConnectionFlags, progress: Progress) -> AsyncIterator[OpenedConsole]:
    """Start the sandbox or join the living one; who started it stops it."""
    from app.sandbox.stack import ensure_sandbox

    sandbox = await ensure_sandbox(flags.data_dir, progress=progress)
    try:
        async with _console(of_sandbox(sandbox.info, flags, os.environ)) as opened:
            yield opened
    finally:
        await sandbox.stop()


@asynccontextmanager
async def _console(connection: Connection) -> AsyncIterator[OpenedConsole]:
    # Imported here, on the I/O thread, so that the window shows before the drivers are loaded.
    from app.bootstrap.services import open_console

    tune_pauses()
    async with open_console(connection) as console:
        yield OpenedConsole(
            console=console,
            environment_name=connection.name,
            environment_kind=window_kind(connection),
            tenant=connection.tenant,
            operator=connection.operator,
            unverified_may_act=connection.unverified_operator_may_act,
            render_report=render_report,
            render_ledger=render_ledger,
            repair_mode=connection.repair_mode,
        )
