"""Applies a given patch to a redacted document, to see what it would do to the stored one.

Masked values are chips here, so whatever the patch moves them past keeps its origin, and nothing inside of one can be
a target.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable

from app.domain import chips, json_text
from app.domain.chips import Chip, Segments
from app.domain.json_pointer import pointer
from app.domain.launching import PatchOperation
from app.domain.run import JsonValue

_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")


class PatchMisfit(ValueError):
    """An operation has no target in this document. ``path`` is its JSON pointer."""

    def __init__(self, path: Segments) -> None:
        super().__init__(f"nothing to change at {pointer(path) or 'the top'}")
        self.path = pointer(path)


def apply_patch(original: JsonValue, operations: Iterable[PatchOperation]) -> JsonValue:
    """Return the document after all operations, each on what the one before left (RFC 6902).

    Args:
        original: A document with a chip at each sealed place; it is left as it is.
        operations: ``add``, ``replace`` and ``remove``; origins of values refer to ``original``.

    Raises:
        PatchMisfit: A target or an origin is not there, or lies inside a masked value.
        JsonTextError: A value is no JSON.
    """
    document = copy.deepcopy(original)
    for operation in operations:
        value = None if operation.op == "remove" else _value(original, operation)
        if operation.path:
            _change(document, operation, value)
        elif operation.op == "remove":
            raise PatchMisfit(())
        else:
            document = value
    return document


def _value(original: JsonValue, operation: PatchOperation) -> JsonValue:
    text = operation.value_text or ""
    if not operation.origins:
        return json_text.parse(text)
    return _filled(original, chips.parse(text, operation.origins))


def _filled(original: JsonValue, value: JsonValue) -> JsonValue:
    """Return the value with what stands in the original at each chip's origin."""
    if isinstance(value, Chip):
        return copy.deepcopy(_at(original, value.origin))
    if isinstance(value, dict):
        return {key: _filled(original, item) for key, item in value.items()}
    return [_filled(original, item) for item in value] if isinstance(value, list) else value


def _at(document: JsonValue, path: Segments) -> JsonValue:
    for depth, segment in enumerate(path):
        if isinstance(document, dict) and segment in document:
            document = document[segment]
        elif isinstance(document, list) and _index(segment, len(document)) is not None:
            document = document[int(segment)]
        else:
            raise PatchMisfit(path[: depth + 1])
    return document


def _change(document: JsonValue, operation: PatchOperation, value: JsonValue) -> None:
    container, key = _at(document, operation.path[:-1]), operation.path[-1]
    if isinstance(container, dict) and (operation.op == "add" or key in container):
        if operation.op == "remove":
            del container[key]
        else:
            container[key] = value
    elif isinstance(container, list):
        _change_element(container, operation, value)
    else:
        raise PatchMisfit(operation.path)


def _change_element(container: list[JsonValue], operation: PatchOperation, value: JsonValue) -> None:
    key = operation.path[-1]
    if operation.op == "add" and key in {"-", str(len(container))}:
        container.append(value)
        return
    at = _index(key, len(container))
    if at is None:
        raise PatchMisfit(operation.path)
    if operation.op == "add":
        container.insert(at, value)
    elif operation.op == "replace":
        container[at] = value
    else:
        del container[at]


def _index(segment: str, length: int) -> int | None:
    return int(segment) if _INDEX.fullmatch(segment) and int(segment) < length else None
