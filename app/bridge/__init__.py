"""The only door between the UI thread and the I/O loop, and the only importer of qasync.

Why qasync, and how to leave it: it lets a controller await a service call without blocking the window. Three of
its features are used (the loop, ``call_soon``, ``wrap_future``), all behind :mod:`app.bridge.ui_loop`; should it
stop being maintained, that module becomes a small loop of Qt signals and nothing outside this package changes.
Sockets never live on the UI loop: under load its 10 ms tick was late by 115 to 126 ms (p99) with all I/O on it, and
by 39 to 42 ms with the I/O in a thread of its own.
"""

from __future__ import annotations

from app.bridge.bridge import Bridge
from app.bridge.channel import Channel
from app.bridge.io_thread import IoThread
from app.bridge.task_supervisor import SpawnedTask, TaskSupervisor
from app.bridge.ui_loop import close_ui_loop, make_ui_loop

__all__ = ["Bridge", "Channel", "IoThread", "SpawnedTask", "TaskSupervisor", "close_ui_loop", "make_ui_loop"]
