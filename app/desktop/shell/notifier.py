"""How any part of the desktop tells the operator something, without knowing where it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from app.desktop.shell.error_text import error_details, error_text
from app.domain.errors import RuleViolation, RundeskError
from app.domain.run import RunKey


class NoticeKind(StrEnum):
    """How serious a notice is."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Notice:
    """One message: what happened, what it means, what can be done; already translated and redacted.

    ``details`` unfold on demand. ``run`` offers a jump to that run.
    """

    kind: NoticeKind
    text: str
    details: str = ""
    run: RunKey | None = None


class Notifier(QObject):
    """Posts notices; the window shows them, tests collect them."""

    posted = Signal(object)

    def info(self, text: str, details: str = "", run: RunKey | None = None) -> None:
        """Say something worth knowing."""
        self.posted.emit(Notice(NoticeKind.INFO, text, details, run))

    def success(self, text: str, details: str = "", run: RunKey | None = None) -> None:
        """Say that something asked for was done."""
        self.posted.emit(Notice(NoticeKind.SUCCESS, text, details, run))

    def warning(self, text: str, details: str = "", run: RunKey | None = None) -> None:
        """Say that something needs a look."""
        self.posted.emit(Notice(NoticeKind.WARNING, text, details, run))

    def error(self, text: str, details: str = "", run: RunKey | None = None) -> None:
        """Say that something asked for was not done."""
        self.posted.emit(Notice(NoticeKind.ERROR, text, details, run))

    def failure(self, error: RundeskError, run: RunKey | None = None) -> None:
        """Show an error of the tree: a refusal as a warning, a failing environment as an error."""
        kind = NoticeKind.WARNING if isinstance(error, RuleViolation) else NoticeKind.ERROR
        self.posted.emit(Notice(kind, error_text(error), error_details(error), run))
