"""Exports a report: shows what would leave, asks where, notes it in the audit, writes and says so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any
from uuid import uuid4

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QDialog, QWidget

from app.bridge import SpawnedTask
from app.desktop.report.choices import ReportChoice, name_filter
from app.desktop.report.saving import write_whole
from app.desktop.report.subject import ReportSubject
from app.desktop.report.view import ExportDialog
from app.desktop.shell.context import DesktopContext, RenderReport
from app.desktop.shell.dialogs import choose_save_path, show_dialog
from app.desktop.shell.error_text import coded_text, error_details, error_text
from app.desktop.shell.words import translate
from app.domain.errors import RundeskError
from app.domain.triage import TriageReport
from app.services.export_audit import ExportRecorded

PathChooser = Callable[[QWidget, str, str, str], Awaitable[Path | None]]


class ReportExport:
    """Opens the export dialog, one at a time.

    Args:
        context: The desktop's surroundings.
        parent: The window that is blocked meanwhile.
        choose_path: Asks where to save; given parent, title, suggestion and name filter.
    """

    def __init__(self, context: DesktopContext, parent: QWidget, choose_path: PathChooser = choose_save_path) -> None:
        self._context = context
        self._parent = parent
        self._choose_path = choose_path

    async def export(self, subject: ReportSubject) -> Path | None:
        """Let the operator save the report; return where, or None when it was given up."""
        render = self._context.render_report
        if render is None:
            return None
        return await _Exporting(self._context, subject, render, self._choose_path).run(self._parent)


class _Exporting:
    """One opening of the dialog."""

    def __init__(
        self, context: DesktopContext, subject: ReportSubject, render: RenderReport, choose_path: PathChooser
    ) -> None:
        self._context = context
        self._subject = subject
        self._render = render
        self._choose_path = choose_path
        self._request_id = uuid4()
        self._report: TriageReport | None = None
        self._tasks: list[SpawnedTask] = []
        self._previewed: ReportChoice | None = None
        self._saved: Path | None = None

    async def run(self, parent: QWidget) -> Path | None:
        """Show the dialog until it closes."""
        self._dialog = ExportDialog(self._context.theme, self._subject, QLocale().name()[:2], parent)
        self._dialog.changed.connect(self._preview_again)
        self._dialog.confirmed.connect(self._confirm)
        self._dialog.show_reading()
        self._spawn("read the report", self._read())
        try:
            await show_dialog(self._dialog)
        finally:
            for task in self._tasks:
                task.cancel()
            self._dialog.done(QDialog.DialogCode.Rejected)
            self._dialog.deleteLater()
        return self._saved

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(self._context.tasks.spawn(name, work))

    async def _read(self) -> None:
        viewer = self._context.operator
        try:
            report: TriageReport = await self._context.bridge.call(
                lambda: self._subject.make(self._context.console.reports, viewer)
            )
        except RundeskError as error:
            self._dialog.show_problem(error_text(error))
            return
        self._report = report
        self._dialog.show_report(report)
        await self._preview()

    def _preview_again(self) -> None:
        if self._report is not None:
            self._spawn("preview the report", self._preview())

    async def _preview(self) -> None:
        """Show what the choice of now would write; an older choice's preview that comes late is dropped."""
        report, choice = self._report, self._dialog.choice
        if report is None:
            return
        self._previewed = choice

        async def made() -> tuple[bytes, bytes]:
            text = await asyncio.to_thread(self._render, report, "md", choice.language, choice.zone)
            return text, await asyncio.to_thread(self._render, report, choice.form, choice.language, choice.zone)

        try:
            text, content = await self._context.bridge.call(made)
        except RundeskError as error:
            self._dialog.show_problem(error_text(error))
            return
        if choice == self._previewed:
            self._dialog.show_preview(text.decode(errors="replace"), len(content))

    def _confirm(self) -> None:
        self._spawn("save the report", self._save())

    async def _save(self) -> None:
        report, choice = self._report, self._dialog.choice
        if report is None:
            return
        title = translate("Report", "Save report")
        suggestion = f"{self._subject.file_name}.{choice.form}"
        path = await self._choose_path(self._dialog, title, suggestion, name_filter(choice.form))
        if path is None:
            return
        path = path if path.suffix else path.with_suffix(f".{choice.form}")
        self._dialog.show_saving(saving=True)
        try:
            recorded = await self._context.bridge.call(lambda: self._write(report, choice, path))
        except RundeskError as error:
            self._failed(error_text(error), error_details(error))
        except OSError as error:
            text = translate("Report", "The report could not be written to {path}. Choose another place.")
            self._failed(text.format(path=path), str(error.strerror or error))
        else:
            self._told(path, recorded)

    async def _write(self, report: TriageReport, choice: ReportChoice, path: Path) -> ExportRecorded:
        """Render first, then note it in the audit, then let it out."""
        content = await asyncio.to_thread(self._render, report, choice.form, choice.language, choice.zone)
        reports, operator = self._context.console.reports, self._context.operator
        recorded = await reports.note_export(report, choice.form, operator, self._request_id)
        await asyncio.to_thread(write_whole, path, content)
        return recorded

    def _failed(self, text: str, details: str) -> None:
        self._dialog.show_saving(saving=False)
        self._dialog.show_error(text, details)

    def _told(self, path: Path, recorded: ExportRecorded) -> None:
        self._saved = path
        text = translate("Report", "Report saved as {path}. Masked values are masked in it.").format(path=path)
        if recorded.recorded:
            self._context.notify.success(text)
        else:
            why = coded_text(recorded.code or "", recorded.problem or "")
            not_noted = translate("Report", "The export is not in the audit trail: {problem}").format(problem=why)
            self._context.notify.warning(f"{text} {not_noted}")
        self._dialog.show_saving(saving=False)
        self._dialog.done(QDialog.DialogCode.Accepted)
