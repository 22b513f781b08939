"""Whether a launch would pass now, and how much room is left: the launch gates and the step quota, looked at live.

The gates are those of :func:`app.domain.launching.check_gates`. Looked at without the launch locks they may have
changed by the time of the launch, which checks them again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.errors import GateClosed
from app.domain.launching import GateFacts, check_gates


@dataclass(frozen=True, slots=True)
class StepQuota:
    """The tenant's step counter of the current period (runtime.md 4.7).

    ``limit`` None means unlimited. A tenant over its limit can still start runs: they pause at their first step.
    """

    period_start: datetime
    period_end: datetime
    used: int
    limit: int | None
    tier: str

    @property
    def left(self) -> int | None:
        """How many steps are left in the period; None when unlimited."""
        return None if self.limit is None else max(self.limit - self.used, 0)


class QuotaUnknown(StrEnum):
    """Why the step quota is not known.

    Attributes:
        NO_COUNTER: No counter covers this moment. The product makes one at a period's first step; until then neither
            period nor limit stand in the database.
        UNREADABLE: The counters' table is missing, or this login may not read it.
    """

    NO_COUNTER = "no_counter"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Headroom:
    """The gates of one workflow and the quota of its tenant at one moment of the database's clock.

    ``quota`` None means that it is not known, for the reason in ``quota_unknown``.
    """

    gates: GateFacts
    read_at: datetime
    quota: StepQuota | None = None
    quota_unknown: QuotaUnknown | None = None

    @property
    def refusal(self) -> GateClosed | None:
        """The error that a launch at this moment would meet, or None."""
        try:
            check_gates(self.gates)
        except GateClosed as closed:
            return closed
        return None

    @property
    def concurrency_left(self) -> int | None:
        """How many more runs of the workflow may be active; None when unlimited."""
        limit = self.gates.concurrency_limit
        return max(limit - self.gates.active_runs, 0) if limit else None

    @property
    def rate_left(self) -> int | None:
        """How many more runs of the tenant may start within the minute; None when there is no limit."""
        limit = self.gates.starts_per_minute
        return None if limit is None else max(limit - self.gates.starts_in_window, 0)

    @property
    def quota_used_up(self) -> bool:
        """Whether a started run would pause at once; False when it is not known."""
        return self.quota is not None and self.quota.left == 0
