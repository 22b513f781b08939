"""The placeholders that stand for hidden values, each written once (rulings.md, "Words and codes")."""

from __future__ import annotations

from app.domain.json_pointer import escape
from app.domain.run import JsonValue

REDACTED = "[REDACTED]"
"""Stands for a value masked by key, pointer or because a known secret reappears."""
SECRET_REDACTED = "[SECRET:REDACTED]"  # noqa: S105 (it is the mask, not a secret)
"""Stands for the name inside a ``$secret`` reference."""
LEGACY_MASK = "***"
"""The product's older mask in audit rows, events and exports."""
PLACEHOLDERS: frozenset[str] = frozenset({REDACTED, SECRET_REDACTED, LEGACY_MASK})
HIDDEN_KEY = "redacted"
"""Key of the object that stands for a whole hidden document: ``{"redacted": true}``."""


def hidden_document() -> dict[str, JsonValue]:
    """Return a new ``{"redacted": true}``."""
    return {HIDDEN_KEY: True}


def is_placeholder(value: JsonValue) -> bool:
    """Say whether the value *equals* a placeholder; a longer string that contains one does not."""
    if isinstance(value, str):
        return value in PLACEHOLDERS
    return isinstance(value, dict) and len(value) == 1 and value.get(HIDDEN_KEY) is True


def find_placeholders(value: JsonValue) -> tuple[str, ...]:
    """Return the JSON pointers of every placeholder in the value, in document order."""
    found: list[str] = []
    _collect(value, "", found)
    return tuple(found)


def _collect(value: JsonValue, at: str, found: list[str]) -> None:
    if is_placeholder(value):
        found.append(at)
    elif isinstance(value, dict):
        for key, item in value.items():
            _collect(item, f"{at}/{escape(key)}", found)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _collect(item, f"{at}/{index}", found)
