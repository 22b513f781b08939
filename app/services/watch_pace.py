"""When one part of the watch is to be read again, and whether what it answered is news."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.domain.errors import DATABASE_SLOW, RundeskError

T = TypeVar("T")

LONGEST_BACKOFF_SECONDS = 2.0
"""Longest wait between two looks during an outage: recovery is noticed within this."""
REST_FACTOR = 2.0
"""After a read that took long, the database rests this many times as long."""
LONGEST_REST_SECONDS = 15.0
"""Longest rest of a database that works but did not manage to answer in time."""


class Pace:
    """The pace and the last answer of one repeatedly asked question.

    Args:
        seconds: Wanted time between two reads; may be changed at any time.
        clock: Monotonic seconds.
    """

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self.seconds = seconds
        self._clock = clock
        self._question: object = None
        self._due = 0.0
        self._seen: object = None
        self._failures = 0
        self.problem: RundeskError | None = None

    def is_due(self, question: object) -> bool:
        """Say whether to ask now: the time has come, or the question is a new one."""
        return question != self._question or self._clock() >= self._due

    async def ask(self, question: object, read: Callable[[], Awaitable[T]], steady: Callable[[T], object]) -> T | None:
        """Read once; return the answer when it is news, else None. A failure is kept as :attr:`problem`.

        Args:
            question: What is asked; the same answer to another question is news.
            read: Fetches the answer.
            steady: The answer without what always changes, such as ages; compared by equality.
        """
        started = self._clock()
        self._question = question
        try:
            answer = await read()
        except RundeskError as error:
            self._fail(error, self._clock() - started)
            return None
        self.problem = None
        self._failures = 0
        now = self._clock()
        self._due = now + max(self.seconds, (now - started) * REST_FACTOR)
        seen = (question, steady(answer))
        if seen == self._seen:
            return None
        self._seen = seen
        return answer

    def rest(self) -> None:
        """Not asked for the time being: there is no problem to tell."""
        self.problem = None

    def drop(self) -> None:
        """Nobody asks any more: forget the problem, and treat the next answer as news."""
        self._question = self._seen = self.problem = None
        self._failures = 0

    def _fail(self, error: RundeskError, took: float) -> None:
        self.problem = error
        self._failures = min(self._failures + 1, 8)
        rest = min(self.seconds * 2**self._failures, LONGEST_BACKOFF_SECONDS)
        if error.code == DATABASE_SLOW:
            rest = max(rest, min(took * REST_FACTOR, LONGEST_REST_SECONDS))
        self._due = self._clock() + rest
