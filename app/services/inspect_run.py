"""What happened in this run, and what does Temporal say about it?"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.domain.errors import TemporalUnavailable
from app.domain.execution import ExecutionFacts
from app.domain.operator import Operator
from app.domain.run import RunInspection, RunKey
from app.domain.viewing import for_viewer, hidden, sees_invocations
from app.services.ports import ExecutionGateway, InvocationDocuments, RunReader


@dataclass(frozen=True, slots=True)
class ExecutionView:
    """Temporal's side of a run.

    Both fields None means that Temporal answered and knows no such execution: it never started, or its retention ended.
    ``problem`` says in words why nothing is known; ``code`` names what it says, for a translated sentence.
    """

    facts: ExecutionFacts | None
    problem: str | None = None
    code: str | None = None


class InspectRun:
    """Opens one run.

    Args:
        reader: The projection.
        gateway: The Temporal side.
    """

    def __init__(self, reader: RunReader, gateway: ExecutionGateway) -> None:
        self._reader = reader
        self._gateway = gateway

    async def open(self, key: RunKey, *, documents: bool = False, viewer: Operator | None = None) -> RunInspection:
        """Return the run with steps, waits, invocations and logs. NotFound.

        Args:
            key: The run.
            documents: Whether the documents of its invocations are wanted.
            viewer: Who looks; nobody has the least rights.
        """
        return for_viewer(await self._reader.inspect(key, documents=documents), viewer)

    async def documents(self, key: RunKey, invocation_id: UUID, viewer: Operator | None = None) -> InvocationDocuments:
        """Return input and output of one invocation as the viewer may see them. NotFound."""
        if not sees_invocations(viewer, key.tenant):
            return InvocationDocuments(invocation_id, hidden(), hidden())
        return await self._reader.invocation_documents(key, invocation_id)

    async def execution(self, key: RunKey) -> ExecutionView:
        """Return what Temporal knows; an unreachable Temporal is an answer here, not an error."""
        try:
            return ExecutionView(await self._gateway.describe(key.run_id))
        except TemporalUnavailable as error:
            return ExecutionView(None, error.message, error.code)
