"""Which values a tenant hides: built-in key words plus the tenant's own pointers and key patterns.

Source: database.md section 5 and runtime.md section 5. Two deliberate differences from the product: a pointer that
does not resolve does nothing (F43), and a configuration that cannot be read hides everything instead of nothing.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field

from app.domain.json_pointer import pointer, split_pointer
from app.domain.run import JsonValue

_BUILT_IN = re.compile(r"secret|token|password|api[_-]?key|authorization", re.IGNORECASE)
_WRAPPED = re.compile(r"/(?P<body>.*)/[dgimsuvy]*", re.DOTALL)
_LONGEST_KEY = 128
"""Longer keys are hidden without asking a pattern, which bounds what a pattern can cost."""
_MOST_REPETITIONS = 3
_MOST_QUANTIFIERS = 8


@dataclass(frozen=True)
class RedactionPolicy:
    """A tenant's redaction rules; a policy that cannot be understood is ``closed`` and hides everything.

    Args:
        pointers: JSON pointers into a document, as configured: ``/a/b``, ``#/a/b`` or ``a/b``; empty is the root.
        key_patterns: Regular expressions for key names, case-insensitive, optionally written ``/…/``.
        closed: True when the tenant's configuration could not be read at all.
    """

    pointers: tuple[str, ...] = ()
    key_patterns: tuple[str, ...] = ()
    closed: bool = False
    paths: tuple[tuple[str, ...], ...] = field(init=False, repr=False, compare=False)
    _patterns: tuple[re.Pattern[str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile the rules once; one that cannot be used closes the policy."""
        compiled = tuple(_compile(text) for text in self.key_patterns)
        usable = tuple(pattern for pattern in compiled if pattern is not None)
        object.__setattr__(self, "closed", self.closed or len(usable) < len(compiled))
        object.__setattr__(self, "_patterns", usable)
        object.__setattr__(self, "paths", tuple(_segments(text) for text in self.pointers))

    @classmethod
    def from_settings(cls, settings: JsonValue) -> RedactionPolicy:
        """Return the policy in ``tenant_settings.settings``; absent is no rules, an unexpected shape is closed."""
        studio = _member(settings, "workflowRunStudio")
        pointers = _texts(_member(studio, "redactionPointers"))
        patterns = _texts(_member(studio, "redactionKeyPatterns"))
        if pointers is None or patterns is None:
            return cls(closed=True)
        return cls(pointers=pointers, key_patterns=patterns)

    def hides_key(self, key: str) -> bool:
        """Say whether values under this key are hidden."""
        if self.closed or len(key) > _LONGEST_KEY or _BUILT_IN.search(key):
            return True
        return any(pattern.search(key) for pattern in self._patterns)

    def hides_place(self, path: tuple[str, ...]) -> bool:
        """Say whether a place in a run's document is hidden: by one of its keys, or at or below a pointer."""
        return any(path[: len(hidden)] == hidden for hidden in self.paths) or any(map(self.hides_key, path))

    def below(self, path: tuple[str, ...]) -> RedactionPolicy:
        """Return these rules for what stands at a place, its pointers relative to it."""
        deeper = tuple(pointer(hidden[len(path) :]) for hidden in self.paths if hidden[: len(path)] == path)
        return RedactionPolicy(deeper, self.key_patterns, closed=self.closed)


BUILT_IN_RULES = RedactionPolicy()
"""What is hidden in every tenant."""
_UNREADABLE = object()


def _member(value: object, key: str) -> object:
    """Return a member, None when it is absent or null, a marker when the container is not an object."""
    if value is None:
        return None
    if not isinstance(value, dict):
        return _UNREADABLE
    return value.get(key)


def _texts(value: object) -> tuple[str, ...] | None:
    """Return a list of strings as a tuple, () when absent, None for any other shape."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return None
    return tuple(value)


def _segments(text: str) -> tuple[str, ...]:
    """Decode a configured pointer: a leading ``#`` and one leading slash are optional, nothing left is the root."""
    bare = text.removeprefix("#").removeprefix("/")
    return split_pointer("/" + bare) if bare else ()


def _compile(text: str) -> re.Pattern[str] | None:
    """Compile a tenant's pattern, or return None when it is invalid or could take for ever."""
    wrapped = _WRAPPED.fullmatch(text)
    body = wrapped.group("body") if wrapped else text
    if not _affordable(body):
        return None
    with warnings.catch_warnings():
        # Python warns of set syntax it may give a meaning one day; the meaning of today is JavaScript's.
        warnings.simplefilter("ignore", FutureWarning)
        try:
            return re.compile(body, re.IGNORECASE)
        except (re.error, RecursionError, OverflowError):
            return None


def _affordable(body: str) -> bool:
    """Say whether a pattern surely ends soon on a key of bounded length.

    Python's matcher backtracks and has no time limit, so patterns that can explode are not run at all: a repetition of
    a group that itself repeats or chooses, back references, and more than a few repetitions in one alternative.
    """
    bare = re.sub(r"\\[^1-9]|\[\^?\]?(?:\\.|[^\]\\])*\]", "x", body, flags=re.DOTALL)
    if re.search(r"\\[1-9]|\(\?P=|\(\?<?[=!(]", bare):
        return False
    bare = re.sub(r"\(\?(?:P?<\w+>|:|[a-zA-Z]+\))?", "(", bare)
    bare = re.sub(r"(?<!\))\{[0-9]+\}", "", bare)  # a fixed count leaves nothing to try
    return not _repeats_a_choice(bare) and all(_few_repetitions(branch) for branch in _alternatives(bare))


def _alternatives(bare: str) -> list[str]:
    """Split a pattern at the alternatives that stand outside of any group."""
    branches, depth = [""], 0
    for character in bare:
        depth += (character == "(") - (character == ")")
        if character == "|" and depth == 0:
            branches.append("")
        else:
            branches[-1] += character
    return branches


def _repeats_a_choice(bare: str) -> bool:
    """Say whether a repeated group contains a quantifier or an alternative."""
    open_groups: list[bool] = []
    for at, character in enumerate(bare):
        if character == "(":
            open_groups.append(False)
        elif character == ")" and open_groups:
            varies = open_groups.pop()
            if varies and bare[at + 1 : at + 2] in {"*", "+", "{"}:
                return True
            if varies and open_groups:
                open_groups[-1] = True
        elif character in "*+?{|" and open_groups:
            open_groups[-1] = True
    return False


def _few_repetitions(branch: str) -> bool:
    quantifiers = [character for character in branch if character in "*+?{"]
    repetitions = [character for character in quantifiers if character != "?"]
    return len(repetitions) <= _MOST_REPETITIONS and len(quantifiers) <= _MOST_QUANTIFIERS
