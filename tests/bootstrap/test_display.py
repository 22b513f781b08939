from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.bootstrap import display
from app.bootstrap.display import require_display
from app.domain.errors import Misconfigured

pytestmark = pytest.mark.usefixtures("on_linux")


@pytest.fixture
def on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"DISPLAY": ""},
        {"DISPLAY": ":4711"},
        {"QT_QPA_PLATFORM": "xcb"},
        {"QT_QPA_PLATFORM": "wayland"},
        {"QT_QPA_PLATFORM": "xcb", "WAYLAND_DISPLAY": "wayland-0"},
    ],
)
def test_without_a_display_nothing_is_shown(environment: dict[str, str]) -> None:
    with pytest.raises(Misconfigured) as refusal:
        require_display(environment)
    assert refusal.value.code == "desktop.no_display"


@pytest.mark.parametrize(
    "environment",
    [{"QT_QPA_PLATFORM": "offscreen"}, {"QT_QPA_PLATFORM": "vnc:port=1"}, {"WAYLAND_DISPLAY": "wayland-0"}],
)
def test_platforms_without_x11_need_no_display(environment: dict[str, str]) -> None:
    require_display(environment)


def test_other_systems_always_have_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    require_display({})


@pytest.fixture
def x_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A display on which something listens."""
    monkeypatch.setattr(display, "_X11_SOCKETS", tmp_path)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "X7"))
    listener.listen()
    yield ":7"
    listener.close()


def test_missing_libraries_are_named_as_packages(x_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "_XCB_LIBRARIES", {"libnowhere.so.0": "libnowhere0", "libc.so.6": "libc6"})
    with pytest.raises(Misconfigured, match=r"packages: libnowhere0\."):
        require_display({"DISPLAY": x_server})


def test_a_display_that_answers_is_used(x_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "_XCB_LIBRARIES", {"libc.so.6": "libc6"})
    require_display({"DISPLAY": f"{x_server}.0"})
    require_display({"DISPLAY": x_server, "QT_QPA_PLATFORM": "xcb"})
