"""The line at the bottom: how many runs, whether both sides answer, who works, how old the data is."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from app.desktop.batch.words import stand_text
from app.desktop.shell.controls import text_label
from app.desktop.shell.error_text import health_text
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.theme import set_role
from app.desktop.shell.times import age_text, took_text
from app.desktop.shell.tokens import SPACE
from app.domain.batch_ledger import BatchProgress
from app.services.ports import EnvironmentHealth, SideHealth

_HEIGHT = 26
_NAME_PX = 150
"""Widest name of a batch, in pixels."""
_STALE_SECONDS = 30.0
"""From this age on, with live updates on, the age of the data is shown as trouble."""


class StatusLine(QWidget):
    """Facts in small letters; trouble in its colour and in words. ``batch_wanted`` carries a running batch's id."""

    batch_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._total: int | None = None
        self._health: EnvironmentHealth | None = None
        self._heard = False
        self._trouble_since: float | None = None
        self._live = True
        self._batches: tuple[BatchProgress, ...] = ()
        set_role(self, "panel")
        self.setFixedHeight(_HEIGHT)
        self.total = self._label("status.total")
        self.postgres = self._label("status.postgres")
        self.temporal = self._label("status.temporal")
        self.workers = self._label("status.workers")
        self.batch = QPushButton(self)
        self.batch.setObjectName("status.batch")
        self.batch.setAutoDefault(False)
        self.batch.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        set_role(self.batch, "status")
        self.batch.clicked.connect(self._batch_clicked)
        self.operator = self._label("status.operator")
        self.updated = self._label("status.updated")
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 0, 14, 0)
        line.setSpacing(4 * SPACE)
        for label in (self.total, self.postgres, self.temporal, self.workers):
            line.addWidget(label)
        line.addStretch(1)
        line.addWidget(self.batch)
        line.addWidget(self.operator)
        line.addWidget(self.updated)
        self.retranslate()

    def show_total(self, total: int) -> None:
        """Show how many runs match."""
        self._total = total
        self._heard = True
        self.retranslate()

    def show_health(self, health: EnvironmentHealth) -> None:
        """Show how both sides answer."""
        self._health = health
        self.retranslate()

    def show_operator(self, name: str | None, *, verified: bool) -> None:
        """Show who acts."""
        if name is None:
            text = self.tr("nobody may act")
        elif verified:
            text = self.tr("acting as {operator}").format(operator=name)
        else:
            text = self.tr("acting as {operator}, unverified").format(operator=name)
        self.operator.setText(text)

    def show_batches(self, running: tuple[BatchProgress, ...]) -> None:
        """Show what this window runs in the background; nothing when there is none."""
        self._batches = running
        self._show_batches()

    def set_live(self, live: bool) -> None:
        """Say whether the list follows what happens."""
        self._live = live
        self.retranslate()

    def show_reading(self, well: bool) -> None:
        """Say whether the watcher reads well. While it does, what is shown is true now, changed or not."""
        if well:
            self._trouble_since = None
        elif self._trouble_since is None:
            self._trouble_since = time.monotonic()
        self._show_updated()

    def tick(self) -> None:
        """Let the age of the data grow on the screen."""
        self._show_updated()

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        if self._total is not None:
            self.total.setText(self.tr("%Ln runs", "", self._total))
        if self._health is not None:
            self._show_side(self.postgres, "Postgres", self._health.postgres)
            self._show_side(self.temporal, "Temporal", self._health.temporal)
            self._show_workers(self._health.workers)
        self._show_batches()
        self._show_updated()

    def _show_side(self, label: QLabel, name: str, side: SideHealth) -> None:
        if side.reachable and side.milliseconds is not None:
            label.setText(f"{name} {took_text(side.milliseconds)}")
        else:
            label.setText(self.tr("{server} cannot be reached").format(server=name))
        label.setToolTip(health_text(side))
        self._mark(label, trouble=not side.reachable)

    def _show_workers(self, workers: int | None) -> None:
        if workers is None:
            self.workers.setText(self.tr("workers unknown"))
        elif workers == 0:
            self.workers.setText(self.tr("no worker polls the task queue"))
        else:
            self.workers.setText(self.tr("%n workers poll the task queue", "", workers))
        self._mark(self.workers, trouble=workers == 0)

    def _show_batches(self) -> None:
        if len(self._batches) == 1:
            name, stand = self._batches[0].name, stand_text(self._batches[0])
            shown = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, _NAME_PX)
            self.batch.setText(f"▶ {shown}  {stand}")
            self.batch.setAccessibleName(self.tr("Batch {name}: {stand}").format(name=name, stand=stand))
        else:
            self.batch.setText(self.tr("▶ %n batches run", "", len(self._batches)))
            self.batch.setAccessibleName(self.batch.text())
        self.batch.setToolTip(self.tr("Show the batch"))
        self.batch.setVisible(bool(self._batches))

    def _batch_clicked(self) -> None:
        if self._batches:
            self.batch_wanted.emit(self._batches[0].batch_id)

    def _show_updated(self) -> None:
        age = 0.0 if self._trouble_since is None else time.monotonic() - self._trouble_since
        if not self._heard:
            text = ""
        elif not self._live:
            text = self.tr("standing still")
        elif age < 5:
            text = self.tr("updated just now")
        else:
            text = self.tr("updated {age} ago").format(age=age_text(age))
        self.updated.setText(text)
        self._mark(self.updated, trouble=self._live and age > _STALE_SECONDS)

    def _label(self, name: str) -> QLabel:
        label = text_label("", "secondary", self)
        label.setObjectName(name)
        return label

    def _mark(self, label: QLabel, *, trouble: bool) -> None:
        role = "secondary-trouble" if trouble else "secondary"
        if label.property("role") != role:
            set_role(label, role)
