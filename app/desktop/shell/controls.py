"""The few house widgets that Qt does not have in the shape the product needs."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QFrame, QLabel, QPushButton, QSizePolicy, QWidget

from app.desktop.shell.icons import paint_chevron
from app.desktop.shell.theme import Theme, set_role

_CHEVRON_PX = 20


class Picker(QComboBox):
    """A combo box with the product's chevron; give it an object name and an accessible name."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box, then the chevron."""
        super().paintEvent(event)
        _draw_chevron(self, self._theme)


class MenuButton(QPushButton):
    """A push button that opens something below itself, marked by a chevron."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAutoDefault(False)
        set_role(self, "menu")
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the button, then the chevron."""
        super().paintEvent(event)
        _draw_chevron(self, self._theme)


class ElidedLabel(QLabel):
    """A one-line label that shortens its text with "…" to the room it has; the whole text is its tooltip."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show another text."""
        self._whole = text
        self.setAccessibleName(text)
        self._elide()

    def event(self, event: QEvent) -> bool:
        """Shorten again when the room or the font changes."""
        done = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._elide()
        return done

    def _elide(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, max(0, self.width()))
        if shown != self.text():
            self.setText(shown)
        self.setToolTip(self._whole if shown != self._whole else "")


def text_label(text: str = "", role: str = "", parent: QWidget | None = None) -> QLabel:
    """Return a plain-text label with a look of the style sheet; texts from runs are never read as markup."""
    label = QLabel(text, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        set_role(label, role)
    return label


def separator(*, vertical: bool = False, parent: QWidget | None = None) -> QFrame:
    """Return a 1 px line."""
    line = QFrame(parent)
    set_role(line, "line")
    if vertical:
        line.setFixedWidth(1)
    else:
        line.setFixedHeight(1)
    return line


def _draw_chevron(widget: QWidget, theme: Theme) -> None:
    painter = QPainter(widget)
    box = QRectF(widget.width() - _CHEVRON_PX - 4, 0, _CHEVRON_PX, widget.height())
    paint_chevron(painter, box, theme.tokens.muted if widget.isEnabled() else theme.tokens.line)
    painter.end()
