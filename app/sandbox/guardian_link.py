"""The owner's side of a guardian: starts one, listens to it, gives it commands and lets it go.

Synchronous, with its own reading thread; :mod:`app.sandbox.stack` calls it from worker threads.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import app
from app.domain.errors import SandboxUnavailable

_COMMAND_SECONDS = 30.0
_READY_SECONDS = 180.0
_STOP_SECONDS = 15.0
if sys.platform == "win32":
    _CREATION_FLAGS = subprocess.CREATE_NEW_PROCESS_GROUP
else:
    _CREATION_FLAGS = 0


class GuardianBusy(Exception):
    """Another guardian has the directory."""


class GuardianLink:
    """A running guardian that we own: when this process ends, or :meth:`stop` is called, it stops its servers."""

    def __init__(self, directory: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": _import_path()}
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "app.sandbox.guardian", str(directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            # Ctrl-C in our terminal is ours to handle.
            start_new_session=os.name != "nt",
            creationflags=_CREATION_FLAGS,
        )
        self._events: Queue[dict[str, Any] | None] = Queue()
        threading.Thread(target=self._read, name="rundesk-sandbox-guardian", daemon=True).start()

    @property
    def pid(self) -> int:
        """The guardian's process id."""
        return self._process.pid

    def wait_for_servers(self, progress: Callable[[str], None]) -> dict[str, Any]:
        """Return the ``servers`` event: both servers are up.

        Raises:
            GuardianBusy: Another guardian has the directory.
            SandboxUnavailable: The servers cannot start.
        """
        while True:
            event = self._next(_READY_SECONDS)
            kind = event["event"]
            if kind == "servers":
                return event
            if kind == "busy":
                self.stop()
                raise GuardianBusy
            if kind == "progress":
                progress(event["text"])

    def command(self, **words: Any) -> None:
        """Give one command and wait until it was carried out."""
        pipe = self._process.stdin
        if pipe is None or pipe.closed:
            raise _ended()
        try:
            pipe.write(json.dumps(words).encode() + b"\n")
            pipe.flush()
        except BrokenPipeError as error:
            raise _ended() from error
        while self._next(_COMMAND_SECONDS)["event"] != "done":
            continue

    def stop(self) -> None:
        """Close our end of the pipe and wait until everything has stopped."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _next(self, seconds: float) -> dict[str, Any]:
        try:
            event = self._events.get(timeout=seconds)
        except Empty:
            self.stop()
            raise SandboxUnavailable(
                "sandbox.slow", f"The sandbox's servers did not answer within {seconds:.0f} seconds and were stopped."
            ) from None
        if event is None:
            raise _ended()
        if event["event"] == "failed":
            self.stop()
            raise SandboxUnavailable(event["code"], event["message"], **event["params"])
        return event

    def _read(self) -> None:
        """Queue the guardian's lines, then None at its end. Daemon: a blocked read must not hold the process."""
        if self._process.stdout is not None:
            with self._process.stdout as pipe:
                for line in pipe:
                    self._events.put(json.loads(line))
        self._events.put(None)


def _ended() -> SandboxUnavailable:
    return SandboxUnavailable("sandbox.guardian_ended", "The sandbox ended unexpectedly. Start it again.")


def _import_path() -> str:
    """Return where our package is imported from, in front of what the environment already asks for."""
    ours = str(Path(app.__file__ or "").resolve().parents[1])
    theirs = os.environ.get("PYTHONPATH")
    return ours if not theirs else os.pathsep.join((ours, theirs))
