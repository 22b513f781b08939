"""What a triage report is made of: accounts of runs, a list, a case; only redacted domain objects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.diagnosis.finding import Diagnosis
from app.domain.execution import ExecutionFacts, QueueFacts
from app.domain.replay_chain import ReplayChain
from app.domain.report.blocks import Section
from app.domain.report.surroundings import NO_SURROUNDINGS, RunSurroundings
from app.domain.run import NOTHING_MASKED, RedactionTally, RunInspection, RunKey, RunRow
from app.domain.timeline import Timeline, build_timeline

__all__ = [
    "REPORT_SCHEMA",
    "CaseAttempt",
    "CaseNote",
    "CasePart",
    "EnvironmentFacts",
    "RunAccount",
    "RunListing",
    "TriageReport",
    "account_of",
    "report_of",
]

REPORT_SCHEMA = "rundesk.triage/2"
"""Name and version of the report's shape; it changes when a key changes its meaning."""


@dataclass(frozen=True, slots=True)
class EnvironmentFacts:
    """What Temporal said when the report was made.

    ``execution`` is None when Temporal does not know it or could not be asked; ``problem`` tells the two apart.
    """

    execution: ExecutionFacts | None = None
    queue: QueueFacts | None = None
    problem: str | None = None
    temporal_version: str | None = None

    @property
    def execution_missing(self) -> bool:
        """Whether Temporal answered that it does not know the execution."""
        return self.execution is None and self.problem is None


@dataclass(frozen=True, slots=True)
class RunAccount:
    """Everything a report knows of one run.

    ``diagnosis`` is None when it could not be made, ``chain`` when the run's family was not read.
    """

    inspection: RunInspection
    timeline: Timeline
    environment: EnvironmentFacts
    diagnosis: Diagnosis | None = None
    chain: ReplayChain | None = None
    surroundings: RunSurroundings = NO_SURROUNDINGS

    @property
    def row(self) -> RunRow:
        """The run's row."""
        return self.inspection.run.row


@dataclass(frozen=True, slots=True)
class RunListing:
    """A filtered list: the rows shown, how many match, and the filter in words (name, value).

    ``diagnoses`` are those of the rows that were diagnosed, by no particular order.
    """

    rows: tuple[RunRow, ...]
    total: int
    terms: tuple[tuple[str, str], ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()

    @property
    def cut(self) -> bool:
        """Whether more runs match than are listed."""
        return self.total > len(self.rows)


@dataclass(frozen=True, slots=True)
class CaseNote:
    """One note of a case, redacted."""

    at: datetime
    author: str | None
    text: str


@dataclass(frozen=True, slots=True)
class CaseAttempt:
    """What was tried, and what came of it; ``outcome`` None is not known yet."""

    at: datetime
    what: str
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class CasePart:
    """A case as a report tells it. ``severity`` and all texts are the operator's own words, redacted.

    ``asked`` is what the reader is asked to do.
    """

    title: str
    severity: str | None = None
    customer: str | None = None
    summary: str | None = None
    notes: tuple[CaseNote, ...] = ()
    attempts: tuple[CaseAttempt, ...] = ()
    asked: str | None = None


@dataclass(frozen=True, slots=True)
class TriageReport:
    """A report of one run, of several, of a case or of a list.

    Attributes:
        accounts: The runs that are told whole.
        generated_at: The database's clock when the rows were read.
        listing: The list that the report is of, if any.
        case: The case that the report is of, if any.
        further: Parts of other makers, such as comparisons; they stand before the appendix.
        masked: What was masked in everything that was read for the report.
        problems: What could not be asked or read, in words.
        schema: Name and version of the shape.
    """

    accounts: tuple[RunAccount, ...]
    generated_at: datetime
    listing: RunListing | None = None
    case: CasePart | None = None
    further: tuple[Section, ...] = ()
    masked: RedactionTally = NOTHING_MASKED
    problems: tuple[str, ...] = ()
    schema: str = REPORT_SCHEMA

    def keys(self) -> tuple[RunKey, ...]:
        """Return the runs that it tells of or lists, each once."""
        told = [account.row.key for account in self.accounts]
        listed = [row.key for row in self.listing.rows] if self.listing else []
        return tuple(dict.fromkeys(told + listed))


def account_of(
    inspection: RunInspection,
    environment: EnvironmentFacts,
    diagnosis: Diagnosis | None = None,
    chain: ReplayChain | None = None,
    surroundings: RunSurroundings | None = None,
) -> RunAccount:
    """Return what is known of a run as read."""
    return RunAccount(
        inspection, build_timeline(inspection), environment, diagnosis, chain, surroundings or NO_SURROUNDINGS
    )


def report_of(*accounts: RunAccount, case: CasePart | None = None, further: tuple[Section, ...] = ()) -> TriageReport:
    """Return the report of these runs, at least one; it is as old as the oldest of them."""
    return TriageReport(
        accounts=accounts,
        generated_at=min(account.inspection.read_at for account in accounts),
        case=case,
        further=further,
        masked=RedactionTally.sum(account.inspection.masked for account in accounts),
    )
