"""The first report: what support hands over about one run, made only of redacted domain objects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.execution import ExecutionFacts, QueueFacts
from app.domain.replay_chain import ReplayChain
from app.domain.run import RunInspection
from app.domain.timeline import Timeline, build_timeline
from app.domain.triage_words import evidence, headline

__all__ = ["REPORT_SCHEMA", "EnvironmentFacts", "TriageReport", "build_report"]

REPORT_SCHEMA = "rundesk.triage/1"
"""Name and version of the report's shape; it changes when a key changes its meaning."""


@dataclass(frozen=True, slots=True)
class EnvironmentFacts:
    """What Temporal said when the report was made.

    ``execution`` is None when Temporal does not know it or could not be asked; ``problem`` tells the two apart.
    """

    execution: ExecutionFacts | None = None
    queue: QueueFacts | None = None
    problem: str | None = None

    @property
    def execution_missing(self) -> bool:
        """Whether Temporal answered that it does not know the execution."""
        return self.execution is None and self.problem is None


@dataclass(frozen=True, slots=True)
class TriageReport:
    """One run, explained. ``generated_at`` is the database's clock when the rows were read.

    ``headline`` is one sentence that needs no further knowledge; ``evidence`` are the facts behind it. ``chain`` is
    None when the run's family was not read.
    """

    headline: str
    evidence: tuple[str, ...]
    inspection: RunInspection
    timeline: Timeline
    environment: EnvironmentFacts
    generated_at: datetime
    chain: ReplayChain | None = None
    schema: str = REPORT_SCHEMA


def build_report(
    inspection: RunInspection, environment: EnvironmentFacts, chain: ReplayChain | None = None
) -> TriageReport:
    """Return the report of a run as read, with what Temporal said about it and the family of its replays."""
    execution, queue = environment.execution, environment.queue
    missing = environment.execution_missing
    return TriageReport(
        headline=headline(inspection, execution, queue, missing=missing),
        evidence=evidence(inspection, execution, queue, problem=environment.problem),
        inspection=inspection,
        timeline=build_timeline(inspection),
        environment=environment,
        generated_at=inspection.read_at,
        chain=chain,
    )
