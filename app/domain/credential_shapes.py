"""Recognises credentials in free text by their shape: ``password=…``, ``Authorization: Bearer …``, ``user:pass@host``.

Free text (log messages, error texts) has no keys to go by. Every pattern here reads a text once, without backtracking
over it, because the text comes from outside.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from app.domain.placeholders import REDACTED

_LEAD = re.compile(r"""(?<![\w$.\-])(?P<key>[\w$.\-]++)\\{0,8}["']?\s{0,3}[:=]\s{0,3}""")
_VALUE = re.compile(
    r"""
        (?:Bearer|Basic|Digest|Token|ApiKey|Negotiate)\s++[^\s"',;]++
      | \\{1,8}"(?:(?!\\{1,8}").)*+(?:\\{1,8}"|$)
      | "(?:[^"\\]|\\.)*+(?:"|$)
      | '(?:[^'\\]|\\.)*+(?:'|$)
      | [^\s"',;&}\]\\]++
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_SCHEME = re.compile(
    # Credentials have a digit or padding somewhere; "basic information" has not.
    r"\b(?P<scheme>Bearer|Basic)\s++(?=\S*[0-9=])(?P<credentials>[A-Za-z0-9._~+/=\-]{8,}+)",
    re.IGNORECASE,
)
_USER_AND_PASSWORD = re.compile(r"(?P<lead>://[^\s/:@?#\"']*+:)(?P<password>[^\s/\"']+)@")
_LONG_USER = re.compile(r"(?P<lead>://)(?P<user>[^\s/:@?#\"']{20,}+)@")
_EMBEDDED_JSON = re.compile(r"""["'](?P<key>[\w$.\-]++)\\{0,8}["']\s{0,3}:\s{0,3}\\{0,8}["'\d]""")
_ASSIGNMENT = re.compile(r"(?<![\w$.\-])(?P<key>[\w$.\-]++)=[^\s=&;,]{3}")

_STATE = re.compile(
    r"""
        (?: absent | correct | denied | disabled | does | empty | enabled | expected | expired | failed | false
          | forbidden | has | incorrect | invalid | is | lacks | malformed | mismatch | mismatched | missing | must
          | none | not | null | optional | rejected | required | revoked | true | undefined | unexpected | unknown
          | unset | unsupported | valid | was | wrong
        )[.!?)]*
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Words behind ``token:`` that say what is wrong with it: hiding them would hide the very cause of a failure."""

HidesKey = Callable[[str], bool]


def scrub(text: str, hides_key: HidesKey) -> str:
    """Return free text with the values of hidden keys, bearer credentials and passwords in URLs replaced."""
    text = _USER_AND_PASSWORD.sub(rf"\g<lead>{REDACTED}@", text)
    text = _LONG_USER.sub(rf"\g<lead>{REDACTED}@", text)
    return _SCHEME.sub(rf"\g<scheme> {REDACTED}", _without_hidden_values(text, hides_key))


def holds_credentials(text: str, hides_key: HidesKey) -> bool:
    """Say whether a string of a document surely carries credentials, so that it is hidden whole.

    Stricter than :func:`scrub`: prose such as "password: see the vault" stays readable.
    """
    if "://" in text and (_USER_AND_PASSWORD.search(text) or _LONG_USER.search(text)):
        return True
    if _SCHEME.search(text):
        return True
    return any(
        hides_key(found.group("key")) for pattern in (_EMBEDDED_JSON, _ASSIGNMENT) for found in pattern.finditer(text)
    )


def _without_hidden_values(text: str, hides_key: HidesKey) -> str:
    """Replace what stands behind each hidden key; other values are read on: ``refused: password=x`` has two keys."""
    parts: list[str] = []
    done = 0
    for lead in _LEAD.finditer(text):
        if lead.start() < done or text.startswith(REDACTED, lead.end()) or not hides_key(lead.group("key")):
            continue
        value = _VALUE.match(text, lead.end())
        if value is not None and _STATE.fullmatch(value.group()) is None:
            parts += [text[done : lead.end()], REDACTED]
            done = value.end()
    return "".join([*parts, text[done:]])
