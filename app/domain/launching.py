"""What a launch is: the order, its payload, the gates it must pass, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from app.domain.errors import GateClosed, InvalidInput
from app.domain.run import RunKey

DEFAULT_STARTS_PER_MINUTE = 60
"""The product's default start limit per tenant (runtime.md 4.4)."""
RATE_WINDOW_SECONDS = 60
PRODUCT_SEMANTICS_VERSION = "2026-04-08.temporal-native.v1"
"""``runtime_semantics_version`` of a launched row (runtime.md 3.3); our engine overwrites it with its own."""
FIRST_NODE_PATH = "root.steps[0]"
"""``node_path`` of a launched row (runtime.md 3.3)."""
MAX_PAYLOAD_BYTES = 512 * 1024
"""Largest input of a start or replay, in UTF-8 bytes of its compact JSON (runtime.md 4.4, rulings.md "Sizes")."""


@dataclass(frozen=True, slots=True)
class PatchOperation:
    """One RFC 6902 operation on a stored document: ``add``, ``replace`` or ``remove`` at a pointer.

    ``path`` are the decoded pointer segments; ``value_text`` is JSON text (None for ``remove``). Where there are
    ``origins``, each :data:`app.domain.chips.HOLE` in the text stands for the value at the next of these paths in the
    *stored* document, however far other operations have changed it meanwhile.
    """

    op: str
    path: tuple[str, ...]
    value_text: str | None = None
    origins: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class NewPayload:
    """A payload given by the operator, as JSON text, stored digit for digit."""

    text: str


@dataclass(frozen=True, slots=True)
class CopiedPayload:
    """The stored input of another run of the same tenant, copied and patched inside Postgres.

    ``expected_hash`` is the source's hash when the operator opened it; a difference refuses the copy.
    """

    source_run: UUID
    patch: tuple[PatchOperation, ...] = ()
    expected_hash: str | None = None


Payload = NewPayload | CopiedPayload


@dataclass(frozen=True, slots=True)
class LaunchOrder:
    """Everything a launch needs. The new run's id *is* the request id (rulings.md "Writes").

    ``yields`` says that it leaves people their share of the limits (:func:`app.domain.batch_pace.gates_of_batch`).
    """

    tenant: UUID
    workflow_id: UUID
    request_id: UUID
    payload: Payload
    workflow_version: int | None = None
    trigger_type: str | None = None
    trigger_metadata: dict[str, object] | None = None
    trigger_fire_key: str | None = None
    event_type: str | None = None
    source_payload_schema_ref: str | None = None
    trigger_mapping_applied: bool = False
    execution_key: str | None = None
    yields: bool = False


@dataclass(frozen=True, slots=True)
class GateFacts:
    """Facts for the launch gates, read under the launch lock.

    ``concurrency_limit`` None or 0 means unlimited; ``starts_per_minute`` None means no rate gate.
    """

    workflow_name: str
    is_paused: bool
    concurrency_limit: int | None
    active_runs: int
    starts_in_window: int
    starts_per_minute: int | None


def check_gates(facts: GateFacts) -> None:
    """Raise :class:`GateClosed` for the first closed gate: paused, then concurrency, then rate."""
    name = facts.workflow_name
    if facts.is_paused:
        raise GateClosed(
            "launch.paused",
            f"{name} is paused, so nothing was started. Unpause it in the workflow designer, then try again.",
            workflow=name,
        )
    if facts.concurrency_limit and facts.active_runs >= facts.concurrency_limit:
        raise GateClosed(
            "launch.concurrency",
            f"{name} already has {facts.active_runs} active runs and allows {facts.concurrency_limit}, "
            "so nothing was started. Try again when one has ended.",
            workflow=name,
            active=facts.active_runs,
            limit=facts.concurrency_limit,
        )
    if facts.starts_per_minute is not None and facts.starts_in_window >= facts.starts_per_minute:
        raise GateClosed(
            "launch.rate",
            f"This tenant started {facts.starts_in_window} runs in the last minute and allows "
            f"{facts.starts_per_minute}, so nothing was started. Try again in a minute.",
            started=facts.starts_in_window,
            limit=facts.starts_per_minute,
        )


def check_payload_size(size: int) -> None:
    """Raise :class:`InvalidInput` when a payload of this size, in UTF-8 bytes of compact JSON, is over the limit."""
    if size > MAX_PAYLOAD_BYTES:
        raise InvalidInput(
            "payload.too_large",
            f"The payload has {-(-size // 1024)} KiB and a run accepts {MAX_PAYLOAD_BYTES // 1024} KiB, "
            "so nothing was started. Make it smaller.",
            bytes=size,
            limit=MAX_PAYLOAD_BYTES,
            kib=-(-size // 1024),
            limit_kib=MAX_PAYLOAD_BYTES // 1024,
        )


class LaunchState(StrEnum):
    """What is known of a launch."""

    STARTED = "started"
    EXISTING = "existing"
    UNCONFIRMED = "unconfirmed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LaunchOutcome:
    """What came of a launch: the run, its status row word, and what Temporal is known to have done.

    ``code`` names what ``message`` says (``launch.unconfirmed``, ``launch.refused``, …), for a translated sentence.
    """

    run: RunKey
    workflow_version: int
    status: str
    state: LaunchState
    message: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class RunNote:
    """A ``workflow_run_logs`` row to write with an action."""

    run_id: UUID
    level: str
    message: str
    context: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditNote:
    """An ``audit_logs`` row to write with an action (database.md section 7)."""

    operation: str
    record_id: UUID
    changed: dict[str, object]
    details: dict[str, object]
    table_name: str = "workflow_runs"
