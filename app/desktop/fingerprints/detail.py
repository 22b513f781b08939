"""One failure: what is said, where it was seen, and what is known of it."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app.desktop.dialog.message_card import MessageCard
from app.desktop.shell.controls import text_label
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.theme import Theme, set_role
from app.desktop.shell.times import exact_utc, local_time
from app.desktop.shell.tokens import SPACE
from app.domain.failure_fingerprint import Affected, Fingerprint, is_web_link

_NAMED = 6
"""Tenants or workflows that are named; the others are counted."""


class FingerprintDetail(QWidget):
    """Shows a failure and lets the operator note what is known.

    ``note_wanted`` carries text and link to keep, ``runs_wanted`` the failure whose runs are to be listed,
    ``link_wanted`` an address to open.
    """

    note_wanted = Signal(str, str)
    runs_wanted = Signal(object)
    link_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: Fingerprint | None = None
        self._saving = False
        self.example = text_label()
        self.example.setObjectName("fingerprints.example")
        self.example.setWordWrap(True)
        self.example.setFont(theme.mono())
        self.example.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._seen = text_label("", "muted")
        self._tenants, self._workflows = text_label("", "muted"), text_label("", "muted")
        for label in (self._seen, self._tenants, self._workflows):
            label.setWordWrap(True)
        self.note = QPlainTextEdit()
        self.note.setObjectName("fingerprints.note")
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(64)
        self.note.textChanged.connect(self._judge)
        self.link = QLineEdit()
        self.link.setObjectName("fingerprints.link")
        self.link.textChanged.connect(lambda _text: self._judge())
        self.save = self._button("fingerprints.save", self._save)
        set_role(self.save, "primary")
        self.open_link = self._button("fingerprints.open_link", self._open)
        self.show_runs = self._button("fingerprints.runs", self._runs)
        self.show_runs.setAccessibleName(self.tr("List its runs"))
        self.error = MessageCard("error-card", "fingerprints.error")
        self.error.setVisible(False)
        self._form = QFormLayout()
        self._note_label, self._link_label = text_label(), text_label()
        self._lay_out()
        self.retranslate()

    @property
    def found(self) -> Fingerprint | None:
        """What is shown."""
        return self._found

    @property
    def edited(self) -> bool:
        """Whether something typed is not kept yet."""
        note = None if self._found is None else self._found.note
        kept = ("", "") if note is None else (note.text, note.link)
        return (self.note.toPlainText().strip(), self.link.text().strip()) != kept

    def show_fingerprint(self, found: Fingerprint | None) -> None:
        """Show a failure; what was typed about the same one stays."""
        same = found is not None and self._found is not None and found.identity == self._found.identity
        keep = same and self.edited
        self._found = found
        self.setVisible(found is not None)
        if found is not None and not keep:
            self.note.setPlainText("" if found.note is None else found.note.text)
            self.link.setText("" if found.note is None else found.note.link)
            self.error.setVisible(False)
        self._describe()

    def show_saving(self, *, saving: bool, problem: str = "") -> None:
        """Show that a note is being kept, or why it could not be."""
        self._saving = saving
        self.error.say(problem)
        self.error.setVisible(bool(problem))
        self._judge()

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        self._note_label.setText(self.tr("What is known"))
        self._link_label.setText(self.tr("Link"))
        self.note.setAccessibleName(self._note_label.text())
        self.note.setPlaceholderText(self.tr("Kept on this computer, beside this failure whenever it is seen"))
        self.link.setAccessibleName(self._link_label.text())
        self.link.setPlaceholderText("https://")
        self.save.setText(self.tr("Save note"))
        self.open_link.setText(self.tr("Open link"))
        for button in (self.save, self.open_link):
            button.setAccessibleName(button.text())
        self._describe()

    def _lay_out(self) -> None:
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self._form.addRow(self._note_label, self.note)
        line = QHBoxLayout()
        line.addWidget(self.link, 1)
        line.addWidget(self.open_link)
        self._form.addRow(self._link_label, line)
        acts = QHBoxLayout()
        acts.addWidget(self.show_runs)
        acts.addStretch(1)
        acts.addWidget(self.save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2 * SPACE, 0, 0)
        layout.setSpacing(2 * SPACE)
        for part in (self.example, self._seen, self._workflows, self._tenants):
            layout.addWidget(part)
        layout.addLayout(self._form)
        layout.addWidget(self.error)
        layout.addLayout(acts)
        layout.addStretch(1)

    def _button(self, name: str, act: object) -> QPushButton:
        button = QPushButton()
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(act)
        return button

    def _describe(self) -> None:
        found = self._found
        if found is None:
            return
        self.example.setText(found.example or self.tr("The runs failed without a message."))
        self.example.setAccessibleName(self.example.text())
        first, last = local_time(found.first_seen), local_time(found.last_seen)
        self._seen.setText(
            self.tr("%n run(s), first at {first}, last at {last}", "", found.count).format(first=first, last=last)
        )
        self._seen.setToolTip(f"{exact_utc(found.first_seen)}\n{exact_utc(found.last_seen)}")
        self._workflows.setText(self.tr("Workflows: {names}").format(names=self._names(found.workflows)))
        self._tenants.setText(self.tr("Tenants: {names}").format(names=self._names(found.tenants)))
        self.show_runs.setText(self.tr("List %n run(s)", "", len(found.runs)))
        self.show_runs.setAccessibleName(self.show_runs.text())
        self._judge()

    def _names(self, affected: Iterable[Affected]) -> str:
        each = tuple(affected)
        unnamed = self.tr("unnamed")
        names = [f"{one.name or unnamed} ({one.count})" for one in each[:_NAMED]]
        rest = len(each) - _NAMED
        return ", ".join(names) + (" " + self.tr("and %n more", "", rest) if rest > 0 else "")

    def _judge(self) -> None:
        refusal = ""
        if self._saving:
            refusal = self.tr("The note is being saved.")
        elif not self.edited:
            refusal = self.tr("The note is saved.")
        elif self.link.text().strip() and not is_web_link(self.link.text().strip()):
            refusal = self.tr("A link begins with https:// or http:// and names a host.")
        _allow(self.save, refusal)
        link = self.link.text().strip()
        usable = is_web_link(link)
        _allow(
            self.open_link,
            "" if usable else self.tr("There is no link to open."),
            self.tr("Open {address} in the browser").format(address=link),
        )

    def _save(self) -> None:
        self.note_wanted.emit(self.note.toPlainText(), self.link.text())

    def _open(self) -> None:
        if is_web_link(self.link.text().strip()):
            self.link_wanted.emit(self.link.text().strip())

    def _runs(self) -> None:
        if self._found is not None:
            self.runs_wanted.emit(self._found)


def _allow(button: QPushButton, refusal: str, tooltip: str = "") -> None:
    button.setEnabled(not refusal)
    button.setToolTip(refusal or tooltip)
    button.setAccessibleDescription(refusal or tooltip)
