"""How the I/O thread tells the UI something: frozen values published on one side, a Qt signal on the other."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QObject, Qt, Signal


class Channel(QObject):
    """Publishes frozen values from any thread; ``received`` is emitted on the thread that made the channel.

    Make it on the UI thread and keep it until the I/O loop is drained. After :meth:`close` values are dropped,
    because the window they were meant for is going away.

    The values wait in Python; only a signal without a parameter crosses, so Qt never holds a Python object in an
    event that it may delete on another thread.
    """

    received = Signal(object)
    _arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[object] = deque()
        self._open = True
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def publish(self, value: object) -> None:
        """Queue a value for the UI thread; never blocks."""
        if self._open:
            self._waiting.append(value)
            self._arrived.emit()

    def close(self) -> None:
        """Drop whatever is still queued or comes later."""
        self._open = False
        self._waiting.clear()

    def _deliver(self) -> None:
        if self._open and self._waiting:
            self.received.emit(self._waiting.popleft())
