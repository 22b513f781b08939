"""What the replays of a batch would do again, summed over its runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from app.domain.batch import SideEffect
from app.domain.side_effects import Foretold, SideEffectForecast

_RANK = {word: rank for rank, word in enumerate(Foretold)}


def sum_forecasts(forecasts: Iterable[SideEffectForecast]) -> tuple[SideEffect, ...]:
    """Return calls and runs per action and outcome, the gravest outcome first, then the most calls."""
    calls: Counter[tuple[Foretold, str]] = Counter()
    runs: Counter[tuple[Foretold, str]] = Counter()
    for of_run in forecasts:
        for action in of_run.actions:
            calls[action.foretold, action.use.action_id] += action.use.count
        runs.update({(action.foretold, action.use.action_id) for action in of_run.actions})
    ordered = sorted(calls, key=lambda key: (_RANK[key[0]], -calls[key], key[1]))
    return tuple(
        SideEffect(action_id, str(word), calls[word, action_id], runs[word, action_id]) for word, action_id in ordered
    )
