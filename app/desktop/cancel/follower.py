"""Follows an accepted cancel beside everything else and tells when the execution has really closed."""

from __future__ import annotations

from app.desktop.cancel.words import CancelWords
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.error_text import error_details, error_text
from app.domain.cancellation import CancelProgress
from app.domain.errors import RundeskError
from app.services.follow_cancel import FollowedCancel

SOON_SECONDS = 2.0
"""A cancel that is over by then is told in one notice."""
LONGEST_SECONDS = 900.0
"""Longer than the ten minutes that an activity of the reference may take (runtime.md 2.5)."""


class CancelFollower:
    """Tells requested, accepted and closed apart, in one notice or in two.

    Args:
        context: The desktop's surroundings; the following lives as long as its window.
    """

    def __init__(self, context: DesktopContext) -> None:
        self._context = context
        self.words = CancelWords()

    def follow(self, cancel: FollowedCancel) -> None:
        """Follow a cancel in the background."""
        self._context.tasks.spawn(f"follow cancel {cancel.key.run_id}", self._follow(cancel))

    async def _follow(self, cancel: FollowedCancel) -> None:
        try:
            progress = await self._look(cancel, SOON_SECONDS)
            if not progress.is_over:
                self._context.notify.info(self._said(cancel, progress), run=cancel.key)
                progress = await self._look(cancel, LONGEST_SECONDS)
        except RundeskError as error:
            self._context.notify.warning(error_text(error), error_details(error), cancel.key)
            return
        self._tell(cancel, progress)

    async def _look(self, cancel: FollowedCancel, seconds: float) -> CancelProgress:
        progress: CancelProgress = await self._context.bridge.call(
            lambda: self._context.console.cancel_follow.follow(cancel, seconds)
        )
        return progress

    def _tell(self, cancel: FollowedCancel, progress: CancelProgress) -> None:
        tell = self._context.notify.success
        if self.words.leftovers(progress) or not progress.is_over:
            tell = self._context.notify.warning
        tell(self._said(cancel, progress), self.words.closed(progress.closed), cancel.key)

    def _said(self, cancel: FollowedCancel, progress: CancelProgress) -> str:
        moments = self.words.moments(str(cancel.key.run_id)[:8], progress)
        return f"{moments} {self.words.leftovers(progress)}".strip()
