"""What an edit changes, as lines to read: where, what it was, what it becomes."""

from __future__ import annotations

import re

from PySide6.QtGui import QColor, QFont, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from app.desktop.shell.theme import Theme
from app.desktop.shell.tokens import SECONDARY_PX, tint
from app.domain.chips import HOLE
from app.domain.payload_changes import PayloadChange

MAX_CHANGES_SHOWN = 200
MAX_VALUE_CHARACTERS = 240
_SHOWN_OF_FOLDED = 80
_LONG_LITERAL = re.compile(rf'"(?:[^"\\]|\\.){{{_SHOWN_OF_FOLDED + 1},}}"')
_SPLIT_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?$")


class ChangesView(QPlainTextEdit):
    """Read-only list of changes, removed lines red, added lines green, each with its sign."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("replay.changes")
        self.setAccessibleName(self.tr("Changes"))
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setStyleSheet(f"QPlainTextEdit {{ font-size: {SECONDARY_PX}px; }}")
        self.setFont(theme.mono())
        self.document().setDocumentMargin(4)

    def show_sentence(self, text: str) -> None:
        """Show words instead of changes."""
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.clear()
        for paragraph in text.split("\n"):
            self._line(paragraph, self._theme.tokens.muted, None, self._theme.body())

    def show_changes(self, changes: tuple[PayloadChange, ...]) -> None:
        """Show where and what; a missing side means added or removed."""
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.clear()
        tokens = self._theme.tokens
        for change in changes[:MAX_CHANGES_SHOWN]:
            self._line(change.pointer or self.tr("whole payload"), tokens.muted, None)
            if change.before_text is not None:
                self._line(f"- {_shortened(_folded(change.before_text))}", tokens.failed, tint(tokens, tokens.failed))
            if change.after_text is not None:
                self._line(
                    f"+ {_shortened(self._with_origins(change))}", tokens.succeeded, tint(tokens, tokens.succeeded)
                )
            self._line("", tokens.text, None)
        hidden = len(changes) - MAX_CHANGES_SHOWN
        if hidden > 0:
            self._line(self.tr("and %n more change(s)", "", hidden), tokens.muted, None)
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def _with_origins(self, change: PayloadChange) -> str:
        """Return what a place becomes, each masked value from elsewhere named by where it is stored."""
        first, *rest = _folded(change.after_text or "").split(HOLE)
        named = (self.tr("masked value of {place}").format(place=origin or "/") for origin in change.origins)
        return first + "".join(f"⟨{name}⟩{text}" for name, text in zip(named, rest, strict=True))

    def _line(self, text: str, colour: str, ground: str | None, font: QFont | None = None) -> None:
        characters = QTextCharFormat()
        if font is not None:
            characters.setFont(font)
        characters.setForeground(QColor(colour))
        block = QTextBlockFormat()
        if ground is not None:
            block.setBackground(QColor(ground))
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if not self.document().isEmpty():
            cursor.insertBlock()
        cursor.setBlockFormat(block)
        cursor.insertText(text, characters)


def _folded(text: str) -> str:
    """Return JSON text with only the beginning of each long string, and its length."""

    def shorten(match: re.Match[str]) -> str:
        beginning = _SPLIT_ESCAPE.sub("", match.group()[1 : _SHOWN_OF_FOLDED + 1])
        return f'"{beginning}…" ({len(match.group()) - 2:,})'

    return _LONG_LITERAL.sub(shorten, text)


def _shortened(text: str) -> str:
    """Return one line of bounded length."""
    line = " ".join(text.split("\n"))
    return line if len(line) <= MAX_VALUE_CHARACTERS else f"{line[:MAX_VALUE_CHARACTERS]}…"
