"""The columns of the stranded rows."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.desktop.run_page.keyed_table import Cell, Column
from app.desktop.shell.state_look import status_look
from app.desktop.shell.theme import Theme
from app.desktop.shell.times import age_text, exact_utc, local_time
from app.desktop.stranded.words import fate_text
from app.domain.stranded import JudgedRun

WIDTHS = (84, 150, 92, 72, 104, 92, 180)
"""Pixels per column; for the last one the least."""


class StrandedColumns(QObject):
    """Says what each column shows of a row."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def columns(self) -> tuple[Column[JudgedRun], ...]:
        """Return the columns in the current language."""
        return (
            Column(self.tr("Run"), self._run),
            Column(self.tr("Workflow"), lambda judged: Cell(judged.run.workflow_name or self.tr("unnamed workflow"))),
            Column(self.tr("Status"), lambda judged: Cell(status_look(judged.run.status).word, judged.run.status)),
            Column(self.tr("Engine"), lambda judged: Cell(judged.run.engine or self.tr("none"))),
            Column(self.tr("Age"), self._age),
            Column(self.tr("Open waits"), lambda judged: Cell(str(judged.run.open_waits))),
            Column(self.tr("What happens"), lambda judged: Cell(fate_text(judged.fate))),
        )

    def _run(self, judged: JudgedRun) -> Cell:
        run_id = str(judged.run.key.run_id)
        return Cell(run_id[:8], run_id, font=self._theme.mono())

    def _age(self, judged: JudgedRun) -> Cell:
        run = judged.run
        return Cell(age_text(run.age_seconds), f"{local_time(run.started_at)}\n{exact_utc(run.started_at)}")
