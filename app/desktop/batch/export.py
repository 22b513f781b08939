"""Saves the ledger of a batch: asks where, reads, renders and writes off the UI thread, says what came of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

from PySide6.QtWidgets import QWidget

from app.desktop.report.saving import write_whole
from app.desktop.shell.context import DesktopContext, LedgerFormat
from app.desktop.shell.dialogs import choose_save_path
from app.desktop.shell.words import translate
from app.domain.errors import RundeskError

PathChooser = Callable[[QWidget, str, str, str], Awaitable[Path | None]]


class LedgerExport:
    """One export at a time.

    Args:
        context: The desktop's surroundings.
        parent: The window that asks where to save.
        choose_path: Asks where; given parent, title, suggestion and name filter.
    """

    def __init__(self, context: DesktopContext, parent: QWidget, choose_path: PathChooser = choose_save_path) -> None:
        self._context = context
        self._parent = parent
        self._choose_path = choose_path

    async def export(self, batch_id: UUID, name: str, ledger_format: LedgerFormat) -> Path | None:
        """Save the batch's ledger and return where, or None when it was given up or failed (and said so)."""
        render = self._context.render_ledger
        if render is None:
            return None
        title = translate("Ledger", "Save ledger")
        suggestion = f"batch-{_file_name(name)}.{ledger_format}"
        path = await self._choose_path(self._parent, title, suggestion, _filter(ledger_format))
        if path is None:
            return None
        path = path if path.suffix else path.with_suffix(f".{ledger_format}")

        async def write() -> None:
            ledger = await self._context.console.batch_runs.ledger(batch_id)
            content = await asyncio.to_thread(render, ledger, ledger_format)
            await asyncio.to_thread(write_whole, path, content)

        try:
            await self._context.bridge.call(write)
        except RundeskError as error:
            self._context.notify.failure(error)
        except OSError as error:
            text = translate("Ledger", "The ledger could not be written to {path}. Choose another place.")
            self._context.notify.error(text.format(path=path), str(error.strerror or error))
        else:
            text = translate("Ledger", "Ledger saved as {path}. It holds no inputs and none of the patch's values.")
            self._context.notify.success(text.format(path=path))
            return path
        return None


def _file_name(name: str) -> str:
    """Return the batch's name with what no file system minds."""
    return re.sub(r"[^\w-]+", "-", name).strip("-")[:60].lower() or "ledger"


def _filter(ledger_format: LedgerFormat) -> str:
    if ledger_format == "csv":
        return translate("Ledger", "Table (*.csv)")
    return translate("Ledger", "JSON (*.json)")
