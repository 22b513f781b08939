"""The whole program in a real window on a virtual screen: from an empty directory to a replay, by mouse and keys."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any, TypeVar
from uuid import UUID

import psycopg
import pytest
from PySide6.QtGui import QImage

from app.sandbox.stack import attach
from tests.end_to_end.virtual_screen import VirtualScreen
from tests.sandbox.processes import alive, server_pids

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "tests" / "_artifacts"
REASON = "the mailbox works again"
_SECONDS = 30.0
_FIRST_START_SECONDS = 150.0
_FAILED = (
    "SELECT r.run_id FROM workflow_runs r JOIN workflow_run_steps USING (run_id) WHERE r.status = 'FAILED'"
    " AND r.engine = 'temporal' AND r.started_at < now() ORDER BY r.started_at DESC LIMIT 1"
)
_REPLAY = (
    "SELECT r.run_id, r.input_json = s.input_json, r.completed_at IS NOT NULL"
    " FROM workflow_runs r JOIN workflow_runs s ON s.run_id = %(source)s"
    " WHERE r.trigger_metadata_json->>'replayOfRunId' = s.run_id::text"
    " AND r.trigger_metadata_json->>'reason' = %(reason)s"
)


def eventually(look: Callable[[], T | None], seconds: float = _SECONDS) -> T:
    """Return what a look finds once it finds something."""
    deadline, pause = monotonic() + seconds, Event()
    while not (found := look()):
        assert monotonic() < deadline, "it did not happen"
        pause.wait(0.1)
    return found


class RealWindow:
    """The program as a process on a screen."""

    def __init__(self, screen: VirtualScreen, data_dir: Path) -> None:
        self._screen = screen
        self.data_dir = data_dir
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.end_to_end.watched_app", "--data-dir", str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=screen.environment,
            text=True,
        )

    def where(self, name: str) -> tuple[int, int, int, int] | None:
        """Return the box of a visible widget or item on the screen, or None."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(name + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline() or "null")
        assert self.process.poll() is None, "the window has gone"
        return None if answer is None else tuple(answer)

    def find(self, name: str, seconds: float = _SECONDS) -> tuple[int, int, int, int]:
        """Return the box once it is there."""
        return eventually(lambda: self.where(name), seconds)

    def click(self, name: str) -> None:
        """Click a widget or an item."""
        self._screen.click(self.find(name))

    def gone(self, name: str) -> None:
        """Wait until nothing of this name can be seen."""
        eventually(lambda: self.where(name) is None)

    def ask(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Return rows from the program's own database."""
        info = attach(self.data_dir)
        assert info is not None
        with psycopg.connect(info.database_url) as connection:
            return connection.execute(sql, parameters).fetchall()

    def end(self) -> None:
        """End the process whatever it does."""
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate(timeout=_SECONDS)


@pytest.fixture
def screen() -> Iterator[VirtualScreen]:
    """Yield a virtual screen."""
    if shutil.which("Xvfb") is None or shutil.which("xdotool") is None:
        pytest.skip("no virtual display here: Xvfb and xdotool are system packages, which .ci/run installs")
    with VirtualScreen() as screen:
        yield screen


@pytest.fixture
def window(screen: VirtualScreen, tmp_path: Path) -> Iterator[RealWindow]:
    """Yield the program, just started on an empty directory."""
    window = RealWindow(screen, tmp_path / "sandbox")
    yield window
    window.end()


def colours(picture: Path) -> int:
    """Return how many different colours a picture has, looking at every third pixel of every third line."""
    image = QImage(str(picture))
    assert not image.isNull()
    return len({image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)})


def brightness(picture: Path) -> int:
    """Return how bright a picture is on the whole, from 0 to 255."""
    return QImage(str(picture)).scaled(1, 1).pixelColor(0, 0).lightness()


def switch_look(screen: VirtualScreen, name: str, *, dark: bool) -> Path:
    """Change between light and dark by the keyboard; return a picture of what came of it."""
    screen.press("ctrl+shift+l")

    def look() -> Path | None:
        picture = screen.grab(PICTURES / name)
        return picture if (brightness(picture) < 100) is dark else None

    return eventually(look)


def replay_of(window: RealWindow, source: UUID) -> tuple[UUID, bool] | None:
    """Return the ended replay with our reason and whether its input equals the source's."""
    rows = window.ask(_REPLAY, source=source, reason=REASON)
    assert len(rows) < 2
    return (rows[0][0], rows[0][1]) if rows and rows[0][2] else None


@pytest.mark.timeout(300)
def test_a_replay_by_mouse_and_keyboard_in_a_real_window(screen: VirtualScreen, window: RealWindow) -> None:
    window.find("start.window", 60)
    pictures = [screen.grab(PICTURES / "start.png")]
    window.find("main", _FIRST_START_SECONDS)
    pids = server_pids(window.data_dir).values()
    assert len(alive(pids)) == 4, "guardian, Postgres, Temporal and worker"
    ((source,),) = window.ask(_FAILED)
    eventually(lambda: screen.focus("Rundesk"))

    window.click("runs.search")
    screen.type(str(source)[:8])
    window.click(f"runs.table#{str(source)[:8]}")
    window.find("run.id")
    pictures.append(screen.grab(PICTURES / "run-light.png"))
    pictures.append(switch_look(screen, "run-dark.png", dark=True))
    switch_look(screen, "run-light.png", dark=False)

    window.click("run.replay")
    window.find("replay.confirm")
    eventually(lambda: screen.focus("Replay"))
    window.click("replay.reason")
    screen.type(REASON)
    pictures.append(screen.grab(PICTURES / "replay-light.png"))
    screen.press("ctrl+Return")
    replay, same = eventually(lambda: replay_of(window, source))
    assert same
    window.gone("replay.dialog")
    assert alive(pids) != []
    eventually(lambda: screen.focus("Rundesk"))
    pictures.append(screen.grab(PICTURES / "new-run-light.png"))
    screen.press("ctrl+shift+f")
    window.find(f"runs.table#{str(replay)[:8]}")
    pictures.append(screen.grab(PICTURES / "list-light.png"))
    pictures.append(switch_look(screen, "list-dark.png", dark=True))
    assert [picture.name for picture in pictures if colours(picture) < 20] == []

    screen.press("ctrl+q")
    assert window.process.wait(_SECONDS) == 0
    eventually(lambda: not alive(pids), 5.0)
