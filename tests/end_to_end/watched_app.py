"""Rundesk as ``python -m app`` runs it, and beside it a voice that says where its widgets are.

A mouse needs coordinates, and no fixed ones: a line ``NAME`` or ``NAME#TEXT`` (an item of a view, by its text) on
standard input is answered with one line on standard output: ``[x, y, width, height]`` in pixels of the screen, or
``null`` when nothing of that name can be seen. Nothing is ever done to the window from here.
"""

from __future__ import annotations

import json
import runpy
import sys
from threading import Event, Thread

from PySide6.QtCore import QModelIndex, QPoint, QRect, QTimer
from PySide6.QtWidgets import QAbstractItemView, QApplication, QWidget


def _answer_questions() -> None:
    for line in sys.stdin:
        where = _on_the_ui_thread(line.strip())
        sys.stdout.write(json.dumps(where) + "\n")
        sys.stdout.flush()


def _on_the_ui_thread(question: str) -> list[int] | None:
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        return None
    answered, answers = Event(), [None]  # type: tuple[Event, list[list[int] | None]]

    def answer() -> None:
        answers[0] = _place(*question.partition("#")[::2])
        answered.set()

    QTimer.singleShot(0, application, answer)
    return answers[0] if answered.wait(5.0) else None


def _place(name: str, text: str) -> list[int] | None:
    for top in QApplication.topLevelWidgets():
        for widget in [top, *top.findChildren(QWidget)]:
            if widget.objectName() == name and widget.isVisible():
                return _on_screen(widget, text)
    return None


def _on_screen(widget: QWidget, text: str) -> list[int] | None:
    area, box = widget, widget.rect()
    if text and isinstance(widget, QAbstractItemView):
        model = widget.model()
        rows = (model.index(row, 0, QModelIndex()) for row in range(model.rowCount(QModelIndex())))
        box = next((widget.visualRect(index) for index in rows if index.data() == text), QRect())
        area = widget.viewport()
    if box.isEmpty():
        return None
    corner = area.mapToGlobal(QPoint(box.x(), box.y()))
    return [corner.x(), corner.y(), box.width(), box.height()]


Thread(target=_answer_questions, name="where widgets are", daemon=True).start()
runpy.run_module("app", run_name="__main__", alter_sys=True)
