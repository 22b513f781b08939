"""The ports of the environment check. Each method answers what it can, else raises an EnvironmentFailure."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from app.domain.diagnosis.execution_facts import QueueState
from app.domain.health.facts import DatabaseFacts, NamespaceFacts, WorkerFacts


class DatabaseExamination(Protocol):
    """Looks at the database."""

    async def ping(self) -> float:
        """Return the round trip in milliseconds."""

    async def clock(self) -> datetime:
        """Return the database's clock."""

    async def examine(self) -> DatabaseFacts:
        """Return what the database says of itself. DatabaseRefused for a foreign schema."""


class TemporalExamination(Protocol):
    """Looks at Temporal. No method waits longer than a few seconds."""

    @property
    def address(self) -> str:
        """The server's ``host:port``."""

    @property
    def is_encrypted(self) -> bool:
        """Whether the connection is encrypted."""

    async def ping(self) -> None:
        """Raise unless the server answers."""

    async def namespace(self) -> NamespaceFacts:
        """Return version, namespace and retention."""

    async def workers(self, now: datetime) -> WorkerFacts:
        """Return builds of pollers alive at ``now``, and the queues of open executions."""

    async def queue(self) -> QueueState:
        """Return pollers and backlog of the contract's queue."""
