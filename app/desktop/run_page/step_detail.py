"""The selected step: what it was, its invocations, and what went in, came out and went wrong."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTabWidget, QVBoxLayout, QWidget

from app.desktop.json_view.view import JsonView
from app.desktop.run_page.documents import DocumentStore
from app.desktop.run_page.facts_grid import Fact, FactsGrid
from app.desktop.run_page.near_time import near_time
from app.desktop.run_page.tables import size_text
from app.desktop.shell.controls import ElidedLabel, Picker
from app.desktop.shell.pill import StatePill
from app.desktop.shell.state_look import StateKind, StateLook, status_look
from app.desktop.shell.theme import Theme, set_role
from app.desktop.shell.times import exact_utc, local_time, took_text
from app.domain.placeholders import find_placeholders
from app.domain.run import Invocation, JsonValue, RedactedDocument, RunInspection, Step


class _Tab(IntEnum):
    STEP = 0
    INPUT = 1
    OUTPUT = 2
    ERROR = 3


class StepDetail(QWidget):
    """Shows one step. Documents are asked for when their tab is looked at.

    Args:
        theme: Colours and fonts.
        documents: Where documents come from.
        parent: The owning widget.
    """

    def __init__(self, theme: Theme, documents: DocumentStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._documents = documents
        self._step: Step | None = None
        self._read_at: datetime | None = None
        self._invocations: tuple[Invocation, ...] = ()
        self._name = ElidedLabel()
        set_role(self._name, "strong")
        self._pill = StatePill(theme)
        self._choice = Picker(theme)
        self._choice.setObjectName("run.step.invocation")
        self._choice.setAccessibleName(self.tr("Invocation"))
        self._choice.currentIndexChanged.connect(self._show_tab)
        self._facts = FactsGrid()
        self._input = JsonView("run.step.input", self.tr("Input of the step's action"), theme)
        self._output = JsonView("run.step.output", self.tr("Output of the step's action"), theme)
        self._error = JsonView("run.step.error", self.tr("Error of the step"), theme)
        self._tabs = QTabWidget()
        self._tabs.setObjectName("run.step.tabs")
        self._tabs.setAccessibleName(self.tr("Step"))
        self._tabs.setDocumentMode(True)
        for widget in (_padded(self._facts), self._input, self._output, self._error):
            self._tabs.addTab(widget, "")
        self._tabs.currentChanged.connect(self._show_tab)
        self._nothing = QLabel()
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._nothing.setWordWrap(True)
        set_role(self._nothing, "muted")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._name, 1)
        head.addWidget(self._choice)
        head.addWidget(self._pill)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self._nothing)
        layout.addWidget(self._tabs, 1)
        documents.changed.connect(self._documents_changed)
        self.retranslate()
        self.show_step(None, None)

    @property
    def step(self) -> Step | None:
        """The step shown."""
        return self._step

    def retranslate(self) -> None:
        """Put every text in the current language."""
        titles = (self.tr("Step"), self.tr("Input"), self.tr("Output"), self.tr("Error"))
        for number, title in enumerate(titles):
            self._tabs.setTabText(number, title)
        self._nothing.setText(self.tr("Select a step to see what went in, what came out and what went wrong."))
        if self._step is not None:
            self._show_head(self._step)
            self._show_tab()

    def show_step(self, inspection: RunInspection | None, step: Step | None) -> None:
        """Show a step of an inspection, or that none is selected."""
        another = step is None or self._step is None or step.step_id != self._step.step_id
        self._step = step
        self._read_at = None if inspection is None else inspection.read_at
        self._nothing.setVisible(step is None)
        for widget in (self._tabs, self._name, self._pill):
            widget.setVisible(step is not None)
        if step is None or inspection is None:
            self._choice.setVisible(False)
            return
        self._invocations = invocations_of(inspection, step)
        self._show_choice(newest=another)
        self._show_head(step)
        self._tabs.setTabVisible(_Tab.INPUT, bool(self._invocations))
        self._tabs.setTabVisible(_Tab.OUTPUT, bool(self._invocations))
        self._tabs.setTabVisible(_Tab.ERROR, self._error_value() is not None)
        if another:
            self._tabs.setCurrentIndex(_Tab.ERROR if self._error_value() is not None else self._first_tab())
        self._show_tab()

    def _first_tab(self) -> _Tab:
        current = _Tab(self._tabs.currentIndex())
        return _Tab.STEP if not self._tabs.isTabVisible(current) or current is _Tab.ERROR else current

    def _show_choice(self, *, newest: bool) -> None:
        chosen = len(self._invocations) - 1 if newest else self._choice.currentIndex()
        self._choice.blockSignals(True)
        self._choice.clear()
        for number, invocation in enumerate(self._invocations, start=1):
            text = self.tr("Attempt {number} of {count}: {state}").format(
                number=number, count=len(self._invocations), state=status_look(invocation.status).word
            )
            self._choice.addItem(text)
        self._choice.setCurrentIndex(min(chosen, len(self._invocations) - 1))
        self._choice.blockSignals(False)
        self._choice.setVisible(len(self._invocations) > 1)

    def _show_head(self, step: Step) -> None:
        self._name.set_text(step.name or step.definition_step_id)
        if step.swallowed_error:
            self._pill.set_look(StateLook(StateKind.WAITING, self.tr("Error swallowed")))
        else:
            self._pill.set_look(status_look(step.status))
        self._facts.show_facts(self._facts_of(step))

    def _facts_of(self, step: Step) -> tuple[Fact, ...]:
        facts = [
            Fact("run.step.path", self.tr("Path"), step.step_path),
            Fact("run.step.type", self.tr("Type"), step.step_type or self.tr("unknown")),
            Fact("run.step.pass", self.tr("Pass"), str(step.attempt), self.tr("How often this path was entered")),
            Fact("run.step.started", self.tr("Started"), self._moment(step.started_at), exact_utc(step.started_at)),
        ]
        if step.completed_at is not None:
            took = step.duration_ms
            if took is None:
                took = round((step.completed_at - step.started_at).total_seconds() * 1000)
            facts.append(Fact("run.step.took", self.tr("Took"), took_text(took), exact_utc(step.completed_at)))
        invocation = self._invocation()
        if invocation is not None:
            action = f"{invocation.action_id}@{invocation.action_version}"
            facts.append(Fact("run.step.action", self.tr("Action"), action))
            sizes = self.tr("{input} in, {output} out").format(
                input=size_text(invocation.input_bytes), output=size_text(invocation.output_bytes)
            )
            facts.append(Fact("run.step.sizes", self.tr("Sizes"), sizes))
        return tuple(facts)

    def _moment(self, at: datetime) -> str:
        return local_time(at) if self._read_at is None else near_time(at, self._read_at)

    def _invocation(self) -> Invocation | None:
        number = self._choice.currentIndex()
        return self._invocations[number] if 0 <= number < len(self._invocations) else None

    def _error_value(self) -> JsonValue:
        """Return what the chosen attempt says went wrong, else what the step says; redacted already."""
        invocation = self._invocation()
        if invocation is not None and invocation.error is not None:
            return invocation.error
        if invocation is not None and invocation.error_message:
            return {"message": invocation.error_message}
        return None if self._step is None else self._step.error

    def _documents_changed(self, invocation_id: object) -> None:
        invocation = self._invocation()
        if invocation is not None and invocation.invocation_id == invocation_id:
            self._show_tab()

    def _show_tab(self) -> None:
        if self._step is None:
            return
        tab = _Tab(self._tabs.currentIndex())
        self._facts.show_facts(self._facts_of(self._step))
        self._tabs.setTabVisible(_Tab.ERROR, self._error_value() is not None)
        if tab is _Tab.ERROR:
            value = self._error_value()
            if value is None:
                self._error.show_message(self.tr("This attempt has no error."))
            else:
                self._error.show_document(RedactedDocument(value, find_placeholders(value)))
        elif tab in {_Tab.INPUT, _Tab.OUTPUT}:
            self._show_document(tab)

    def _show_document(self, tab: _Tab) -> None:
        view = self._input if tab is _Tab.INPUT else self._output
        invocation = self._invocation()
        if invocation is None:
            view.show_message(self.tr("This step called no action."))
            return
        if tab is _Tab.OUTPUT and invocation.completed_at is None:
            view.show_message(self.tr("The action has not ended, so there is no output yet."))
            return
        state = self._documents.state(invocation)
        if state.documents is not None:
            view.show_document(state.documents.input if tab is _Tab.INPUT else state.documents.output)
        elif state.problem is not None:
            view.show_problem(state.problem, lambda: self._documents.forget_problem(invocation))
        else:
            view.show_message(self.tr("Reading the document…"))


def invocations_of(inspection: RunInspection, step: Step) -> tuple[Invocation, ...]:
    """Return the invocations that belong to this pass of the step's path, oldest first."""
    passes = sorted(
        (other for other in inspection.steps if other.step_path == step.step_path), key=lambda other: other.started_at
    )
    position = next((number for number, other in enumerate(passes) if other.step_id == step.step_id), 0)
    following = passes[position + 1].started_at if position + 1 < len(passes) else None
    mine = [
        invocation
        for invocation in inspection.invocations
        if invocation.step_path == step.step_path
        and (position == 0 or invocation.created_at >= step.started_at)
        and (following is None or invocation.created_at < following)
    ]
    return tuple(sorted(mine, key=lambda invocation: (invocation.created_at, invocation.attempt)))


def _padded(widget: QWidget) -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 8, 0, 0)
    layout.addWidget(widget)
    layout.addStretch(1)
    return page
