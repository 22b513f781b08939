"""One scan for quota pauses that may end: each is signalled, again by every scan until it has gone on.

The product changes the rows, then sends the signal once, and loses the run with the signal (runtime.md F36). Here the
signal comes alone: the step start that it causes mends the rows, and until it has, they still say WAITING and the next
scan sends it again. A pause that somebody resumed in the rows only is found too; whether it is one, its execution says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from temporalio.client import Client, WorkflowHandle, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from app.domain.run_message import WaitKind
from app.engine.instants import iso_text
from app.postgres.database import Database
from app.postgres.due_pauses import DuePause, DuePauses
from app.temporal.contract import QUERY_CURRENT_WAIT, SIGNAL_QUOTA_RESUME, workflow_id_of

_RPC_TIMEOUT = timedelta(seconds=5)
_RESUMED = "resumes signalled"


class QuotaScan:
    """Ends pauses within a limit for each scan."""

    def __init__(self, database: Database, client: Client, batch: int) -> None:
        self._pauses = DuePauses(database)
        self._client = client
        self._batch = batch

    async def scan(self) -> Mapping[str, int]:
        """Signal the pauses that are due; return how many it was, and what kept others from it.

        A failing signal keeps nobody else waiting.
        """
        counted: Counter[str] = Counter()
        for pause in await self._pauses.find(self._batch):
            counted[await self._end(pause)] += 1
        return counted

    async def _end(self, pause: DuePause) -> str:
        handle: WorkflowHandle[object, object] = self._client.get_workflow_handle(workflow_id_of(pause.key.run_id))
        try:
            if pause.lost and not await _is_paused(handle):
                return "went on already"
            await handle.signal(SIGNAL_QUOTA_RESUME, _content(pause), rpc_timeout=_RPC_TIMEOUT)
        except RPCError as error:
            return "without execution" if error.status is RPCStatusCode.NOT_FOUND else "signals lost"
        except WorkflowQueryFailedError:
            return "unanswered"
        await self._pauses.note(pause)
        return _RESUMED


async def _is_paused(handle: WorkflowHandle[object, object]) -> bool:
    current = await handle.query(QUERY_CURRENT_WAIT, rpc_timeout=_RPC_TIMEOUT)
    return isinstance(current, dict) and current.get("type") == WaitKind.QUOTA


def _content(pause: DuePause) -> dict[str, str | None]:
    """Return the signal's fields; the workflow ignores them, a reader of the history does not (runtime.md 2.3)."""
    now = iso_text(datetime.now(UTC))
    return {"waitId": str(pause.wait_id), "reason": "quota_available", "resumedBy": None, "resumedAt": now}
