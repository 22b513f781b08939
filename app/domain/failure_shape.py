"""The shape of an error message: what is left once everything that differs from run to run is taken out.

The rules, in their order; each is applied until nothing changes any more:

==================================  ===========  ==============================================
what                                becomes      example
==================================  ===========  ==============================================
addresses: URLs, e-mail, IP, host   ``<address>``  ``https://pay.example/v1``, ``10.0.0.7:5432``
UUIDs                               ``<id>``     ``0b0e5d0c-0000-4000-8000-000000000001``
dates and times of day              ``<time>``   ``2026-11-23T06:00:00Z``, ``06:00:12``
quoted values                       ``<value>``  ``"Harbor"``, ``'x'``, `` `y` ``
words with a digit in them          ``<id>``     ``INV-2026-0042``, ``9f3ac01d``
numbers                             ``<n>``      ``42``, ``-3.5``, ``1,000``
==================================  ===========  ==============================================

Space is reduced to single blanks and the rest cut after 240 characters.
"""

from __future__ import annotations

import hashlib
import re

__all__ = ["LONGEST_SHAPE", "fingerprint_id", "message_shape", "same_but_for_ids_and_times"]

LONGEST_SHAPE = 240
_LONGEST_READ = 2000
"""Characters of a message that are looked at; the shape of what follows is never shown."""

_IDS_AND_TIMES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?![0-9A-Za-z])"), "<id>"),
    (
        re.compile(
            r"(?<!\d)\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?(?![\d-])",
            re.ASCII,
        ),
        "<time>",
    ),
    (re.compile(r"(?<![\d:])\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?![\d:])", re.ASCII), "<time>"),
)
_ADDRESSES = re.compile(
    r"""
        [A-Za-z][A-Za-z0-9+.\-]{1,20}://[^\s"'<>`]+
      | [^\s"'<>`@:;,()\[\]]{1,64}@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*
      | (?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?![\w.])
      | (?<![\w:])(?:[0-9A-Fa-f]{0,4}:){3,7}[0-9A-Fa-f]{1,4}(?![\w:])
      | (?<![\w.\-])[A-Za-z][A-Za-z0-9\-]*(?:\.[A-Za-z0-9\-]+)*:\d{2,5}(?![\w:])
    """,
    re.VERBOSE | re.ASCII,
)
_FURTHER: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"""(?<![\w<])(?:"[^"\n]*"|'[^'\n]*'|`[^`\n]*`)(?!\w)"""), "<value>"),
    (re.compile(r"(?<![\w<])(?=[\w\-]*[^\W\d_])(?=[\w\-]*\d)[\w\-]+"), "<id>"),
    (re.compile(r"[+\-]?\d[\d.,_]*"), "<n>"),
)
_RULES = ((_ADDRESSES, "<address>"), *_IDS_AND_TIMES, *_FURTHER)


def message_shape(message: str) -> str:
    """Return the message without what differs from run to run; the shape of a shape is itself."""
    shape = " ".join(message[:_LONGEST_READ].split())
    while (simpler := _once(shape)) != shape:  # what is taken out holds a digit, a quote or an @; no placeholder does
        shape = simpler
    return shape[:LONGEST_SHAPE].rstrip()


def fingerprint_id(action: str | None, code: str | None, shape: str) -> str:
    """Return the name of a failure: the same wherever action, code and shape are the same; 16 hexadecimal digits."""
    parts = "\x1f".join((action or "", code or "", shape))
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def same_but_for_ids_and_times(one: str, other: str) -> bool:
    """Say whether two texts differ in nothing but UUIDs and times, which no two runs share."""
    return _without_ids_and_times(one) == _without_ids_and_times(other)


def _without_ids_and_times(text: str) -> str:
    for pattern, placeholder in _IDS_AND_TIMES:
        text = pattern.sub(placeholder, text)
    return text


def _once(text: str) -> str:
    for pattern, placeholder in _RULES:
        text = pattern.sub(placeholder, text)
    return " ".join(text.split())
