"""Frozen dataclasses of the domain as JSON and back, by their type annotations.

An object's members are its fields by name. Times are ISO 8601 with an offset, spans are seconds, ids and enumerations
are text, tuples are arrays. Where a field may hold text or a time, a time is ``{"time": "…"}``. A missing member takes
its field's default; one that nobody knows is ignored, so that a later version may add some.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar, Union
from uuid import UUID

from app.domain.run import JsonValue

T = TypeVar("T")
Decode = Callable[[JsonValue], Any]
TIME = "time"
"""The one member of an object that stands for a time where text could stand, too."""


class AnyJson:
    """Stands in annotations for :data:`app.domain.run.JsonValue`, which describes itself and so cannot be resolved."""


class UnfitJson(ValueError):
    """A value that does not have the shape that is asked for; ``path`` says where, as a JSON pointer."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path or '/'}: {expected}")
        self.path = path
        self.expected = expected


def encode(value: object) -> JsonValue:
    """Return a domain object as a JSON value.

    Raises:
        TypeError: Something that no bundle holds; that is a bug.
    """
    kind: Any = type(value)
    return _encoder_of(kind)(value)


def decode(kind: type[T], value: JsonValue) -> T:
    """Return the domain object that a JSON value stands for.

    Raises:
        UnfitJson: It does not have the type's shape.
    """
    hint: Any = kind
    found: T = decoder_of(hint)(value)
    return found


def hints_of(kind: type) -> dict[str, Any]:
    """Return the types of a dataclass's fields, :class:`AnyJson` where anything may stand."""
    hints = typing.get_type_hints(kind, localns={"JsonValue": AnyJson})
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _as_is(value: Any) -> JsonValue:
    kept: JsonValue = value
    return kept


_SCALARS: dict[type, Callable[[Any], JsonValue]] = {
    type(None): _as_is,
    bool: _as_is,
    int: _as_is,
    str: _as_is,
    Decimal: _as_is,
    float: lambda value: Decimal(repr(value)),
    UUID: str,
    datetime: lambda value: value.isoformat(),
    timedelta: lambda value: Decimal(repr(value.total_seconds())),
    list: _as_is,
    dict: _as_is,
    tuple: lambda value: [encode(item) for item in value],
}


@lru_cache(maxsize=512)
def _encoder_of(kind: type) -> Callable[[Any], JsonValue]:
    if kind in _SCALARS:
        return _SCALARS[kind]
    if issubclass(kind, Enum):
        return lambda value: str(value.value)
    if dataclasses.is_dataclass(kind):
        return _object_encoder(kind)
    raise TypeError(f"a bundle cannot hold a {kind.__name__}")


def _object_encoder(kind: type) -> Callable[[Any], JsonValue]:
    members = [(name, _field_encoder(hint)) for name, hint in hints_of(kind).items()]
    return lambda value: {name: encoder(getattr(value, name)) for name, encoder in members}


def _field_encoder(hint: Any) -> Callable[[Any], JsonValue]:
    if hint is AnyJson:
        return _as_is
    if typing.get_origin(hint) is tuple:
        arguments = typing.get_args(hint)
        items = [_field_encoder(argument) for argument in arguments if argument is not Ellipsis]
        if arguments[-1] is Ellipsis:
            return lambda value: [items[0](item) for item in value]
        return lambda value: [encoder(item) for encoder, item in zip(items, value, strict=True)]
    if _is_union(hint) and {str, datetime} <= set(typing.get_args(hint)):
        return lambda value: {TIME: value.isoformat()} if isinstance(value, datetime) else encode(value)
    return encode


