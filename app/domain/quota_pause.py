"""When a run that pauses on the step quota may go on (runtime.md 4.7 and F36)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.errors import ActionRefused
from app.domain.run import ENGINE_TEMPORAL, RunStatus, WaitStatus

RESUME_OPERATION = "workflow_run_resume"
"""``audit_logs.operation`` of the product's quota resume."""
TIER_DEFAULT = "tier_default"
"""``limit_source`` of a limit that comes from the tenant's plan."""
TIER_LIMITS: dict[str, int] = {"essentials": 150, "solo": 150, "pro": 750}
"""Steps a period by plan; a plan that is not known counts as ``pro`` (runtime.md 4.7)."""


UNLIMITED_METADATA = "unlimited_metadata"
"""``limit_source`` of a subscription without a limit."""
_UNLIMITED = "unlimited"
_MOST_STEPS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class StepLimit:
    """How many steps a period allows, None for any number, and the ``limit_source`` that says so."""

    steps: int | None
    source: str


def tier_of(plan: str | None) -> str:
    """Return the tier by which a plan counts; one that is not known counts as ``pro``."""
    word = (plan or "").lower()
    return word if word in TIER_LIMITS else "pro"


def limit_of_subscription(of_price: str | None, of_product: str | None, plan: str | None) -> StepLimit:
    """Return the limit that a subscription's price names, else its product, else the plan (runtime.md 4.7)."""
    for word, source in ((of_price, "stripe_price_metadata"), (of_product, "stripe_product_metadata")):
        text = (word or "").strip()
        if text.lower() == _UNLIMITED:
            return StepLimit(None, UNLIMITED_METADATA)
        if text.isascii() and text.isdigit() and int(text) > 0:
            return StepLimit(min(int(text), _MOST_STEPS), source)
    return StepLimit(TIER_LIMITS[tier_of(plan)], TIER_DEFAULT)


def limit_ahead(effective_limit: int | None, limit_source: str, plan: str | None) -> int | None:
    """Return the limit that the next step's reservation would meet; None is unlimited.

    A reservation stores the limit it is held to, so that the stored one is the last reservation's (database.md 6);
    where it came from the plan, the plan of now decides about the next.
    """
    if limit_source == TIER_DEFAULT:
        return TIER_LIMITS[tier_of(plan)]
    return effective_limit


@dataclass(frozen=True, slots=True)
class QuotaUsage:
    """The tenant's counter of the period that is now. ``effective_limit`` None means unlimited."""

    used_count: int
    effective_limit: int | None
    limit_source: str
    period_end: datetime
    plan: str | None

    @property
    def limit(self) -> int | None:
        """The limit that the next step's reservation would meet."""
        return limit_ahead(self.effective_limit, self.limit_source, self.plan)

    @property
    def is_exhausted(self) -> bool:
        """Whether the next step would pause again."""
        return self.limit is not None and self.used_count >= self.limit


@dataclass(frozen=True, slots=True)
class QuotaWait:
    """The newest quota wait of a run."""

    wait_id: UUID
    status: str
    step_path: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class QuotaFacts:
    """What the rows say of a quota pause; ``step_since`` whether a step began at the wait's path after the wait did.

    ``usage`` is None when no step has been counted in the period that is now.
    """

    status: str
    engine: str | None
    node_path: str | None
    wait: QuotaWait | None
    step_since: bool
    usage: QuotaUsage | None


class ResumeWay(StrEnum):
    """What is left to do: both writes, or only the signal that was lost after the rows had changed."""

    ROWS_AND_SIGNAL = "rows_and_signal"
    SIGNAL_ONLY = "signal_only"


def resume_way(facts: QuotaFacts) -> ResumeWay:
    """Return what a resume has to do.

    Raises:
        ActionRefused: The run does not pause, its pause is stale, or the quota is still exhausted.
    """
    if facts.engine != ENGINE_TEMPORAL:
        raise ActionRefused("quota.legacy", "No engine executes this run any more, so there is nothing to resume.")
    if facts.status == RunStatus.RUNNING and _may_have_lost_its_signal(facts):
        return ResumeWay.SIGNAL_ONLY
    if facts.status != RunStatus.WAITING:
        raise ActionRefused(
            "quota.not_waiting",
            f"The run is {facts.status}, not WAITING: it does not pause on the quota. Nothing was written.",
            status=facts.status,
        )
    if facts.wait is None or facts.wait.status != WaitStatus.WAITING:
        raise ActionRefused("quota.no_wait", "The run has no open quota wait. Nothing was written.")
    if facts.wait.step_path != facts.node_path:
        raise ActionRefused(
            "quota.stale",
            f"The quota wait belongs to {facts.wait.step_path}, but the run is at {facts.node_path}: the wait is "
            "stale. Nothing was written.",
            wait_path=facts.wait.step_path,
            node_path=str(facts.node_path),
        )
    if facts.usage is not None and facts.usage.is_exhausted:
        raise still_exhausted(facts.usage)
    return ResumeWay.ROWS_AND_SIGNAL


def still_exhausted(usage: QuotaUsage) -> ActionRefused:
    """Return the refusal with its numbers."""
    return ActionRefused(
        "quota.exhausted",
        f"The quota is still exhausted: {usage.used_count} of {usage.limit} steps are used until "
        f"{usage.period_end:%Y-%m-%d %H:%M} UTC. Nothing was written. Raise the limit or wait for the next period.",
        used=usage.used_count,
        limit=usage.limit,
        period_end=usage.period_end.isoformat(),
    )


def _may_have_lost_its_signal(facts: QuotaFacts) -> bool:
    """Say whether the rows look like F36; only the execution itself can prove it."""
    wait = facts.wait
    resolved = wait is not None and wait.status == WaitStatus.RESOLVED and wait.step_path == facts.node_path
    return resolved and not facts.step_since
