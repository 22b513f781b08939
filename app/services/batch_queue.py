"""What a runner has left to send, in order, and how fresh the judgement on it is."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from uuid import UUID

JUDGED_AT_ONCE = 50
"""Runs judged again in one go, shortly before they are sent."""
JUDGEMENT_SECONDS = 20.0
"""How long such a judgement is good for."""


class SendQueue:
    """The runs of a batch that wait to be sent.

    A run that was sent before, in this session or in one that was killed, is neither judged nor held back by limits
    again: its request may have taken effect, so it is finished first.

    Args:
        sent_before: Runs whose request may have taken effect.
        fresh: The others.
    """

    def __init__(self, sent_before: Iterable[UUID], fresh: Iterable[UUID]) -> None:
        self._sent_before = set(sent_before)
        self._waiting: deque[UUID] = deque((*self._sent_before, *fresh))
        self._judged: set[UUID] = set()
        self._judged_at = float("-inf")

    def __len__(self) -> int:
        """Return how many runs wait."""
        return len(self._waiting)

    @property
    def head(self) -> UUID:
        """The run that is sent next, if its workflow has room."""
        return self._waiting[0]

    def was_sent(self, run_id: UUID) -> bool:
        """Say whether the run's request may have taken effect before."""
        return run_id in self._sent_before

    def needs_judgement(self, now: float) -> bool:
        """Say whether the head was not judged, or too long ago."""
        return self.head not in self._judged or now - self._judged_at >= JUDGEMENT_SECONDS

    def to_judge(self) -> list[UUID]:
        """Return the next runs that were not sent before."""
        return [run_id for run_id in self._waiting if run_id not in self._sent_before][:JUDGED_AT_ONCE]

    def judged(self, run_ids: Iterable[UUID], now: float) -> None:
        """Note that these runs were judged, and only these."""
        self._judged, self._judged_at = set(run_ids), now

    def drop(self, run_id: UUID) -> None:
        """Take a run out that is not sent after all."""
        self._waiting.remove(run_id)

    def take(self, has_room: Callable[[UUID], bool]) -> UUID | None:
        """Take the first run out that was sent before, or that was judged and has room; None when there is none."""
        for run_id in self._waiting:
            if run_id in self._sent_before or (run_id in self._judged and has_room(run_id)):
                self._waiting.remove(run_id)
                return run_id
            if run_id not in self._judged:
                return None
        return None

    def put_back(self, run_id: UUID, *, sent: bool) -> None:
        """Let a run be sent next; ``sent`` when its request may have taken effect."""
        self._waiting.appendleft(run_id)
        if sent:
            self._sent_before.add(run_id)
        else:
            self._sent_before.discard(run_id)
