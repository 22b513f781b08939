"""Owners of sandboxes as processes of their own, and the question whether processes are alive."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from time import monotonic
from typing import Any

from app.sandbox.data_directory import DataDirectory
from app.sandbox.leftovers import command_line

ROOT = Path(__file__).parents[2]


class Owner:
    """A running ``tests.sandbox.owner``."""

    def __init__(self, directory: Path, *wishes: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.sandbox.owner", str(directory), *wishes],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )

    def ready(self) -> dict[str, Any]:
        """Return its JSON line."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the owner ended with {self.process.wait()}"
        return json.loads(line)

    def close(self) -> None:
        """End it in an orderly way."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        if not self.process.stdin.closed:
            self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


def server_pids(directory: Path) -> dict[str, int]:
    """Return the pids of guardian and servers as the state file tells them."""
    state = DataDirectory(directory).read_state()
    assert state is not None
    return {"guardian": state.guardian, **state.pids}


def alive(pids: Iterable[int]) -> list[int]:
    """Return those that run; a zombie does not."""
    return [pid for pid in pids if command_line(pid)]


def eventually(condition: Callable[[], bool], seconds: float) -> float:
    """Wait until the condition holds; return how many seconds that took."""
    begin, pause = monotonic(), threading.Event()
    while not condition():
        assert monotonic() - begin < seconds, f"did not happen within {seconds} s"
        pause.wait(0.02)
    return monotonic() - begin
