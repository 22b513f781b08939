"""The window while the embedded servers start: the steps so far, or why it cannot go on."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.desktop.sandbox_start.step_texts import step_text
from app.desktop.shell.controls import text_label
from app.desktop.shell.environment import EnvironmentFrame, EnvironmentKind
from app.desktop.shell.error_text import error_text
from app.desktop.shell.icons import paint_state_icon
from app.desktop.shell.language_change import language_changed
from app.desktop.shell.state_look import StateKind, state_colour
from app.desktop.shell.theme import Theme, set_role
from app.desktop.shell.tokens import SPACE
from app.domain.errors import RundeskError

_SIZE = QSize(560, 420)
_TICK_MS = 1000
_SHOWN_STEPS = 7


class StartWindow(QWidget):
    """Shown until the console is connected. ``again_wanted`` and ``quit_wanted`` are its only acts.

    Args:
        theme: The look.
        kind: Decides the colour of the frame.
        sandbox: Whether embedded servers are being started, which takes a while the first time.
    """

    again_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, theme: Theme, kind: EnvironmentKind, *, sandbox: bool) -> None:
        super().__init__()
        self._theme = theme
        self._sandbox = sandbox
        self._seconds = 0
        self._problem: RundeskError | None = None
        self._steps: list[_StepLine] = []
        self.setObjectName("start.window")
        self.resize(_SIZE)
        frame = EnvironmentFrame(theme, kind, self)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(frame)
        body = QWidget(frame)
        set_role(body, "panel")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(body)
        self._title = text_label("", "title")
        self._text = text_label("", "muted")
        self._text.setWordWrap(True)
        self._progress = QProgressBar()
        self._progress.setRange(0, 0)
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(4)
        self._list = QVBoxLayout()
        self._list.setSpacing(SPACE)
        self._elapsed = text_label("", "secondary")
        self._again = self._button("start.again", self.again_wanted.emit, "primary")
        self._quit = self._button("start.quit", self.quit_wanted.emit, "")
        self._lay_out(body)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.begin()

    def begin(self) -> None:
        """Show an attempt from its beginning."""
        for line in self._steps:
            self._list.removeWidget(line)
            line.deleteLater()
        self._steps = []
        self._problem = None
        self._seconds = 0
        self._timer.start()
        self._progress.show()
        self._again.hide()
        self.retranslate()

    def show_step(self, text: str) -> None:
        """Show that one more thing is being done; the one before is done."""
        if self._steps:
            self._steps[-1].finish()
        line = _StepLine(self._theme, step_text(text), self)
        self._steps.append(line)
        self._list.addWidget(line)
        for old in self._steps[:-_SHOWN_STEPS]:
            old.hide()

    @property
    def steps(self) -> tuple[str, ...]:
        """What was shown so far."""
        return tuple(line.text for line in self._steps)

    def show_problem(self, error: RundeskError) -> None:
        """Say why it cannot go on, and offer to begin again."""
        self._problem = error
        self._timer.stop()
        self._progress.hide()
        self._again.show()
        if self._steps:
            self._steps[-1].fail()
        self.retranslate()

    def show_ending(self) -> None:
        """Say that everything is being stopped."""
        self._timer.stop()
        self._quit.setEnabled(False)
        self._again.setEnabled(False)
        self._text.setText(self.tr("Stopping what was started…"))

    def stop(self) -> None:
        """Stop counting; the window is no longer needed."""
        self._timer.stop()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask for an orderly end instead of just vanishing."""
        event.ignore()
        self.quit_wanted.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put every text in the current language."""
        self.setWindowTitle("Rundesk")
        if self._problem is not None:
            self._title.setText(self.tr("Rundesk could not connect"))
            if self._sandbox:
                self._title.setText(self.tr("The sandbox could not start"))
            self._text.setText(error_text(self._problem))
        elif self._sandbox:
            self._title.setText(self.tr("Starting the sandbox"))
            self._text.setText(
                self.tr(
                    "Rundesk starts its own PostgreSQL, Temporal and worker on this computer. "
                    "The first time it also runs some workflows, which takes about twenty seconds."
                )
            )
        else:
            self._title.setText(self.tr("Connecting"))
            self._text.setText(self.tr("Asking Postgres and Temporal."))
        for button, text in ((self._again, self.tr("Start again")), (self._quit, self.tr("Quit"))):
            button.setText(text)
            button.setAccessibleName(text)
        self._show_elapsed()

    def _lay_out(self, body: QWidget) -> None:
        rows = QVBoxLayout(body)
        rows.setContentsMargins(8 * SPACE, 7 * SPACE, 8 * SPACE, 6 * SPACE)
        rows.setSpacing(2 * SPACE)
        rows.addWidget(self._title)
        rows.addWidget(self._text)
        rows.addSpacing(2 * SPACE)
        rows.addWidget(self._progress)
        rows.addSpacing(2 * SPACE)
        rows.addLayout(self._list)
        rows.addStretch(1)
        foot = QHBoxLayout()
        foot.addWidget(self._elapsed)
        foot.addStretch(1)
        foot.addWidget(self._quit)
        foot.addWidget(self._again)
        rows.addLayout(foot)

    def _button(self, name: str, act: object, role: str) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        set_role(button, role)
        button.clicked.connect(act)
        return button

    def _tick(self) -> None:
        self._seconds += 1
        self._show_elapsed()

    def _show_elapsed(self) -> None:
        shown = self._seconds >= 3 and self._problem is None
        self._elapsed.setText(self.tr("{seconds} s so far").format(seconds=self._seconds) if shown else "")


class _StepLine(QWidget):
    """One step: going on, done or failed."""

    def __init__(self, theme: Theme, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.text = text
        self._mark = _Mark(theme, self)
        self._label: QLabel = text_label(text)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2 * SPACE)
        line.addWidget(self._mark)
        line.addWidget(self._label, 1)

    def finish(self) -> None:
        """Mark it as done."""
        self._mark.show_kind(StateKind.SUCCEEDED)
        set_role(self._label, "muted")

    def fail(self) -> None:
        """Mark it as failed."""
        self._mark.show_kind(StateKind.FAILED)


class _Mark(QWidget):
    """The icon before a step."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kind = StateKind.RUNNING
        self.setFixedSize(QSize(12, 12))

    def show_kind(self, kind: StateKind) -> None:
        """Show another icon."""
        self._kind = kind
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the icon."""
        painter = QPainter(self)
        paint_state_icon(painter, QRectF(self.rect()), self._kind, state_colour(self._theme.tokens, self._kind))
        painter.end()
