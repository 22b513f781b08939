"""Events on their way in: by which keys one is correlated, whom it may concern, and what it starts (runtime.md 4.8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain import json_text
from app.domain.event_filters import first_refusal
from app.domain.redaction_policy import RedactionPolicy
from app.domain.run import JsonValue, WaitType

MAINTENANCE_EVENT = "MAINTENANCE_JOB_REQUESTED"
"""The product's own errand; it never concerns a workflow."""
EVERY_EVENT = "*"
DEFAULT_PATHS: Mapping[str, tuple[str, ...]] = {
    "TICKET_*": ("ticketId",),
    "INVOICE_*": ("invoiceId",),
    EVERY_EVENT: ("ticketId", "clientId", "invoiceId", "projectId", "paymentId"),
}
"""Where the product looks for a key; a name that ends in ``*`` covers all events that begin so."""
MISSING_KEY = "Missing workflow correlation key: the event names none and its payload holds none."
"""``error_message`` of an event without a key that nothing took; its beginning is the product's (database.md 3.7)."""


@dataclass(frozen=True, slots=True)
class CorrelationPaths:
    """Dotted object paths by event name, in which correlation keys are looked for."""

    by_event: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: DEFAULT_PATHS)

    @classmethod
    def from_text(cls, text: str | None) -> CorrelationPaths:
        """Return the paths of the product's setting, an object of event name to path or paths; else the defaults."""
        try:
            document = json_text.parse(text) if text else None
        except json_text.JsonTextError:
            document = None
        if not isinstance(document, dict):
            return cls()
        return cls({name: tuple(_texts(value)) for name, value in document.items()})

    def keys(self, event_name: str, payload: JsonValue) -> tuple[str, ...]:
        """Return every key that the payload holds, each once, those of paths for this very event first."""
        found = (_key_at(payload, path) for path in self._paths(event_name))
        return tuple(dict.fromkeys(key for key in found if key is not None))

    def _paths(self, event_name: str) -> Iterator[str]:
        """Yield paths: by exact name, then by the longest beginning; that of every event is the shortest."""
        yield from self.by_event.get(event_name, ())
        families = (name for name in self.by_event if name.endswith(EVERY_EVENT))
        for family in sorted(families, key=len, reverse=True):
            if event_name.startswith(family.removesuffix(EVERY_EVENT)):
                yield from self.by_event[family]


@dataclass(frozen=True, slots=True)
class IncomingEvent:
    """An event as its publisher sent it; ``keys`` are considered all, the first is recorded.

    ``payload`` is a JSON object and is never shown.
    """

    event_id: UUID
    tenant: UUID
    name: str
    keys: tuple[str, ...]
    payload: dict[str, JsonValue] = field(repr=False)
    schema_ref: str | None = None

    @property
    def primary_key(self) -> str | None:
        """The key that the event row carries."""
        return self.keys[0] if self.keys else None


@dataclass(frozen=True, slots=True)
class WaitingRun:
    """An open wait that the event may concern: its name fits, and its key is one of the event's or null.

    ``filters`` are as stored; only the execution decides by them.
    """

    run_id: UUID
    wait_id: UUID
    step_path: str
    wait_type: str
    key: str | None
    filters: JsonValue = field(default=None, repr=False)

    def refusing_filter(self, payload: JsonValue) -> str | None:
        """Return the filter with which the run will refuse this payload, None when it will take it."""
        return first_refusal(payload, self.filters) if self.wait_type == WaitType.EVENT else None


@dataclass(frozen=True, slots=True)
class TriggeredWorkflow:
    """A published workflow whose newest version is triggered by the event's name."""

    workflow_id: UUID
    name: str
    version: int
    payload_schema_ref: str | None
    source_schema_ref: str | None
    mapping: JsonValue = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class TriggerDecision:
    """Whether a trigger fires for an event: ``skipped`` says why not, ``maps`` that its mapping makes the input."""

    maps: bool = False
    skipped: str | None = None


def decide_trigger(workflow: TriggeredWorkflow, schema_ref: str | None) -> TriggerDecision:
    """Decide by schema refs (runtime.md 4.4 step 5): an event's payload needs a mapping unless it is the input."""
    name, expected = workflow.name, workflow.source_schema_ref
    if None not in (schema_ref, expected) and schema_ref != expected:
        return TriggerDecision(skipped=f"{name}: the event carries {schema_ref}, its trigger expects {expected}.")
    if workflow.mapping is not None:
        return TriggerDecision(maps=True)
    carried = schema_ref or expected
    if carried is not None and carried != workflow.payload_schema_ref:
        wanted = workflow.payload_schema_ref or "no schema"
        return TriggerDecision(skipped=f"{name}: it takes {wanted}, the event carries {carried}; nothing maps it.")
    return TriggerDecision()


class Arrival(StrEnum):
    """What an event id was found to be."""

    NEW = "new"
    UNFINISHED = "unfinished"
    """It arrived before, and was not dealt with to its end."""
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class SchemaConflict:
    """The publisher names another schema than the catalogue of events does."""

    submission: str
    catalog: str


@dataclass(frozen=True, slots=True)
class EventArrival:
    """What Postgres knows of an event once it is recorded.

    ``schema_ref`` is the publisher's, else the catalogue's. ``matched_run`` and ``error`` are what the row of a
    duplicate says. ``policy`` is what the tenant hides.
    """

    arrival: Arrival
    received_at: datetime
    waiting: tuple[WaitingRun, ...] = ()
    triggered: tuple[TriggeredWorkflow, ...] = ()
    schema_ref: str | None = None
    conflict: SchemaConflict | None = None
    matched_run: UUID | None = None
    error: str | None = field(default=None, repr=False)
    policy: RedactionPolicy = field(default_factory=RedactionPolicy)


@dataclass(frozen=True, slots=True)
class EventEnd:
    """What became of an event, for its row. ``settled`` False leaves it open for the same event to be sent again."""

    settled: bool
    matched_run: UUID | None = None
    matched_wait: UUID | None = None
    matched_step_path: str | None = None
    error: str | None = None


def _key_at(payload: JsonValue, path: str) -> str | None:
    """Return the text or whole number at a path of objects; None for anything else and for blanks."""
    value = payload
    for segment in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(segment)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).strip() or None


def _texts(value: JsonValue) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str) and item.strip():
            yield item.strip()
