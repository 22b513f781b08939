"""The window's menu: every command that is not a button, by topic."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QMenu, QWidget

from app.desktop.shell.commands import CommandBook
from app.desktop.shell.language_change import language_changed

_RUN = (
    "runs.start",
    "",
    "run.replay",
    "run.start_like",
    "run.cancel",
    "run.export",
    "run.compare",
    "case.add_run",
    "",
    "runs.open",
    "runs.copy_id",
    "run.copy_diagnosis",
    "run.watch",
    "intents.show",
)
_BATCH = (
    "batch.show",
    "",
    "batch.select_all",
    "batch.clear",
    "batch.replay",
    "batch.cancel",
    "",
    "batch.start",
    "batch.pause",
    "batch.resume",
    "batch.abort",
    "batch.replan",
    "batch.export",
)
_UNDERSTANDING = (
    "fingerprints.show",
    "",
    "compare.next",
    "compare.previous",
    "compare.swap",
    "compare.close",
    "",
    "cases.show",
    "case.new",
    "case.add_selected",
    "case.add_comparison",
    "case.remove",
)
_WAY_OUT = (
    "quota.resume",
    "",
    "repair.complete-launch",
    "repair.fail-launch",
    "repair.release-human-task",
    "repair.project-close",
    "repair.deliver-event",
    "",
    "repair.mode",
    "",
    "stranded.finalize",
    "health.show",
)
_LIST = (
    "runs.search",
    "runs.refresh",
    "runs.live",
    "runs.clear_filters",
    "runs.export",
    "",
    "stuck.show",
    "troubles.acknowledge",
    "troubles.show_acknowledged",
)
_LOOK = (
    "view.theme.light",
    "view.theme.dark",
    "view.theme.system",
    "view.theme.toggle",
    "",
    "view.density.comfortable",
    "view.density.compact",
    "",
    "view.reduced_motion",
    "view.notifications",
)
_LANGUAGE = ("view.language.en", "view.language.de")


class MainMenu(QMenu):
    """Opened by the menu button and by its mnemonic."""

    def __init__(self, commands: CommandBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("app.menu.list")
        self._run = self._submenu(commands, _RUN)
        self._batch = self._submenu(commands, _BATCH)
        self._understanding = self._submenu(commands, _UNDERSTANDING)
        self._way_out = self._submenu(commands, _WAY_OUT)
        self._list = self._submenu(commands, _LIST)
        self._look = self._submenu(commands, _LOOK)
        self._language = self._submenu(commands, _LANGUAGE)
        self.addSeparator()
        self.addAction(commands.action("app.quit"))
        self.retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Put the texts in the new language."""
        if language_changed(event, self):
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Put the titles in the current language."""
        self._run.setTitle(self.tr("Run"))
        self._batch.setTitle(self.tr("Many runs"))
        self._understanding.setTitle(self.tr("Failures and cases"))
        self._way_out.setTitle(self.tr("Way out"))
        self._list.setTitle(self.tr("List"))
        self._look.setTitle(self.tr("Look"))
        # A menu in a language one cannot read is found by its other name.
        self._language.setTitle(self.tr("Language / Sprache"))

    def _submenu(self, commands: CommandBook, command_ids: tuple[str, ...]) -> QMenu:
        menu = self.addMenu("")
        for command_id in command_ids:
            if command_id:
                menu.addAction(commands.action(command_id))
            else:
                menu.addSeparator()
        return menu
