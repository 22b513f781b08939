"""A transaction with as few round trips as it has decisions to take between them.

Its begin travels with the first statements and its commit with the last ones. What waits for a launch lock waits for
the round trips and for the event loop of those before it, so each one that is spared there is spared for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.postgres.built_statement import BuiltStatement, Values, run_as_one, run_together

_STALE_AT_MOST = 2


class BriefTransaction:
    """One transaction; made by :class:`app.postgres.database.Database`.

    Args:
        connection: A pooled connection on which nothing was sent yet.
        opening: The statements that begin the transaction.
    """

    def __init__(self, connection: AsyncConnection, opening: str) -> None:
        self.connection = connection
        self._opening = opening
        self._is_open = False

    async def ask(self, *asked: tuple[BuiltStatement, Values], commit: bool = False) -> list[Sequence[Any]]:
        """Send statements in one round trip and return the rows of each.

        What is sent first is sent again when the pooled connection turns out to be dead, so it must have no second
        effect.

        Args:
            asked: Statements whose values may stand in the server's log: no payload.
            commit: Whether this ends the transaction. Without, it is committed at the end of the block.
        """
        before, behind = "" if self._is_open else self._opening, "COMMIT" if commit else ""
        try:
            rows = await run_as_one(self.connection, *asked, before=before, behind=behind)
        except DBAPIError as error:
            if self._is_open or not error.connection_invalidated:
                raise
            await self._open_anew()
            rows = await run_as_one(self.connection, *asked, behind=behind)
        self._is_open = not commit
        return rows

    async def ask_bound(self, *asked: tuple[BuiltStatement, Values]) -> list[Sequence[Any]]:
        """Send statements whose values must stay out of the server's log, behind an :meth:`ask`."""
        return await run_together(self.connection, *asked)

    async def commit(self) -> None:
        """Commit what was not committed yet."""
        if self._is_open:
            await self.ask(commit=True)

    async def roll_back(self) -> None:
        """Undo what was not committed yet; what is sent afterwards begins anew."""
        if self._is_open:
            await self.connection.exec_driver_sql("ROLLBACK", execution_options={"no_parameters": True})
            self._is_open = False

    async def _open_anew(self) -> None:
        """Begin on another connection, through the toolkit, which then lets go of all others as old as the dead one."""
        for stale in range(1, _STALE_AT_MOST + 1):
            try:
                await self.connection.exec_driver_sql(self._opening, execution_options={"no_parameters": True})
            except DBAPIError as error:
                if stale == _STALE_AT_MOST or not error.connection_invalidated:
                    raise
                await self.connection.rollback()
            else:
                self._is_open = True
                return
