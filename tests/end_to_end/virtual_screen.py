"""A screen nobody sees, with a mouse, a keyboard and a camera: Xvfb, xdotool and Qt."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType

_SIZE = "1440x900x24"
_SECONDS = 20.0
_LEFT = "1"
_GRAB = Path(__file__).with_name("grab_screen.py")


class VirtualScreen:
    """Runs an X server of its own on a free display number while the context is entered."""

    def __enter__(self) -> VirtualScreen:
        """Start the server; it names its display once it answers."""
        reading, writing = os.pipe()
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", _SIZE, "-nolisten", "tcp", "-noreset"],
            pass_fds=[writing],
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        with os.fdopen(reading) as pipe:
            self._display = f":{pipe.readline().strip()}"
        assert self._display != ":", "the virtual screen did not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the server."""
        self._server.terminate()
        self._server.wait(_SECONDS)

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to draw on this screen."""
        return {**os.environ, "DISPLAY": self._display, "QT_QPA_PLATFORM": "xcb"}

    def click(self, box: tuple[int, int, int, int]) -> None:
        """Move the mouse to the middle of a box and press its left button."""
        left, top, width, height = box
        self._do("mousemove", str(left + width // 2), str(top + height // 2), "click", _LEFT)

    def press(self, keys: str) -> None:
        """Press keys together, as xdotool names them: ``ctrl+Return``."""
        self._do("key", keys)

    def type(self, text: str) -> None:
        """Type a text."""
        self._do("type", "--delay", "8", text)

    def focus(self, title: str) -> bool:
        """Give the keyboard to the window of this title, as a window manager would; False while there is none."""
        found = self._run("search", "--onlyvisible", "--name", title)
        windows = found.stdout.split()
        return bool(windows) and self._run("windowfocus", "--sync", windows[-1]).returncode == 0

    def grab(self, file: Path) -> Path:
        """Save what is on the screen."""
        file.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, str(_GRAB), str(file)], env=self.environment, check=True, timeout=_SECONDS)
        return file

    def _do(self, *words: str) -> None:
        assert self._run(*words).returncode == 0, words

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["xdotool", *words], env=self.environment, check=False, timeout=_SECONDS, capture_output=True, text=True
        )
