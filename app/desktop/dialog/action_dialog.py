"""The frame of a dialog that does one thing: heading, body, error, footer with the reason why it cannot be done yet."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.dialog.message_card import MessageCard
from app.desktop.shell.theme import Theme, set_role

MARGIN = 20


class _Footer(IntEnum):
    ACT = 0
    DISCARD = 1


class ActionDialog(QDialog):
    """A dialog with one confirming act.

    ``confirmed`` is emitted at most once until :meth:`set_sending` is taken back, however often and however the
    operator confirms: click, double click, Enter in a field, Ctrl+Enter anywhere. Esc and the window's close button
    ask before anything typed is lost, and do nothing while the act is under way.

    Args:
        theme: Colours and fonts.
        prefix: Beginning of the object names: ``<prefix>.confirm``, ``<prefix>.close``, ``<prefix>.error``.
        parent: The window that is blocked meanwhile.
    """

    confirmed = Signal()

    def __init__(self, theme: Theme, prefix: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._sending = False
        self._refusal: str | None = None
        self._confirm_text = ""
        self.setObjectName(f"{prefix}.dialog")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        set_role(self, "panel")
        self._title = QLabel()
        set_role(self._title, "title")
        self._mono = QLabel()
        self._mono.setFont(theme.mono())
        set_role(self._mono, "secondary")
        self._subtitle = QLabel()
        self._subtitle.setWordWrap(True)
        set_role(self._subtitle, "muted")
        self.heading = QHBoxLayout()
        self.heading.setSpacing(8)
        self.heading.addWidget(self._title, 0, Qt.AlignmentFlag.AlignBaseline)
        self.heading.addWidget(self._mono, 0, Qt.AlignmentFlag.AlignBaseline)
        self.heading.addStretch(1)
        self.body = QVBoxLayout()
        self.body.setSpacing(12)
        self.error = MessageCard("error-card", f"{prefix}.error")
        self.error.setVisible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
        layout.setSpacing(12)
        layout.addLayout(self.heading)
        layout.addWidget(self._subtitle)
        layout.addLayout(self.body, 1)
        layout.addWidget(self.error)
        layout.addWidget(self._make_footer(prefix))
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self, self.confirm)

    def _make_footer(self, prefix: str) -> QStackedWidget:
        self.hint = QLabel()
        self.hint.setObjectName(f"{prefix}.hint")
        self.hint.setWordWrap(True)
        set_role(self.hint, "secondary")
        self.close_button = self._button(f"{prefix}.close", self.tr("Close"))
        self.close_button.clicked.connect(self.reject)
        self.confirm_button = self._button(f"{prefix}.confirm", "")
        set_role(self.confirm_button, "primary")
        self.confirm_button.setDefault(True)
        self.confirm_button.clicked.connect(self.confirm)
        question = QLabel(self.tr("Discard what you typed?"))
        self._keep = self._button(f"{prefix}.keep", self.tr("Keep editing"))
        self._keep.clicked.connect(self._keep_editing)
        self._discard = self._button(f"{prefix}.discard", self.tr("Discard"))
        self._discard.clicked.connect(lambda: self.done(QDialog.DialogCode.Rejected))
        self._footer = QStackedWidget()
        self._footer.addWidget(_row(self.hint, self.close_button, self.confirm_button))
        self._footer.addWidget(_row(question, self._keep, self._discard))
        return self._footer

    def _button(self, name: str, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.setAutoDefault(False)
        return button

    @property
    def is_sending(self) -> bool:
        """Whether the act is under way."""
        return self._sending

    @property
    def asks_to_discard(self) -> bool:
        """Whether the dialog is asking if what was typed may be lost."""
        return self._footer.currentIndex() == _Footer.DISCARD

    def set_heading(self, title: str, mono: str, subtitle: str) -> None:
        """Say what the dialog does; ``mono`` is an id beside the title."""
        self.setWindowTitle(title)
        self._title.setText(title)
        self._mono.setText(mono)
        self._mono.setVisible(bool(mono))
        self._subtitle.setText(subtitle)
        self._subtitle.setVisible(bool(subtitle))

    def set_confirm(self, text: str, refusal: str | None, hint: str = "") -> None:
        """Name the act; ``refusal`` says why it cannot be done now, ``hint`` what will happen when it can."""
        self._confirm_text = text
        self._refusal = refusal
        self.hint.setText(refusal or hint)
        self._update_confirm()

    def set_sending(self, text: str | None) -> None:
        """Show that the act is under way (``text`` on the button), or that it ended (None)."""
        self._sending = text is not None
        self.close_button.setEnabled(not self._sending)
        self._update_confirm(text)
        if text is not None:
            self.clear_error()

    def show_error(self, text: str, details: str = "") -> None:
        """Show why the act failed, inside the dialog."""
        self.error.say(text, details=details)
        self.error.setVisible(True)

    def clear_error(self) -> None:
        """Take the error away."""
        self.error.setVisible(False)

    def has_edits(self) -> bool:
        """Say whether closing would lose something typed."""
        return False

    def confirm(self) -> None:
        """Emit ``confirmed`` unless refused, under way or being discarded."""
        if self._refusal is None and not self._sending and not self.asks_to_discard:
            self.confirmed.emit()

    def reject(self) -> None:
        """Close, but ask first when something typed would be lost, and not at all while sending."""
        if self._sending:
            return
        if self.asks_to_discard:
            self._keep_editing()
        elif self.has_edits():
            self._footer.setCurrentIndex(_Footer.DISCARD)
            self._keep.setDefault(True)
            self._keep.setFocus()
        else:
            super().reject()

    def _keep_editing(self) -> None:
        self._footer.setCurrentIndex(_Footer.ACT)
        self.confirm_button.setDefault(True)

    def _update_confirm(self, sending_text: str | None = None) -> None:
        self.confirm_button.setText(sending_text or self._confirm_text)
        self.confirm_button.setAccessibleName(self._confirm_text)
        self.confirm_button.setEnabled(self._refusal is None and not self._sending)
        self.confirm_button.setToolTip(self._refusal or self.tr("Ctrl+Enter"))
        self.confirm_button.setAccessibleDescription(self._refusal or "")


def _row(*widgets: QWidget) -> QWidget:
    """Return the widgets side by side, the first taking the room."""
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    for number, widget in enumerate(widgets):
        layout.addWidget(widget, 0 if number else 1)
    return row
