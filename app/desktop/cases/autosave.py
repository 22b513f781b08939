"""Keeps what is typed into a case a moment after the last key, one write at a time, and says how it stands."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from app.desktop.shell.context import DesktopContext
from app.desktop.shell.error_text import error_text
from app.desktop.shell.words import translate
from app.domain.case import Case
from app.domain.errors import RundeskError

PAUSE_MS = 600
"""After the last key."""


class Autosave(QObject):
    """``stood`` carries how it stands, in words; ``failed`` why it cannot be kept ("" when it can); ``kept`` the case.

    Args:
        context: The desktop's surroundings.
        parent: The owning object.
    """

    stood = Signal(str)
    failed = Signal(str)
    kept = Signal(object)

    def __init__(self, context: DesktopContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._waiting: Case | None = None
        self._writing = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self._due)

    @property
    def clean(self) -> bool:
        """Whether everything is kept."""
        return self._waiting is None and not self._writing

    def edited(self, case: Case) -> None:
        """Take over what is to be kept."""
        if self._waiting is not None and self._waiting.case_id != case.case_id:
            self._due()
        self._waiting = case
        self.stood.emit(translate("Cases", "Not saved yet…"))
        self._timer.start()

    def stop(self) -> None:
        """Wait for no more keys."""
        self._timer.stop()

    async def flush(self) -> None:
        """Keep what is waiting now."""
        self._timer.stop()
        while self._waiting is not None:
            case, self._waiting = self._waiting, None
            if not await self._keep(case):
                return

    def _due(self) -> None:
        self._timer.stop()
        if self._waiting is not None and not self._writing:
            self._writing = True
            self._context.tasks.spawn("keep case", self._run())

    async def _run(self) -> None:
        try:
            await self.flush()
        finally:
            self._writing = False

    async def _keep(self, case: Case) -> bool:
        self.stood.emit(translate("Cases", "Saving…"))
        cases = self._context.console.cases
        try:
            kept: Case = await self._context.bridge.call(lambda: cases.keep(case))
        except RundeskError as error:
            self._waiting = self._waiting or case  # the next key, or leaving the page, tries again
            self.stood.emit(translate("Cases", "Not saved"))
            self.failed.emit(error_text(error))
            return False
        self.failed.emit("")
        self.stood.emit(translate("Cases", "Saved on this computer"))
        self.kept.emit(kept)
        return True
