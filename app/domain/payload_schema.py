"""What a check of a payload against a version's JSON Schema says: where it fails and by which rule, never the values.

The payload a replay sends is known to Postgres only, so a fault names the place and the schema's own constraint.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.domain.errors import InvalidInput

MAX_SCHEMA_FAULTS = 100
"""More faults than these are counted only."""
_NAMED_FAULTS = 3

FORBIDDEN = "false"
"""Stands for a keyword where the schema is just ``false``."""
_OTHER_DEMAND = "breaks the rule {keyword} of the schema"
DEMANDS: dict[str, str] = {
    "type": "must be of type {constraint}",
    "required": "is missing",
    "additionalProperties": "is not expected here",
    FORBIDDEN: "is not allowed here",
    "enum": "must be one of {constraint}",
    "const": "must be {constraint}",
    "minimum": "must be at least {constraint}",
    "maximum": "must be at most {constraint}",
    "exclusiveMinimum": "must be more than {constraint}",
    "exclusiveMaximum": "must be less than {constraint}",
    "multipleOf": "must be a multiple of {constraint}",
    "minLength": "must have at least {constraint} characters",
    "maxLength": "must have at most {constraint} characters",
    "pattern": "must match {constraint}",
    "minItems": "must have at least {constraint} elements",
    "maxItems": "must have at most {constraint} elements",
    "uniqueItems": "must not have equal elements",
    "minProperties": "must have at least {constraint} members",
    "maxProperties": "must have at most {constraint} members",
    "anyOf": "fits none of {constraint} alternatives",
    "oneOf": "must fit exactly one of {constraint} alternatives",
}
"""What each keyword demands, as the end of a sentence whose subject is the place."""


class SchemaState(StrEnum):
    """Whether a payload fits; ``no_schema`` and ``cannot_check`` are no verdict on the payload."""

    FITS = "fits"
    FAULTY = "faulty"
    NO_SCHEMA = "no_schema"
    CANNOT_CHECK = "cannot_check"


@dataclass(frozen=True, slots=True)
class SchemaFault:
    """One place at which a payload breaks its schema.

    ``path`` is a JSON pointer into the payload; for a missing or unexpected member that of the member. ``keyword`` is
    the schema's keyword, :data:`FORBIDDEN` where the schema allows nothing. ``constraint`` is what the schema demands
    there, written from the schema alone; "" when the keyword says it all.
    """

    path: str
    keyword: str
    constraint: str = ""

    @property
    def message(self) -> str:
        """What the schema demands, as the end of an English sentence."""
        return DEMANDS.get(self.keyword, _OTHER_DEMAND).format(constraint=self.constraint, keyword=self.keyword)


@dataclass(frozen=True, slots=True)
class SchemaCheck:
    """The outcome of a check against one version.

    Attributes:
        state: The verdict.
        version: The version whose schema was asked.
        faults: The first :data:`MAX_SCHEMA_FAULTS`, in the order of the schema's rules.
        fault_count: How many there are in all.
        unchecked: Keywords of the schema that are no part of this check, for example ``format``.
        reason: Why it could not be checked, as an English sentence; None otherwise.
    """

    state: SchemaState
    version: int
    faults: tuple[SchemaFault, ...] = ()
    fault_count: int = 0
    unchecked: tuple[str, ...] = ()
    reason: str | None = None


def refuses_launch(check: SchemaCheck, *, accepted_before: bool) -> bool:
    """Say whether a payload with these faults must not be launched.

    The product validates with schemas in its server's memory (runtime.md 11 item 1) and would leave a FAILED row
    behind (F34). The stored schema is the nearest to them that can be asked, but it may be the stricter one: where the
    product has run this very input on this very version before, its word counts more than the stored schema's.

    Args:
        check: What the stored schema says.
        accepted_before: The input is unedited, the version is the source's own, and the source's launch passed.
    """
    return check.state is SchemaState.FAULTY and not accepted_before


def schema_refusal(check: SchemaCheck) -> InvalidInput:
    """Return the error of a launch that is refused for its faults."""
    first = check.faults[:_NAMED_FAULTS]
    places = "; ".join(f"{fault.path or 'the payload'}: {fault.message}" for fault in first)
    more = check.fault_count - len(first)
    return InvalidInput(
        "payload.schema",
        f"The payload does not fit the schema of version {check.version}, so nothing was started. {places}"
        f"{f' And {more} more.' if more > 0 else ''}",
        version=check.version,
        count=check.fault_count,
        path=first[0].path if first else "",
        faults=[f"{fault.path}: {fault.message}" for fault in check.faults],
    )
