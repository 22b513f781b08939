"""Dialogs one can await.

A nested event loop inside a coroutine stops other coroutines for good (qasync #174), so nothing in the product calls
``exec()``: a dialog is opened and its end awaited.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox, QWidget


async def show_dialog(dialog: QDialog) -> int:
    """Open the dialog window-modally and return its result when it closes; canceling the task closes it."""
    answered: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def finish(result: int) -> None:
        if not answered.done():
            answered.set_result(result)

    dialog.finished.connect(finish)
    dialog.open()
    try:
        return await answered
    finally:
        dialog.finished.disconnect(finish)
        dialog.close()


async def choose_save_path(parent: QWidget, title: str, suggestion: str, name_filter: str) -> Path | None:
    """Ask where to save a file. ``name_filter`` is Qt's form ("Report (*.html)"). None when dismissed."""
    dialog = QFileDialog(parent, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilter(name_filter)
    dialog.selectFile(suggestion)
    try:
        if await show_dialog(dialog) != QDialog.DialogCode.Accepted:
            return None
        chosen = dialog.selectedFiles()
        return Path(chosen[0]) if chosen else None
    finally:
        dialog.deleteLater()


async def tell(parent: QWidget | None, title: str, text: str, details: str = "") -> None:
    """Show a message and wait until it is closed."""
    box = QMessageBox(parent)
    box.setWindowTitle(title)
    box.setText(text)
    box.setDetailedText(details)
    try:
        await show_dialog(box)
    finally:
        box.deleteLater()
