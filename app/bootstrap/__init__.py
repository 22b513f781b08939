"""The composition root: wires every room, contains no rule.

This module is what the command line sees (:class:`app.cli.rooms.Rooms`); it imports a room only when a command
enters it, so that ``rundesk --help`` loads none.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from app.bootstrap.connection import Connection, attached
from app.cli.rooms import ConnectionFlags, SandboxRequest, Session, ShotRequest, WorkerRequest

__all__ = [
    "Connection",
    "ignored_notice",
    "keep_log_clean",
    "open_session",
    "run_desktop",
    "run_sandbox",
    "run_shot",
    "run_worker",
    "shot_views",
]


def keep_log_clean() -> None:
    """Let whatever this process logs itself, warnings and worse, go to standard error without secrets."""
    import logging

    from app.local.log_redaction import log_to_stderr

    log_to_stderr(logging.WARNING)


def ignored_notice() -> str | None:
    """Return one sentence about environment variables that have no effect, or None."""
    from app.temporal.ignored_environment import ignored_notice as notice

    return notice(os.environ)


@asynccontextmanager
async def open_session(flags: ConnectionFlags) -> AsyncIterator[Session]:
    """Connect as flags, environment, saved profile or a living sandbox say."""
    connection = attached(flags, os.environ)
    from app.bootstrap.services import open_session as open_on

    async with open_on(connection) as session:
        yield session


async def run_sandbox(request: SandboxRequest, announce: Callable[[str], None], progress: Callable[[str], None]) -> int:
    """Start the stack, announce one JSON line when ready, and run until a signal."""
    from app.bootstrap.processes import run_sandbox as run

    return await run(request, announce, progress)


async def run_worker(
    flags: ConnectionFlags,
    request: WorkerRequest,
    announce: Callable[[str], None] | None,
    progress: Callable[[str], None],
) -> int:
    """Run the engine's worker until a signal; announce one JSON line about it when asked to."""
    from app.bootstrap.processes import run_worker as run

    return await run(flags, request, announce, progress)


def run_desktop(flags: ConnectionFlags) -> int:
    """Show the window until it is closed."""
    from app.bootstrap.desktop import run_desktop as run

    return run(flags)


def shot_views() -> tuple[tuple[str, str], ...]:
    """Return the views that can be pictured, each with one sentence."""
    from app.bootstrap.shot_catalogue import SHOT_VIEWS

    return SHOT_VIEWS


def run_shot(flags: ConnectionFlags, request: ShotRequest) -> int:
    """Render one view offscreen on live data and write it."""
    from app.bootstrap.shot import run_shot as run

    return run(flags, request)
