"""Hand over what is known about one run."""

from __future__ import annotations

from uuid import UUID

from app.domain.errors import TemporalUnavailable
from app.domain.execution import QueueFacts
from app.domain.operator import Operator
from app.domain.replay_chain import build_chain
from app.domain.run import RunKey
from app.domain.triage import EnvironmentFacts, TriageReport, build_report
from app.domain.viewing import for_viewer
from app.services.ports import ExecutionGateway, RunReader


class TriageReports:
    """Makes triage reports.

    Args:
        reader: Reads the run, already redacted.
        gateway: Asked what Temporal knows; when it does not answer, the report says so.
    """

    def __init__(self, reader: RunReader, gateway: ExecutionGateway) -> None:
        self._reader = reader
        self._gateway = gateway

    async def report(self, key: RunKey, viewer: Operator | None = None) -> TriageReport:
        """Return the report of a run, with what its maker may see; nobody has the least rights.

        Raises:
            NotFound: When the run does not exist in its tenant.
            DatabaseUnavailable: When Postgres does not answer.
        """
        inspection = for_viewer(await self._reader.inspect(key, documents=True), viewer)
        chain = build_chain(await self._reader.replay_family(key))
        return build_report(inspection, await self._environment(key.run_id), chain)

    async def _environment(self, run_id: UUID) -> EnvironmentFacts:
        try:
            execution = await self._gateway.describe(run_id)
        except TemporalUnavailable as error:
            return EnvironmentFacts(problem=error.message)
        return EnvironmentFacts(execution, await self._queue())

    async def _queue(self) -> QueueFacts | None:
        try:
            return await self._gateway.queue()
        except TemporalUnavailable:
            return None  # unknown pollers; what Temporal has already said of the execution stays true
