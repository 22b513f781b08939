"""What a run and its parts are, as the console shows them: already redacted, frozen, thread-safe.

Statuses are open vocabularies in the database (no CHECK constraint), so they stay plain strings here;
the constants name the known words, each written once.
Source of every field: ``../shared/contract/database.md`` section 2.4 and ``runtime.md`` section 8.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

JsonValue: TypeAlias = "None | bool | int | str | Decimal | list[JsonValue] | dict[str, JsonValue]"
"""A JSON value as parsed by :mod:`app.domain.json_text`: integers exact, other numbers ``Decimal``, never float."""

ENGINE_TEMPORAL = "temporal"
"""The only engine a writer may produce (Temporal-only since June 2026)."""


class RunStatus(StrEnum):
    """Words of ``workflow_runs.status``. WAITING means a quota pause only."""

    RUNNING = "RUNNING"
    WAITING = "WAITING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


ACTIVE_STATUSES: tuple[str, ...] = (RunStatus.RUNNING, RunStatus.WAITING)
TERMINAL_STATUSES: tuple[str, ...] = (RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELED)


class StepStatus(StrEnum):
    """Words of ``workflow_run_steps.status``; RETRY_SCHEDULED occurs in legacy rows only."""

    STARTED = "STARTED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    RETRY_SCHEDULED = "RETRY_SCHEDULED"


class WaitType(StrEnum):
    """Words of ``workflow_run_waits.wait_type`` written at HEAD."""

    EVENT = "event"
    TIME = "time"
    HUMAN = "human"
    QUOTA = "quota"


class WaitStatus(StrEnum):
    """Words of ``workflow_run_waits.status``."""

    WAITING = "WAITING"
    RESOLVED = "RESOLVED"
    CANCELED = "CANCELED"


class InvocationStatus(StrEnum):
    """Words of ``workflow_action_invocations.status``."""

    STARTED = "STARTED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class EffectiveState(StrEnum):
    """What a run is really doing (rulings.md, "Words and codes"); derived, never stored."""

    QUEUED = "queued"
    EXECUTING = "executing"
    RETRYING = "retrying"
    WAITING_EVENT = "waiting_event"
    WAITING_TIME = "waiting_time"
    WAITING_HUMAN = "waiting_human"
    WAITING_QUOTA = "waiting_quota"
    WAITING_CHILD = "waiting_child"
    FAILING = "failing"
    CANCELING = "canceling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    TERMINATED = "terminated"
    TIMED_OUT = "timed_out"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RunKey:
    """Identity of a run. ``tenant`` is None only for plain-Postgres rows without one ("unassigned")."""

    tenant: UUID | None
    run_id: UUID


@dataclass(frozen=True, slots=True)
class OpenWait:
    """The newest wait in status WAITING of a run, as far as a list needs it."""

    wait_type: str
    event_name: str | None
    timeout_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RunRow:
    """One row of the run list. A row carries all that its cells, tooltip, copy and export need.

    ``age_seconds`` is the database's clock minus ``started_at``. ``stuck`` follows :func:`app.domain.stuck.is_stuck`.
    ``error_text`` is the most useful error message, redacted, one line, or None.
    """

    key: RunKey
    workflow_id: UUID
    workflow_name: str | None
    workflow_version: int
    status: str
    engine: str | None
    trigger_type: str | None
    event_type: str | None
    node_path: str | None
    started_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    age_seconds: float
    has_steps: bool
    stuck: bool
    state: EffectiveState
    open_wait: OpenWait | None
    replay_of: UUID | None
    error_text: str | None
    damaged_input: bool | None = None


class MaskRule(StrEnum):
    """Why a value of a document is masked."""

    KEY = "key"
    """It stands under a key that names secrets."""
    POINTER = "pointer"
    """A pointer of the tenant's settings names its place."""
    REFERENCE = "reference"
    """It names a secret."""
    REPEATED = "repeated"
    """It repeats a value that is masked elsewhere in the run, be it as a key."""
    CREDENTIAL = "credential"
    """It has the shape of credentials."""
    CLOSED = "closed"
    """The tenant's rules, or the document itself, could not be read."""


@dataclass(frozen=True, slots=True)
class RedactionTally:
    """The redaction manifest: how many values were masked, by rule, in the order of :class:`MaskRule`; none is 0."""

    counts: tuple[tuple[MaskRule, int], ...] = ()

    @property
    def total(self) -> int:
        """All masked values."""
        return sum(number for _, number in self.counts)

    @classmethod
    def of(cls, counted: Counter[MaskRule]) -> RedactionTally:
        """Return the counts in order."""
        return cls(tuple((rule, counted[rule]) for rule in MaskRule if counted[rule]))

    @classmethod
    def sum(cls, tallies: Iterable[RedactionTally]) -> RedactionTally:
        """Return the counts of several, added up."""
        counted: Counter[MaskRule] = Counter()
        for tally in tallies:
            counted.update(dict(tally.counts))
        return cls.of(counted)


