"""What a batch is: one act on many runs, planned first, then run, and written down run by run.

A batch's requests are derived, not drawn: the request id of a run's replay or cancel is made from the batch id and the
run id (:meth:`BatchOrder.request_of`). Sending one twice is therefore a no-op, whatever became of the journal.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from app.domain.launching import PatchOperation
from app.domain.run_query import RunFilter

MAX_BATCH_RUNS = 20_000
"""Most runs of one batch; a plan of more is refused, as nobody can judge it."""
DEFAULT_PARALLEL = 4
"""Requests that a batch has under way to the servers at the same time."""
DEFAULT_STOP_SAMPLE = 10
"""Fewest known outcomes by which a failure rate is judged."""


class BatchAction(StrEnum):
    """What a batch does to each of its runs."""

    REPLAY = "replay"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class BatchScope:
    """Which runs: those selected, or, with ``run_ids`` None, everything that matches the filter when it is planned."""

    tenant: UUID
    run_ids: tuple[UUID, ...] | None = None
    filter: RunFilter = field(default_factory=RunFilter)


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """How a batch is run.

    Attributes:
        rate_per_minute: Most starts per minute; None leaves it to the tenant's own limit, which always holds.
        parallel: Requests under way to the servers at the same time.
        at_once: Most runs of the batch that may be open at the same time; None for any number.
        stop_at_percent: Stop when at least this share of the known outcomes is bad; None never stops.
        stop_sample: Fewest known outcomes by which that share is judged.
        canary: The first so many runs are sent and followed to their end before any other; 0 for none.
        follow: Follow every new run to its final status; without it a batch ends when all are launched.
        include: Codes of :class:`ConcernCode` that the operator accepts; runs with another decision are left out.
    """

    rate_per_minute: int | None = None
    parallel: int = DEFAULT_PARALLEL
    at_once: int | None = None
    stop_at_percent: int | None = None
    stop_sample: int = DEFAULT_STOP_SAMPLE
    canary: int = 0
    follow: bool = True
    include: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class BatchRef:
    """What audit rows say about the batch that an act belongs to."""

    batch_id: UUID
    name: str

    def as_details(self) -> dict[str, object]:
        """Return ``details.batch`` of an audit row."""
        return {"id": str(self.batch_id), "name": self.name}


@dataclass(frozen=True, slots=True)
class BatchOrder:
    """What the operator asks for: the act, its name (the incident), its reason and the one patch for all replays."""

    batch_id: UUID
    scope: BatchScope
    action: BatchAction
    name: str
    reason: str
    patch: tuple[PatchOperation, ...] = ()
    settings: BatchSettings = field(default_factory=BatchSettings)

    def request_of(self, run_id: UUID) -> UUID:
        """Return the request id of one run's act; for a replay it is the new run's id as well."""
        return uuid5(self.batch_id, str(run_id))

    @property
    def ref(self) -> BatchRef:
        """What audit rows say about this batch."""
        return BatchRef(self.batch_id, self.name)


class Verdict(StrEnum):
    """Whether a run can be acted upon."""

    ELIGIBLE = "eligible"
    NEEDS_DECISION = "needs_decision"
    BLOCKED = "blocked"


class ConcernCode(StrEnum):
    """Why a run is not simply eligible."""

    # needs a decision
    ALREADY_RECOVERED = "already_recovered"
    REPLAY_UNDER_WAY = "replay_under_way"
    ALREADY_REPLAYED = "already_replayed"
    ACTIVE_SOURCE = "active_source"
    SOURCE_SUCCEEDED = "source_succeeded"
    PATCH_ON_MASKED = "patch_on_masked"
    # blocked
    DAMAGED_INPUT = "damaged_input"
    UNKNOWN_RUN = "unknown_run"
    OTHER_TENANT = "other_tenant"
    OTHER_BATCH = "other_batch"
    ALREADY_ENDED = "already_ended"
    VERSION_MISSING = "version_missing"
    WORKFLOW_PAUSED = "workflow_paused"
    PATCH_TARGET_MISSING = "patch_target_missing"
    PAYLOAD_TOO_LARGE = "payload_too_large"
    SCHEMA_MISMATCH = "schema_mismatch"


DECISIONS: frozenset[str] = frozenset(
    {
        ConcernCode.ALREADY_RECOVERED,
        ConcernCode.REPLAY_UNDER_WAY,
        ConcernCode.ALREADY_REPLAYED,
        ConcernCode.ACTIVE_SOURCE,
        ConcernCode.SOURCE_SUCCEEDED,
        ConcernCode.PATCH_ON_MASKED,
    }
)
"""The concerns that an operator may accept; every other one blocks.

