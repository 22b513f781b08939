"""How a batch is run: starts per minute, when it stops by itself, how many runs go first."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QWidget

from app.desktop.shell.controls import text_label
from app.desktop.shell.flow_layout import FlowLayout
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.tokens import SPACE
from app.domain.batch import BatchSettings

MOST_PER_MINUTE = 600
USUAL_RATE = 30
USUAL_STOP_PERCENT = 20
USUAL_CANARY = 1
"""What a new plan proposes: slow enough to watch, one run first, and a stop before a mistake has become many."""


def usual_settings() -> BatchSettings:
    """Return the settings that a new plan proposes."""
    return BatchSettings(rate_per_minute=USUAL_RATE, stop_at_percent=USUAL_STOP_PERCENT, canary=USUAL_CANARY)


class PaceSettings(QWidget):
    """Three numbers; ``changed`` says that one of them differs."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._base = BatchSettings()
        self.rate = self._spin("batch.rate", MOST_PER_MINUTE)
        self.stop = self._spin("batch.stop_at", 100)
        self.canary = self._spin("batch.canary", 100)
        self._labels: dict[QSpinBox, QLabel] = {}
        line = FlowLayout(self, 4 * SPACE)
        for spin in (self.rate, self.stop, self.canary):
            self._labels[spin] = text_label("", "muted")
            line.addWidget(_pair(self._labels[spin], spin, self))
        self.retranslate()

    @property
    def settings(self) -> BatchSettings:
        """The settings as they stand here; what is not shown is kept."""
        return replace(
            self._base,
            rate_per_minute=self.rate.value() or None,
            stop_at_percent=self.stop.value() or None,
            canary=self.canary.value(),
        )

    def show_settings(self, settings: BatchSettings) -> None:
        """Show the settings of a plan."""
        self._base = settings
        for spin, value in (
            (self.rate, settings.rate_per_minute or 0),
            (self.stop, settings.stop_at_percent or 0),
            (self.canary, settings.canary),
        ):
            spin.blockSignals(True)
            spin.setValue(value)
            spin.blockSignals(False)

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        self._name(
            self.rate,
            self.tr("Starts a minute"),
            self.tr("at the tenant's limit"),
            self.tr("The tenant's own start limit always holds, and a tenth of it stays free for people."),
        )
        self._name(
            self.stop,
            self.tr("Stop at failures of"),
            self.tr("never"),
            self.tr("Nothing more is sent once this share of the known outcomes is bad, from ten outcomes on."),
        )
        self.stop.setSuffix(" %")
        self._name(
            self.canary,
            self.tr("First try"),
            self.tr("none"),
            self.tr(
                "So many runs go first and are followed to their end; the others go only when all of them ended well."
            ),
        )
        self.canary.setSuffix(" " + self.tr("run(s)"))

    def _name(self, spin: QSpinBox, label: str, nothing: str, tooltip: str) -> None:
        self._labels[spin].setText(label)
        self._labels[spin].setToolTip(tooltip)
        spin.setAccessibleName(label)
        spin.setSpecialValueText(nothing)
        spin.setToolTip(tooltip)

    def _spin(self, name: str, most: int) -> QSpinBox:
        spin = QSpinBox()
        spin.setObjectName(name)
        spin.setRange(0, most)
        spin.setAccelerated(True)
        spin.lineEdit().setTextMargins(SPACE + 2, 0, SPACE + 2, 0)
        spin.valueChanged.connect(lambda _value: self.changed.emit())
        return spin


def _pair(label: QLabel, field: QWidget, parent: QWidget) -> QWidget:
    pair = QWidget(parent)
    label.setBuddy(field)
    line = QHBoxLayout(pair)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(2 * SPACE)
    line.addWidget(label)
    line.addWidget(field)
    return pair
