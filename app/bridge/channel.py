"""How the I/O thread tells the UI something: frozen values published on one side, a Qt signal on the other."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal


class Channel(QObject):
    """Publishes frozen values from any thread; ``received`` is emitted on the thread that made the channel.

    Make it on the UI thread and keep it until the I/O loop is drained. After :meth:`close` values are dropped,
    because the window they were meant for is going away.
    """

    received = Signal(object)
    _crossed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open = True
        self._crossed.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def publish(self, value: object) -> None:
        """Queue a value for the UI thread; never blocks."""
        if self._open:
            self._crossed.emit(value)

    def close(self) -> None:
        """Drop whatever is still queued or comes later."""
        self._open = False

    def _deliver(self, value: object) -> None:
        if self._open:
            self.received.emit(value)
