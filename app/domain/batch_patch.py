"""The one patch of a batch: read from RFC 6902 text, checked, and shown without its values."""

from __future__ import annotations

from app.domain import json_text
from app.domain.errors import InvalidInput
from app.domain.json_pointer import pointer, split_pointer
from app.domain.json_text import JsonTextError
from app.domain.launching import PatchOperation, check_payload_size
from app.domain.payload_edit import MAX_PATCH_OPERATIONS
from app.domain.placeholders import find_placeholders
from app.domain.run import JsonValue

_OPERATIONS = frozenset({"add", "replace", "remove"})


def read_patch(text: str) -> tuple[PatchOperation, ...]:
    """Return the operations of an RFC 6902 document: an array of ``add``, ``replace`` and ``remove``.

    Raises:
        InvalidInput: It is no such array, or holds a placeholder; ``params`` may hold path, line and column.
    """
    try:
        document = json_text.parse(text)
    except JsonTextError as error:
        raise InvalidInput(
            "batch.patch_json",
            f"The patch is no JSON: {error}",
            fault=str(error),
            line=error.line,
            column=error.column,
            path=error.path,
        ) from error
    if not isinstance(document, list) or not document:
        raise _not_a_patch("it is no array of operations")
    patch = tuple(_operation(entry, number) for number, entry in enumerate(document))
    check_patch(patch)
    return patch


def check_patch(patch: tuple[PatchOperation, ...]) -> None:
    """Raise InvalidInput for a placeholder among the values, for too many operations and for values too large."""
    if len(patch) > MAX_PATCH_OPERATIONS:
        raise InvalidInput(
            "payload.patch_too_large",
            f"The edit changes {len(patch)} places and a replay accepts {MAX_PATCH_OPERATIONS}. Make fewer changes.",
            limit=MAX_PATCH_OPERATIONS,
        )
    for operation in patch:
        if operation.value_text is None:
            continue
        inside = find_placeholders(json_text.parse(operation.value_text))
        if inside:
            path = pointer(operation.path) + inside[0]
            raise InvalidInput(
                "batch.patch_placeholder",
                f"The patch would store a placeholder as a value at {path or 'the top'}. Give the real value.",
                path=path,
            )
    check_payload_size(sum(len((operation.value_text or "").encode()) for operation in patch))


def shown_patch(patch: tuple[PatchOperation, ...]) -> tuple[str, ...]:
    """Return the patch for listings and exports: what is done where, never the values, any of which may be secret."""
    return tuple(f"{operation.op} {pointer(operation.path) or 'the top'}" for operation in patch)


def _operation(entry: JsonValue, number: int) -> PatchOperation:
    if not isinstance(entry, dict):
        raise _not_a_patch(f"entry {number} is no object")
    op, path = entry.get("op"), entry.get("path")
    if not isinstance(op, str) or op not in _OPERATIONS:
        raise _not_a_patch(f"entry {number} has no op among add, replace and remove")
    if not isinstance(path, str):
        raise _not_a_patch(f"entry {number} has no path")
    try:
        segments = split_pointer(path)
    except ValueError as error:
        raise _not_a_patch(f"the path of entry {number} is no JSON pointer") from error
    if op == "remove":
        return PatchOperation(op, segments)
    if "value" not in entry:
        raise _not_a_patch(f"entry {number} has no value")
    return PatchOperation(op, segments, json_text.dump(entry["value"]))


def _not_a_patch(fault: str) -> InvalidInput:
    return InvalidInput(
        "batch.patch",
        f"The patch cannot be used: {fault}. Give a JSON array such as "
        '[{"op": "replace", "path": "/customer/id", "value": 7}].',
        fault=fault,
    )
