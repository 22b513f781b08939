"""One section of the panel beside the payload: a heading, a badge that says how it stands, and lines below."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.desktop.dialog.badge import Badge, Tone
from app.desktop.shell.controls import ElidedLabel, text_label
from app.desktop.shell.theme import Theme, set_role


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a section. ``note`` stands below it, small; ``tip`` is its tooltip.

    ``link`` makes it a button that emits this value, in the monospace font when it is ``code``; ``role`` is a look of
    the style sheet.
    """

    text: str
    note: str = ""
    role: str = ""
    tip: str = ""
    link: str | None = None
    code: bool = False


@dataclass(frozen=True, slots=True)
class SectionContent:
    """All that a section shows."""

    badge: str
    tone: Tone = Tone.QUIET
    lines: tuple[Line, ...] = ()


class PanelSection(QWidget):
    """Shows a :class:`SectionContent`; the same content again changes nothing, so that the focus stays.

    Args:
        theme: Colours and fonts.
        name: Object name; the badge is ``<name>.badge``.
        title: The heading, translated.
        parent: The owning widget.
    """

    activated = Signal(str)

    def __init__(self, theme: Theme, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._content: SectionContent | None = None
        self._title = title
        self.setObjectName(name)
        self.badge = Badge(theme)
        self.badge.setObjectName(f"{name}.badge")
        head = QHBoxLayout()
        head.setSpacing(8)
        heading = ElidedLabel(title)
        set_role(heading, "heading")
        head.addWidget(heading, 1)
        head.addWidget(self.badge)
        self.controls = QVBoxLayout()
        self.controls.setSpacing(4)
        self._body = QWidget()
        self._rows = QVBoxLayout(self._body)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addLayout(self.controls)
        layout.addWidget(self._body)

    @property
    def text(self) -> str:
        """Everything that the section says, line by line: what a screen reader gets."""
        content = self._content or SectionContent("")
        said = [self._title, content.badge]
        for line in content.lines:
            said += [line.text, line.note]
        return "\n".join(part for part in said if part)

    def show_content(self, content: SectionContent) -> None:
        """Show this content."""
        if content == self._content:
            return
        rebuilt = self._content is None or content.lines != self._content.lines
        self._content = content
        self.badge.say(content.badge, content.tone)
        self.badge.setVisible(bool(content.badge))
        if rebuilt:
            self._rebuild(content.lines)
        self.setAccessibleName(self._title)
        self.setAccessibleDescription(self.text)

    def links(self) -> list[QPushButton]:
        """Return the lines that can be activated."""
        rows = (self._rows.itemAt(index) for index in range(self._rows.count()))
        widgets = (row.widget() for row in rows if row is not None)
        return [widget for widget in widgets if isinstance(widget, QPushButton)]

    def focus_link(self, link: str) -> None:
        """Give the focus to the line that emits this value, when it is there."""
        for button in self.links():
            if button.property("link") == link:
                button.setFocus()

    def _rebuild(self, lines: tuple[Line, ...]) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for line in lines:
            shown = [self._label(line) if line.link is None else self._button(line, line.link)]
            if line.note:
                note = _wrapping(line.note, "secondary")
                note.setContentsMargins(0, 0, 0, 2)
                shown.append(note)
            for widget in shown:
                self._rows.addWidget(widget)
                widget.show()  # now, so that it can take the focus
        self._body.setVisible(bool(lines))

    def _label(self, line: Line) -> QLabel:
        label = _wrapping(line.text, line.role)
        label.setToolTip(line.tip)
        return label

    def _button(self, line: Line, link: str) -> QPushButton:
        button = QPushButton(line.text)
        button.setObjectName(f"{self.objectName()}.link")
        button.setProperty("link", link)
        button.setAccessibleName(f"{line.text} {line.note}".strip())
        button.setToolTip(line.tip)
        button.setAutoDefault(False)
        if line.code:
            button.setFont(self._theme.mono())
        button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        set_role(button, "link")
        button.clicked.connect(lambda: self.activated.emit(link))
        return button


def _wrapping(text: str, role: str) -> QLabel:
    label = text_label(text, role)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label
