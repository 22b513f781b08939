"""What a triage bundle holds: one file that shows runs where neither their database nor their Temporal can be reached.

Everything in it is redacted. ``manifest.json`` says what is in the other files, how many rows of how many, what was
masked by which rule, and the SHA-256 of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.diagnosis.finding import Diagnosis
from app.domain.execution import ExecutionFacts, QueueFacts
from app.domain.replay_chain import ReplayFamily
from app.domain.run import (
    NOTHING_MASKED,
    Invocation,
    JsonValue,
    LogEntry,
    RedactedDocument,
    RedactionTally,
    RunDetail,
    RunError,
    RunInspection,
    RunKey,
    Step,
    Wait,
)

BUNDLE_SCHEMA = "rundesk.bundle"
BUNDLE_VERSION = 1
"""It grows when a reader of the version before would misread something; new optional members do not count."""
BUNDLE_SUFFIX = ".rundesk.zip"


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """One ``workflow_runtime_events`` row that the run matched, or that one of its waits was waiting for."""

    event_id: UUID
    event_name: str
    correlation_key: str | None
    created_at: datetime
    processed_at: datetime | None
    matched_run_id: UUID | None
    error_message: str | None
    payload: RedactedDocument


@dataclass(frozen=True, slots=True)
class RecordedAct:
    """One ``audit_logs`` row about the run. ``user`` is the name of whoever has that user id now, else None."""

    audit_id: UUID
    at: datetime
    operation: str
    user: str | None
    user_id: str | None
    changed: JsonValue
    details: JsonValue


@dataclass(frozen=True, slots=True)
class RunRecords:
    """What stands about a run beside its own rows, redacted.

    ``acts`` is None when the audit may not be read: by the login, or by the bundle's maker, who is no administrator.
    ``events_total`` and ``acts_total`` count all rows, also those beyond the bound. ``definition`` is the version that
    ran, None when it is gone.
    """

    events: tuple[RecordedEvent, ...] = ()
    events_total: int = 0
    acts: tuple[RecordedAct, ...] | None = None
    acts_total: int = 0
    definition: RedactedDocument | None = None
    masked: RedactionTally = NOTHING_MASKED


@dataclass(frozen=True, slots=True)
class TemporalSaid:
    """Temporal's side of a run when the bundle was made.

    ``execution`` None without a ``problem`` means that Temporal knows no such execution. ``problem_code`` names what
    the problem says.
    """

    execution: ExecutionFacts | None = None
    queue: QueueFacts | None = None
    problem: str | None = None
    problem_code: str | None = None


@dataclass(frozen=True, slots=True)
class RunHead:
    """A run's row with what was said about it as a whole; the lists are files of their own."""

    run: RunDetail
    error: RunError | None
    read_at: datetime
    redaction_closed: bool
    restricted: bool
    masked: RedactionTally

    @classmethod
    def of(cls, inspection: RunInspection) -> RunHead:
        """Return the head of an inspection."""
        return cls(
            inspection.run,
            inspection.error,
            inspection.read_at,
            inspection.redaction_closed,
            inspection.restricted,
            inspection.masked,
        )

    def with_rows(
        self,
        steps: tuple[Step, ...],
        waits: tuple[Wait, ...],
        invocations: tuple[Invocation, ...],
        logs: tuple[LogEntry, ...],
    ) -> RunInspection:
        """Return the inspection again."""
        return RunInspection(
            run=self.run,
            steps=steps,
            waits=waits,
            invocations=invocations,
            logs=logs,
            error=self.error,
            read_at=self.read_at,
            redaction_closed=self.redaction_closed,
            restricted=self.restricted,
            masked=self.masked,
        )


@dataclass(frozen=True, slots=True)
class BundledRun:
    """A run of a bundle: what the screens show of it. Histories stay in the file until somebody wants them."""

    inspection: RunInspection
    family: ReplayFamily
    temporal: TemporalSaid
    diagnosis: Diagnosis | None
    records: RunRecords

    @property
    def key(self) -> RunKey:
        """The run's key."""
        return self.inspection.run.row.key


@dataclass(frozen=True, slots=True)
class BundleMaker:
    """Who made a bundle; ``verified`` as the database login proved it then."""

    name: str
    email: str
    verified: bool


@dataclass(frozen=True, slots=True)
class RowCount:
    """How many rows of a kind a file holds, of how many there were.

    For invocations, ``documents_left_out`` counts those whose input and output were too large to take along.
    """

    rows: int
    total: int
    truncated: bool = False
    documents_left_out: int = 0


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """The history of one execution, oldest event first, as Temporal's own tools export and import it.

    ``replaced`` counts payloads that could not be decoded: a placeholder stands in their place. ``events`` is what the
    file holds, ``complete`` whether that is all of the history.
    """

    path: str
    execution_run_id: str
    events: int
    complete: bool
    replaced: int = 0


@dataclass(frozen=True, slots=True)
class BundledRunEntry:
    """What the manifest says of one run. ``rows`` are by the file's name: ``steps``, ``waits``, ``logs`` and so on.

    ``problems`` say in words what could not be read or asked.
    """

    run_id: UUID
    tenant: UUID | None
    tenant_name: str | None
    workflow_name: str | None
    status: str
    rows: tuple[tuple[str, RowCount], ...]
    histories: tuple[HistoryFile, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BundledFile:
    """One file of the bundle. ``masked`` counts what redaction masked on the way into it, by rule."""

    path: str
    bytes: int
    sha256: str
    masked: RedactionTally = NOTHING_MASKED


@dataclass(frozen=True, slots=True)
class BundleManifest:
    """``manifest.json``. ``language`` and ``time_zone`` are those of the report in it."""

    schema: str
    version: int
    app_version: str
    made_at: datetime
    made_by: BundleMaker | None
    environment: str
    language: str
    time_zone: str
    runs: tuple[BundledRunEntry, ...]
    files: tuple[BundledFile, ...]
    masked: RedactionTally
    replaced_payloads: int = 0


@dataclass(frozen=True, slots=True)
class OpenedBundle:
    """A bundle that was found whole."""

    name: str
    manifest: BundleManifest
    runs: tuple[BundledRun, ...]
