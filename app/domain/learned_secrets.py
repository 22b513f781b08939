"""Finds hidden values again where no rule names them: in other documents, messages and error texts.

A worker that resolves ``$secret`` stores the plain value in invocation inputs, and action errors quote what they were
given (F41), so hiding by key alone would show on one screen what it hid on another.
"""

from __future__ import annotations

import base64
import json
import re
from collections import OrderedDict
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from app.domain.placeholders import PLACEHOLDERS

SHORTEST_SECRET = 6
"""Values of this length are searched for anywhere in a text."""
SHORTEST_WORD = 4
"""Shorter values are searched for as whole words only, and below this length not at all: they are too common."""
_COMMON_WORDS = frozenset({"true", "false", "null", "none", "test", "user", "admin", "basic", "token"})
"""Values that a hidden key often holds and that say nothing."""
_FEW = 64
"""Up to this many forms, looking for each in turn is faster than looking at each place."""
_SCHEME = re.compile(r"(?:Bearer|Basic|Digest|Token|ApiKey)\s+(?P<credentials>\S+)", re.IGNORECASE)


class LearnedSecrets:
    """A growing set of secret texts with a search that stays fast for thousands of them.

    The lengths of the secrets are filed under their first characters, so a search looks at each place of a text once
    and compares few candidates there.
    """

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._lengths: dict[str, list[int]] = {}
        self._words: set[str] = set()
        self._any_word: re.Pattern[str] | None = None

    def add(self, secret: str) -> None:
        """Learn a secret in the forms in which it may reappear; too short ones and placeholders are not learned."""
        if secret in PLACEHOLDERS or secret in self._known:
            return
        RECENT.remember(secret)
        for form in _forms(secret):
            self._file(form)

    def found_in(self, text: str) -> bool:
        """Say whether the text contains a learned secret."""
        return next(self._occurrences(text), None) is not None

    def replace_in(self, text: str, replacement: str) -> str:
        """Return the text with every occurrence of a learned secret replaced."""
        parts: list[str] = []
        end = 0
        for start, stop in self._occurrences(text):
            parts += (text[end:start], replacement)
            end = stop
        return "".join((*parts, text[end:])) if parts else text

    def _file(self, form: str) -> None:
        if form in self._known or form in PLACEHOLDERS:
            return
        if len(form) < SHORTEST_SECRET:
            self._file_word(form)
            return
        self._known.add(form)
        lengths = self._lengths.setdefault(form[:SHORTEST_SECRET], [])
        if len(form) not in lengths:
            lengths.append(len(form))
            lengths.sort(reverse=True)  # the longest match hides the most

    def _file_word(self, form: str) -> None:
        if len(form) < SHORTEST_WORD or form.lower() in _COMMON_WORDS or form in self._words:
            return
        self._words.add(form)
        self._any_word = None

    def _occurrences(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield start and end of occurrences in order, merged so that overlapping ones are hidden whole."""
        current: tuple[int, int] | None = None
        words = self._words_in(text)
        for start, stop in sorted([*self._matches(text), *words]) if words else self._matches(text):
            if current is not None and start <= current[1]:
                current = (current[0], max(stop, current[1]))
                continue
            if current is not None:
                yield current
            current = (start, stop)
        if current is not None:
            yield current

    def _words_in(self, text: str) -> list[tuple[int, int]]:
        if not self._words:
            return []
        if self._any_word is None:
            longest_first = sorted(self._words, key=len, reverse=True)
            self._any_word = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
        return [found.span() for found in self._any_word.finditer(text)]

    def _matches(self, text: str) -> Iterator[tuple[int, int]]:
        if len(self._known) <= _FEW and not any(form in text for form in self._known):
            return  # far faster on a long text, and the ordinary case
        for start in range(len(text) - SHORTEST_SECRET + 1):
            for length in self._lengths.get(text[start : start + SHORTEST_SECRET], ()):
                if text[start : start + length] in self._known:
                    yield start, start + length
                    break


class RecentSecrets:
    """The secrets that this process learned last, so that its own log never repeats one.

    Bounded, because a process may run for weeks; learned from by any thread.
    """

    def __init__(self, most: int = 2_000, longest: int = 512) -> None:
        self._most = most
        self._longest = longest
        self._secrets: OrderedDict[str, None] = OrderedDict()
        self._searched: tuple[tuple[str, ...], LearnedSecrets] = ((), LearnedSecrets())

    def remember(self, secret: str) -> None:
        """Remember a secret and let the oldest go."""
        if len(secret) > self._longest or secret in self._secrets:
            return
        self._secrets[secret] = None
        while len(self._secrets) > self._most:
            self._secrets.popitem(last=False)

    def replace_in(self, text: str, replacement: str) -> str:
        """Return the text with every recent secret replaced."""
        known = tuple(self._secrets)
        if known != self._searched[0]:
            secrets = LearnedSecrets()
            for secret in known:
                secrets.add(secret)
            self._searched = (known, secrets)
        return self._searched[1].replace_in(text, replacement)


RECENT = RecentSecrets()
"""Of this process; its log is the one thing that knows no run, and so no redactor."""


def _forms(secret: str) -> Iterator[str]:
    """Yield the secret and its usual forms: trimmed, upper and lower case, escaped, quoted, base64, its parts."""
    yield secret
    yield secret.strip()
    yield secret.upper()
    yield secret.lower()
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]
    yield quote(secret)
    yield quote(secret, safe="")
    yield quote_plus(secret)
    if len(secret) >= SHORTEST_SECRET:
        yield from _base64_forms(secret.encode())
    if "\n" in secret:
        yield from (line.strip() for line in secret.splitlines())
    credentials = _SCHEME.fullmatch(secret.strip())
    if credentials is not None:
        yield credentials.group("credentials")
        yield from _basic_parts(credentials.group("credentials"))


def _basic_parts(credentials: str) -> Iterator[str]:
    """Yield ``user:password`` and the password when the credentials are those of HTTP Basic."""
    try:
        pair = base64.b64decode(credentials, validate=True).decode()
    except ValueError:  # not base64, or not text: credentials of another scheme
        return
    user, colon, password = pair.partition(":")
    if colon:
        yield f"{user}:{password}"
        yield password


def _base64_forms(raw: bytes) -> Iterator[str]:
    """Yield the part of the base64 text that is certain, for each of the three ways the bytes can be aligned."""
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + raw).decode().rstrip("=")
        # The first characters mix in what comes before; the last one what comes after.
        certain = encoded[(0, 2, 3)[offset] : len(encoded) - (1 if (offset + len(raw)) % 3 else 0)]
        yield certain
        yield certain.replace("+", "-").replace("/", "_")
