"""The steps of both runs as rows: one line a step, the first run at the left, the second at the right."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor, QFont

from app.desktop.compare.words import aspects_text, step_text
from app.desktop.run_page.keyed_table import Cell, Column
from app.desktop.shell.icons import state_icon
from app.desktop.shell.state_look import state_colour, status_look
from app.desktop.shell.theme import Theme
from app.desktop.shell.times import took_text
from app.domain.run_comparison import ComparedStep, StepSide

WIDTHS = (240, 190, 190, 160)
_INDENT = "\u2003"
"""An em of room for every block that encloses a step."""


@dataclass(frozen=True, slots=True)
class PlacedStep:
    """A compared step and its place in the comparison."""

    place: int
    step: ComparedStep


class ComparedColumns(QObject):
    """Says what each column shows of a step."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def columns(self) -> tuple[Column[PlacedStep], ...]:
        """Return the columns in the current language."""
        return (
            Column(self.tr("Step"), self._name),
            Column(self.tr("First run"), lambda row: self._side(row.step.first)),
            Column(self.tr("Second run"), lambda row: self._side(row.step.second)),
            Column(self.tr("Differs in"), self._differs),
        )

    def _name(self, row: PlacedStep) -> Cell:
        path = row.step.shown.step.step_path
        depth = path.count(".steps[") - 1
        font = QFont(self._theme.body())
        font.setWeight(QFont.Weight.DemiBold if row.step.diverges else QFont.Weight.Normal)
        return Cell(_INDENT * depth + step_text(row.step), path, font=font)

    def _side(self, side: StepSide | None) -> Cell:
        muted = QColor(self._theme.tokens.muted)
        if side is None:
            return Cell("—", self.tr("This run did not go through the step."), colour=muted)
        look = status_look(side.step.status)
        colour = state_colour(self._theme.tokens, look.kind)
        parts = [look.word]
        if side.step.duration_ms is not None:
            parts.append(took_text(side.step.duration_ms))
        if side.attempts > 1:
            parts.append(self.tr("%n attempt(s)", "", side.attempts))
        return Cell(
            " · ".join(parts), side.error_text or "", colour=QColor(colour), icon=state_icon(look.kind, colour, 12)
        )

    def _differs(self, row: PlacedStep) -> Cell:
        tokens = self._theme.tokens
        if not row.step.diverges and not row.step.aspects:
            return Cell(self.tr("the same"), colour=QColor(tokens.muted))
        return Cell(aspects_text(row.step), colour=QColor(tokens.failed if row.step.diverges else tokens.muted))
