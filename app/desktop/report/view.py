"""The export dialog: in which form, language and time zone a report leaves, and what would leave, before it does."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QTextBrowser, QVBoxLayout, QWidget

from app.desktop.dialog.action_dialog import ActionDialog
from app.desktop.report.choices import FORMATS, ReportChoice, format_words, language_words, zone_choices
from app.desktop.report.subject import ReportSubject
from app.desktop.run_page.facts_grid import Fact, FactsGrid
from app.desktop.shell.context import ReportFormat
from app.desktop.shell.controls import Picker, text_label
from app.desktop.shell.theme import Theme, set_role
from app.desktop.shell.words import translate
from app.domain.run import MaskRule, RedactionTally
from app.domain.triage import RunListing, TriageReport

_SIZE = (760, 640)
_DIALECT = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
PREVIEW_CHARACTERS = 12_000
"""How much of the report's text the preview shows."""


class ExportDialog(ActionDialog):
    """Asks how a report leaves and shows what would.

    Args:
        theme: Colours and fonts.
        subject: What the report is of.
        language: The language to begin with.
        parent: The window that is blocked meanwhile.
    """

    changed = Signal()

    def __init__(self, theme: Theme, subject: ReportSubject, language: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, "export", parent)
        self.resize(*_SIZE)
        self.setMinimumSize(560, 420)
        meaning = self.tr(
            "The report is for somebody without access. What redaction masks here is masked in it, and whose data "
            "leaves is written into the audit trail."
        )
        self.set_heading(subject.title, subject.mono, meaning)
        self.form = self._picker("export.format", self.tr("Format"))
        for form in FORMATS:
            self.form.addItem(format_words(form), form)
        self.language = self._picker("export.language", self.tr("Language"))
        for code, words in language_words().items():
            self.language.addItem(words, code)
        self.language.setCurrentIndex(max(self.language.findData(language), 0))
        self.zone = self._picker("export.zone", self.tr("Time zone"))
        for zone in zone_choices():
            self.zone.addItem(zone, zone)
        self.body.addWidget(self._choices())
        self._facts = FactsGrid()
        card = QFrame()
        set_role(card, "card")
        layout = QVBoxLayout(card)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.addWidget(self._facts)
        self.body.addWidget(card)
        self.state = text_label("", "muted")
        self.state.setObjectName("export.state")
        self.state.setWordWrap(True)
        self.body.addWidget(self.state)
        self.preview = QTextBrowser()
        self.preview.setObjectName("export.preview")
        self.preview.setAccessibleName(self.tr("What leaves"))
        self.preview.setOpenLinks(False)
        self.body.addWidget(self.preview, 1)

    @property
    def choice(self) -> ReportChoice:
        """What is chosen now."""
        form: ReportFormat = self.form.currentData()
        return ReportChoice(form, str(self.language.currentData()), str(self.zone.currentData()))

    def show_reading(self) -> None:
        """Say that the report is being made."""
        self.state.setText(self.tr("The report is being made…"))
        self.set_confirm(self.tr("Save…"), self.tr("The report is being made…"))

    def show_problem(self, text: str) -> None:
        """Say why there is no report."""
        self.state.setText(text)
        self.set_confirm(self.tr("Save…"), text)

    def show_report(self, report: TriageReport) -> None:
        """Show what the report holds, and what was masked in it."""
        facts = self._list_facts(report.listing) if report.listing is not None else self._run_facts(report)
        self._facts.show_facts(facts)

    def _run_facts(self, report: TriageReport) -> tuple[Fact, ...]:
        inspections = [account.inspection for account in report.accounts]
        restricted = any(one.restricted for one in inspections)
        hidden = self.tr("hidden: that takes the right workflow:manage")
        documents = hidden if restricted else self.tr("redacted")
        numbers = (
            ("export.steps", self.tr("Steps"), sum(len(one.steps) for one in inspections)),
            ("export.waits", self.tr("Waits"), sum(len(one.waits) for one in inspections)),
            ("export.calls", self.tr("Action calls"), sum(len(one.invocations) for one in inspections)),
            ("export.logs", self.tr("Log lines"), sum(len(one.logs) for one in inspections)),
        )
        return (
            *(Fact(name, label, str(number)) for name, label, number in numbers),
            Fact("export.documents", self.tr("Inputs and outputs"), documents),
            Fact("export.masked", self.tr("Masked values"), str(report.masked.total), _rules(report.masked)),
            *(Fact(f"export.masked.{rule}", rule_words(rule), str(number)) for rule, number in report.masked.counts),
        )

    def _list_facts(self, listing: RunListing) -> tuple[Fact, ...]:
        return (
            Fact("export.listed", self.tr("Runs"), str(len(listing.rows))),
            Fact("export.matching", self.tr("Runs that match"), str(listing.total)),
            Fact("export.diagnosed", self.tr("Diagnosed"), str(len(listing.diagnoses))),
            Fact("export.texts", self.tr("Error texts"), self.tr("redacted")),
        )

    def show_preview(self, text: str, size: int) -> None:
        """Show the beginning of what leaves, given as Markdown, and how large the file is in bytes."""
        shown = text if len(text) <= PREVIEW_CHARACTERS else text[: text.rfind("\n\n", 0, PREVIEW_CHARACTERS)]
        size_words = self.tr("{kib} KiB").format(kib=max(round(size / 1024), 1))
        if len(shown) < len(text):
            words = self.tr("What leaves ({size}). Its text begins so; the file has all of it:")
        else:
            words = self.tr("What leaves ({size}), as text:")
        self.state.setText(words.format(size=size_words))
        self.preview.document().setMarkdown(shown, _DIALECT)
        self.preview.moveCursor(QTextCursor.MoveOperation.Start)
        self.set_confirm(self.tr("Save…"), None)

    def show_saving(self, *, saving: bool) -> None:
        """Show whether the file is being written."""
        for picker in (self.form, self.language, self.zone):
            picker.setEnabled(not saving)
        self.set_sending(self.tr("Saving…") if saving else None)

    def _picker(self, name: str, title: str) -> QComboBox:
        picker = Picker(self.theme)
        picker.setObjectName(name)
        picker.setAccessibleName(title)
        picker.currentIndexChanged.connect(lambda _index: self.changed.emit())
        return picker

    def _choices(self) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        for picker in (self.form, self.language, self.zone):
            column = QVBoxLayout()
            column.setSpacing(4)
            label = text_label(picker.accessibleName(), "muted")
            label.setBuddy(picker)
            column.addWidget(label)
            column.addWidget(picker)
            layout.addLayout(column, 1)
        return row


def rule_words(rule: MaskRule) -> str:
    """Return why values are masked, in a word or two."""
    words = {
        MaskRule.KEY: translate("Export", "by key name"),
        MaskRule.POINTER: translate("Export", "by the tenant's settings"),
        MaskRule.REFERENCE: translate("Export", "secret references"),
        MaskRule.REPEATED: translate("Export", "repeated elsewhere"),
        MaskRule.CREDENTIAL: translate("Export", "credentials in texts"),
        MaskRule.CLOSED: translate("Export", "hidden whole"),
    }
    return words[rule]


def _rules(tally: RedactionTally) -> str:
    return "\n".join(f"{rule_words(rule)}: {number}" for rule, number in tally.counts)