@lru_cache(maxsize=512)
def decoder_of(hint: Any) -> Decode:
    """Return what makes a value of this type."""
    if hint is AnyJson:
        return _as_is
    if _is_union(hint):
        return _union_decoder(typing.get_args(hint))
    if typing.get_origin(hint) is tuple:
        return _tuple_decoder(typing.get_args(hint))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _object_decoder(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _enum_decoder(hint)
    return _SCALAR_DECODERS[hint]


def _is_union(hint: Any) -> bool:
    return isinstance(hint, types.UnionType) or typing.get_origin(hint) is Union


def _union_decoder(options: tuple[Any, ...]) -> Decode:
    """Return a decoder that chooses by what JSON can tell apart; at most one option is an object."""
    by_kind: dict[type, Decode] = {}
    if {str, datetime} <= set(options):
        by_kind[dict] = _time_object
    for option in options:
        if option is datetime and str in options:
            continue
        for json_type in _json_types(option):
            by_kind.setdefault(json_type, decoder_of(option))

    def decode_union(value: JsonValue) -> Any:
        chosen = by_kind.get(type(value))
        if chosen is None:
            raise UnfitJson("", f"a value of another kind than {type(value).__name__}")
        return chosen(value)

    return decode_union


def _json_types(option: Any) -> tuple[type, ...]:
    if option is type(None):
        return (type(None),)
    if option in {int, float, timedelta}:
        return (int,) if option is int else (int, Decimal)
    if option is bool:
        return (bool,)
    if typing.get_origin(option) is tuple:
        return (list,)
    return (dict,) if dataclasses.is_dataclass(option) else (str,)


def _time_object(value: JsonValue) -> Any:
    if not isinstance(value, dict):
        raise UnfitJson("", "a time")
    return _at(TIME, _time, value.get(TIME))


def _tuple_decoder(arguments: tuple[Any, ...]) -> Decode:
    varies = arguments[-1] is Ellipsis
    decoders = [decoder_of(argument) for argument in arguments if argument is not Ellipsis]

    def decode_tuple(value: JsonValue) -> Any:
        if not isinstance(value, list):
            raise UnfitJson("", "an array")
        if not varies and len(value) != len(decoders):
            raise UnfitJson("", f"an array of {len(decoders)}")
        every = decoders * len(value) if varies else decoders
        return tuple(_at(str(index), every[index], item) for index, item in enumerate(value))

    return decode_tuple


def _object_decoder(kind: type) -> Decode:
    hints = hints_of(kind)
    required = {
        field.name
        for field in dataclasses.fields(kind)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }
    decoders = {name: decoder_of(hint) for name, hint in hints.items()}

    def decode_object(value: JsonValue) -> Any:
        if not isinstance(value, dict):
            raise UnfitJson("", "an object")
        missing = required - value.keys()
        if missing:
            raise UnfitJson(f"/{min(missing)}", "missing")
        members = {name: _at(name, decoder, value[name]) for name, decoder in decoders.items() if name in value}
        try:
            return kind(**members)
        except ValueError as error:
            raise UnfitJson("", str(error)) from error

    return decode_object


def _enum_decoder(kind: type[Enum]) -> Decode:
    def decode_enum(value: JsonValue) -> Any:
        try:
            return kind(value)
        except ValueError as error:
            raise UnfitJson("", f"one of {', '.join(str(each.value) for each in kind)}") from error

    return decode_enum


def _at(step: str, decoder: Decode, value: JsonValue) -> Any:
    try:
        return decoder(value)
    except UnfitJson as error:
        raise UnfitJson(f"/{step}{error.path}", error.expected) from error


def _of_type(expected: type, words: str) -> Decode:
    def decode_scalar(value: JsonValue) -> Any:
        if type(value) is not expected:
            raise UnfitJson("", words)
        return value

    return decode_scalar


def _number(value: JsonValue) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise UnfitJson("", "a number")
    try:
        return float(value)
    except OverflowError as error:
        raise UnfitJson("", "a smaller number") from error


def _time(value: JsonValue) -> datetime:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UnfitJson("", "a time with an offset")
    return moment


def _span(value: JsonValue) -> timedelta:
    try:
        return timedelta(seconds=_number(value))
    except (OverflowError, ValueError) as error:
        raise UnfitJson("", "a span in seconds") from error


def _id(value: JsonValue) -> UUID:
    try:
        return UUID(value if isinstance(value, str) else "")
    except ValueError as error:
        raise UnfitJson("", "a uuid") from error


_SCALAR_DECODERS: dict[Any, Decode] = {
    type(None): _of_type(type(None), "null"),
    bool: _of_type(bool, "true or false"),
    int: _of_type(int, "a whole number"),
    str: _of_type(str, "text"),
    float: _number,
    UUID: _id,
    datetime: _time,
    timedelta: _span,
}
