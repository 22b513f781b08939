"""Strict reading of a JSON object: every key is expected, every error names its path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.engine.definition import (
    Assignments,
    Expression,
    Literal,
    MappedList,
    MappedObject,
    MappingValue,
    SecretReference,
)

_ABSENT = object()


class DefinitionError(ValueError):
    """A definition cannot be executed; the message begins with the path of the offending value."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class Fields:
    """One JSON object being read. Call :meth:`close` at the end to refuse keys nobody asked for."""

    def __init__(self, value: Any, path: str) -> None:
        if not isinstance(value, Mapping):
            raise DefinitionError(path, "must be an object")
        self._value = value
        self._read: set[str] = set()
        self.path = path

    def at(self, key: str) -> str:
        """Return the path of a member."""
        return f"{self.path}.{key}"

    def has(self, key: str) -> bool:
        """Say whether the key is present; an explicit null counts as absent."""
        self._read.add(key)
        return self._value.get(key) is not None

    def raw(self, key: str) -> Any:
        """Return a required member of any type."""
        self._read.add(key)
        value = self._value.get(key, _ABSENT)
        if value is _ABSENT:
            raise DefinitionError(self.at(key), "is required")
        return value

    def text(self, key: str) -> str:
        """Return a required text that is not empty."""
        value = self.raw(key)
        if not isinstance(value, str) or not value:
            raise DefinitionError(self.at(key), "must be a text that is not empty")
        return value

    def optional_text(self, key: str) -> str | None:
        """Return a text, or None when absent."""
        if not self.has(key):
            return None
        value = self.raw(key)
        if not isinstance(value, str):
            raise DefinitionError(self.at(key), "must be a text")
        return value

    def integer(self, key: str, minimum: int) -> int:
        """Return a required integer of at least ``minimum``; 2.0 counts as 2, for jsonb keeps what was written."""
        value = self.raw(key)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
            raise DefinitionError(self.at(key), f"must be an integer of at least {minimum}")
        return value

    def optional_integer(self, key: str, minimum: int) -> int | None:
        """Return an integer, or None when absent."""
        return self.integer(key, minimum) if self.has(key) else None

    def number(self, key: str, default: float) -> float:
        """Return a number that is not negative, or the default."""
        if not self.has(key):
            return default
        value = self.raw(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            raise DefinitionError(self.at(key), "must be a number of at least 0")
        return float(value)

    def flag(self, key: str, *, default: bool) -> bool:
        """Return a boolean, or the default."""
        if not self.has(key):
            return default
        value = self.raw(key)
        if not isinstance(value, bool):
            raise DefinitionError(self.at(key), "must be true or false")
        return value

    def choice(self, key: str, known: tuple[str, ...], default: str | None = None) -> str:
        """Return one of the known words, or the default when absent and given."""
        if default is not None and not self.has(key):
            return default
        value = self.text(key)
        if value not in known:
            raise DefinitionError(self.at(key), f"must be one of {', '.join(known)}, not {value!r}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty when absent."""
        values = self.items(key, required=False)
        if not all(isinstance(value, str) for value in values):
            raise DefinitionError(self.at(key), "must be a list of texts")
        return tuple(values)

    def items(self, key: str, *, required: bool = True) -> list[Any]:
        """Return a list, or an empty one when absent and not required."""
        if not required and not self.has(key):
            return []
        value = self.raw(key)
        if not isinstance(value, list):
            raise DefinitionError(self.at(key), "must be a list")
        return value

    def expression(self, key: str) -> Expression:
        """Return a required expression object."""
        return read_expression(self.raw(key), self.at(key))

    def optional_expression(self, key: str) -> Expression | None:
        """Return an expression object, or None when absent."""
        return self.expression(key) if self.has(key) else None

    def expressions(self, key: str) -> Assignments:
        """Return an object of expressions, in the order of the document; empty when absent."""
        if not self.has(key):
            return ()
        value = self.raw(key)
        if not isinstance(value, Mapping):
            raise DefinitionError(self.at(key), "must be an object of expressions")
        return tuple((name, read_expression(item, f"{self.at(key)}.{name}")) for name, item in value.items())

    def close(self) -> None:
        """Refuse members that nobody has read."""
        unknown = [key for key in self._value if key not in self._read]
        if unknown:
            raise DefinitionError(self.at(unknown[0]), "is not known here")


def read_expression(value: Any, path: str) -> Expression:
    """Read ``{"$expr": text}``; further keys are dropped, as the product does."""
    if not isinstance(value, Mapping) or not isinstance(value.get("$expr"), str):
        raise DefinitionError(path, 'must be an expression, {"$expr": "…"}')
    return Expression(value["$expr"])


def read_mapping(value: Any, path: str) -> MappingValue:
    """Read a mapping value: expression, secret reference, or literals walked recursively."""
    if isinstance(value, Mapping):
        if "$expr" in value:
            return read_expression(value, path)
        if "$secret" in value:
            return _read_secret(value, path)
        return read_mapping_object(value, path)
    if isinstance(value, list):
        return MappedList(tuple(read_mapping(item, f"{path}[{index}]") for index, item in enumerate(value)))
    return Literal(value)


def read_mapping_object(value: Any, path: str) -> MappedObject:
    """Read an object of mapping values."""
    if not isinstance(value, Mapping):
        raise DefinitionError(path, "must be an object")
    return MappedObject(tuple((key, read_mapping(item, f"{path}.{key}")) for key, item in value.items()))


def _read_secret(value: Mapping[str, Any], path: str) -> SecretReference:
    if set(value) != {"$secret"} or not isinstance(value["$secret"], str) or not value["$secret"]:
        raise DefinitionError(path, 'must be exactly {"$secret": "NAME"}')
    return SecretReference(value["$secret"])
