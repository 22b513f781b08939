"""Where notices appear: cards over the lower left corner, where no document is read."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.desktop.shell.controls import text_label
from app.desktop.shell.notifier import Notice, NoticeKind
from app.desktop.shell.theme import set_role
from app.desktop.shell.tokens import SPACE

_WIDTH = 380
_MARGIN = 16
_KEPT = 4
"""More notices than this push out the oldest."""
_TOP = Qt.AlignmentFlag.AlignTop
_SECONDS = {NoticeKind.INFO: 5, NoticeKind.SUCCESS: 6, NoticeKind.WARNING: 15}
"""How long a notice stays, by kind; errors stay until they are closed."""


class NoticeArea(QWidget):
    """Stacks notices over its parent. ``run_wanted`` carries the key of a notice's jump."""

    run_wanted = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._cards: list[NoticeCard] = []
        self.setObjectName("notices")
        self.setFixedWidth(_WIDTH)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(2 * SPACE)
        parent.installEventFilter(self)
        self.hide()

    @property
    def cards(self) -> tuple[NoticeCard, ...]:
        """What is shown, oldest first."""
        return tuple(self._cards)

    def show_notice(self, notice: Notice) -> None:
        """Show one more notice."""
        card = NoticeCard(notice, self)
        card.closed.connect(partial(self._remove, card))
        card.run_wanted.connect(self.run_wanted)
        card.resized.connect(self._place)
        self._cards.append(card)
        self._rows.addWidget(card)
        if len(self._cards) > _KEPT:
            self._remove(self._cards[0])
        self.show()
        self._place()

    def clear(self) -> None:
        """Close every notice."""
        for card in tuple(self._cards):
            self._remove(card)

    def event(self, event: QEvent) -> bool:
        """Take as much room as the cards want, now that their texts are laid out."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._place()
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner when the window's size changes."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _remove(self, card: NoticeCard) -> None:
        if card in self._cards:
            self._cards.remove(card)
            self._rows.removeWidget(card)
            card.stop()
            card.hide()
            card.deleteLater()
            self.setVisible(bool(self._cards))
            self._place()

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is not None:
            self._rows.invalidate()
            self.resize(_WIDTH, max(self._rows.totalHeightForWidth(_WIDTH), self._rows.totalMinimumSize().height()))
            self.move(_MARGIN, parent.height() - self.height() - 2 * _MARGIN - 10)
            self.raise_()


class NoticeCard(QFrame):
    """One notice. Pointing at it or focusing it keeps it from going away."""

    closed = Signal()
    run_wanted = Signal(object)
    resized = Signal()

    def __init__(self, notice: Notice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notice = notice
        self.setObjectName("notice")
        set_role(self, f"{notice.kind}-card")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.closed)
        self.setAccessibleName(notice.text)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(3 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        rows.setSpacing(SPACE)
        head = QHBoxLayout()
        text = text_label(notice.text)
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        head.addWidget(text, 1)
        head.addWidget(self._button("notice.close", "✕", self.tr("Close"), self.closed.emit), 0, _TOP)
        head.setAlignment(text, Qt.AlignmentFlag.AlignVCenter)
        rows.addLayout(head)
        self._details = self._add_details(rows)
        self._begin()

    def stop(self) -> None:
        """Stop the countdown."""
        self._timer.stop()

    def event(self, event: QEvent) -> bool:
        """Count down only while nobody reads."""
        if event.type() == QEvent.Type.Enter:
            self._timer.stop()
        elif event.type() == QEvent.Type.Leave and not self._details.isVisible():
            self._begin()
        return super().event(event)

    def _add_details(self, rows: QVBoxLayout) -> QLabel:
        details = text_label(self.notice.details, "secondary")
        details.setWordWrap(True)
        details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        details.hide()
        acts = QHBoxLayout()
        acts.setSpacing(3 * SPACE)
        run = self.notice.run
        if run is not None:
            name = self.tr("Open run")
            acts.addWidget(self._button("notice.open", name, name, lambda: self.run_wanted.emit(run), role="link"))
        if self.notice.details:
            name = self.tr("Details")
            acts.addWidget(self._button("notice.details", name, name, self._toggle_details, role="link"))
        acts.addStretch(1)
        if acts.count() > 1:
            rows.addLayout(acts)
        rows.addWidget(details)
        return details

    def _button(self, name: str, text: str, spoken: str, act: object, role: str = "icon") -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAccessibleName(spoken)
        button.setToolTip(spoken)
        button.setAutoDefault(False)
        if role == "icon":
            button.setFixedSize(24, 24)
        set_role(button, role)
        button.clicked.connect(act)
        return button

    def _toggle_details(self) -> None:
        self._details.setVisible(not self._details.isVisible())
        self._timer.stop()
        self.resized.emit()

    def _begin(self) -> None:
        seconds = _SECONDS.get(self.notice.kind)
        if seconds is not None:
            self._timer.start(seconds * 1000)
