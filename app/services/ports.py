"""The ports the services own. Adapters in ``app.postgres`` and ``app.temporal`` implement them.

Every method is a coroutine of the I/O loop, raises only errors of :mod:`app.domain.errors` for what the world
or the operator did wrong, and returns frozen domain objects that are already redacted where they hold documents.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias
from uuid import UUID

from app.domain.execution import ExecutionFacts, QueueFacts
from app.domain.history_border import HistoryBorder
from app.domain.launching import AuditNote, LaunchOrder, RunNote
from app.domain.operator import Operator
from app.domain.redaction_policy import BUILT_IN_RULES, RedactionPolicy
from app.domain.replay_chain import ReplayFamily
from app.domain.run import ACTIVE_STATUSES, JsonValue, RedactedDocument, RunInspection, RunKey, RunRow
from app.domain.run_query import RunPage, RunQuery, StuckRuns, TenantChoice, WorkflowChoice


@dataclass(frozen=True, slots=True)
class InvocationDocuments:
    """Input and output of one invocation, redacted; loaded when it is selected."""

    invocation_id: UUID
    input: RedactedDocument
    output: RedactedDocument


class RunReader(Protocol):
    """Reads the projection. Each method is one ``BEGIN READ ONLY`` transaction with local timeouts."""

    async def page(self, query: RunQuery) -> RunPage:
        """Return one keyset page with counts from the same predicate. InvalidInput for a bad cursor."""

    async def rows(self, tenant: UUID | None, run_ids: tuple[UUID, ...]) -> tuple[RunRow, ...]:
        """Return the current rows of these runs (missing ones are left out), for live refresh."""

    async def stuck(self, tenant: UUID | None, limit: int = 200) -> StuckRuns:
        """Return runs that are RUNNING, have zero steps and are older than the threshold."""

    async def inspect(self, key: RunKey, *, documents: bool) -> RunInspection:
        """Return a run with its children rows. ``documents`` includes invocation inputs and outputs. NotFound."""

    async def invocation_documents(self, key: RunKey, invocation_id: UUID) -> InvocationDocuments:
        """Return the redacted documents of one invocation. NotFound."""

    async def replay_family(self, key: RunKey) -> ReplayFamily:
        """Return the run with the runs it descends from and all their replays, within the family's bounds. NotFound."""

    async def history_border(self, key: RunKey) -> HistoryBorder:
        """Return what shows the run's Temporal history, having learned from its rows what to hide. NotFound."""

    async def tenants(self) -> tuple[TenantChoice, ...]:
        """Return every tenant, by name; "unassigned" last and only when such rows exist."""

    async def workflows(self, tenant: UUID | None) -> tuple[WorkflowChoice, ...]:
        """Return the tenant's workflows by name."""

    async def locate(self, run_id: UUID) -> tuple[RunKey, ...]:
        """Return the keys under which a run id exists: for a command line without ``--tenant``."""


@dataclass(frozen=True, slots=True)
class ReplaySource:
    """The run a replay copies; the raw input stays in Postgres.

    ``input_hash`` is md5 of ``input_json::text`` computed in Postgres ("" when input is null).
    ``damaged_paths`` are pointers at which the *stored* input itself holds a placeholder.
    ``completed`` is whether ``completed_at`` is set. ``failed_at_launch`` says that the run never began (stage
    ``launch``), so that its input is not known to have passed the launch's checks.
    ``whole_ancestor`` is, for a damaged input, the nearest run along ``replayOfRunId`` whose input is whole.
    ``input_of`` is that ancestor once its input takes the place of the run's own; then redacted document, hash and
    damage are the ancestor's. ``policy`` is what the tenant hides, to show an edit by the same rules.
    """

    key: RunKey
    workflow_id: UUID
    workflow_name: str | None
    workflow_version: int
    status: str
    redacted: RedactedDocument
    input_hash: str
    damaged_paths: tuple[str, ...]
    event_type: str | None
    source_payload_schema_ref: str | None
    trigger_mapping_applied: bool
    completed: bool = True
    failed_at_launch: bool = False
    whole_ancestor: UUID | None = None
    input_of: UUID | None = None
    policy: RedactionPolicy = BUILT_IN_RULES

    @property
    def input_run(self) -> UUID:
        """The run whose stored input is copied."""
        return self.input_of or self.key.run_id

    @property
    def is_active(self) -> bool:
        """Whether the run is still under way, so that a replay would work beside it (runtime.md F39)."""
        return self.status in ACTIVE_STATUSES or not self.completed


@dataclass(frozen=True, slots=True)
class AdmittedLaunch:
    """A committed run row waiting for its execution, or the row an equal request made before.

    ``created`` is False when the fire key or the request id had been used: nothing must be started for a fire key;
    for an equal request id the launch continues where it stopped.
    """

    run_id: UUID
    workflow_id: UUID
    workflow_version: int
    created: bool
    same_request: bool
    status: str
    has_temporal_ids: bool
    trigger_type: str | None
    execution_key: str


