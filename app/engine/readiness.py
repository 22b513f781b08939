"""Whether the parts of a worker process really work (runtime.md 9; in the reference the flags never turn red, F46)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.engine.periodic import PassCounts, Periodic

TEMPORAL = "temporal"

IsServing = Callable[[], Awaitable[bool]]


@dataclass(slots=True)
class Readiness:
    """The parts by name. Before they exist, and after the worker was told to stop, nothing is ready.

    ``is_serving`` asks Temporal whether this worker polls; it raises nothing.
    """

    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    is_serving: IsServing | None = None
    parts: tuple[Periodic, ...] = ()

    async def answer(self) -> dict[str, Any]:
        """Return ``{ready, started_at, workers: {temporal, data_store_sweep, quota_scan}}``."""
        workers = {TEMPORAL: self.is_serving is not None and await self.is_serving()}
        workers |= {part.name: part.is_alive for part in self.parts}
        is_ready = bool(self.parts) and all(workers.values())
        return {"ready": is_ready, "started_at": self.started_at.isoformat(), "workers": workers}

    def passes(self) -> dict[str, Any]:
        """Return what each part has done since the worker started."""
        return {part.name: _as_json(part.counts) for part in self.parts}


def _as_json(counts: PassCounts) -> dict[str, Any]:
    return {
        "passes": counts.passes,
        "failures": counts.failures,
        "last_pass_at": None if counts.last_pass_at is None else counts.last_pass_at.isoformat(),
        "last_error": counts.last_error,
        "counted": dict(counts.counted),
    }
