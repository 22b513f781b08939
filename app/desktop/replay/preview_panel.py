"""The panel beside the payload: version, check, headroom, what would happen twice, replays so far."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.desktop.replay.panel_section import PanelSection
from app.desktop.replay.preview_state import PreviewState
from app.desktop.replay.preview_words import PreviewWords
from app.desktop.shell.controls import Picker, separator
from app.desktop.shell.theme import Theme, set_role
from app.domain.errors import RundeskError
from app.domain.replay_preview import VersionChoice, VersionPreview

_LEAST_WIDTH = 300
_MOST_WIDTH = 400
"""In pixels; the payload takes the rest."""


class PreviewPanel(QScrollArea):
    """Shows a :class:`PreviewState` and says what the operator chooses in it.

    Args:
        theme: Colours and fonts.
        own_version: The source run's version.
        parent: The owning widget.
    """

    version_chosen = Signal(object)
    fault_chosen = Signal(str)
    read_again_requested = Signal()

    def __init__(self, theme: Theme, own_version: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = PreviewWords(self)
        self._own_version = own_version
        self._unfolded: frozenset[str] = frozenset()
        self._state = PreviewState()
        self.setObjectName("replay.preview")
        self.setAccessibleName(self.tr("What the replay will meet"))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(_LEAST_WIDTH)
        self.setMaximumWidth(_MOST_WIDTH)
        set_role(self.viewport(), "panel")
        self.version = PanelSection(theme, "replay.preview.version", self.tr("Version"))
        self.check = PanelSection(theme, "replay.preview.check", self.tr("Check"))
        self.headroom = PanelSection(theme, "replay.preview.headroom", self.tr("Headroom"))
        self.forecast = PanelSection(theme, "replay.preview.forecast", self.tr("What would happen twice"))
        self.replays = PanelSection(theme, "replay.preview.replays", self.tr("Replays so far"))
        self.picker = Picker(theme)
        self.picker.setObjectName("replay.version")
        self.picker.setAccessibleName(self.tr("Version"))
        self.picker.setMinimumContentsLength(12)
        self._offer(None)
        self.picker.currentIndexChanged.connect(self._choose)
        self.version.controls.addWidget(self.picker)
        self.version.activated.connect(self._unfold)
        self.check.activated.connect(self.fault_chosen)
        self._again = QPushButton(self.tr("Look again"))
        self._again.setObjectName("replay.preview.again")
        self._again.setAccessibleName(self._again.text())
        self._again.setAutoDefault(False)
        self._again.setVisible(False)
        set_role(self._again, "link")
        self._again.clicked.connect(self.read_again_requested)
        self.setWidget(self._arranged())

    def _arranged(self) -> QWidget:
        content = QWidget()
        set_role(content, "panel")
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 12, 0)
        layout.setSpacing(10)
        sections = (self.version, self.check, self.headroom, self.forecast, self.replays)
        for number, section in enumerate(sections):
            if number:
                layout.addWidget(separator())
            layout.addWidget(section)
        layout.addWidget(self._again)
        layout.addStretch(1)
        return content

    def show_state(self, state: PreviewState, *, edited: bool, sendable: bool, sending: bool) -> None:
        """Show what is known so far.

        Args:
            state: The preview.
            edited: The payload is not the stored one.
            sendable: It is no text that is refused already.
            sending: The replay is under way, so that nothing can be chosen.
        """
        self._offer(state.version if isinstance(state.version, VersionPreview) else None)
        self.picker.setEnabled(not sending)
        self._state = state
        self.version.show_content(self._words.version(state, self._unfolded))
        self.check.show_content(self._words.check(state, sendable=sendable))
        self.headroom.show_content(self._words.headroom(state))
        self.forecast.show_content(self._words.forecast(state, edited=edited))
        self.replays.show_content(self._words.replays(state))
        parts = (state.version, state.verdict, state.forecast, state.replays)
        self._again.setVisible(any(isinstance(part, RundeskError) for part in parts))

    def _unfold(self, step: str) -> None:
        """Show what a changed step's members were and become, or take that away again."""
        self._unfolded ^= {step}
        self.version.show_content(self._words.version(self._state, self._unfolded))
        self.version.focus_link(step)

    def _choose(self) -> None:
        # Qt keeps the choice as a plain text.
        self.version_chosen.emit(VersionChoice(self.picker.currentData()))

    def _offer(self, version: VersionPreview | None) -> None:
        """Offer the own version, and the latest where it is another one."""
        texts = {
            VersionChoice.OWN: self.tr("Version {version}, the run's own").format(version=self._own_version),
        }
        if version is not None and version.latest not in {None, version.own}:
            texts[VersionChoice.LATEST] = self.tr("Version {version}, the latest").format(version=version.latest)
        elif version is None and self.picker.count() > 1:
            return  # looked up again: the choice stays
        if [self.picker.itemText(index) for index in range(self.picker.count())] == list(texts.values()):
            return
        chosen = self.picker.currentData()
        self.picker.blockSignals(True)
        self.picker.clear()
        for choice, text in texts.items():
            self.picker.addItem(text, choice)
        self.picker.setCurrentIndex(max(self.picker.findData(chosen), 0))
        self.picker.blockSignals(False)
