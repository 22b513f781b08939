"""A batch's patch as rows of "do this at that place", and as RFC 6902 text; one becomes the other without loss."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from app.domain import json_text
from app.domain.batch_patch import read_patch
from app.domain.errors import InvalidInput
from app.domain.json_pointer import pointer
from app.domain.json_text import JsonTextError
from app.domain.launching import PatchOperation

OPERATIONS = ("replace", "add", "remove")


@dataclass(frozen=True, slots=True)
class PatchRow:
    """One change as typed: what, where (a JSON pointer) and, unless something is removed, the value as JSON text."""

    op: str
    path: str
    value: str

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not self.path.strip() and not self.value.strip()


def rows_patch(rows: Iterable[PatchRow]) -> tuple[PatchOperation, ...]:
    """Return the operations of the rows; empty rows count for nothing.

    Raises:
        InvalidInput: A value is no JSON, a path no pointer, or a value holds a placeholder.
    """
    typed = [row for row in rows if not row.is_empty]
    for row in typed:
        if row.op != "remove":
            _check_value(row)
    return read_patch(rows_text(typed)) if typed else ()


def text_patch(text: str) -> tuple[PatchOperation, ...]:
    """Return the operations of a JSON Patch text; an empty text changes nothing. InvalidInput."""
    return read_patch(text) if text.strip() else ()


def rows_text(rows: Iterable[PatchRow]) -> str:
    """Return the rows as a JSON Patch, one operation a line; values are taken over character by character."""
    lines = []
    for row in rows:
        head = f'"op": {json.dumps(row.op)}, "path": {json.dumps(row.path.strip())}'
        lines.append(f"  {{{head}}}" if row.op == "remove" else f'  {{{head}, "value": {row.value.strip()}}}')
    return "[\n" + ",\n".join(lines) + "\n]" if lines else ""


def patch_rows(patch: Iterable[PatchOperation]) -> tuple[PatchRow, ...]:
    """Return operations as rows."""
    return tuple(PatchRow(one.op, pointer(one.path), one.value_text or "") for one in patch)


def _check_value(row: PatchRow) -> None:
    try:
        json_text.parse(row.value)
    except JsonTextError as error:
        raise InvalidInput(
            "batch.patch_value",
            f"The value for {row.path or 'the top'} is no JSON: {error.message} Put a text in double quotes.",
            path=row.path,
            fault=error.message,
        ) from error
