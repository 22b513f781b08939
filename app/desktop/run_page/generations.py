"""The generations of a replayed run: who ran it again, when, why, with what, and how each attempt ended."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QListView,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.desktop.run_page.generation_words import first_line, second_line, whole_story
from app.desktop.run_page.keyed_table import Cell, Column, Index, KeyedTableModel
from app.desktop.shell.icons import state_icon
from app.desktop.shell.state_look import state_colour, status_look
from app.desktop.shell.theme import Theme, set_role
from app.domain.replay_chain import MAX_FAMILY, MAX_GENERATIONS, Generation, ReplayChain

ROW_HEIGHT = 48
INDENT = 18
MAX_INDENTS = 8
_PAD = 10
_ICON = 12
_GAP = 6


class GenerationList(QListView):
    """The generations as lines of two rows each; a click, Enter or Return opens the run, Ctrl+C copies what is known.

    Args:
        theme: Colours and fonts.
        parent: The owning widget.
    """

    run_requested = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries: KeyedTableModel[Generation] = KeyedTableModel(lambda entry: entry.run.run_id, self)
        self.chain: ReplayChain | None = None
        self.read_at: datetime | None = None
        self.setObjectName("run.generations")
        self.setModel(self.entries)
        self.setItemDelegate(_GenerationDelegate(theme, self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        set_role(self, "nav")
        self.clicked.connect(self._open)
        self.activated.connect(self._open)

    def show_chain(self, chain: ReplayChain, read_at: datetime) -> None:
        """Show a chain, keeping the selection of a run that stays."""
        another = self.chain is None or self.chain.asked_for != chain.asked_for
        self.chain, self.read_at = chain, read_at
        self.entries.merge(chain.generations)
        self.entries.set_columns((Column("", self._cell),))
        if another:
            own = self.entries.row_of(chain.asked_for)
            self.setCurrentIndex(self.entries.index(own, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy what is known of the current generation on the platform's copy keys."""
        index = self.currentIndex()
        if event.matches(QKeySequence.StandardKey.Copy) and index.isValid():
            QGuiApplication.clipboard().setText(whole_story(self.entries.rows()[index.row()]))
            return
        super().keyPressEvent(event)

    def _cell(self, entry: Generation) -> Cell:
        if self.chain is None or self.read_at is None:
            return Cell("")
        parts = (str(entry.run.run_id)[:8], status_look(entry.run.status).word, first_line(entry, self.chain))
        spoken = f"{' · '.join(parts)}\n{second_line(entry, self.read_at)}"
        return Cell(spoken, tip=whole_story(entry))

    def _open(self, index: Index) -> None:
        run_id = self.entries.rows()[index.row()].run.run_id
        if self.chain is not None and run_id != self.chain.asked_for:
            self.run_requested.emit(run_id)


class _GenerationDelegate(QStyledItemDelegate):
    """Draws run and state above, who and why below; generations are indented under what they replayed."""

    def __init__(self, theme: Theme, parent: GenerationList) -> None:
        super().__init__(parent)
        self._theme = theme
        self._list = parent

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Return the height of two rows of text."""
        return QSize(0, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one generation."""
        chain, read_at = self._list.chain, self._list.read_at
        if chain is None or read_at is None:
            return
        entry = self._list.entries.rows()[index.row()]
        painter.save()
        self._ground(painter, option, own=entry.run.run_id == chain.asked_for)
        left = _PAD + INDENT * min(entry.depth, MAX_INDENTS)
        box = option.rect.adjusted(left, 5, -_PAD, -5)
        if entry.depth:
            self._elbow(painter, option.rect.left() + left - INDENT + 5, option.rect.top(), box.top() + 10)
        upper, lower = QRect(box), QRect(box)
        upper.setHeight(box.height() // 2)
        lower.setTop(upper.bottom() + 1)
        self._upper(painter, upper, entry, chain)
        tokens = self._theme.tokens
        self._text(painter, lower, second_line(entry, read_at), self._theme.secondary(), tokens.muted)
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, *, own: bool) -> None:
        tokens, rect = self._theme.tokens, option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(tokens.selection))
        if own:
            painter.fillRect(QRect(rect.left(), rect.top(), 2, rect.height() - 1), QColor(tokens.accent))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), QColor(tokens.line))

    def _elbow(self, painter: QPainter, x: int, top: int, middle: int) -> None:
        painter.setPen(QPen(QColor(self._theme.tokens.muted), 1))
        painter.drawLine(QPoint(x, top), QPoint(x, middle))
        painter.drawLine(QPoint(x, middle), QPoint(x + 8, middle))

    def _upper(self, painter: QPainter, box: QRect, entry: Generation, chain: ReplayChain) -> None:
        tokens, look = self._theme.tokens, status_look(entry.run.status)
        colour = state_colour(tokens, look.kind)
        rest = self._text(painter, box, str(entry.run.run_id)[:8], self._theme.mono(), tokens.text)
        icon = QRect(rest.left(), rest.top() + (rest.height() - _ICON) // 2, _ICON, _ICON)
        state_icon(look.kind, colour, _ICON).paint(painter, icon)
        rest.setLeft(icon.right() + _GAP)
        rest = self._text(painter, rest, look.word, self._theme.secondary(), colour)
        self._text(painter, rest, first_line(entry, chain), self._theme.secondary(), tokens.text)

    def _text(self, painter: QPainter, box: QRect, text: str, font: QFont, colour: str) -> QRect:
        """Draw a text from the left and return the room behind it."""
        metrics = QFontMetrics(font)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(box.width(), 0))
        painter.setFont(font)
        painter.setPen(QColor(colour))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)
        rest = QRect(box)
        rest.setLeft(box.left() + metrics.horizontalAdvance(shown) + 2 * _GAP)
        return rest


