"""The run page: everything about one run, kept true while it is looked at."""

from __future__ import annotations

from enum import IntEnum
from uuid import UUID

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.dialog.message_card import MessageCard
from app.desktop.run_page.controller import RunPageController
from app.desktop.run_page.documents import DocumentStore
from app.desktop.run_page.error_card import ErrorCard
from app.desktop.run_page.header import RunHeader
from app.desktop.run_page.panes import Pane, RunPanes
from app.desktop.run_page.recovery_card import RecoveryCard
from app.desktop.run_page.summary import RunSummary
from app.desktop.run_page.why_card import WhyCard
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.error_text import note_text
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.theme import set_role
from app.domain.diagnosis.finding import Diagnosis
from app.domain.diagnosis.troubles import Troubles
from app.domain.replay_chain import ReplayChain
from app.domain.run import RunInspection, RunKey
from app.domain.timeline import Timeline
from app.services.inspect_run import ExecutionView

MARGIN = 16
LOADING_SHOWN_AFTER_MS = 200


class _Page(IntEnum):
    SENTENCE = 0
    RUN = 1


class RunPage(QWidget):
    """Shows one run; :meth:`show_run` opens it, :meth:`update_inspection` keeps it live.

    ``navigate_run`` carries the :class:`RunKey` of a run that the operator wants to see instead.

    Args:
        context: The desktop's surroundings.
        parent: The owning widget.
    """

    navigate_run = Signal(object)
    inspected = Signal(object)
    """Carries what is shown now, None while nothing is."""

    def __init__(self, context: DesktopContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run.page")
        set_role(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._inspection: RunInspection | None = None
        self._execution: ExecutionView | None = None
        self._sentence_role = "empty"
        self._pages = QStackedWidget()
        self._pages.addWidget(self._make_sentence_page())
        self._pages.addWidget(self._make_run_page(context))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)
        self._loading_timer = QTimer(self)
        self._loading_timer.setSingleShot(True)
        self._loading_timer.setInterval(LOADING_SHOWN_AFTER_MS)
        self._loading_timer.timeout.connect(self._show_loading)
        self.controller = RunPageController(context, self)
        self.setFocusProxy(self.panes.tabs)
        self.clear()

    def _make_sentence_page(self) -> QWidget:
        page = QWidget()
        self._sentence = QLabel()
        self._sentence.setWordWrap(True)
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        set_role(self._sentence, "muted")
        self._again = QPushButton()
        self._again.setObjectName("run.read")
        self._again.clicked.connect(self._read_again)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(2 * MARGIN, MARGIN, 2 * MARGIN, MARGIN)
        layout.addStretch(2)
        layout.addWidget(self._sentence)
        layout.addWidget(self._again, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        return page

    def _make_run_page(self, context: DesktopContext) -> QWidget:
        self.documents = DocumentStore(context, self)
        self.header = RunHeader(context.theme, context.commands)
        self.header.copied.connect(lambda: context.notify.info(self.tr("The run id is on the clipboard.")))
        self.why = WhyCard(context.theme, context.commands)
        self.error = ErrorCard()
        self.recovery = RecoveryCard()
        self.recovery.run_requested.connect(self._open_relative)
        self.legacy = MessageCard("info-card", "run.legacy")
        self.closed = MessageCard("warning-card", "run.redaction_closed")
        self.restricted = MessageCard("info-card", "run.restricted")
        self.damaged = MessageCard("warning-card", "run.damaged")
        self.summary = RunSummary()
        self.summary.run_requested.connect(self.navigate_run)
        self.panes = RunPanes(context.theme, self.documents)
        self.panes.generations.list.run_requested.connect(self._open_relative)
        self.error.step_requested.connect(self.panes.select_path)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        layout.setSpacing(12)
        for widget in (
            self.header, self.why, self.error, self.recovery, self.legacy, self.closed, self.restricted,
            self.damaged, self.summary,
        ):  # fmt: skip
            layout.addWidget(widget)
        # What the panes would like must not squeeze the lines above them: they take the rest.
        self.panes.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        layout.addWidget(self.panes, 1)
        return page

    @property
    def key(self) -> RunKey | None:
        """The run that is shown or being read."""
        return self.controller.key

    @property
    def inspection(self) -> RunInspection | None:
        """What is shown, or None while nothing is."""
        return self._inspection

    @property
    def execution(self) -> ExecutionView | None:
        """What Temporal says of the run shown, or None while it is asked."""
        return self._execution

    def show_run(self, key: RunKey) -> None:
        """Open a run; the run shown before stays until the new one is there, for at most a moment."""
        if key != self.controller.key or self._inspection is None:
            self._loading_timer.start()
            self.controller.open(key)

    def update_inspection(self, inspection: RunInspection) -> None:
        """Take a newer reading of the run that is open; others are ignored."""
        if inspection.run.row.key == self.controller.key:
            self.controller.follow(inspection)

    def update_chain(self, chain: ReplayChain) -> None:
        """Take a newer reading of the open run's family; others are ignored."""
        self.controller.chains.follow(chain)

    def update_troubles(self, troubles: Troubles) -> None:
        """Take the tenant's runs in trouble, for their number."""
        self.why.show_others(troubles)

    def update_diagnosis(self, diagnosis: Diagnosis) -> None:
        """Take a newer diagnosis of the open run; others are ignored."""
        if diagnosis.key == self.controller.key:
            self.why.show_diagnosis(diagnosis)
            if self._inspection is not None:
                self.header.show_row(self._inspection.run.row, self.why.fitting)

    def clear(self) -> None:
        """Show no run."""
        self._loading_timer.stop()
        self._inspection = None
        self.inspected.emit(None)
        self.why.clear()
        self.controller.close()
        self._say("empty")

    def render_inspection(self, inspection: RunInspection, execution: ExecutionView | None) -> None:
        """Show an inspection and what Temporal says (None while it is asked); the controller calls this."""
        self._loading_timer.stop()
        self._inspection, self._execution = inspection, execution
        self.inspected.emit(inspection)
        self.documents.open(inspection.run.row.key)
        self.why.show_row(inspection.run.row)
        self.header.show_row(inspection.run.row, self.why.fitting)
        self.error.show_error(
            inspection.error, inspection.read_at, frozenset(step.step_path for step in inspection.steps)
        )
        self._show_notes(inspection)
        self.render_execution(execution)
        self.panes.show_inspection(inspection)
        self._pages.setCurrentIndex(_Page.RUN)

    def render_execution(self, execution: ExecutionView | None) -> None:
        """Show what Temporal says of the run."""
        self._execution = execution
        if self._inspection is not None:
            self.summary.show_run(self._inspection, execution, self.controller.tenant_name)

    def render_chain(self, chain: ReplayChain | None) -> None:
        """Show the family of the run, or (None) that it is being read."""
        self.recovery.show_chain(chain)
        if chain is not None:
            self.panes.show_chain(chain)

    def show_generations(self) -> None:
        """Bring the run's generations to the front."""
        self.panes.tabs.setCurrentIndex(Pane.GENERATIONS)

    def render_timeline(self, timeline: Timeline) -> None:
        """Show the timeline of the inspection."""
        self.panes.show_timeline(timeline)

    def render_problem(self, text: str) -> None:
        """Say why the run cannot be shown, and offer to read it again."""
        self._loading_timer.stop()
        self._inspection = None
        self._say("problem", text)

    def changeEvent(self, event: QEvent) -> None:
        """Put every text in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        for part in (self.header, self.error, self.why, self.panes):
            part.retranslate()
        if self._inspection is not None:
            self.render_inspection(self._inspection, self._execution)
            self.controller.allow_actions()
        else:
            self._say(self._sentence_role, self._sentence.text())

    def _open_relative(self, run_id: UUID) -> None:
        if self.key is not None:
            self.navigate_run.emit(RunKey(self.key.tenant, run_id))

    def _read_again(self) -> None:
        self.controller.read_again()

    def _show_notes(self, inspection: RunInspection) -> None:
        note = inspection.run.legacy_note
        self.legacy.setVisible(note is not None)
        self.legacy.say("" if note is None else note_text(note))
        self.closed.setVisible(inspection.redaction_closed)
        self.closed.say(
            self.tr("All data of this run is hidden."),
            self.tr("The tenant's rules for masking cannot be read, so nothing is shown rather than too much."),
        )
        self.restricted.setVisible(inspection.restricted)
        self.restricted.say(
            self.tr("What actions were given and returned is hidden."),
            self.tr("Showing it takes the right workflow:manage, which whoever acts here does not have."),
        )
        paths = inspection.run.damaged_paths
        self.damaged.setVisible(bool(paths))
        self.damaged.say(
            self.tr("Damaged input: this run's stored payload holds %n placeholder(s).", "", len(paths)),
            ", ".join(path or "/" for path in paths[:5]),
        )

    def _show_loading(self) -> None:
        self._inspection = None
        self._say("loading")

    def _say(self, role: str, text: str = "") -> None:
        self._sentence_role = role
        sentences = {
            "empty": self.tr("Select a run to see what happened in it."),
            "loading": self.tr("Reading the run…"),
        }
        self._sentence.setText(sentences.get(role, text))
        self._again.setText(self.tr("Read again"))
        self._again.setAccessibleName(self._again.text())
        self._again.setVisible(role == "problem")
        self._pages.setCurrentIndex(_Page.SENTENCE)