A damaged input is none of them: sending it as it is takes a typed confirmation of each run (rulings.md).
"""


@dataclass(frozen=True, slots=True)
class Concern:
    """One reason for which a run is not simply eligible; ``path`` is a JSON pointer into its input."""

    code: ConcernCode
    message: str
    path: str | None = None


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One run of a plan. Fields of the run are None where the tenant has no such run."""

    run_id: UUID
    concerns: tuple[Concern, ...] = ()
    workflow_id: UUID | None = None
    workflow_name: str | None = None
    workflow_version: int | None = None
    status: str | None = None
    started_at: datetime | None = None

    @property
    def verdict(self) -> Verdict:
        """Blocked by any concern that cannot be accepted, else a decision, else eligible."""
        if any(concern.code not in DECISIONS for concern in self.concerns):
            return Verdict.BLOCKED
        return Verdict.NEEDS_DECISION if self.concerns else Verdict.ELIGIBLE

    @property
    def code(self) -> str | None:
        """The code of the weightiest concern: one that blocks before one to decide."""
        concern = self.main_concern
        return None if concern is None else str(concern.code)

    @property
    def message(self) -> str | None:
        """The sentence of the weightiest concern."""
        concern = self.main_concern
        return None if concern is None else concern.message

    @property
    def main_concern(self) -> Concern | None:
        """The weightiest concern, or None."""
        return min(self.concerns, key=lambda concern: concern.code in DECISIONS, default=None)

    def goes_with(self, include: frozenset[str]) -> bool:
        """Say whether the run is acted upon when these decisions are accepted."""
        return all(concern.code in DECISIONS and concern.code in include for concern in self.concerns)


@dataclass(frozen=True, slots=True)
class SideEffect:
    """What replays of these runs would do with one action, summed: how many calls, in how many of the runs.

    ``foretold`` is a word of :class:`app.domain.side_effects.Foretold`.
    """

    action_id: str
    foretold: str
    calls: int
    runs: int


@dataclass(frozen=True, slots=True)
class PlanTotals:
    """The numbers of a plan. ``by_code`` counts runs per concern, a run with two concerns in both."""

    runs: int
    eligible: int
    needs_decision: int
    blocked: int
    by_code: tuple[tuple[str, int], ...] = ()
    by_workflow: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """A judged scope: one snapshot of ids, each with its verdict.

    ``side_effects`` sums every run that is not blocked; None for a cancel, which repeats nothing. ``planned_at`` is the
    database's clock.
    """

    order: BatchOrder
    items: tuple[PlanItem, ...]
    planned_at: datetime
    side_effects: tuple[SideEffect, ...] | None = None

    @property
    def totals(self) -> PlanTotals:
        """Count verdicts, concerns and workflows."""
        verdicts = Counter(item.verdict for item in self.items)
        codes = Counter(str(concern.code) for item in self.items for concern in item.concerns)
        workflows = Counter(item.workflow_name or str(item.workflow_id or "") for item in self.items)
        return PlanTotals(
            runs=len(self.items),
            eligible=verdicts[Verdict.ELIGIBLE],
            needs_decision=verdicts[Verdict.NEEDS_DECISION],
            blocked=verdicts[Verdict.BLOCKED],
            by_code=tuple(sorted(codes.items())),
            by_workflow=tuple(workflows.most_common()),
        )

    def chosen(self, include: frozenset[str] | None = None) -> tuple[PlanItem, ...]:
        """Return the runs that are acted upon when these decisions are accepted, by default those of the order."""
        accepted = self.order.settings.include if include is None else include
        return tuple(item for item in self.items if item.goes_with(accepted))
