"""The operator's choices of look and language: applied at once, remembered, and shown as checked in the menu."""

from __future__ import annotations

from functools import partial
from typing import get_args

from PySide6.QtCore import QObject

from app.desktop.shell.commands import CommandBook
from app.desktop.shell.language import LANGUAGES, LanguageSwitch
from app.desktop.shell.preferences import Preferences, PreferenceStore
from app.desktop.shell.theme import Density, Theme, ThemeMode


class LookChoices(QObject):
    """Carries out every ``view.…`` command.

    Args:
        theme: Changed by the choices.
        commands: Whose actions show the choices.
        store: Remembers them; None forgets them.
        language: Changed by the choices; None keeps the language.
        parent: The owning object.
    """

    def __init__(
        self,
        theme: Theme,
        commands: CommandBook,
        store: PreferenceStore | None,
        language: LanguageSwitch | None,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._commands = commands
        self._store = store
        self._language = language
        commands.bind("view.theme.toggle", self._toggle_theme)
        commands.bind("view.reduced_motion", self._motion_chosen)
        commands.action("view.notifications").setChecked(store is None or store.load().notifications)
        commands.action("view.notifications").toggled.connect(lambda _on: self._keep())
        for mode in get_args(ThemeMode):
            commands.bind(f"view.theme.{mode}", partial(self._theme_chosen, mode))
        for density in get_args(Density):
            commands.bind(f"view.density.{density}", partial(self._density_chosen, density))
        for code in LANGUAGES:
            commands.bind(f"view.language.{code}", partial(self._language_chosen, code))
        self._show()

    def _toggle_theme(self) -> None:
        self._theme_chosen("light" if self._theme.tokens.dark else "dark")

    def _theme_chosen(self, mode: ThemeMode) -> None:
        self._theme.set_mode(mode)
        self._keep()

    def _density_chosen(self, density: Density) -> None:
        self._theme.set_density(density)
        self._keep()

    def _language_chosen(self, code: str) -> None:
        if self._language is not None:
            self._language.use(code)
        self._keep()

    def _motion_chosen(self) -> None:
        self._theme.set_reduced_motion(self._commands.action("view.reduced_motion").isChecked())
        self._keep()

    def _keep(self) -> None:
        if self._store is not None:
            self._store.save(self._present())
        self._show()

    def _present(self) -> Preferences:
        language = "" if self._language is None else self._language.language
        theme = self._theme
        told = self._commands.action("view.notifications").isChecked()
        return Preferences(theme.mode, theme.density, language or LANGUAGES[0], theme.reduced_motion, told)

    def _show(self) -> None:
        """Check the actions of what is in force, also when one was clicked that already was."""
        present = self._present()
        chosen = {
            f"view.theme.{present.theme}",
            f"view.density.{present.density}",
            f"view.language.{present.language}",
        }
        for command in self._commands:
            if command.checkable and command.command_id.startswith(("view.theme", "view.density", "view.language")):
                self._commands.action(command.command_id).setChecked(command.command_id in chosen)
        self._commands.action("view.reduced_motion").setChecked(present.reduced_motion)
