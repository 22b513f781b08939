"""Starts, reuses and stops the sandbox: the one door for desktop, command line and tests.

Who started it stops it. Others attach through the state file of the living guardian.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Literal

from app.domain.errors import SandboxUnavailable
from app.sandbox.data_directory import DataDirectory
from app.sandbox.guardian import WORKER
from app.sandbox.guardian_link import GuardianBusy, GuardianLink
from app.sandbox.info import SandboxInfo, default_data_dir

Seed = Literal["demo", "scenarios", "none"]
Progress = Callable[[str], None]
_OTHER_START_SECONDS = 180.0
_POLL_SECONDS = 0.1
_PROVISIONING = "app.sandbox.provisioning"
"""Imported by name, in a thread: it takes most of a second."""


class RunningSandbox:
    """A running sandbox: ours to stop when ``owned``, else another process's."""

    def __init__(self, info: SandboxInfo, link: GuardianLink | None) -> None:
        self.info = info
        self._link = link

    @property
    def owned(self) -> bool:
        """Whether this process started the sandbox and therefore stops it."""
        return self._link is not None

    async def stop(self) -> None:
        """Stop every server, within about two seconds; nothing happens to a sandbox that is not ours."""
        if self._link is not None:
            await asyncio.to_thread(self._link.stop)

    async def wait_ended(self) -> None:
        """Return when the guardian has ended, for whatever reason."""
        given_up = threading.Event()
        try:
            await asyncio.to_thread(DataDirectory(Path(self.info.data_dir)).wait_unguarded, given_up)
        finally:
            given_up.set()  # a thread cannot be canceled; without this, it would hold the process

    async def start_server(self, name: str) -> None:
        """Start ``postgres``, ``temporal`` or ``worker`` again after :meth:`stop_server`."""
        await self._command("start", name)

    async def stop_server(self, name: str, *, kill: bool = False) -> None:
        """Stop one server, orderly or by SIGKILL, and keep it down: for drills and tests of outages."""
        await self._command("kill" if kill else "stop", name)

    async def _command(self, verb: str, server: str) -> None:
        if self._link is None:
            raise SandboxUnavailable(
                "sandbox.not_owned", "Only the process that started the sandbox may start or stop its servers."
            )
        await asyncio.to_thread(partial(self._link.command, command=verb, server=server))


def attach(data_dir: Path | None = None) -> SandboxInfo | None:
    """Return how to reach the sandbox living in this directory, or None when none is ready."""
    directory = DataDirectory(data_dir or default_data_dir())
    state = directory.read_state()
    if state is None or state.info is None or not directory.guarded():
        return None
    return state.info


async def ensure_sandbox(
    data_dir: Path | None = None,
    *,
    seed: Seed = "demo",
    worker: bool = True,
    progress: Progress = lambda _: None,
) -> RunningSandbox:
    """Attach to the sandbox living in this directory, else start it.

    Args:
        data_dir: Where its data live; the user's data directory when None.
        seed: Which data must exist; they are made once, by running workflows.
        worker: Whether a worker keeps running. Seeding uses one in any case.
        progress: Called on the caller's event loop with what is happening, a few words.

    Raises:
        SandboxUnavailable: It cannot start; the message says what is missing.
    """
    directory = DataDirectory(data_dir or default_data_dir())
    deadline = monotonic() + _OTHER_START_SECONDS
    while monotonic() < deadline:
        info = await asyncio.to_thread(attach, directory.root)
        if info is not None:
            progress("Using the running sandbox")
            return RunningSandbox(info, None)
        if not await asyncio.to_thread(directory.guarded):
            try:
                return await _start(directory, seed=seed, worker=worker, progress=progress)
            except GuardianBusy:
                progress("Waiting for another start")
        await asyncio.sleep(_POLL_SECONDS)
    raise SandboxUnavailable(
        "sandbox.busy",
        f"Another process has been starting the sandbox in {directory.root} for too long. End it, then try again.",
        directory=str(directory.root),
    )


async def _start(directory: DataDirectory, *, seed: Seed, worker: bool, progress: Progress) -> RunningSandbox:
    loop = asyncio.get_running_loop()
    link = await asyncio.to_thread(GuardianLink, directory.root)
    try:
        servers, provisioning = await asyncio.gather(
            asyncio.to_thread(link.wait_for_servers, lambda text: _tell(loop, progress, text)),
            asyncio.to_thread(importlib.import_module, _PROVISIONING),
        )
        info = SandboxInfo(
            database_url=servers["database_url"],
            temporal_address=servers["temporal_address"],
            namespace=servers["namespace"],
            tenant=None,
            data_dir=str(directory.root),
            pid=os.getpid(),
            operator=None,
        )
        running = RunningSandbox(info, link)
        seeded = await provisioning.provision(running, seed=seed, worker=worker, progress=progress)
        running.info = replace(info, tenant=seeded.tenant, operator=seeded.operator, scenarios=seeded.scenarios)
        await asyncio.to_thread(partial(link.command, command="publish", info=running.info.as_json()))
    except BaseException:
        await asyncio.to_thread(link.stop)
        raise
    return running


def _tell(loop: asyncio.AbstractEventLoop, progress: Progress, text: str) -> None:
    """Pass a word from a worker thread to the caller's event loop."""
    loop.call_soon_threadsafe(progress, text)


__all__ = ["WORKER", "RunningSandbox", "attach", "ensure_sandbox"]
