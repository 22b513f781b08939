"""The form that a payload's JSON Schema describes: which members can be typed one by one, and which only as JSON.

A form is a convenience over the document, never a second truth: what it cannot express stays in the document as it is
and is edited as JSON. Nothing is refused here; whether a payload fits its schema is another question
(:mod:`app.domain.payload_schema`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from app.domain import json_text
from app.domain.json_pointer import split_pointer
from app.domain.run import JsonValue

MAX_FORM_FIELDS = 200
"""A schema with more members is edited as JSON: nobody fills in such a form."""
MAX_FORM_DEPTH = 6
_MAX_REFERENCES = 16
_COMBINED = ("oneOf", "anyOf", "allOf", "not", "if", "patternProperties", "dependentSchemas", "dependencies")
"""Keywords that say more than a field can ask for."""

Schema = Mapping[str, JsonValue]
HidesKey = Callable[[str], bool]


class FieldKind(StrEnum):
    """How a member is typed. ``json`` is whatever only the JSON view can express."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    DATE = "date"
    TIME = "time"
    MOMENT = "date-time"
    OBJECT = "object"
    LIST = "list"
    JSON = "json"


_SIMPLE: dict[str, FieldKind] = {
    "string": FieldKind.TEXT,
    "integer": FieldKind.INTEGER,
    "number": FieldKind.NUMBER,
    "boolean": FieldKind.BOOLEAN,
}
_FORMATS: dict[str, FieldKind] = {"date": FieldKind.DATE, "time": FieldKind.TIME, "date-time": FieldKind.MOMENT}


@dataclass(frozen=True, slots=True)
class FormField:
    """One member of the payload.

    Attributes:
        path: Decoded pointer segments of the member in the payload.
        kind: How it is typed.
        title: The schema's title, else the member's name.
        required: Whether the schema demands the member.
        help: The schema's description, or "".
        choices: The values of an enumeration, as they are.
        fields: The members of an object.
        item: The field of a list's elements; its path is the list's.
        element: Whether it is an element of a list, which is taken out as a whole and never just not given.
        secret: Whether the redaction rules hide what is typed here.
        example: The schema's default or first example as text, for a hint; never of a secret member.
    """

    path: tuple[str, ...]
    kind: FieldKind
    title: str
    required: bool = False
    help: str = ""
    choices: tuple[JsonValue, ...] = ()
    fields: tuple[FormField, ...] = ()
    item: FormField | None = None
    element: bool = False
    secret: bool = False
    example: str = ""

    @property
    def name(self) -> str:
        """The member's name, or the number of the element."""
        return self.path[-1] if self.path else ""


@dataclass(frozen=True, slots=True)
class PayloadForm:
    """The fields of a payload's top level; ``example`` is a whole payload that the schema offers as one, or None."""

    fields: tuple[FormField, ...]
    example: JsonValue = None


def build_form(schema: JsonValue, hides_key: HidesKey) -> PayloadForm | None:
    """Return the form of a payload schema, or None when it can only be edited as JSON.

    Args:
        schema: ``payload_schema_json`` as parsed; None for a version without one.
        hides_key: Says under which names values are secret.
    """
    if not isinstance(schema, dict):
        return None
    building = _Building(schema, hides_key)
    root = building.resolved(schema)
    if root is None or root.get("type", "object") != "object" or any(key in root for key in _COMBINED):
        return None
    fields = building.members(root, ())
    if not fields or building.count > MAX_FORM_FIELDS:
        return None
    return PayloadForm(fields, _first_example(root))


def item_at(field: FormField, index: int) -> FormField | None:
    """Return the field of a list's element, or None when the field is no list."""
    if field.item is None:
        return None
    return replace(field.item, path=(*field.path, str(index)), title=f"{field.title} {index + 1}", element=True)


