"""How much JSON travels in one piece: Temporal refuses a payload of more than 2 MiB.

A command that is too large ends the execution or repeats its workflow task for ever, with the row left RUNNING. So
whatever may grow is measured before it is sent, as it will be written.
"""

from __future__ import annotations

import json
from typing import Any

PAYLOAD_LIMIT = 1_900_000
"""Bytes of JSON that are sent in one payload, below the server's limit with room for what is around them."""

_MEGABYTE = 1_000_000


def json_size(value: Any) -> int:
    """Return the bytes of a value as Temporal's converter writes it: compact, everything escaped to ASCII."""
    return len(json.dumps(value, separators=(",", ":")))


def too_large(value: Any) -> str | None:
    """Return how large a value is when it cannot be sent, such as ``2.4 MB``; None when it can."""
    size = json_size(value)
    return None if size <= PAYLOAD_LIMIT else f"{size / _MEGABYTE:.1f} MB"


LIMIT_TEXT = f"{PAYLOAD_LIMIT / _MEGABYTE:.1f} MB"
