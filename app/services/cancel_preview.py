"""What would a cancel of this run find and write? Asked before anything is sent."""

from __future__ import annotations

from app.domain.cancellation import CancelPreview, TemporalWord, way_of
from app.domain.errors import NotFound, TemporalUnavailable
from app.domain.execution import ExecutionFacts, ExecutionStatus
from app.domain.run import TERMINAL_STATUSES, RunKey, RunRow
from app.services.cancel_ports import RunClosing
from app.services.ports import ExecutionGateway, RunReader


class PreviewCancel:
    """Asks both sides about a run that is to end; it changes nothing.

    Args:
        reader: The run's row.
        closing: What of the run is open.
        gateway: Whether Temporal knows an execution.
    """

    def __init__(self, reader: RunReader, closing: RunClosing, gateway: ExecutionGateway) -> None:
        self._reader = reader
        self._closing = closing
        self._gateway = gateway

    async def look(self, key: RunKey) -> CancelPreview:
        """Return what is open and the one way to end the run. NotFound; a silent Temporal is an answer here."""
        row = await self._row(key)
        parts = await self._closing.open_parts(key)
        facts, problem = None, None
        try:
            facts = await self._gateway.describe(key.run_id)
            word = _word_of(facts)
        except TemporalUnavailable as error:
            word, problem = TemporalWord.UNREACHABLE, error.message
        ended = row.status in TERMINAL_STATUSES and row.completed_at is not None
        way = way_of(ended=ended, temporal=word, parts=parts)
        return CancelPreview(row.status, word, facts, parts, way, problem)

    async def _row(self, key: RunKey) -> RunRow:
        rows = await self._reader.rows(key.tenant, (key.run_id,))
        if not rows:
            raise NotFound("run.not_found", f"There is no run {key.run_id} in this tenant.", run_id=str(key.run_id))
        return rows[0]


def _word_of(facts: ExecutionFacts | None) -> TemporalWord:
    if facts is None:
        return TemporalWord.UNKNOWN_ID
    return TemporalWord.OPEN if facts.status is ExecutionStatus.RUNNING else TemporalWord.CLOSED
