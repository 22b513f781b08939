"""Whether a human task's response fits its form: the part of JSON Schema that forms use.

Known keywords: ``type``, ``required``, ``properties``, ``additionalProperties: false``, ``enum``, ``const``,
``items``, ``minLength``, ``maxLength``, ``minimum``, ``maximum``. Others are not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": _is_number,
    "integer": lambda value: _is_number(value) and float(value).is_integer(),
}


def form_errors(schema: Any, response: Any) -> list[str]:
    """Return what does not fit, each with its path; an empty list means that the response is fine."""
    return list(_errors(schema, response, "response"))


def _errors(schema: Any, value: Any, path: str) -> Iterator[str]:
    if not isinstance(schema, dict):
        return
    kinds = schema.get("type")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if isinstance(kinds, list) and not any(_TYPES.get(kind, lambda _: True)(value) for kind in kinds):
        yield f"{path} must be of type {' or '.join(map(str, kinds))}"
        return
    if isinstance(schema.get("enum"), list) and value not in schema["enum"]:
        yield f"{path} must be one of {', '.join(map(str, schema['enum']))}"
    if "const" in schema and value != schema["const"]:
        yield f"{path} must be {schema['const']}"
    yield from _size_errors(schema, value, path)
    if isinstance(value, dict):
        yield from _object_errors(schema, value, path)
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _errors(schema.get("items"), item, f"{path}[{index}]")


def _object_errors(schema: dict[str, Any], value: dict[str, Any], path: str) -> Iterator[str]:
    properties = schema.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    for name in schema.get("required") or ():
        if name not in value:
            yield f"{path}.{name} is required"
    for name, item in value.items():
        if name in properties:
            yield from _errors(properties[name], item, f"{path}.{name}")
        elif schema.get("additionalProperties") is False:
            yield f"{path}.{name} is not known"


def _size_errors(schema: dict[str, Any], value: Any, path: str) -> Iterator[str]:
    size = len(value) if isinstance(value, str) else value if _is_number(value) else None
    if size is None:
        return
    low, high = ("minLength", "maxLength") if isinstance(value, str) else ("minimum", "maximum")
    verb, unit = ("have", " characters") if isinstance(value, str) else ("be", "")
    if _is_number(schema.get(low)) and size < schema[low]:
        yield f"{path} must {verb} at least {schema[low]}{unit}"
    if _is_number(schema.get(high)) and size > schema[high]:
        yield f"{path} must {verb} at most {schema[high]}{unit}"
