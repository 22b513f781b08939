"""Colours JSON line by line: names, strings, numbers and words each in a quiet tone."""

from __future__ import annotations

import re

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from app.desktop.shell.tokens import Tokens

MAX_COLOURED_LINE = 4_000
"""Longer lines stay plain; folding keeps them rare."""

_TOKEN = re.compile(
    r'(?P<name>"(?:[^"\\]|\\.)*")(?=\s*:)'
    r'|(?P<string>"(?:[^"\\]|\\.)*")'
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<word>\b(?:true|false|null)\b)"
)


class JsonHighlighter(QSyntaxHighlighter):
    """Formats the tokens of one block at a time; needs no state across lines because JSON strings have no breaks."""

    def __init__(self, document: QTextDocument, tokens: Tokens) -> None:
        super().__init__(document)
        self._formats = _formats(tokens)

    def set_tokens(self, tokens: Tokens) -> None:
        """Use other colours from now on."""
        self._formats = _formats(tokens)
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        """Format one line."""
        if len(text) > MAX_COLOURED_LINE:
            return
        for match in _TOKEN.finditer(text):
            kind = match.lastgroup
            if kind is not None:
                self.setFormat(match.start(), match.end() - match.start(), self._formats[kind])


def _formats(tokens: Tokens) -> dict[str, QTextCharFormat]:
    return {
        "name": _format(tokens.muted),
        "string": _format(tokens.text),
        "number": _format(tokens.running),
        "word": _format(tokens.running),
    }


def _format(colour: str) -> QTextCharFormat:
    text_format = QTextCharFormat()
    text_format.setForeground(QColor(colour))
    return text_format