class _Building:
    """One walk through a schema. ``count`` is the number of fields made."""

    def __init__(self, root: Schema, hides_key: HidesKey) -> None:
        self._root = root
        self._hides_key = hides_key
        self.count = 0

    def members(self, schema: Schema, path: tuple[str, ...]) -> tuple[FormField, ...]:
        properties = schema.get("properties")
        required = schema.get("required")
        demanded = {name for name in required if isinstance(name, str)} if isinstance(required, list) else set()
        if not isinstance(properties, dict):
            return ()
        return tuple(
            self.field(below, (*path, name), required=name in demanded)
            for name, below in properties.items()
            if below is not False
        )

    def field(self, schema: JsonValue, path: tuple[str, ...], *, required: bool) -> FormField:
        self.count += 1
        name = path[-1]
        secret = any(self._hides_key(segment) for segment in path)
        known = self.resolved(schema)
        if known is None:
            return FormField(path, FieldKind.JSON, name, required, secret=secret)
        title, said = known.get("title"), known.get("description")
        made = FormField(
            path=path,
            kind=_kind_of(known),
            title=title if isinstance(title, str) and title.strip() else name,
            required=required,
            help=said if isinstance(said, str) else "",
            secret=secret,
            example="" if secret else _hint(known),
        )
        return self._completed(made, known)

    def _completed(self, field: FormField, schema: Schema) -> FormField:
        """Return the field with what its kind needs, or as JSON when that is not simple enough."""
        if field.kind is FieldKind.CHOICE:
            return replace(field, choices=_choices(schema))
        if field.kind is FieldKind.OBJECT:
            fields = self.members(schema, field.path) if len(field.path) < MAX_FORM_DEPTH else ()
            return replace(field, fields=fields) if fields else replace(field, kind=FieldKind.JSON)
        if field.kind is FieldKind.LIST:
            item = self.field(schema.get("items"), field.path, required=True)
            simple = item.kind not in {FieldKind.OBJECT, FieldKind.LIST, FieldKind.JSON}
            return replace(field, item=item) if simple else replace(field, kind=FieldKind.JSON)
        return field

    def resolved(self, schema: JsonValue) -> Schema | None:
        """Return the schema behind references and wrappers around a single one; None when it is not a plain object."""
        for _ in range(_MAX_REFERENCES):
            if not isinstance(schema, dict):
                return None
            inner = self._inner(schema)
            if inner is None:
                return schema
            around = {key: value for key, value in schema.items() if key in {"title", "description", "default"}}
            schema = {**inner, **around} if isinstance(inner, dict) else inner
        return None

    def _inner(self, schema: Schema) -> JsonValue:
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return self._referred(reference)
        for wrapper in ("allOf", "anyOf", "oneOf"):
            parts = schema.get(wrapper)
            if isinstance(parts, list) and "type" not in schema:
                real = [part for part in parts if not _is_null(part)]
                if len(real) == 1:
                    return real[0]
        return None

    def _referred(self, reference: str) -> JsonValue:
        """Return what a reference inside the same schema names; True, which asks for nothing, when it names nothing."""
        found: JsonValue = dict(self._root)
        try:
            segments = split_pointer(reference.removeprefix("#"))
        except ValueError:
            return True
        for segment in segments:
            found = found.get(segment, True) if isinstance(found, dict) else True
        return found


def _is_null(schema: JsonValue) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "null"


def _kind_of(schema: Schema) -> FieldKind:
    if any(key in schema for key in _COMBINED):
        return FieldKind.JSON
    if _choices(schema):
        return FieldKind.CHOICE
    kind = schema.get("type")
    if isinstance(kind, list):
        real = [one for one in kind if one != "null"]
        kind = real[0] if len(real) == 1 else None
    if kind == "object" or (kind is None and isinstance(schema.get("properties"), dict)):
        return FieldKind.OBJECT
    if kind == "array":
        return FieldKind.LIST
    simple = _SIMPLE.get(kind, FieldKind.JSON) if isinstance(kind, str) else FieldKind.JSON
    written = schema.get("format")
    return _FORMATS.get(written, simple) if simple is FieldKind.TEXT and isinstance(written, str) else simple


def _choices(schema: Schema) -> tuple[JsonValue, ...]:
    """Return the values of an enumeration of scalars, else nothing."""
    listed = schema.get("enum")
    values = listed if isinstance(listed, list) else [schema["const"]] if "const" in schema else []
    return () if any(isinstance(value, dict | list) for value in values) else tuple(values)


def _first_example(schema: Schema) -> JsonValue:
    """Return the schema's default, else its first example, else None."""
    if schema.get("default") is not None:
        return schema["default"]
    examples = schema.get("examples")
    return examples[0] if isinstance(examples, list) and examples else None


def _hint(schema: Schema) -> str:
    example = _first_example(schema)
    if example is None or isinstance(example, dict | list):
        return ""
    return example if isinstance(example, str) else json_text.dump(example)
