"""Keeps the interpreter from freezing the window, and from deleting its widgets on the wrong thread.

Measured with a 10 ms tick on the UI thread while 20,000 rows and 1,000 workflows arrive on the I/O thread, p99 of the
tick's delay in milliseconds: as is 72 to 83; a shorter switch interval alone 81 to 88; frozen start-up objects and
rarer collections 16 to 21; both together 13 to 17. The collector walking every object of the imported libraries, not
the lock, makes the tail.

Python collects garbage on whichever thread happens to allocate. A closed dialog is such garbage, and a widget that is
deleted on the I/O thread can end the process. So automatic collection is off while there is a UI loop, and
:class:`UiCollector` does it on the UI thread.
"""

from __future__ import annotations

import gc
import sys

from PySide6.QtCore import QObject, QTimer

GC_THRESHOLDS = (50_000, 20, 20)
SWITCH_INTERVAL_SECONDS = 0.0005
_LOOK_MS = 200
"""How often the collector looks whether there is enough to collect."""


def tune_pauses() -> None:
    """Exempt everything imported so far from garbage collection and collect more rarely. Call after the imports."""
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)


class UiCollector(QObject):
    """Collects garbage on the thread that made it, by Python's own thresholds, until stopped."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._automatic_before = gc.isenabled()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._collect)
        self._timer.start(_LOOK_MS)

    def stop(self) -> None:
        """Give collection back to the interpreter."""
        self._timer.stop()
        if self._automatic_before:
            gc.enable()
        self.deleteLater()

    def _collect(self) -> None:
        """Collect the oldest generation that is due, as the interpreter itself would."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if counts[generation] > thresholds[generation]:
                gc.collect(generation)
                return
