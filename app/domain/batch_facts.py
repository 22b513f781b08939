"""What is known of each run of a batch, and the rule that judges it. The facts are read in bulk by ``app.postgres``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.batch import BatchAction, BatchOrder, Concern, ConcernCode, PlanItem
from app.domain.launching import MAX_PAYLOAD_BYTES
from app.domain.payload_edit import remaining_damage
from app.domain.payload_schema import SchemaCheck, refuses_launch
from app.domain.run import ACTIVE_STATUSES, RunStatus


@dataclass(frozen=True, slots=True)
class PatchFit:
    """How the batch's patch fits one stored input.

    Attributes:
        missing: Pointer of the first operation whose target is not there, None when all apply.
        masked: Pointers of the patch that touch a masked leaf or what holds one.
        bytes: Size of the patched input as compact JSON in UTF-8 bytes; None when the patch does not apply.
        schema: What the check of the patched input against the version's schema found; None when it was not checked.
    """

    missing: str | None = None
    masked: tuple[str, ...] = ()
    bytes: int | None = None
    schema: SchemaCheck | None = None


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Facts of one run. ``replays`` are the new runs that name it as their source, with their status words."""

    run_id: UUID
    workflow_id: UUID
    workflow_name: str | None
    workflow_version: int
    version_exists: bool
    workflow_paused: bool
    status: str
    ended: bool
    started_at: datetime
    damaged_paths: tuple[str, ...] = ()
    replays: tuple[tuple[UUID, str], ...] = ()
    patch: PatchFit = PatchFit()


@dataclass(frozen=True, slots=True)
class ScopeFacts:
    """Facts of a scope at one moment: of the tenant's runs, and which of the other ids another tenant has."""

    runs: tuple[RunFacts, ...]
    elsewhere: frozenset[UUID]
    read_at: datetime


def judge(order: BatchOrder, run_id: UUID, facts: RunFacts | None, *, elsewhere: bool, busy: bool) -> PlanItem:
    """Return the plan's word on one run.

    Args:
        order: The batch.
        run_id: The run, as the scope names it.
        facts: What is known of it; None when the tenant has no such run.
        elsewhere: Whether another tenant has it.
        busy: Whether another unfinished batch of this journal holds it.
    """
    if facts is None:
        return PlanItem(run_id, (_absent(elsewhere=elsewhere),))
    about = _about_replay if order.action is BatchAction.REPLAY else _about_cancel
    concerns = [*about(order, facts)]
    if busy:
        concerns.append(
            Concern(ConcernCode.OTHER_BATCH, "Another batch that has not ended yet holds this run. End that one first.")
        )
    return PlanItem(
        run_id=run_id,
        concerns=tuple(concerns),
        workflow_id=facts.workflow_id,
        workflow_name=facts.workflow_name,
        workflow_version=facts.workflow_version,
        status=facts.status,
        started_at=facts.started_at,
    )


def _absent(*, elsewhere: bool) -> Concern:
    if elsewhere:
        return Concern(ConcernCode.OTHER_TENANT, "This run belongs to another tenant.")
    return Concern(ConcernCode.UNKNOWN_RUN, "There is no such run in this tenant.")


def _about_cancel(_order: BatchOrder, facts: RunFacts) -> Iterator[Concern]:
    if facts.ended:
        yield Concern(
            ConcernCode.ALREADY_ENDED, f"The run has already ended as {facts.status}; there is nothing to cancel."
        )


def _about_replay(order: BatchOrder, facts: RunFacts) -> Iterator[Concern]:
    if not facts.version_exists:
        yield Concern(
            ConcernCode.VERSION_MISSING, f"Version {facts.workflow_version} of its workflow is no longer there."
        )
    if facts.workflow_paused:
        yield Concern(ConcernCode.WORKFLOW_PAUSED, f"{facts.workflow_name} is paused. Unpause it, then plan again.")
    yield from _about_source(facts)
    yield from _about_earlier_replays(order, facts)
    yield from _about_input(order, facts)


def _about_source(facts: RunFacts) -> Iterator[Concern]:
    if not facts.ended:
        yield Concern(
            ConcernCode.ACTIVE_SOURCE,
            f"The run itself is still {facts.status}; a replay would do its work a second time.",
        )
    elif facts.status == RunStatus.SUCCEEDED:
        yield Concern(
            ConcernCode.SOURCE_SUCCEEDED, "The run itself has succeeded; a replay would do its work a second time."
        )


def _about_earlier_replays(order: BatchOrder, facts: RunFacts) -> Iterator[Concern]:
    statuses = {status for new_run, status in facts.replays if new_run != order.request_of(facts.run_id)}
    if RunStatus.SUCCEEDED in statuses:
        yield Concern(ConcernCode.ALREADY_RECOVERED, "A replay of this run has already succeeded.")
    elif statuses & set(ACTIVE_STATUSES):
        yield Concern(ConcernCode.REPLAY_UNDER_WAY, "A replay of this run is under way.")
    elif statuses:
        yield Concern(ConcernCode.ALREADY_REPLAYED, f"It was replayed before, which ended as {min(statuses)}.")


def _about_input(order: BatchOrder, facts: RunFacts) -> Iterator[Concern]:
    fit = facts.patch
    if order.patch and fit.missing is not None:
        yield Concern(
            ConcernCode.PATCH_TARGET_MISSING,
            f"The patch does not fit the stored input: {fit.missing or 'the top'} is not there.",
            fit.missing,
        )
    elif order.patch and fit.bytes is not None and fit.bytes > MAX_PAYLOAD_BYTES:
        yield Concern(
            ConcernCode.PAYLOAD_TOO_LARGE,
            f"The patched input has {-(-fit.bytes // 1024)} KiB and a run accepts {MAX_PAYLOAD_BYTES // 1024} KiB.",
        )
    if fit.schema is not None and refuses_launch(fit.schema, accepted_before=False):
        yield _misfit(fit.schema)
    if order.patch and fit.masked:
        yield Concern(
            ConcernCode.PATCH_ON_MASKED,
            f"The patch replaces a value that is hidden here, at {fit.masked[0] or 'the top'}.",
            fit.masked[0],
        )
    damaged = remaining_damage(facts.damaged_paths, order.patch)
    if damaged:
        path = damaged[0]
        yield Concern(
            ConcernCode.DAMAGED_INPUT,
            f"The stored input is damaged: it holds a placeholder instead of a value at {path or 'the top'}. "
            "Give the value by a patch, or replay the run by itself.",
            path,
        )


def _misfit(check: SchemaCheck) -> Concern:
    first = check.faults[0]
    more = f", and {check.fault_count - 1} more" if check.fault_count > 1 else ""
    return Concern(
        ConcernCode.SCHEMA_MISMATCH,
        f"The patched input does not fit the schema of version {check.version}: {first.path or 'the top'} "
        f"{first.message}{more}.",
        first.path,
    )
