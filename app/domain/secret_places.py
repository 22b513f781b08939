"""Where a definition puts resolved secrets: the worker may store them in clear at these places (runtime.md F41)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.domain.run import JsonValue

SecretPaths = tuple[tuple[str, ...], ...]
"""Paths inside an invocation's input, as object keys and array indexes."""

_SECRET = "$secret"  # noqa: S105 (a key of the definition language)
_BRANCHES = ("then", "else", "body", "try", "catch")


def secret_places(definition: JsonValue) -> dict[str, SecretPaths]:
    """Return the places of ``{"$secret": NAME}`` in each step's ``inputMapping``, by step path.

    A definition of another shape has none; it is read from the database and may be anything.
    """
    steps = definition.get("steps") if isinstance(definition, dict) else None
    return {path: places for path, step in _steps(steps, "root") if (places := tuple(_places(_mapping_of(step), ())))}


def values_at(document: JsonValue, paths: SecretPaths) -> Iterator[JsonValue]:
    """Yield what a document holds at the paths that it has."""
    for path in paths:
        found, value = _value_at(document, path)
        if found:
            yield value


def _steps(block: JsonValue, path: str) -> Iterator[tuple[str, Mapping[str, JsonValue]]]:
    for index, step in enumerate(block if isinstance(block, list) else ()):
        if not isinstance(step, dict):
            continue
        here = f"{path}.steps[{index}]"
        yield here, step
        for branch in _BRANCHES:
            yield from _steps(step.get(branch), f"{here}.{branch}")


def _mapping_of(step: Mapping[str, JsonValue]) -> JsonValue:
    config = step.get("config")
    return config.get("inputMapping") if isinstance(config, dict) else None


def _places(value: JsonValue, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        if isinstance(value.get(_SECRET), str):
            yield path
            return
        for key, item in value.items():
            yield from _places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, (*path, str(index)))


def _value_at(document: JsonValue, path: tuple[str, ...]) -> tuple[bool, JsonValue]:
    for segment in path:
        if isinstance(document, dict) and segment in document:
            document = document[segment]
        elif isinstance(document, list) and segment.isdecimal() and int(segment) < len(document):
            document = document[int(segment)]
        else:
            return False, None
    return True, document
