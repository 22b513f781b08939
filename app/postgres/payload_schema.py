"""Checks a payload against a version's JSON Schema without a float, without the network, and without its values.

The library writes the failing value into its messages. Nothing of them is used: a fault is made of the place, the
schema's keyword and the schema's own constraint.
"""

from __future__ import annotations

import decimal
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any, cast

from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker, TypeChecker
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend, validator_for
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
from referencing.exceptions import Unresolvable

from app.domain import json_text
from app.domain.json_pointer import pointer
from app.domain.payload_schema import FORBIDDEN, MAX_SCHEMA_FAULTS, SchemaCheck, SchemaFault, SchemaState
from app.domain.run import JsonValue
from app.postgres.ecma_pattern import UnsupportedPattern, ecma_pattern

_EXACT_DIGITS = 150_000
"""Enough for every number that Postgres stores in ``jsonb``; precision costs only where it is used."""
_MOST_FAULTS_COUNTED = 10_000
_MOST_CONSTRAINT_CHARACTERS = 200
_COUNTED = frozenset({"anyOf", "oneOf"})
_SPOKEN = frozenset(
    {
        *("enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
    }
)
"""Keywords whose value in the schema is said as JSON."""


@dataclass(frozen=True, slots=True)
class _Unusable(Exception):
    reason: str


@dataclass(frozen=True, slots=True)
class _Usable:
    kind: type[Validator]
    schema: Any


class _NoteFormats(FormatChecker):
    """Lets every format pass and remembers that it was met: the product's own rules for formats are not known."""

    def __init__(self) -> None:
        super().__init__(())
        self.met: set[str] = set()

    def check(self, instance: object, format: str) -> None:  # noqa: A002 - the library's own name
        if isinstance(instance, str):
            self.met.add(str(format))


@dataclass
class _Faults:
    """Collects faults up to the bound and counts the others."""

    found: dict[SchemaFault, None] = field(default_factory=dict)
    count: int = 0

    def add(self, error: ValidationError) -> None:
        self.count += 1
        if len(self.found) < MAX_SCHEMA_FAULTS:
            place = pointer(map(str, error.absolute_path))
            self.found.setdefault(SchemaFault(place, *_demand(error)))


def check_document(schema_text: str | None, document: JsonValue, version: int) -> SchemaCheck:
    """Check a document; takes time in proportion to it, so large ones belong off the event loop.

    Args:
        schema_text: ``payload_schema_json::text``; None or ``null`` for a version without one.
        document: The payload, every digit kept.
        version: The version that the schema belongs to.
    """
    if schema_text is None or schema_text == "null":
        return SchemaCheck(SchemaState.NO_SCHEMA, version)
    formats, faults = _NoteFormats(), _Faults()
    try:
        usable = _usable(schema_text)
        if isinstance(usable, _Unusable):
            raise usable
        validator = usable.kind(usable.schema, registry=REGISTRY, format_checker=formats)
        with _exact_numbers():
            for error in islice(validator.iter_errors(cast("Any", document)), _MOST_FAULTS_COUNTED):
                faults.add(error)
    except _Unusable as unusable:
        return SchemaCheck(SchemaState.CANNOT_CHECK, version, reason=unusable.reason)
    except Unresolvable:
        reason = "The schema refers to another schema that is not part of it."
        return SchemaCheck(SchemaState.CANNOT_CHECK, version, reason=reason)
    except UnsupportedPattern:
        reason = "The schema has a pattern that only JavaScript understands."
        return SchemaCheck(SchemaState.CANNOT_CHECK, version, reason=reason)
    except RecursionError:
        reason = "The schema, or the payload, is nested too deeply."
        return SchemaCheck(SchemaState.CANNOT_CHECK, version, reason=reason)
    unchecked = tuple(f"format {name}" for name in sorted(formats.met))
    state = SchemaState.FAULTY if faults.count else SchemaState.FITS
    return SchemaCheck(state, version, tuple(faults.found), faults.count, unchecked)


@lru_cache(maxsize=32)
def _usable(schema_text: str) -> _Usable | _Unusable:
    """Return the schema with the draft that it is written in, or why it cannot be used."""
    try:
        schema: Any = json_text.parse(schema_text)
    except json_text.JsonTextError:
        return _Unusable("The schema cannot be read.")
    if not isinstance(schema, dict | bool):
        return _Unusable("The schema is neither an object nor true or false.")
    drafts = _drafts(schema)
    if not drafts:
        return _Unusable("The schema is written in a dialect that is not known here.")
    for draft in drafts:
        if _is_valid_schema(draft, schema):
            return _Usable(_exact(draft), schema)
    return _Unusable("The schema itself is not valid.")


def _drafts(schema: Any) -> tuple[type[Validator], ...]:
    """Return the dialect that the schema names; without a name the newest, then the one most tools write."""
    if isinstance(schema, bool) or "$schema" not in schema:
        return Draft202012Validator, Draft7Validator
    named = schema["$schema"]
    found: Any = validator_for(schema, default=cast("Any", None)) if isinstance(named, str) else None
    return () if found is None else (found,)


def _is_valid_schema(draft: type[Validator], schema: Any) -> bool:
    with _exact_numbers():
        return bool(_exact(draft)(draft.META_SCHEMA, registry=REGISTRY).is_valid(schema))


@lru_cache(maxsize=16)
def _exact(draft: type[Validator]) -> type[Validator]:
    """Return the draft's rules for numbers of any size, JavaScript's patterns, and faults at the member concerned."""
    numbers: TypeChecker = draft.TYPE_CHECKER.redefine("number", _is_number).redefine("integer", _is_integer)
    rules = {
        "properties": _properties,
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "uniqueItems": _unique_items,
    }
    if isinstance(draft.META_SCHEMA.get("properties", {}).get("required", {}), dict):
        rules["required"] = _required
    return cast("type[Validator]", extend(draft, rules, type_checker=numbers))  # type: ignore[no-untyped-call]


def _is_number(_checker: TypeChecker, value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _is_integer(checker: TypeChecker, value: object) -> bool:
    """Say whether JavaScript would see an integer: ``1.0`` is one."""
    if isinstance(value, Decimal):
        return value == value.to_integral_value()
    return _is_number(checker, value)


def _required(validator: Any, required: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(instance, "object") and isinstance(required, Sequence):
        for name in required:
            if name not in instance:
                yield ValidationError("", path=(name,))


def _properties(validator: Any, properties: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if not validator.is_type(instance, "object"):
        return
    for name, below in properties.items():
        if name in instance and below is False:  # the library would lose the member's name
            yield ValidationError("", path=(name,), validator=FORBIDDEN, validator_value=None)
        elif name in instance:
            yield from validator.descend(instance[name], below, path=name, schema_path=name)


def _pattern(validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(instance, "string") and ecma_pattern(pattern).search(instance) is None:
        yield ValidationError("")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if not validator.is_type(instance, "object"):
        return
    for pattern, below in patterns.items():
        names = ecma_pattern(pattern)
        for key, value in instance.items():
            if names.search(key):
                yield from validator.descend(value, below, path=key, schema_path=pattern)


def _additional_properties(validator: Any, allowed: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if not validator.is_type(instance, "object"):
        return
    named = schema.get("properties", {})
    patterns: list[re.Pattern[str]] = [ecma_pattern(pattern) for pattern in schema.get("patternProperties", {})]
    for key, value in instance.items():
        if key in named or any(pattern.search(key) for pattern in patterns):
            continue
        if allowed is False:
            yield ValidationError("", path=(key,))
        else:
            yield from validator.descend(value, allowed, path=key)


def _unique_items(validator: Any, unique: bool, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if unique and validator.is_type(instance, "array"):
        seen: set[Any] = set()
        for item in instance:
            known = _identity(item)
            if known in seen:
                yield ValidationError("")
                return
            seen.add(known)


def _identity(value: Any) -> Any:
    """Return something hashable that is equal for equal JSON values only: 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, Mapping):
        return "object", frozenset((key, _identity(item)) for key, item in value.items())
    if isinstance(value, list):
        return "array", tuple(_identity(item) for item in value)
    return "boolean" if isinstance(value, bool) else "scalar", value


def _demand(error: ValidationError) -> tuple[str, str]:
    """Return the keyword and what the schema says there, from the schema alone."""
    keyword = FORBIDDEN if error.validator is None else str(error.validator)
    value: Any = error.validator_value
    if keyword == "type":
        return keyword, " or ".join(map(str, value if isinstance(value, list) else [value]))
    if keyword == "pattern":
        return keyword, _bounded(str(value))
    if keyword in _COUNTED and isinstance(value, list):
        return keyword, str(len(value))
    if keyword == "enum" and isinstance(value, list):
        return keyword, _bounded(", ".join(json_text.dump(item) for item in value))
    return keyword, _bounded(json_text.dump(value)) if keyword in _SPOKEN else ""


def _bounded(text: str) -> str:
    return text if len(text) <= _MOST_CONSTRAINT_CHARACTERS else f"{text[:_MOST_CONSTRAINT_CHARACTERS]}…"


def _exact_numbers() -> Any:
    """Return a context in which no arithmetic on decimals rounds."""
    return decimal.localcontext(
        decimal.Context(
            prec=_EXACT_DIGITS, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN, traps=[decimal.InvalidOperation]
        )
    )
