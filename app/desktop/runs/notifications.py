"""Tells outside of the window what is new: a cause that was not there before, a watched run that has ended."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QLocale, QObject, Signal, SignalInstance

from app.desktop.shell.cause_text import cause_badge
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.state_look import run_look
from app.domain.diagnosis.codes import Cause
from app.domain.diagnosis.troubles import TroubleGroup, Troubles
from app.domain.run import RunKey, RunRow

NOTIFICATIONS = "view.notifications"
WATCH = "run.watch"
_LISTED = 3
"""Causes that hovering the icon names."""
_REMEMBERED = 20_000
"""Runs with a cause that were told and are not told again."""


class Speaker(Protocol):
    """Where messages go outside of the window; a :class:`app.desktop.shell.tray.Tray`."""

    activated: SignalInstance

    @property
    def available(self) -> bool:
        """Whether there is such a place."""

    def show(self, text: str, *, trouble: bool) -> None:
        """Show an icon with a text to hover."""

    def hide(self) -> None:
        """Show no icon."""

    def tell(self, title: str, text: str) -> None:
        """Show a message."""


class Notifications(QObject):
    """Follows the troubles and the watched runs of one window.

    The same run with the same cause is told once; what was there when the window opened, or another tenant came into
    view, is in the banner and is not told. ``window_wanted`` asks for the window, from the icon.
    """

    window_wanted = Signal()

    def __init__(self, context: DesktopContext, tray: Speaker, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._tray = tray
        self._told: frozenset[tuple[RunKey, Cause]] | None = None
        self._causes: frozenset[Cause] = frozenset()
        self._troubles = Troubles()
        self._watched: frozenset[RunKey] = frozenset()
        tray.activated.connect(self.window_wanted)
        context.commands.bind(NOTIFICATIONS, self.follow_switch)
        self.follow_switch()

    @property
    def wanted(self) -> bool:
        """Whether the operator wants messages, and there is a place for them."""
        return self._tray.available and self._context.commands.action(NOTIFICATIONS).isChecked()

    @property
    def watched(self) -> frozenset[RunKey]:
        """The runs whose end is told."""
        return self._watched

    def watch(self, key: RunKey, *, wanted: bool) -> None:
        """Tell the end of this run, or no longer."""
        self._watched = self._watched | {key} if wanted else self._watched - {key}

    def forget(self) -> None:
        """Take another tenant's first troubles as known."""
        self._told = None

    def follow_switch(self) -> None:
        """Show or hide the icon as the operator chose, and say where there is no tray."""
        reason = None
        if not self._tray.available:
            reason = self.tr("This desktop has no tray, so there is no place for messages.")
        self._context.commands.set_allowed(NOTIFICATIONS, reason)
        self._show_icon()

    def take(self, troubles: Troubles) -> None:
        """Show the worst on the icon, and tell causes that are new."""
        self._troubles = troubles
        self._show_icon()
        if troubles.checked_at is None:
            return
        causes = {group.cause: group for group in troubles.groups if group.cause is not None}
        now = frozenset((key, cause) for cause, group in causes.items() for key in group.runs)
        if self._told is not None and self.wanted:
            fresh = {cause for _, cause in now - self._told} - self._causes
            for cause in (cause for cause in causes if cause in fresh):
                self._tell_cause(causes[cause])
        self._causes = frozenset(causes)
        self._told = now if self._told is None or len(self._told) > _REMEMBERED else now | self._told

    def ended(self, rows: tuple[RunRow, ...]) -> None:
        """Tell that watched runs have ended, in the window and outside."""
        for row in rows:
            if row.key in self._watched:
                self.watch(row.key, wanted=False)
                text = self.tr("{workflow} has ended: {state}.").format(
                    workflow=row.workflow_name or str(row.key.run_id)[:8], state=run_look(row).word
                )
                self._context.notify.info(text, run=row.key)
                if self.wanted:
                    self._tray.tell(self._title(), text)

    def stop(self) -> None:
        """Take the icon away."""
        self._tray.hide()

    def _tell_cause(self, group: TroubleGroup) -> None:
        text = self.tr("{cause}: %n runs do not go on.", "", group.number)
        self._tray.tell(self._title(), text.format(cause=cause_badge(group.cause)))

    def _title(self) -> str:
        return f"Rundesk \u2014 {self._context.environment_name}"

    def _show_icon(self) -> None:
        if not self.wanted:
            self._tray.hide()
            return
        groups, number = self._troubles.groups, self._troubles.number
        lines = [f"{cause_badge(group.cause)}  {QLocale().toString(group.number)}" for group in groups[:_LISTED]]
        head = self.tr("%n runs are in trouble", "", number) if number else ""
        self._tray.show("\n".join(line for line in (self._title(), head, *lines) if line), trouble=bool(groups))
