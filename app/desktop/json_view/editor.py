"""A plain text editor for JSON that stays quick with a megabyte and shows masked values as chips."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QMimeData, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
    QTextFormat,
    QTextLine,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from app.desktop.json_view.folding import FoldedText, fold, slices, unfold
from app.desktop.json_view.highlighter import MAX_COLOURED_LINE, JsonHighlighter
from app.desktop.shell.theme import Theme
from app.desktop.shell.tokens import SECONDARY_PX, hover, mix, tint, well
from app.domain.placeholders import PLACEHOLDERS

COLOURED_CHARACTERS = 400_000
"""Larger documents are shown without colours; chips are painted for what is visible only, so they always are."""

_BOTTOM = 4
"""Pixels below the last line, before the scroll bar."""
_CHIP = re.compile('"(?:' + "|".join(re.escape(text) for text in sorted(PLACEHOLDERS)) + ')"')
_UNSAFE = re.compile("[\u00a0\u2028\u2029\ufdd0\ufdd1\ufffc\ufeff]")
"""Characters that QTextDocument would turn into others, into line breaks or into objects."""


def editable(text: str, *, keep: str = "") -> str:
    """Return equal JSON text in which the characters a text document would change are written as escapes.

    Args:
        text: JSON.
        keep: Characters to leave as they are.
    """

    def escape(match: re.Match[str]) -> str:
        character = match.group()
        return character if character in keep else f"\\u{ord(character):04x}"

    return _UNSAFE.sub(escape, text)


def _x_of(line: QTextLine, position: int) -> float:
    """Return x before a character; PySide answers ``cursorToX`` with a pair that its stub calls object."""
    return cast("tuple[float, int]", line.cursorToX(position))[0]


@dataclass(frozen=True, slots=True)
class PaintedChip:
    """A placeholder's place in the viewport and whether it is selected."""

    rect: QRectF
    selected: bool


