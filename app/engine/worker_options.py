"""How a worker process is set up; the defaults are the contract's (runtime.md 4.7 and 9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

DATA_STORE_SWEEP = "data_store_sweep"
QUOTA_SCAN = "quota_scan"


@dataclass(frozen=True, slots=True)
class HealthAddress:
    """Where the readiness endpoint listens; port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int = 4000


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """What may be set of a worker. The task queue is not among it.

    Attributes:
        health: Where readiness is told; None tells it nowhere.
        sweep_interval: Between two sweeps of the data store.
        sweep_tenants: Most tenants of one sweep.
        sweep_batch: Most values of one tenant and sweep.
        scan_interval: Between two scans for quota pauses that may end.
        scan_batch: Most pauses of one scan.
        watch_interval: Between two looks for foreign workers on the queue.
        drain: How long activities may go on once the worker is told to stop.
    """

    health: HealthAddress | None = None
    sweep_interval: timedelta = timedelta(seconds=60)
    sweep_tenants: int = 50
    sweep_batch: int = 1000
    scan_interval: timedelta = timedelta(minutes=5)
    scan_batch: int = 100
    watch_interval: timedelta = timedelta(seconds=30)
    drain: timedelta = timedelta(seconds=10)
