"""The JSON editor in which masked values are locked chips: they move, copy and vanish whole, and never open.

The read-only view goes on painting chips over placeholders: it needs no identity, and a text without objects is
quicker to fill and is copied as what it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from uuid import uuid4

from PySide6.QtCore import QEvent, QMimeData, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QHelpEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QShortcut,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QToolTip, QWidget

from app.desktop.json_view.changed_middle import changed_middle
from app.desktop.json_view.chip_clipboard import Clipping, plain, put_on, take_from
from app.desktop.json_view.chip_object import CHIP_TYPE, ChipObject, ChipWords, chip_format, origin_of
from app.desktop.json_view.editor import JsonEditor, PaintedChip, editable
from app.desktop.json_view.folding import fold, unfold
from app.desktop.shell.theme import Theme
from app.domain.chips import HOLE
from app.domain.json_pointer import pointer, split_pointer
from app.domain.payload_change import ChippedText

_PLAIN = QTextCharFormat()
_TWO_UNITS = re.compile("[\U00010000-\U0010ffff]")


class ChipEditor(JsonEditor):
    """Edits a :class:`~app.domain.payload_change.ChippedText`.

    Which chip stands where is followed through every change of the document, undo and redo included, so that reading
    the text costs nothing that grows with the number of chips.

    Args:
        theme: Colours and the monospace font.
        words: What the chip of a JSON pointer says, already translated.
        parent: The owning widget.
    """

    def __init__(self, theme: Theme, words: Callable[[str], ChipWords], parent: QWidget | None = None) -> None:
        super().__init__(theme, "", parent)
        self._words = words
        self._origins: list[str | None] = []
        self._incoming: Iterator[str] = iter(())
        self._document_name = ""
        self._allowed = self.textInteractionFlags()
        self._chip_object = ChipObject(theme, self)
        self.document().documentLayout().registerHandler(CHIP_TYPE, self._chip_object)
        self.document().contentsChange.connect(self._follow)
        self.selectionChanged.connect(self._announce)
        for keys, step in (("Alt+Down", self.select_next_chip), ("Alt+Up", self.select_previous_chip)):
            shortcut = QShortcut(QKeySequence(keys), self, step)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)

    def open_chipped(self, content: ChippedText) -> None:
        """Fill the editor; :attr:`loaded` follows, at once when the text is small. What was copied before is text.

        Nothing can be typed before: chips are followed from the moment on at which all are there.
        """
        if not self.is_loading:
            self._allowed = self.textInteractionFlags()
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self._document_name = uuid4().hex
        self._origins = [pointer(origin) for origin in content.origins]
        self._incoming = iter(tuple(pointer(origin) for origin in content.origins))
        self._load(fold(editable(content.text, keep=HOLE)))

    def put_back(self, content: ChippedText) -> None:
        """Make the document what it was opened with, in one step that can be undone; it counts as clean."""
        folded = fold(editable(content.text, keep=HOLE))
        self._folds.update(folded.folds)
        now = Clipping(self._raw_text(), tuple(HOLE if origin is None else origin for origin in self._origins))
        wanted = Clipping(folded.text, tuple(pointer(origin) for origin in content.origins))
        start, end, middle = changed_middle(now, wanted)
        cursor = QTextCursor(self.document())
        cursor.setPosition(_units(now.text[:start]))
        cursor.setPosition(_units(now.text[:end]), QTextCursor.MoveMode.KeepAnchor)
        self._insert(cursor, middle)
        self.document().setModified(False)
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def chipped_text(self) -> ChippedText:
        """Return the text with folded strings put back. BrokenFold when a marker was changed in part."""
        text, origins = self._raw_text(), self._origins
        if None in origins:
            text = _without_strangers(text, origins)
        known = tuple(split_pointer(origin) for origin in origins if origin is not None)
        return ChippedText(unfold(text, self._folds), known)

    def select_next_chip(self) -> None:
        """Select the next masked value after the caret, from the beginning again behind the last one."""
        text = self._text_by_position()
        at = text.find(HOLE, self.textCursor().selectionEnd())
        self._select_chip(at if at >= 0 else text.find(HOLE))

    def select_previous_chip(self) -> None:
        """Select the masked value before the caret, from the end again before the first one."""
        text = self._text_by_position()
        at = text.rfind(HOLE, 0, self.textCursor().selectionStart())
        self._select_chip(at if at >= 0 else text.rfind(HOLE))

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste: chips that were copied in this document stay what they are, anything else is text."""
        clipping = None if self.isReadOnly() else take_from(source, self._document_name)
        if clipping is not None:
            self._insert(self.textCursor(), clipping)
        elif source.hasText() and not self.isReadOnly():
            folded = fold(editable(source.text()), first=len(self._folds) + 1)
            self._folds.update(folded.folds)
            self.textCursor().insertText(folded.text)

    def createMimeDataFromSelection(self) -> QMimeData:
        """Copy the chips with their origins, and plain text in which each is a placeholder."""
        cursor = self.textCursor()
        text = cursor.selectedText().replace("\u2029", "\n")
        first = self._text_by_position().count(HOLE, 0, cursor.selectionStart())
        origins = self._origins[first : first + text.count(HOLE)]
        data = QMimeData()
        data.setText(plain(self._with_long_strings(text)))
        if None not in origins:
            put_on(data, Clipping(text, tuple(origin for origin in origins if origin is not None)), self._document_name)
        return data

    def viewportEvent(self, event: QEvent) -> bool:
        """Show which value a chip under the pointer stands for."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            found = self._chip_under(event.pos())
            if found is None:
                QToolTip.hideText()
            else:
                position, place = found
                QToolTip.showText(event.globalPos(), self._description_at(position), self.viewport(), place)
            return True
        return super().viewportEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text and its chips, then the selected ones so that they can be read."""
        super().paintEvent(event)
        cursor = self.textCursor()
        if not cursor.hasSelection():
            return
        painter = QPainter(self.viewport())
        for block in self._visible_blocks():
            for position in self._selected_chips(block, cursor):
                place, text_format = self._chip_rect(position), self._format_at(position)
                if place is not None:
                    self._chip_object.paint_selected(painter, QRectF(place), text_format)
        painter.end()

    def _selected_chips(self, block: QTextBlock, cursor: QTextCursor) -> Iterator[int]:
        first = block.position()
        for match in re.finditer(HOLE, _TWO_UNITS.sub("  ", block.text())):
            if cursor.selectionStart() <= first + match.start() < cursor.selectionEnd():
                yield first + match.start()

    def _theme_changed(self) -> None:
        self._chip_object.use_theme()
        super()._theme_changed()
        # The layout has measured the chips with the fonts of before.
        self.document().markContentsDirty(0, self.document().characterCount())

    def _chips(self, _block: QTextBlock) -> Iterator[PaintedChip]:
        """Paint nothing over text: a placeholder typed here is no chip and must not look like one."""
        return iter(())

    def _finish_loading(self) -> None:
        self.setTextInteractionFlags(self._allowed)
        super()._finish_loading()

    def _write(self, cursor: QTextCursor, text: str) -> None:
        for number, piece in enumerate(text.split(HOLE)):
            if number:
                origin = next(self._incoming)
                cursor.insertText(HOLE, chip_format(origin, self._words(origin).label))
            if piece:
                cursor.insertText(piece, _PLAIN)

    def _insert(self, cursor: QTextCursor, clipping: Clipping) -> None:
        self._incoming = iter(clipping.origins)
        cursor.beginEditBlock()
        cursor.removeSelectedText()
        self._write(cursor, clipping.text)
        cursor.endEditBlock()
        self.setTextCursor(cursor)

    def _follow(self, position: int, _removed: int, added: int) -> None:
        """Take over the chips of the changed stretch; those before and behind it are the same as they were."""
        if self._loading:
            return
        text = self._text_by_position()
        before = text.count(HOLE, 0, position)
        arrived = [at for at in range(position, min(position + added, len(text))) if text[at] == HOLE]
        gone = len(self._origins) + len(arrived) - text.count(HOLE)
        self._origins[before : before + gone] = [self._origin_at(at) for at in arrived]

    def _text_by_position(self) -> str:
        """Return the text with two characters for each that Qt counts as two, so that indices are positions."""
        return _TWO_UNITS.sub("  ", self._raw_text())

    def _origin_at(self, position: int) -> str | None:
        return origin_of(self._format_at(position))

    def _format_at(self, position: int) -> QTextCharFormat:
        cursor = QTextCursor(self.document())
        cursor.setPosition(position + 1)
        return cursor.charFormat()

    def _description_at(self, position: int) -> str:
        origin = self._origin_at(position)
        return "" if origin is None else self._words(origin).description

    def _select_chip(self, position: int) -> None:
        if position < 0:
            return
        cursor = self.textCursor()
        cursor.setPosition(position)
        cursor.setPosition(position + 1, QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        place = self.cursorRect().bottomLeft()
        QToolTip.showText(self.viewport().mapToGlobal(place), self._description_at(position), self.viewport())

    def _announce(self) -> None:
        """Tell a screen reader which masked value is selected: the character itself says nothing."""
        cursor = self.textCursor()
        if cursor.selectedText() == HOLE:
            described = self._description_at(cursor.selectionStart())
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, described))

    def _chip_under(self, point: QPoint) -> tuple[int, QRect] | None:
        near = self.cursorForPosition(point).position()
        for position in (near - 1, near):
            place = self._chip_rect(position)
            if place is not None and place.contains(point):
                return position, place
        return None

    def _chip_rect(self, position: int) -> QRect | None:
        if position < 0 or self.document().characterAt(position) != HOLE:
            return None
        cursor = QTextCursor(self.document())
        cursor.setPosition(position)
        left = self.cursorRect(cursor)
        cursor.setPosition(position + 1)
        return QRect(left.topLeft(), self.cursorRect(cursor).bottomLeft())


def _units(text: str) -> int:
    """Return the length as Qt counts it."""
    return len(_TWO_UNITS.sub("  ", text))


def _without_strangers(text: str, origins: Sequence[str | None]) -> str:
    """Return the text with an escape for each hole that is no chip: somebody typed the character itself."""
    known = iter(origins)
    return re.sub(HOLE, lambda hole: "\\ufffc" if next(known) is None else hole.group(), text)
