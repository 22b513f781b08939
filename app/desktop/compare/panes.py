"""What differs of the step that is selected, and of the runs as a whole."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QTabWidget, QWidget

from app.desktop.compare.words import change_text, step_text
from app.desktop.replay.changes_view import ChangesView
from app.desktop.shell.error_text import error_text
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.theme import Theme
from app.domain.document_difference import DocumentDifference
from app.domain.errors import RuleViolation
from app.domain.payload_changes import PayloadChange
from app.domain.replay_preview import NotKnown
from app.domain.run_comparison import ComparedStep, RunComparison


class ComparisonPanes(QTabWidget):
    """Tabs of differences: of the step input, output and error; of the runs their input and their definition."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compare.panes")
        self._comparison: RunComparison | None = None
        self._step: ComparedStep | None = None
        self.given = self._add(theme, "compare.input")
        self.returned = self._add(theme, "compare.output")
        self.error = self._add(theme, "compare.error")
        self.payload = self._add(theme, "compare.payload")
        self.definition = self._add(theme, "compare.definition")
        theme.changed.connect(self._show)
        self.retranslate()

    def show_comparison(self, comparison: RunComparison | None) -> None:
        """Show the runs' own differences."""
        self._comparison, self._step = comparison, None
        self._show()

    def show_step(self, step: ComparedStep | None) -> None:
        """Show the differences of a step."""
        self._step = step
        self._show()

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        titles = (
            self.tr("Step input"),
            self.tr("Step output"),
            self.tr("Step error"),
            self.tr("Run input"),
            self.tr("Definition"),
        )
        for place, title in enumerate(titles):
            self.setTabText(place, title)
            page = self.widget(place)
            if page is not None:
                page.setAccessibleName(title)
        self.setAccessibleName(self.tr("Differences"))
        self._show()

    def _add(self, theme: Theme, name: str) -> ChangesView:
        view = ChangesView(theme)
        view.setObjectName(name)
        self.addTab(view, "")
        return view

    def _show(self) -> None:
        if self._comparison is None:
            return
        self._show_documents(self.payload, self._comparison.input)
        self._show_definition(self._comparison)
        step = self._step
        if step is None:
            for view in (self.given, self.returned, self.error):
                view.show_sentence(self.tr("Select a step to see how it differs."))
        elif step.first is None or step.second is None:
            self._show_alone(step)
        else:
            self._show_documents(self.given, step.input)
            self._show_documents(self.returned, step.output)
            self._show_errors(step)

    def _show_alone(self, step: ComparedStep) -> None:
        sentence = (
            self.tr("Only the first run went through {step}.")
            if step.second is None
            else self.tr("Only the second run went through {step}.")
        ).format(step=step_text(step))
        self.given.show_sentence(sentence)
        self.returned.show_sentence(sentence)
        self.error.show_sentence(step.shown.error_text or self.tr("It did not fail."))

    def _show_errors(self, step: ComparedStep) -> None:
        one, other = (None if side is None else side.error_text for side in (step.first, step.second))
        if one is None and other is None:
            self.error.show_sentence(self.tr("The step failed in neither run."))
        elif one == other:
            self.error.show_sentence(self.tr("Both say: {error}").format(error=one))
        else:
            self.error.show_changes((PayloadChange(step.shown.step.step_path, one, other),))

    def _show_documents(self, view: ChangesView, difference: DocumentDifference) -> None:
        if difference.unknown:
            view.show_sentence(
                self.tr("Not compared: what you may not see, or what is hidden, is not compared either.")
            )
            return
        changes = tuple(PayloadChange(each.pointer, each.first, each.second) for each in difference.changes)
        if changes:
            view.show_changes(changes)
        else:
            view.show_sentence(self._equal(difference))

    def _equal(self, difference: DocumentDifference) -> str:
        if difference.masked:
            return self.tr("No difference. %n masked place(s) were not compared.", "", difference.masked)
        return self.tr("No difference.")

    def _show_definition(self, comparison: RunComparison) -> None:
        definition = comparison.definition
        if isinstance(definition, NotKnown):
            reason = RuleViolation(definition.code, definition.reason, **dict(definition.params))
            self.definition.show_sentence(error_text(reason))
        elif not definition:
            same = comparison.same_version
            self.definition.show_sentence(
                self.tr("Both ran the same version.") if same else self.tr("The two versions do not differ.")
            )
        else:
            self.definition.show_changes(
                tuple(
                    PayloadChange(f"{change_text(change)}  {member.pointer}", member.before, member.after)
                    for change in definition
                    for member in change.members
                )
                + tuple(PayloadChange(change_text(change), None, None) for change in definition if not change.members)
            )
