"""What the environment check learns of either server, before it is judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class TableRight:
    """A right that this console uses and the login lacks; ``table`` None of the database counts as lacking."""

    table: str
    right: str


@dataclass(frozen=True, slots=True)
class IndexAdvice:
    """An index that is not there. ``cost_now`` and ``cost_with`` are the planner's units, the second an estimate.

    ``rows`` is the planner's idea of the table's size.
    """

    name: str
    statement: str
    rows: int
    cost_now: float
    cost_with: float


@dataclass(frozen=True, slots=True)
class Pooling:
    """Process numbers: what the login was told, and what two transactions of one connection found."""

    told: int
    found: tuple[int, int]


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """What the database says of itself. ``tls`` None means an unencrypted connection, else version and cipher."""

    version: str
    login: str
    missing_parts: tuple[str, ...]
    settings_readable: bool
    citus: bool
    keyed_by_tenant: bool
    lacking: tuple[TableRight, ...]
    pooling: Pooling
    tls: str | None
    is_local: bool
    indexes: tuple[IndexAdvice, ...]


@dataclass(frozen=True, slots=True)
class NamespaceFacts:
    """What Temporal says of itself and of the namespace; ``state`` in its own words, lower case."""

    version: str
    namespace: str
    state: str
    retention: timedelta


@dataclass(frozen=True, slots=True)
class WorkerFacts:
    """Builds of the pollers that asked lately, and queues of open executions with a sample's size.

    ``other_queues`` are those that are not the contract's, each with how many executions were seen there and how many
    pollers ask for their tasks; ``seen_all`` is False when there were more executions than were looked at.
    """

    builds: tuple[str, ...]
    other_queues: tuple[OtherQueue, ...]
    seen_all: bool


@dataclass(frozen=True, slots=True)
class OtherQueue:
    """A queue that open executions were started on, beside the contract's."""

    name: str
    executions: int
    pollers: int


@dataclass(frozen=True, slots=True)
class ClockReading:
    """The database's clock, read between two readings of this computer's."""

    before: datetime
    database: datetime
    after: datetime

    @property
    def skew_seconds(self) -> float:
        """This computer's clock minus the database's, half of the reading's duration taken as the way there."""
        middle = self.before + (self.after - self.before) / 2
        return (middle - self.database).total_seconds()

    @property
    def uncertainty_seconds(self) -> float:
        """How far the skew can be off."""
        return (self.after - self.before).total_seconds() / 2
