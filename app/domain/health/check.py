"""One check of the environment: what was found, the evidence, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.health.findings import FINDINGS
from app.domain.run import JsonValue


class CheckState(StrEnum):
    """How a check came out; ``unknown`` is one that could not be made."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


WORST_FIRST: tuple[CheckState, ...] = (CheckState.PROBLEM, CheckState.WARNING, CheckState.UNKNOWN, CheckState.OK)


class Check(StrEnum):
    """The checks, in the order in which they are shown."""

    POSTGRES = "postgres.reachable"
    POSTGRES_VERSION = "postgres.version"
    SCHEMA = "postgres.schema"
    SHAPE = "postgres.shape"
    PRIVILEGES = "postgres.privileges"
    POOLING = "postgres.pooling"
    POSTGRES_TLS = "postgres.tls"
    INDEXES = "postgres.indexes"
    TEMPORAL = "temporal.reachable"
    TEMPORAL_VERSION = "temporal.version"
    NAMESPACE = "temporal.namespace"
    RETENTION = "temporal.retention"
    TEMPORAL_TLS = "temporal.tls"
    POLLERS = "worker.pollers"
    QUEUES = "worker.queues"
    BUILDS = "worker.builds"
    BACKLOG = "worker.backlog"
    CLOCK = "desktop.clock"
    VARIABLES = "desktop.variables"


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """The outcome of one check.

    ``code`` names the finding in :data:`app.domain.health.findings.FINDINGS`, ``params`` what its sentences mention.
    """

    check: Check
    state: CheckState
    code: str
    params: dict[str, JsonValue] = field(default_factory=dict)

    @property
    def evidence(self) -> str:
        """What was found, as an English sentence."""
        return FINDINGS[self.code].evidence.format(**self.params)

    @property
    def remedy(self) -> str | None:
        """What to do about it, as an English sentence; None when nothing has to be done."""
        remedy = FINDINGS[self.code].remedy
        return None if remedy is None else remedy.format(**self.params)


def ok(check: Check, code: str, **params: JsonValue) -> HealthCheck:
    """Return a check that found nothing wrong."""
    return HealthCheck(check, CheckState.OK, code, params)


def warning(check: Check, code: str, **params: JsonValue) -> HealthCheck:
    """Return a check that found something to know about."""
    return HealthCheck(check, CheckState.WARNING, code, params)


def problem(check: Check, code: str, **params: JsonValue) -> HealthCheck:
    """Return a check that found something that keeps runs or this console from working."""
    return HealthCheck(check, CheckState.PROBLEM, code, params)


def unknown(check: Check, reason: str) -> HealthCheck:
    """Return a check that could not be made."""
    return HealthCheck(check, CheckState.UNKNOWN, "unverified", {"reason": reason})
