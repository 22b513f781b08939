"""What a tenant's redaction rules were a moment ago, so that the end of a launch need not ask for them again."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from app.domain.redaction import RedactionPolicy

RECENT_SECONDS = 5.0
"""How long the rules that an admission has read hold for the log of the same launch."""


class RecentRules:
    """The rules that admissions have read, by tenant.

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._read: dict[UUID, tuple[float, RedactionPolicy]] = {}

    def note(self, tenant: UUID, policy: RedactionPolicy) -> None:
        """Note what was read just now."""
        self._read[tenant] = (self._clock(), policy)

    def of(self, tenant: UUID | None) -> RedactionPolicy | None:
        """Return the tenant's rules, None when they were not read just now."""
        read = None if tenant is None else self._read.get(tenant)
        if read is None or self._clock() - read[0] >= RECENT_SECONDS:
            return None
        return read[1]