class JsonEditor(QPlainTextEdit):
    """Shows or edits JSON text.

    Text is loaded in slices between turns of the event loop, long strings are folded, and a placeholder is painted
    over with a chip unless the caret is inside it. Only plain text leaves through the clipboard.

    Args:
        theme: Colours and the monospace font.
        chip_label: What a chip says, already translated.
        parent: The owning widget.
    """

    loaded = Signal()

    def __init__(self, theme: Theme, chip_label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._chip_label = chip_label
        self._folds: dict[str, str] = {}
        self._pending: list[str] = []
        self._loading = False
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._insert_slice)
        self._highlighter: JsonHighlighter | None = None
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabChangesFocus(True)
        self.setStyleSheet(
            f"QPlainTextEdit {{ font-size: {SECONDARY_PX}px; }}"
            "QAbstractScrollArea::corner { background: transparent; }"
        )
        self.setFont(theme.mono())
        theme.changed.connect(self._theme_changed)

    @property
    def is_loading(self) -> bool:
        """Whether slices are still being inserted."""
        return self._loading

    @property
    def fold_count(self) -> int:
        """Number of folded strings."""
        return len(self._folds)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show whole lines only: half a line above the scroll bar looks like a cut one."""
        super().resizeEvent(event)
        taken = self.viewportMargins().bottom()
        room = self.viewport().height() + taken - self.document().documentMargin() - 1 - _BOTTOM
        line = max(self.blockBoundingRect(self.document().firstBlock()).height(), 1.0)
        bottom = _BOTTOM + (int(room % line) if room > line else 0)
        if bottom != taken:
            self.setViewportMargins(0, 0, 0, bottom)

    def _theme_changed(self) -> None:
        self.setFont(self._theme.mono())
        if self._highlighter is not None:
            self._highlighter.set_tokens(self._theme.tokens)
        self.viewport().update()

    def load(self, text: str) -> None:
        """Replace the document by ``text``; :attr:`loaded` follows, at once when the text is small."""
        self._load(fold(editable(text)))

    def _load(self, folded: FoldedText) -> None:
        self._folds = folded.folds
        self._timer.stop()
        self._loading = True
        self.setUndoRedoEnabled(False)
        self.clear()
        self._choose_highlighter(len(folded.text))
        self._pending = slices(folded.text)[::-1]
        self._insert_slice()
        if self._pending:
            self._timer.start()

    def whole_text(self) -> str:
        """Return the text with folded strings put back. BrokenFold when a marker was changed in part."""
        return unfold(self._raw_text(), self._folds)

    def mark_line(self, line: int | None) -> None:
        """Tint a one-based line in which something is wrong, or none."""
        selections: list[QTextEdit.ExtraSelection] = []
        block = QTextBlock() if line is None else self.document().findBlockByNumber(line - 1)
        if block.isValid():
            selection = QTextEdit.ExtraSelection()
            tokens = self._theme.tokens
            selection.format.setBackground(QColor(tint(tokens, tokens.failed)))
            selection.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            selection.cursor = QTextCursor(block)
            selections.append(selection)
        self.setExtraSelections(selections)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste plain text, with its long strings folded like those of a loaded document."""
        if source.hasText() and not self.isReadOnly():
            folded = fold(source.text(), first=len(self._folds) + 1)
            self._folds.update(folded.folds)
            self.textCursor().insertText(folded.text)

    def createMimeDataFromSelection(self) -> QMimeData:
        """Copy plain text only; folded strings that are selected whole are copied whole."""
        data = QMimeData()
        data.setText(self._with_long_strings(self.textCursor().selection().toPlainText()))
        return data

    def _with_long_strings(self, text: str) -> str:
        for marker, literal in self._folds.items():
            text = text.replace(marker, literal)
        return text

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text, then the chips over their placeholders."""
        super().paintEvent(event)
        chips = [chip for block in self._visible_blocks() for chip in self._chips(block)]
        if not chips:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = self._theme.secondary()
        font.setPixelSize(SECONDARY_PX - 1)
        painter.setFont(font)
        for chip in chips:
            self._paint_chip(painter, chip)
        painter.end()

    def _paint_chip(self, painter: QPainter, chip: PaintedChip) -> None:
        tokens = self._theme.tokens
        painter.fillRect(chip.rect, QColor(tokens.accent if chip.selected else well(tokens)))
        painter.setPen(QPen(QColor(mix(tokens.text, tokens.panel, 0.16)), 1))
        painter.setBrush(QColor(hover(tokens)))
        painter.drawRoundedRect(chip.rect.adjusted(0.5, 1.5, -0.5, -1.5), 4, 4)
        painter.setPen(QColor(tokens.muted))
        label = painter.fontMetrics().elidedText(
            self._chip_label, Qt.TextElideMode.ElideRight, round(chip.rect.width()) - 6
        )
        painter.drawText(chip.rect, Qt.AlignmentFlag.AlignCenter, label)

    def _visible_blocks(self) -> Iterator[QTextBlock]:
        block = self.firstVisibleBlock()
        bottom = self.viewport().height()
        while block.isValid():
            if self._block_top(block) > bottom:
                return
            yield block
            block = block.next()

    def _block_top(self, block: QTextBlock) -> float:
        return self.blockBoundingGeometry(block).translated(self.contentOffset()).top()

    def _chips(self, block: QTextBlock) -> Iterator[PaintedChip]:
        text = block.text()
        if len(text) > MAX_COLOURED_LINE:
            return
        cursor = self.textCursor()
        for match in _CHIP.finditer(text):
            start, end = block.position() + match.start(), block.position() + match.end()
            if not self.isReadOnly() and self.hasFocus() and start < cursor.position() < end:
                continue
            selected = cursor.hasSelection() and cursor.selectionStart() < end and cursor.selectionEnd() > start
            yield PaintedChip(
                self._rect(block, match.start(), match.end()),
                selected,
            )

    def _rect(self, block: QTextBlock, start: int, end: int) -> QRectF:
        line = block.layout().lineForTextPosition(start)
        left, right = _x_of(line, start), _x_of(line, end)
        offset = self.contentOffset().x() + block.layout().position().x()
        return QRectF(offset + left, self._block_top(block), right - left, line.height())

    def _raw_text(self) -> str:
        # toPlainText would turn no-break spaces into spaces: an edit nobody made.
        return self.document().toRawText().replace("\u2029", "\n")

    def _choose_highlighter(self, characters: int) -> None:
        wanted = characters <= COLOURED_CHARACTERS
        if wanted and self._highlighter is None:
            self._highlighter = JsonHighlighter(self.document(), self._theme.tokens)
        elif not wanted and self._highlighter is not None:
            self._highlighter.setDocument(None)
            self._highlighter = None

    def _insert_slice(self) -> None:
        end = QTextCursor(self.document())
        end.movePosition(QTextCursor.MoveOperation.End)
        end.beginEditBlock()
        self._write(end, self._pending.pop())
        end.endEditBlock()
        if not self._pending:
            self._finish_loading()

    def _write(self, cursor: QTextCursor, text: str) -> None:
        cursor.insertText(text)

    def _finish_loading(self) -> None:
        self._timer.stop()
        self._loading = False
        self.setUndoRedoEnabled(True)
        self.document().setModified(False)
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.loaded.emit()
