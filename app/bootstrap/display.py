"""Whether a window can be shown: asked before Qt is, since Qt aborts the process when it cannot."""

from __future__ import annotations

import ctypes
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from app.domain.errors import Misconfigured

_XCB_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""What Qt's X11 platform loads and a bare system lacks, with the name of the Debian package."""
_X11_SOCKETS = Path("/tmp/.X11-unix")  # noqa: S108 - where X11 puts its sockets
_CONNECT_SECONDS = 2.0


def require_display(environment: Mapping[str, str]) -> None:
    """Return when a window can be shown.

    Raises:
        Misconfigured: no display, or libraries that Qt needs for it are missing.
    """
    if not sys.platform.startswith("linux"):
        return
    platform = environment.get("QT_QPA_PLATFORM", "").partition(":")[0].partition(";")[0]
    if platform not in {"", "xcb"} and not platform.startswith("wayland"):
        return  # offscreen, vnc and the like need nothing
    if environment.get("WAYLAND_DISPLAY") and platform != "xcb":
        return
    display = environment.get("DISPLAY", "")
    if not display or platform.startswith("wayland") or not _answers(display):
        raise Misconfigured(
            "desktop.no_display",
            "There is no display to show a window on. The command line works without one; see 'rundesk --help'.",
        )
    missing = [package for library, package in _XCB_LIBRARIES.items() if not _loads(library)]
    if missing:
        raise Misconfigured(
            "desktop.no_libraries",
            f"Qt lacks libraries to show a window. Install these packages: {' '.join(missing)}.",
            packages=missing,
        )


def _answers(display: str) -> bool:
    """Say whether an X server listens behind a ``DISPLAY``; a forwarded one is believed."""
    host, _, rest = display.rpartition(":")
    number = rest.partition(".")[0]
    if host not in {"", "unix"} or not number.isdecimal():
        return bool(number)
    # Linux servers listen on an abstract socket, a file socket, or both.
    path = str(_X11_SOCKETS / f"X{number}")
    return any(_accepts(address) for address in (f"\0{path}", path))


def _accepts(address: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(_CONNECT_SECONDS)
        return client.connect_ex(address) == 0


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
