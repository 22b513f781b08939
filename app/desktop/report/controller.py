"""Exports the triage report of a run: asks where, renders and writes off the UI thread, says what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from app.desktop.report.saving import write_whole
from app.desktop.shell.context import DesktopContext, ReportFormat
from app.desktop.shell.dialogs import choose_save_path
from app.desktop.shell.words import translate
from app.domain.errors import RundeskError
from app.domain.run import RunRow

PathChooser = Callable[[QWidget, str, str, str], Awaitable[Path | None]]


class ReportExport:
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

    async def export(self, row: RunRow, report_format: ReportFormat) -> Path | None:
        """Save the run's report and return where, or None when it was given up or failed (and said so)."""
        render = self._context.render_report
        if render is None:
            return None
        suggestion = f"run-{str(row.key.run_id)[:8]}.{report_format}"
        path = await self._choose_path(
            self._parent, translate("Report", "Save report"), suggestion, _filter(report_format)
        )
        if path is None:
            return None
        path = path if path.suffix else path.with_suffix(f".{report_format}")

        viewer = self._context.operator

        async def write() -> None:
            report = await self._context.console.reports.report((row.key,), viewer)
            content = await asyncio.to_thread(render, report, report_format, "en", "UTC")
            await asyncio.to_thread(write_whole, path, content)

        return await self._attempt(write, path, row)

    async def _attempt(self, write: Callable[[], Coroutine[Any, Any, None]], path: Path, row: RunRow) -> Path | None:
        try:
            await self._context.bridge.call(write)
        except RundeskError as error:
            self._context.notify.failure(error, row.key)
        except OSError as error:
            text = translate("Report", "The report could not be written to {path}. Choose another place.")
            self._context.notify.error(text.format(path=path), str(error.strerror or error))
        else:
            text = translate("Report", "Report saved as {path}. Masked values are masked in it.")
            self._context.notify.success(text.format(path=path))
            return path
        return None


def _filter(report_format: ReportFormat) -> str:
    if report_format == "html":
        return translate("Report", "Web page (*.html)")
    return translate("Report", "JSON (*.json)")
