"""One measurement of the replay editor with a large payload, in a process of its own.

Usage: ``python -m tests.benchmarks.payload_editor_probe SHAPE``

``leaves`` is a payload of 512 KiB with 5,000 masked leaves, ``line`` one whose one string has 512 KiB. Each is opened
in a window while a 10 ms timer ticks on the UI thread, then typed in, edited in two places and compared. Prints one
JSON line: what each act took until it was painted and the longest gap between ticks, in milliseconds.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from app.bridge.pause_tuning import tune_pauses
from app.desktop.json_view.chip_editor import ChipEditor
from app.desktop.json_view.chip_object import ChipWords
from app.desktop.replay.changes_view import ChangesView
from app.desktop.shell.theme import Theme
from app.domain.json_text import dump
from app.domain.launching import MAX_PAYLOAD_BYTES
from app.domain.payload_edit import EditState, assess, chipped
from app.domain.redaction import RedactionPolicy, Redactor
from app.domain.run import JsonValue, RedactedDocument
from tests.benchmarks.ui_gap_probe import Ticks

MASKED_LEAVES = 5_000


def payload(shape: str) -> dict[str, JsonValue]:
    """Return a payload of as many bytes as a run accepts, give or take a few."""
    if shape == "line":
        return {"first": 1, "password": "hidden-value", "text": "x" * (MAX_PAYLOAD_BYTES - 64), "last": 2}
    rows: list[JsonValue] = [
        {"id": number, "device": f"device {number}", "active": True, "token": f"secret-{number:08d}"}
        for number in range(MASKED_LEAVES)
    ]
    made: dict[str, JsonValue] = {"first": 1, "rows": rows, "note": "", "last": 2}
    return {**made, "note": "z" * (MAX_PAYLOAD_BYTES - len(dump(made)))}


class Window(QWidget):
    """An editor and its changes side by side, as in the replay dialog."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.editor = ChipEditor(theme, lambda origin: ChipWords("masked · key name", origin))
        self.changes = ChangesView(theme)
        layout = QHBoxLayout(self)
        layout.addWidget(self.editor)
        layout.addWidget(self.changes)
        self.resize(1020, 640)


def timed(act: Callable[[], None], done: Callable[[], bool]) -> dict[str, float]:
    """Do something while the UI ticks; return how long it took until painted, and the longest gap."""
    ticks = Ticks()
    started = time.perf_counter()
    act()
    while not done():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    QApplication.processEvents()
    took = (time.perf_counter() - started) * 1000
    seen = len(ticks.late)
    while len(ticks.late) < seen + 2:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    return {"ms": took, "gap": ticks.stop()["max"]}


def measure(shape: str) -> dict[str, dict[str, float]]:
    """Open, paint, edit and compare one payload."""
    document = Redactor(RedactionPolicy()).document(payload(shape))
    window = Window(Theme("light"))
    window.show()
    QApplication.processEvents()
    started = time.perf_counter()
    content = chipped(document)
    prepared = (time.perf_counter() - started) * 1000

    def open_and_paint() -> None:
        window.editor.open_chipped(content)

    opened = timed(open_and_paint, lambda: not window.editor.is_loading)
    assert window.editor.chipped_text() == content
    typed = _type(window.editor)
    return {"prepare": {"ms": prepared}, "open": opened, "type": typed, "compare": _compare(window, document)}


def _type(editor: ChipEditor) -> dict[str, float]:
    """Return the slowest of twenty keystrokes, until it is painted and the text with its chips is read."""
    slowest = 0.0
    for _ in range(20):
        started = time.perf_counter()
        editor.document().find('"first": ').insertText('"first": ')
        editor.chipped_text()
        QApplication.processEvents()
        slowest = max(slowest, (time.perf_counter() - started) * 1000)
    return {"slowest_ms": slowest}


def _compare(window: Window, document: RedactedDocument) -> dict[str, float]:
    for name in ('"first": 1', '"last": 2'):
        window.editor.document().find(name).insertText(name + "00")
    content = chipped(document)

    def compare() -> None:
        found = assess(document, window.editor.chipped_text(), opened=content)
        assert found.state is EditState.EDITED
        assert len(found.changes) == 2
        window.changes.show_changes(found.changes)

    started = time.perf_counter()
    compare()
    QApplication.processEvents()
    few = (time.perf_counter() - started) * 1000
    return {"ms": few, "every_row_ms": _compare_all(window, document)}


def _compare_all(window: Window, document: RedactedDocument) -> float:
    """Return how long the comparison takes when every row was changed beside its masked leaf."""
    text = window.editor.chipped_text()
    changed = type(text)(text.text.replace('"active": true', '"active": false').replace("xxx", "xyx"), text.origins)
    started = time.perf_counter()
    window.changes.show_changes(assess(document, changed).changes)
    QApplication.processEvents()
    return (time.perf_counter() - started) * 1000


def main() -> None:
    """Measure one shape and print it."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication([])
    tune_pauses()
    print(json.dumps(measure(sys.argv[1])), flush=True)
    application.quit()
    os._exit(0)


if __name__ == "__main__":
    main()
