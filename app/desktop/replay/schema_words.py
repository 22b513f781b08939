"""What a schema demands at a place, as the operator's sentence."""

from __future__ import annotations

from app.desktop.shell.words import QT_TRANSLATE_NOOP, translate
from app.domain.payload_schema import FORBIDDEN, SchemaFault

SCHEMA_SENTENCES: dict[str, str] = {
    "type": QT_TRANSLATE_NOOP("Schema", "Must be of type {constraint}"),
    "required": QT_TRANSLATE_NOOP("Schema", "Is missing"),
    "additionalProperties": QT_TRANSLATE_NOOP("Schema", "Is not expected here"),
    FORBIDDEN: QT_TRANSLATE_NOOP("Schema", "Is not allowed here"),
    "enum": QT_TRANSLATE_NOOP("Schema", "Must be one of {constraint}"),
    "const": QT_TRANSLATE_NOOP("Schema", "Must be {constraint}"),
    "minimum": QT_TRANSLATE_NOOP("Schema", "Must be at least {constraint}"),
    "maximum": QT_TRANSLATE_NOOP("Schema", "Must be at most {constraint}"),
    "exclusiveMinimum": QT_TRANSLATE_NOOP("Schema", "Must be more than {constraint}"),
    "exclusiveMaximum": QT_TRANSLATE_NOOP("Schema", "Must be less than {constraint}"),
    "multipleOf": QT_TRANSLATE_NOOP("Schema", "Must be a multiple of {constraint}"),
    "minLength": QT_TRANSLATE_NOOP("Schema", "Must have at least {constraint} characters"),
    "maxLength": QT_TRANSLATE_NOOP("Schema", "Must have at most {constraint} characters"),
    "pattern": QT_TRANSLATE_NOOP("Schema", "Must match {constraint}"),
    "minItems": QT_TRANSLATE_NOOP("Schema", "Must have at least {constraint} elements"),
    "maxItems": QT_TRANSLATE_NOOP("Schema", "Must have at most {constraint} elements"),
    "uniqueItems": QT_TRANSLATE_NOOP("Schema", "Must not have equal elements"),
    "minProperties": QT_TRANSLATE_NOOP("Schema", "Must have at least {constraint} members"),
    "maxProperties": QT_TRANSLATE_NOOP("Schema", "Must have at most {constraint} members"),
    "anyOf": QT_TRANSLATE_NOOP("Schema", "Fits none of {constraint} alternatives"),
    "oneOf": QT_TRANSLATE_NOOP("Schema", "Must fit exactly one of {constraint} alternatives"),
}
"""A sentence for every keyword of :data:`app.domain.payload_schema.DEMANDS`."""
_OTHER = QT_TRANSLATE_NOOP("Schema", "Breaks the rule {keyword} of the schema")


def fault_text(fault: SchemaFault) -> str:
    """Return what the schema demands at the fault's place, in the current language."""
    sentence = translate("Schema", SCHEMA_SENTENCES.get(fault.keyword, _OTHER))
    return sentence.format(constraint=fault.constraint, keyword=fault.keyword)
