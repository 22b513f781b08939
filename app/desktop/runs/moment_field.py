"""A filter by a moment: a button that says "any" or a local time, and opens a small choice under itself."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QDateTime, QEvent, QPoint, Qt, QTime, Signal
from PySide6.QtWidgets import QDateTimeEdit, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.desktop.shell.controls import MenuButton, text_label
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.theme import Theme, set_filled, set_role
from app.desktop.shell.times import exact_utc, local_time
from app.desktop.shell.tokens import SPACE


class MomentField(MenuButton):
    """One end of a time range. ``chosen`` carries an aware UTC datetime or None for "any".

    Args:
        theme: The look.
        command_id: The object name; the popup's parts are named after it (``….value``, ``….any``, ``….apply``).
        is_start: Whether it is the range's beginning.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme, command_id: str, *, is_start: bool, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._is_start = is_start
        self._moment: datetime | None = None
        self.setObjectName(command_id)
        self._popup = QFrame(self, Qt.WindowType.Popup)
        set_role(self._popup, "card")
        self._label = text_label("", "muted")
        self._value = QDateTimeEdit(self._popup)
        self._value.setObjectName(f"{command_id}.value")
        self._value.setCalendarPopup(True)
        self._today = self._push("today")
        self._week = self._push("week")
        self._any = self._push("any")
        self._apply = self._push("apply")
        set_role(self._apply, "primary")
        self._lay_out()
        self.clicked.connect(self._open)
        self._today.clicked.connect(lambda: self._propose(0))
        self._week.clicked.connect(lambda: self._propose(7))
        self._any.clicked.connect(lambda: self._choose(None))
        self._apply.clicked.connect(self._take)
        self.retranslate()

    @property
    def moment(self) -> datetime | None:
        """The chosen moment, aware, or None for "any"."""
        return self._moment

    def show_moment(self, moment: datetime | None) -> None:
        """Show a moment without announcing it."""
        self._moment = moment
        set_filled(self, moment is not None)
        self.retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        name = self.tr("Started from") if self._is_start else self.tr("Started before")
        shown = self.tr("any") if self._moment is None else local_time(self._moment)[:-3]
        template = self.tr("From: {time}") if self._is_start else self.tr("To: {time}")
        self.setText(template.format(time=shown))
        self.setToolTip(name if self._moment is None else exact_utc(self._moment))
        self.setAccessibleName(name)
        self._label.setText(name)
        self._value.setAccessibleName(name)
        self._value.setDisplayFormat(self.tr("d MMM yyyy HH:mm", "date format of the time filter"))
        for button, text in (
            (self._today, self.tr("Today")),
            (self._week, self.tr("7 days ago")),
            (self._any, self.tr("Any time")),
            (self._apply, self.tr("Apply")),
        ):
            button.setText(text)
            button.setAccessibleName(text)

    def _push(self, part: str) -> QPushButton:
        button = QPushButton(self._popup)
        button.setObjectName(f"{self.objectName()}.{part}")
        button.setAutoDefault(False)
        return button

    def _lay_out(self) -> None:
        rows = QVBoxLayout(self._popup)
        rows.setContentsMargins(3 * SPACE, 3 * SPACE, 3 * SPACE, 3 * SPACE)
        rows.setSpacing(2 * SPACE)
        rows.addWidget(self._label)
        rows.addWidget(self._value)
        for pair in ((self._today, self._week), (self._any, self._apply)):
            line = QHBoxLayout()
            for button in pair:
                line.addWidget(button)
            rows.addLayout(line)

    def _open(self) -> None:
        shown = QDateTime.currentDateTime() if self._moment is None else _to_qt(self._moment)
        if self._moment is None and self._is_start:
            shown.setTime(QTime(0, 0))
        self._value.setDateTime(shown)
        self._popup.adjustSize()
        self._popup.move(self.mapToGlobal(QPoint(0, self.height() + SPACE)))
        self._popup.show()
        self._value.setFocus(Qt.FocusReason.PopupFocusReason)

    def _propose(self, days: int) -> None:
        """Take the beginning of a day (for the range's end: the end of today) some days ago."""
        start = QDateTime.currentDateTime().addDays(-days if self._is_start else 1 - days)
        start.setTime(QTime(0, 0))
        self._choose(_from_qt(start))

    def _take(self) -> None:
        self._choose(_from_qt(self._value.dateTime()))

    def _choose(self, moment: datetime | None) -> None:
        self._popup.hide()
        if moment != self._moment:
            self.show_moment(moment)
            self.chosen.emit(moment)


def _to_qt(moment: datetime) -> QDateTime:
    return QDateTime.fromMSecsSinceEpoch(int(moment.timestamp() * 1000))


def _from_qt(moment: QDateTime) -> datetime:
    return datetime.fromtimestamp(moment.toSecsSinceEpoch(), tz=UTC)
