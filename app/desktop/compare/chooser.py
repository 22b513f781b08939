"""Which run to compare with: what it replays, its replay, the last success, or any other."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from PySide6.QtWidgets import QButtonGroup, QLineEdit, QRadioButton, QWidget

from app.desktop.dialog.action_dialog import ActionDialog
from app.desktop.shell.theme import Theme
from app.domain.run import RunInspection


class Partner(StrEnum):
    """With which run."""

    SOURCE = "source"
    REPLAY = "replay"
    SUCCESS = "success"
    OTHER = "other"


class CompareChooser(ActionDialog):
    """Asks for the other run.

    Args:
        theme: Colours and fonts.
        inspection: The run that is looked at.
        parent: The window that is blocked meanwhile.
    """

    def __init__(self, theme: Theme, inspection: RunInspection, parent: QWidget | None = None) -> None:
        super().__init__(theme, "compare", parent)
        self.resize(520, 320)
        detail = inspection.run
        name = detail.row.workflow_name or self.tr("Unnamed workflow")
        self.set_heading(
            self.tr("Compare with…"),
            str(detail.row.key.run_id)[:8],
            self.tr("Both runs of {workflow} are laid side by side, step by step.").format(workflow=name),
        )
        self._choices = QButtonGroup(self)
        self._buttons: dict[Partner, QRadioButton] = {}
        source = detail.row.replay_of
        newest = detail.replays[-1].run_id if detail.replays else None
        self._add(
            Partner.SOURCE,
            self.tr("The run that it replays"),
            self.tr("This run is no replay.") if source is None else None,
        )
        self._add(
            Partner.REPLAY,
            self.tr("Its newest replay"),
            self.tr("This run has not been replayed.") if newest is None else None,
        )
        self._add(Partner.SUCCESS, self.tr("The last success of this workflow"), None)
        self._add(Partner.OTHER, self.tr("Another run of this tenant:"), None)
        self.other = QLineEdit()
        self.other.setObjectName("compare.other")
        self.other.setAccessibleName(self.tr("Id of the other run"))
        self.other.setPlaceholderText(self.tr("The whole run id"))
        self.other.setFont(theme.mono())
        self.other.textEdited.connect(self._typed)
        self.body.addWidget(self.other)
        self.body.addStretch(1)
        best = Partner.SOURCE if source else Partner.REPLAY if newest else Partner.SUCCESS
        self._buttons[best].setChecked(True)
        self._buttons[best].setFocus()
        self._choices.buttonToggled.connect(lambda _button, _on: self._judge())
        self._judge()

    @property
    def partner(self) -> Partner:
        """What is chosen."""
        return next(partner for partner, button in self._buttons.items() if button.isChecked())

    @property
    def other_id(self) -> UUID | None:
        """The id that was typed, or None while it is none."""
        try:
            return UUID(self.other.text().strip())
        except ValueError:
            return None

    def choose(self, partner: Partner) -> None:
        """Choose one."""
        self._buttons[partner].setChecked(True)

    def _add(self, partner: Partner, text: str, refusal: str | None) -> None:
        button = QRadioButton(text)
        button.setObjectName(f"compare.with.{partner}")
        button.setAccessibleName(text)
        button.setEnabled(refusal is None)
        button.setToolTip(refusal or "")
        button.setAccessibleDescription(refusal or "")
        self._choices.addButton(button)
        self._buttons[partner] = button
        self.body.addWidget(button)

    def _typed(self, _text: str) -> None:
        self.choose(Partner.OTHER)
        self._judge()

    def _judge(self) -> None:
        missing = self.partner is Partner.OTHER and self.other_id is None
        self.set_confirm(self.tr("Compare"), self.tr("Type the whole id of a run.") if missing else None)
