"""What a replay would do a second time, foretold from what its source did (runtime.md F20 and F21, W16).

Only what ran can be foretold: an edited payload or another version may take another way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.run import InvocationStatus


class EffectClass(StrEnum):
    """What calling an action again does to the world. ``unknown`` is never taken for harmless."""

    REPEATS = "repeats"
    HARMLESS = "harmless"
    UNKNOWN = "unknown"


class Foretold(StrEnum):
    """What becomes of an action in a replay, the gravest first.

    Attributes:
        COLLIDES: Its authored key belongs to a row that did not succeed: the product's worker fails at this step.
        REPEATS: It takes effect a second time.
        UNSETTLED: Its first call never ended, so that a replay may or may not be its second effect.
        UNKNOWN: It runs again, and nobody told what that does.
        CACHED: Its authored key is served from the first call's result: it does nothing this time.
        HARMLESS: It runs again and changes nothing outside.
    """

    COLLIDES = "collides"
    REPEATS = "repeats"
    UNSETTLED = "unsettled"
    UNKNOWN = "unknown"
    CACHED = "cached"
    HARMLESS = "harmless"


_ORDER = {word: rank for rank, word in enumerate(Foretold)}
_ANYTHING = "*"


@dataclass(frozen=True, slots=True)
class ActionEffect:
    """What is known of an action, or with ``*`` at the end of ``pattern`` of all whose id begins so.

    ``note`` says in English what happens again, "" when nothing more is known than the class.
    """

    pattern: str
    effect: EffectClass
    note: str = ""


@dataclass(frozen=True, slots=True)
class ActionCatalogue:
    """The list of actions with their effects. An action that is not listed is unknown."""

    exact: Mapping[str, ActionEffect] = field(default_factory=dict)
    beginnings: tuple[tuple[str, ActionEffect], ...] = ()

    @classmethod
    def of(cls, *lists: Iterable[ActionEffect]) -> ActionCatalogue:
        """Return a catalogue of several lists; a later list corrects an earlier one."""
        entries = {entry.pattern: entry for entries in lists for entry in entries}
        beginnings = [
            (pattern.removesuffix(_ANYTHING), entry)
            for pattern, entry in entries.items()
            if pattern.endswith(_ANYTHING)
        ]
        return cls(entries, tuple(sorted(beginnings, key=lambda beginning: -len(beginning[0]))))

    def effect_of(self, action_id: str) -> ActionEffect:
        """Return the entry of the action itself, else the one with the longest beginning that fits, else "unknown"."""
        own = self.exact.get(action_id)
        if own is not None:
            return own
        fitting = (entry for beginning, entry in self.beginnings if action_id.startswith(beginning))
        return next(fitting, ActionEffect(action_id, EffectClass.UNKNOWN))


@dataclass(frozen=True, slots=True)
class ActionUse:
    """Invocations of a run that are alike, counted: the passes of a loop are one use.

    ``authored_key`` says that the key does not begin with tenant and run, so that a replay has the same one (F21).
    ``in_child`` says that a child run made them.
    """

    action_id: str
    action_version: int
    step_path: str
    status: str
    authored_key: bool
    count: int = 1
    in_child: bool = False


@dataclass(frozen=True, slots=True)
class ForetoldAction:
    """What becomes of one use in a replay."""

    use: ActionUse
    foretold: Foretold
    note: str = ""


@dataclass(frozen=True, slots=True)
class SideEffectForecast:
    """What a replay would do again, gravest first. ``actions`` leaves nothing out, harmless ones included."""

    actions: tuple[ForetoldAction, ...] = ()

    def count(self, *words: Foretold) -> int:
        """Return how many invocations have one of these outcomes, each pass of a loop counted."""
        return sum(action.use.count for action in self.actions if action.foretold in words)

    @property
    def totals(self) -> dict[Foretold, int]:
        """How many invocations have each outcome; outcomes without any are left out."""
        counted = {word: self.count(word) for word in Foretold}
        return {word: number for word, number in counted.items() if number}


def forecast(uses: Iterable[ActionUse], catalogue: ActionCatalogue) -> SideEffectForecast:
    """Return what a replay of the run that made these invocations would do.

    A failed call with a key of its own run is left out: a replay is its first success.
    """
    foretold = []
    for use in uses:
        known = catalogue.effect_of(use.action_id)
        word = _foretell(use, known.effect)
        if word is not None:
            foretold.append(ForetoldAction(use, word, known.note))
    foretold.sort(key=lambda action: (_ORDER[action.foretold], action.use.step_path, action.use.action_id))
    return SideEffectForecast(tuple(foretold))


def _foretell(use: ActionUse, effect: EffectClass) -> Foretold | None:
    succeeded = use.status == InvocationStatus.SUCCEEDED
    if use.authored_key:
        return Foretold.CACHED if succeeded else Foretold.COLLIDES
    if succeeded:
        return Foretold(str(effect))
    if use.status == InvocationStatus.FAILED or effect is EffectClass.HARMLESS:
        return None
    return Foretold.UNSETTLED
