"""When a batch stops by itself, and how long it still takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from app.domain.batch import BatchSettings
from app.domain.batch_ledger import BAD_STATES, FINAL_STATES, EntryState, LedgerEntry


def failure_stop(settings: BatchSettings, known: int, bad: int, total: int) -> str | None:
    """Return why the failure rate stops the batch, in words, or None.

    Args:
        settings: The share and the smallest sample.
        known: Outcomes that count.
        bad: The bad ones among them.
        total: Runs of the batch that are acted upon; a batch smaller than the sample is judged when all are known.
    """
    share = settings.stop_at_percent
    if share is None or known == 0 or known < min(settings.stop_sample, total):
        return None
    if bad * 100 < share * known or bad == 0:
        return None
    return f"{bad} of {known} runs ended badly, and the batch stops at {share} %. Nothing more is sent."


def canary_of(settings: BatchSettings, entries: Sequence[LedgerEntry]) -> tuple[LedgerEntry, ...]:
    """Return the runs that go first: the first so many that are acted upon."""
    return tuple(entry for entry in entries if entry.state is not EntryState.LEFT_OUT)[: settings.canary]


def is_settled(entry: LedgerEntry, *, follow: bool) -> bool:
    """Say whether the entry's outcome is known, or as much of it as a batch that does not follow asks for."""
    return entry.state in FINAL_STATES or (entry.state is EntryState.UNDER_WAY and not follow)


def seconds_left(unsent: int, per_minute: float | None) -> float | None:
    """Estimate when the last request is sent, from the starts of the last minute."""
    if unsent == 0:
        return 0.0
    return None if not per_minute else unsent * 60.0 / per_minute


def bad_ones(counts: Counter[EntryState]) -> int:
    """Return how many outcomes are bad."""
    return sum(counts[state] for state in BAD_STATES)


def known_ones(counts: Counter[EntryState]) -> int:
    """Return how many outcomes are known."""
    return sum(counts[state] for state in FINAL_STATES)
