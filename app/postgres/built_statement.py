"""Statements that are compiled once and handed to the driver as they are, several in one round trip.

For the acts that are done by the thousand: what the toolkit does for each statement costs more than the statement. The
text is the toolkit's own, so that tables, columns and types stay written once.

There are two ways. :func:`run_together` binds values on the server, so that no payload ever stands in a statement's
text, which the server may log. :func:`run_as_one` writes the values into one text, quoted by the driver: half the work
for values that may be logged, such as ids.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias, cast

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import JSON, ClauseElement
from sqlalchemy.dialects.postgresql import psycopg as dialects
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import json_text

Values: TypeAlias = Mapping[str, object]

_DIALECT = dialects.PGDialect_psycopg()  # type: ignore[no-untyped-call]


class BuiltStatement:
    """A statement with named parameters.

    Args:
        statement: The statement, without lists (``IN``), whose length would be part of the text.
    """

    def __init__(self, statement: ClauseElement) -> None:
        compiled = cast("Any", statement.compile(dialect=_DIALECT))
        self.text: str = compiled.string
        self._fixed: dict[str, object] = dict(compiled.params)
        self._documents = frozenset(
            name for name in compiled.params if name in compiled.binds and isinstance(compiled.binds[name].type, JSON)
        )

    def parameters(self, values: Values) -> dict[str, object]:
        """Return what the driver binds: documents as JSON text, None as SQL NULL."""
        given = {**self._fixed, **values}
        documents = {name: given[name] for name in self._documents if given[name] is not None}
        return {**given, **{name: json_text.dump(cast("Any", value)) for name, value in documents.items()}}


async def run_together(connection: AsyncConnection, *asked: tuple[BuiltStatement, Values]) -> list[Sequence[Any]]:
    """Send statements in one round trip, in order, and return the rows of each, with names.

    Raises:
        DBAPIError: As the toolkit raises it; the statements behind the failing one had no effect.
    """
    async with _driver_of(connection) as driver:
        if len(asked) == 1:
            return [await _rows(await _sent(driver, *asked[0]))]
        async with driver.pipeline():
            cursors = [await _sent(driver, statement, values) for statement, values in asked]
        return [await _rows(cursor) for cursor in cursors]


async def run_as_one(
    connection: AsyncConnection, *asked: tuple[BuiltStatement, Values], before: str = "", behind: str = ""
) -> list[Sequence[Any]]:
    """Send statements as one text in one round trip, in order, and return the rows of each, with names.

    Args:
        connection: Where to.
        asked: Statements whose values may stand in the server's log.
        before: What else stands before them, such as the begin of the transaction.
        behind: One statement behind them, such as its commit; it is not reached when one of them fails.

    Raises:
        DBAPIError: As for :func:`run_together`.
    """
    async with _driver_of(connection) as driver:
        cursor = psycopg.AsyncClientCursor(driver, row_factory=namedtuple_row)
        texts = [cursor.mogrify(cast("Any", built.text), built.parameters(values)) for built, values in asked]
        message = ";".join(filter(None, (before, *texts, behind)))
        await cursor.execute(cast("Any", message), prepare=False)
        rows = [await _rows(cursor)]
        while cursor.nextset():
            rows.append(await _rows(cursor))
    end = len(rows) - (1 if behind else 0)
    return rows[end - len(asked) : end]


@asynccontextmanager
async def _driver_of(connection: AsyncConnection) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """Give the driver's connection; what it raises becomes the toolkit's error."""
    driver = _driver(connection)
    try:
        yield driver
    except psycopg.Error as error:
        if driver.closed:
            await connection.invalidate()
        raise DBAPIError.instance(
            None, None, error, psycopg.Error, hide_parameters=True, connection_invalidated=driver.closed
        ) from error


def _driver(connection: AsyncConnection) -> psycopg.AsyncConnection[Any]:
    """Return the driver's connection; the toolkit's own way to it costs as much as a statement."""
    if connection.sync_connection is None:
        raise RuntimeError("the connection was not opened")
    return cast("psycopg.AsyncConnection[Any]", connection.sync_connection.connection.driver_connection)


async def _sent(
    driver: psycopg.AsyncConnection[Any], statement: BuiltStatement, values: Values
) -> psycopg.AsyncCursor[Any]:
    cursor = driver.cursor(row_factory=namedtuple_row)
    await cursor.execute(cast("Any", statement.text), statement.parameters(values), prepare=False)
    return cursor


async def _rows(cursor: psycopg.AsyncCursor[Any]) -> Sequence[Any]:
    return await cursor.fetchall() if cursor.description is not None else ()