class GenerationsPane(QWidget):
    """The list with what it means above it; says so while it is read, when there is nothing, and when reading failed.

    Args:
        theme: Colours and fonts.
        parent: The owning widget.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._problem = ""
        self.list = GenerationList(theme)
        self.verdict = _sentence("run.generations.verdict", "strong")
        self.note = _sentence("run.generations.note", "secondary")
        self._empty = _sentence("run.generations.empty", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._empty.setContentsMargins(0, 12, 0, 0)
        told = QWidget()
        inner = QVBoxLayout(told)
        inner.setContentsMargins(0, 8, 0, 0)
        inner.setSpacing(4)
        inner.addWidget(self.verdict)
        inner.addWidget(self.note)
        inner.addWidget(self.list, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(told)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)
        theme.changed.connect(self.list.viewport().update)
        self.forget()

    def forget(self) -> None:
        """Show that a chain is being read."""
        self._problem = ""
        self.list.chain = None
        self.retranslate()

    def show_chain(self, chain: ReplayChain, read_at: datetime) -> None:
        """Show a chain; ``read_at`` is the moment of reading."""
        self._problem = ""
        self.list.show_chain(chain, read_at)
        self.retranslate()

    def show_problem(self, text: str) -> None:
        """Say why there is no chain; one that is shown already stays."""
        self._problem = text
        self.retranslate()

    def retranslate(self) -> None:
        """Put every text in the current language."""
        chain = self.list.chain
        self.list.setAccessibleName(self.tr("Generations of this run"))
        self._pages.setCurrentIndex(int(chain is not None and chain.has_story))
        self._empty.setText(self._emptiness(chain))
        self._empty.setAccessibleName(self._empty.text())
        if chain is not None:
            self._say(self.verdict, self._verdict(chain))
            self._say(self.note, self._note(chain))
            self.list.entries.refresh()

    def _say(self, label: QLabel, text: str) -> None:
        label.setText(text)
        label.setAccessibleName(text)
        label.setVisible(bool(text))

    def _emptiness(self, chain: ReplayChain | None) -> str:
        if chain is not None:
            return self.tr("This run is no replay, and nobody has replayed it.")
        return self._problem or self.tr("Reading the replays…")

    def _verdict(self, chain: ReplayChain) -> str:
        if chain.recovered_by == chain.asked_for:
            return self.tr("This run recovered what failed before it.")
        if chain.recovered_by is not None:
            return self.tr("Recovered by run {run}, which succeeded.").format(run=_short(chain.recovered_by))
        return self.tr("Not recovered: no replay has succeeded.") if chain.awaits_recovery else ""

    def _note(self, chain: ReplayChain) -> str:
        notes = [self._problem]
        if chain.origin_missing is not None:
            gone = self.tr("The earliest run shown replayed {run}, which is not here any more.")
            notes.append(gone.format(run=_short(chain.origin_missing)))
        if chain.truncated:
            more = self.tr("There are more: {generations} generations each way and {runs} runs are read.")
            notes.append(more.format(generations=MAX_GENERATIONS, runs=MAX_FAMILY))
        return "\n".join(note for note in notes if note)


def _short(run_id: UUID) -> str:
    return str(run_id)[:8]


def _sentence(name: str, role: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    set_role(label, role)
    return label
