"""The sidebar of built-in views, each with its live number."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.desktop.runs.filter_state import BUILT_IN_VIEWS
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.theme import Theme, set_role
from app.desktop.shell.tokens import CORNER_PX, SECONDARY_PX, SPACE, hover
from app.desktop.shell.words import QT_TRANSLATE_NOOP, translate

SIDEBAR_WIDTH = 188
_BATCHES = "batches"
_FAILURES = "failures"
_CASES = "cases"
_VIEW_ROLE = int(Qt.ItemDataRole.UserRole)
_COUNT_ROLE = _VIEW_ROLE + 1
_TROUBLE_ROLE = _VIEW_ROLE + 2


class Sidebar(QListWidget):
    """Lists the built-in views, batches, failures and cases. ``view_chosen`` carries a view id."""

    view_chosen = Signal(str)
    batches_chosen = Signal()
    failures_chosen = Signal()
    cases_chosen = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._items: dict[str, QListWidgetItem] = {}
        self._headings: list[tuple[QListWidgetItem, str]] = []
        self._batches = QListWidgetItem()
        self._failures = QListWidgetItem()
        self._cases = QListWidgetItem()
        self.setObjectName("runs.views")
        self.setItemDelegate(_EntryDelegate(theme, self))
        self.setFixedWidth(SIDEBAR_WIDTH)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        set_role(self, "nav")
        self._fill()
        self.retranslate()
        self.itemClicked.connect(self._chosen)
        self.itemActivated.connect(self._chosen)
        theme.changed.connect(self.viewport().update)

    def set_counts(self, counts: dict[str, int]) -> None:
        """Show numbers by view id; a view that is missing shows none."""
        for view_id, item in self._items.items():
            item.setData(_COUNT_ROLE, counts.get(view_id))
            self._name(view_id, item)

    def count_of(self, view_id: str) -> int | None:
        """Return the number shown beside a view."""
        shown = self._items[view_id].data(_COUNT_ROLE)
        return shown if isinstance(shown, int) else None

    def mark(self, view_id: str | None) -> None:
        """Highlight the view that the list shows, or none."""
        item = None if view_id is None else self._items[view_id]
        if item is None:
            self.setCurrentIndex(QModelIndex())
        else:
            self.setCurrentItem(item)

    def mark_batches(self) -> None:
        """Highlight the batches, as they are what is shown."""
        self.setCurrentItem(self._batches)

    def mark_failures(self) -> None:
        """Highlight the failures, as they are what is shown."""
        self.setCurrentItem(self._failures)

    def mark_cases(self) -> None:
        """Highlight the cases, as they are what is shown."""
        self.setCurrentItem(self._cases)

    def show_batches(self, number: int, *, trouble: bool) -> None:
        """Show how many batches are not done; ``trouble`` says that one of them stands still."""
        self._batches.setData(_COUNT_ROLE, number or None)
        self._batches.setData(_TROUBLE_ROLE, trouble)

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        self.setAccessibleName(self.tr("Views"))
        for item, heading in self._headings:
            item.setText(translate("Views", heading))
        for view in BUILT_IN_VIEWS:
            item = self._items[view.view_id]
            item.setText(translate("Views", view.text))
            item.setToolTip(translate("Views", view.tooltip))
            self._name(view.view_id, item)
        self._batches.setText(self.tr("Batches"))
        self._batches.setToolTip(self.tr("What was done to many runs at once, and how each of them ended"))
        self._failures.setText(self.tr("Failures"))
        self._failures.setToolTip(self.tr("Which failures are the same, how often and since when"))
        self._cases.setText(self.tr("Cases"))
        self._cases.setToolTip(self.tr("Runs that belong together, with your notes"))

    def _fill(self) -> None:
        group = ""
        for view in BUILT_IN_VIEWS:
            if view.group != group:
                group = view.group
                heading = QListWidgetItem(self)
                heading.setFlags(Qt.ItemFlag.NoItemFlags)
                self._headings.append((heading, group))
            item = QListWidgetItem(self)
            item.setData(_VIEW_ROLE, view.view_id)
            item.setData(_TROUBLE_ROLE, view.trouble)
            self._items[view.view_id] = item
        heading = QListWidgetItem(self)
        heading.setFlags(Qt.ItemFlag.NoItemFlags)
        self._headings.append((heading, QT_TRANSLATE_NOOP("Views", "Many runs")))
        for item, name in ((self._batches, _BATCHES), (self._failures, _FAILURES), (self._cases, _CASES)):
            item.setData(_VIEW_ROLE, name)
            self.addItem(item)

    def _name(self, view_id: str, item: QListWidgetItem) -> None:
        count = self.count_of(view_id)
        spoken = item.text() if count is None else f"{item.text()}, {count}"
        item.setData(int(Qt.ItemDataRole.AccessibleTextRole), spoken)

    def _chosen(self, item: QListWidgetItem) -> None:
        view_id = item.data(_VIEW_ROLE)
        pages = {_BATCHES: self.batches_chosen, _FAILURES: self.failures_chosen, _CASES: self.cases_chosen}
        if view_id in pages:
            pages[view_id].emit()
        elif isinstance(view_id, str):
            self.view_chosen.emit(view_id)


class _EntryDelegate(QStyledItemDelegate):
    """Draws headings, and entries with their number at the right."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the height of an entry or, with air above it, of a heading."""
        heading = index.data(_VIEW_ROLE) is None
        return QSize(0, 36 if heading and index.row() else 30 if heading else 29)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one line."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(_VIEW_ROLE) is None:
            self._heading(painter, option.rect, str(index.data()))
        else:
            self._entry(painter, option, index)
        painter.restore()

    def _heading(self, painter: QPainter, rect: QRect, text: str) -> None:
        font = QFont(self._theme.secondary())
        font.setPixelSize(SECONDARY_PX - 1)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(self._theme.tokens.muted))
        box = rect.adjusted(4 * SPACE, 0, -SPACE, -6)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom), text)

    def _entry(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tokens = self._theme.tokens
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        ground = option.rect.adjusted(2 * SPACE, 0, -2 * SPACE, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        if selected or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(tokens.selection if selected else hover(tokens)))
            painter.drawRoundedRect(ground, CORNER_PX - 1, CORNER_PX - 1)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(tokens.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(ground, CORNER_PX - 1, CORNER_PX - 1)
        box = ground.adjusted(2 * SPACE, 0, -2 * SPACE, 0)
        font = self._theme.figures()
        font.setWeight(QFont.Weight.DemiBold if selected else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), str(index.data()))
        count = index.data(_COUNT_ROLE)
        if isinstance(count, int):
            trouble = bool(index.data(_TROUBLE_ROLE)) and count > 0
            painter.setPen(QColor(tokens.failed if trouble else tokens.muted))
            shown = option.locale.toString(count)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), shown)