@dataclass(frozen=True, slots=True)
class ActionRecord:
    """Logs and audit to write in one transaction with an action's effect. Ids derive from ``request_id`` (uuid5)."""

    request_id: UUID
    operator: Operator | None
    notes: tuple[RunNote, ...] = ()
    audit: AuditNote | None = None


BeforeEffect: TypeAlias = Callable[[], Awaitable[None]]
"""What must have ended well before the first row is written."""


class RunWriter(Protocol):
    """Writes the projection, each method in one transaction that carries the tenant."""

    async def admit(self, order: LaunchOrder, before_effect: BeforeEffect | None = None) -> AdmittedLaunch:
        """Check the gates and insert row and "Run started" log under the tenant's and workflow's launch locks.

        ``before_effect`` runs while the gates are read; nothing is written unless it ends well, and what it raises is
        raised here.

        GateClosed, NotFound (workflow, version, source), InvalidInput (payload), ActionRefused (source changed).
        """

    async def confirm_launch(
        self, key: RunKey, workflow_id: str, first_run_id: str | None, record: ActionRecord | None
    ) -> str:
        """Store the Temporal ids where they are missing, write the record, return the row's status."""

    async def fail_launch(self, key: RunKey, message: str, details: dict[str, object]) -> bool:
        """Write FAILED with stage ``launch``, only while the row is RUNNING without steps. Say whether it was."""

    async def replay_source(self, key: RunKey, *, redacted: bool = True) -> ReplaySource:
        """Return what a replay copies. NotFound. Unless ``redacted``, its input is not shown but hidden as a whole."""

    async def replay_sources(self, tenant: UUID, run_ids: Sequence[UUID]) -> tuple[ReplaySource, ...]:
        """Return what replays of these runs copy, inputs hidden as a whole; only of runs whose input is whole."""

    async def cancel(self, key: RunKey, record: ActionRecord) -> bool:
        """Write CANCELED on run and open waits, guarded by an active status; False when it had ended meanwhile."""

    async def record(self, tenant: UUID, record: ActionRecord) -> None:
        """Write logs and audit alone."""


class OperatorDirectory(Protocol):
    """Finds people and their rights."""

    async def find(self, tenant: UUID, who: str) -> Operator:
        """Return the active internal user with this user id or e-mail. NotFound when none or several match."""


@dataclass(frozen=True, slots=True)
class StartAnswer:
    """Temporal's word that an execution exists under the derived id."""

    workflow_id: str
    first_run_id: str | None
    already_started: bool = False


class StartRefused(Exception):
    """Temporal answered and definitely refused the start; nothing runs."""


class StartUnclear(Exception):
    """No answer, a timeout or a lost connection: the execution may or may not exist."""


@dataclass(frozen=True, slots=True)
class ExecutionStart:
    """What the gateway needs to start an execution."""

    run_id: UUID
    tenant: UUID | None
    workflow_id: UUID
    workflow_version: int
    trigger_type: str | None
    execution_key: str


class ExecutionGateway(Protocol):
    """The Temporal side. Raises TemporalUnavailable when no answer can be had."""

    async def start(self, start: ExecutionStart) -> StartAnswer:
        """Start on the contract's queue and type. "Already started" under this id is success.

        Raises StartRefused or StartUnclear.
        """

    async def describe(self, run_id: UUID) -> ExecutionFacts | None:
        """Describe the derived workflow id (newest of its chain), or None when Temporal does not know it."""

    async def request_cancel(self, run_id: UUID) -> bool:
        """Request a cancel; False when Temporal does not know the id."""

    async def queue(self) -> QueueFacts:
        """Return the workflow pollers of the contract's task queue."""

    async def ping(self) -> None:
        """Raise TemporalUnavailable unless server and namespace answer."""


@dataclass(frozen=True, slots=True)
class SideHealth:
    """Whether one side answers, how fast (milliseconds), and if not, in words.

    ``code`` names what ``problem`` says (``temporal.timeout``, ``database.login``, …), for a translated sentence.
    """

    reachable: bool
    milliseconds: float | None
    problem: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentHealth:
    """Both sides and the queue's pollers at one moment."""

    postgres: SideHealth
    temporal: SideHealth
    workers: int | None
    checked_at: datetime
    notes: tuple[str, ...] = field(default_factory=tuple)


class DatabaseProbe(Protocol):
    """Cheap checks of the Postgres side."""

    async def ping(self) -> float:
        """Return the round trip in milliseconds; DatabaseUnavailable or DatabaseRefused."""

    async def clock(self) -> datetime:
        """Return the database's clock."""


__all__ = [
    "ActionRecord",
    "AdmittedLaunch",
    "DatabaseProbe",
    "EnvironmentHealth",
    "ExecutionGateway",
    "ExecutionStart",
    "InvocationDocuments",
    "JsonValue",
    "OperatorDirectory",
    "ReplaySource",
    "RunReader",
    "RunWriter",
    "SideHealth",
    "StartAnswer",
    "StartRefused",
    "StartUnclear",
]