NOTHING_MASKED = RedactionTally()


@dataclass(frozen=True, slots=True)
class RedactedDocument:
    """A JSON document fit for display.

    ``value`` has masked leaves replaced by a placeholder; ``masked`` are their JSON pointers
    (RFC 6901) in document order, ``rules`` why each of them is masked (empty where that is not known).
    """

    value: JsonValue
    masked: tuple[str, ...] = ()
    rules: tuple[MaskRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One ``workflow_run_steps`` row. ``attempt`` counts entries of the path (loop iterations), not retries.

    ``swallowed_error`` is True when the step SUCCEEDED although an invocation at its path failed (onError continue).
    """

    step_id: UUID
    step_path: str
    definition_step_id: str
    status: str
    attempt: int
    duration_ms: int | None
    started_at: datetime
    completed_at: datetime | None
    error: JsonValue
    name: str | None = None
    step_type: str | None = None
    swallowed_error: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """One ``workflow_run_waits`` row; ``payload`` is redacted."""

    wait_id: UUID
    step_path: str
    wait_type: str
    status: str
    key: str | None
    event_name: str | None
    timeout_at: datetime | None
    created_at: datetime
    resolved_at: datetime | None
    payload: JsonValue


@dataclass(frozen=True, slots=True)
class Invocation:
    """One ``workflow_action_invocations`` row; documents are redacted.

    ``input`` and ``output`` are None when the documents were not asked for; the sizes (bytes) are always known.
    """

    invocation_id: UUID
    step_path: str
    action_id: str
    action_version: int
    status: str
    attempt: int
    idempotency_key: str
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    error_message: str | None
    error: JsonValue
    input_bytes: int
    output_bytes: int
    input: RedactedDocument | None = None
    output: RedactedDocument | None = None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One ``workflow_run_logs`` row; ``context`` and ``message`` are redacted."""

    log_id: UUID
    created_at: datetime
    level: str
    message: str
    step_path: str | None
    source: str | None
    correlation_key: str | None
    event_name: str | None
    context: JsonValue


@dataclass(frozen=True, slots=True)
class RunLink:
    """Another run in this run's replay chain or family, with how it ended so far."""

    run_id: UUID
    status: str
    started_at: datetime
    completed_at: datetime | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RunError:
    """The error that is truly useful (runtime.md 8.2, console.md W8), redacted.

    ``source`` says where it was found: ``invocation``, ``step``, ``run``.
    ``technical`` is the stored step or run text when it differs from ``message``.
    """

    message: str
    source: str
    code: str | None = None
    category: str | None = None
    step_path: str | None = None
    action_id: str | None = None
    at: datetime | None = None
    attempts: int | None = None
    technical: str | None = None


@dataclass(frozen=True, slots=True)
class RunDetail:
    """Everything of one ``workflow_runs`` row plus its redacted documents and provenance."""

    row: RunRow
    input: RedactedDocument
    input_bytes: int
    damaged_paths: tuple[str, ...]
    error_json: JsonValue
    trigger_metadata: JsonValue
    trigger_fire_key: str | None
    source_payload_schema_ref: str | None
    trigger_mapping_applied: bool
    temporal_workflow_id: str | None
    temporal_run_id: str | None
    definition_hash: str | None
    runtime_semantics_version: str | None
    parent_run_id: UUID | None
    root_run_id: UUID | None
    snapshot_count: int
    replay_reason: str | None
    replays: tuple[RunLink, ...]
    source_run: RunLink | None
    legacy_note: str | None = None


@dataclass(frozen=True, slots=True)
class RunInspection:
    """What the run page and ``rundesk show`` show, read in one transaction; ``read_at`` is the database's clock.

    ``redaction_closed``: the tenant's rules cannot be used, so everything is hidden. ``restricted``: the viewer may not
    see what actions were given and returned. ``masked`` counts what was masked in all that was read.
    """

    run: RunDetail
    steps: tuple[Step, ...]
    waits: tuple[Wait, ...]
    invocations: tuple[Invocation, ...]
    logs: tuple[LogEntry, ...]
    error: RunError | None
    read_at: datetime
    redaction_closed: bool = False
    restricted: bool = False
    masked: RedactionTally = NOTHING_MASKED
