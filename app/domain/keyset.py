"""Cursors of keyset pages: where the next page begins, as opaque text.

A cursor names the sort it belongs to, so that it cannot be used with another one and silently skip rows.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime
from uuid import UUID

from app.domain.errors import InvalidInput
from app.domain.run_query import RunSort

_MAX_CURSOR_LENGTH = 400


def encode_cursor(sort: RunSort, value: datetime, run_id: UUID) -> str:
    """Return the cursor after a row with this sort value (aware, microseconds kept) and run id."""
    document = json.dumps([str(sort), value.isoformat(), str(run_id)], separators=(",", ":"))
    return base64.urlsafe_b64encode(document.encode()).decode().rstrip("=")


def decode_cursor(text: str, sort: RunSort) -> tuple[datetime, UUID]:
    """Return sort value and run id of a cursor.

    Raises:
        InvalidInput: When the text is no cursor (``cursor.invalid``) or belongs to another sort (``cursor.sort``).
    """
    try:
        cursor_sort, value, run_id = _fields(text)
        moment, run = datetime.fromisoformat(value), UUID(run_id)
    except ValueError as error:
        raise _invalid() from error
    if moment.tzinfo is None:
        raise _invalid()
    if cursor_sort != sort:
        raise InvalidInput(
            "cursor.sort",
            f"This cursor belongs to the sort {cursor_sort}, not {sort}. Read the list again from its first page.",
            sort=str(sort),
        )
    return moment, run


def _fields(text: str) -> tuple[str, str, str]:
    if not text or len(text) > _MAX_CURSOR_LENGTH or not text.isascii():
        raise ValueError("not a cursor")
    padded = text + "=" * (-len(text) % 4)
    fields = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    if not isinstance(fields, list) or len(fields) != 3 or not all(isinstance(field, str) for field in fields):
        raise ValueError("not a cursor")
    if fields[0] not in set(RunSort):
        raise ValueError("not a cursor")
    return fields[0], fields[1], fields[2]


def _invalid() -> InvalidInput:
    return InvalidInput("cursor.invalid", "This cursor cannot be read. Read the list again from its first page.")
