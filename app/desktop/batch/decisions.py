"""The concerns that an operator may accept, each with its runs counted; nothing is accepted unless it is ticked."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.desktop.batch.words import concern_title
from app.desktop.shell.controls import text_label
from app.desktop.shell.theme import Theme, set_role
from app.desktop.shell.tick_box import TickBox
from app.desktop.shell.tokens import SPACE
from app.domain.batch import DECISIONS, BatchPlan


class Decisions(QFrame):
    """One tick box per concern. ``changed`` says that another set of codes is accepted."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._boxes: dict[str, TickBox] = {}
        self.setObjectName("batch.decisions")
        set_role(self, "warning-card")
        self._title = text_label("", "strong", self)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(3 * SPACE, 2 * SPACE, 3 * SPACE, 2 * SPACE)
        self._rows.setSpacing(SPACE)
        self._rows.addWidget(self._title)
        self.hide()

    @property
    def accepted(self) -> frozenset[str]:
        """The codes that are ticked."""
        return frozenset(code for code, box in self._boxes.items() if box.isChecked())

    def box(self, code: str) -> TickBox:
        """Return the tick box of a concern."""
        return self._boxes[code]

    @property
    def asks(self) -> bool:
        """Whether the plan needs any decision."""
        return bool(self._boxes)

    def show_plan(self, plan: BatchPlan, ticked: frozenset[str]) -> None:
        """Ask for the decisions of a plan, some of them ticked."""
        for box in self._boxes.values():
            self._rows.removeWidget(box)
            box.deleteLater()
        self._boxes = {}
        for code, runs in plan.totals.by_code:
            if code in DECISIONS:
                self._boxes[code] = self._make(code, runs, checked=code in ticked)
        self._title.setText(self.tr("These runs are left out unless you decide otherwise"))
        self.setAccessibleName(self._title.text())

    def _make(self, code: str, runs: int, *, checked: bool) -> TickBox:
        box = TickBox(
            self._theme,
            self.tr("{concern}: act on %n run(s) all the same", "", runs).format(concern=concern_title(code)),
        )
        box.setObjectName(f"batch.accept.{code}")
        box.setAccessibleName(box.text())
        box.setChecked(checked)
        box.toggled.connect(self.changed)
        self._rows.addWidget(box)
        return box
