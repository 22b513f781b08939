"""The connection to Postgres: one small pool, read-only transactions, tenant-scoped write transactions.

Nothing relies on the state of a connection, as hosted installations stand behind PgBouncer in transaction mode:
no server-side prepared statements, and every setting is local to its transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from app.domain import json_text
from app.domain.errors import DATABASE_SLOW, DatabaseUnavailable, Misconfigured
from app.domain.run import JsonValue
from app.domain.stuck import STUCK_AFTER_SECONDS
from app.postgres.brief_transaction import BriefTransaction
from app.postgres.built_statement import BuiltStatement, Values
from app.postgres.capabilities import Capabilities, read_capabilities
from app.postgres.driver_errors import translated_errors

APPLICATION_NAME = "rundesk"
CONNECT_TIMEOUT_SECONDS = 5
STATEMENT_TIMEOUT_SECONDS = 15
LOCK_TIMEOUT_SECONDS = 10
POOL_TIMEOUT_SECONDS = 20
POOL_SIZE = 6
"""The watch of a window holds up to four connections while the server is slow; an action must not wait for those."""
TRANSACTION_TIMEOUT_SECONDS = 60
"""How long a transaction may take by our clock, should the server stop answering at all."""

_DRIVER = "postgresql+psycopg"
_SCHEMES = frozenset({"postgres", "postgresql", _DRIVER})

_LOCAL_SETTINGS = (
    f"SELECT set_config('statement_timeout', '{STATEMENT_TIMEOUT_SECONDS}s', true) AS for_statements,"
    f" set_config('lock_timeout', '{LOCK_TIMEOUT_SECONDS}s', true) AS for_locks,"
    " set_config('timezone', 'UTC', true) AS timezone"
)
"""One statement, as each one has an answer to be read."""
_ONE_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
"""All statements of a read see the same rows, so that numbers agree with the rows beside them."""
_NEWEST_ROWS = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;"
"""Each statement of a write sees what was committed before it: what was read under a lock is true."""


@dataclass(slots=True)
class Database:
    """A Postgres database of AlgaPSA. Made by :meth:`open`; belongs to the event loop that first uses it.

    ``label`` is the address for messages and status lines, with the password masked.
    """

    label: str
    _engine: AsyncEngine
    stuck_after_seconds: int = STUCK_AFTER_SECONDS
    _capabilities: Capabilities | None = field(default=None, init=False)
    _closing: set[asyncio.Future[tuple[None]]] = field(default_factory=set, init=False)

    @classmethod
    def open(cls, url: str, *, pool_size: int = POOL_SIZE, stuck_after_seconds: int = STUCK_AFTER_SECONDS) -> Database:
        """Return a database that connects on first use.

        Args:
            url: ``postgres://``, ``postgresql://`` or ``postgresql+psycopg://`` with user, host and database.
            pool_size: The most connections that are ever open at the same time.
            stuck_after_seconds: From which age on a run without a step is read as stuck.

        Raises:
            Misconfigured: The text is no such URL. The message never repeats it, as it may hold a password.
        """
        address = _parse_url(url)
        engine = create_async_engine(
            address,
            poolclass=AsyncAdaptedQueuePool,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_TIMEOUT_SECONDS,
            hide_parameters=True,
            use_native_hstore=False,
            json_serializer=json_text.dump,
            json_deserializer=_parse_json,
            connect_args={
                # The driver sends no BEGIN of its own: ours carries the settings and spares a round trip.
                "autocommit": True,
                "application_name": APPLICATION_NAME,
                "connect_timeout": CONNECT_TIMEOUT_SECONDS,
                "prepare_threshold": None,
                "keepalives_idle": 30,
                "keepalives_interval": 5,
                "keepalives_count": 3,
            },
        )
        label = address.set(drivername="postgresql").render_as_string(hide_password=True)
        return cls(label, engine, stuck_after_seconds)

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Open a ``READ ONLY`` transaction with one snapshot and local timeouts; it is rolled back at the end.

        Raises:
            DatabaseUnavailable: No connection, or it broke; a connection gone stale in the pool is replaced once.
            DatabaseRefused: Login, right or schema.
        """
        return self._transaction(_ONE_SNAPSHOT + _LOCAL_SETTINGS, read_only=True)

    def writing(self, tenant: UUID | None) -> AbstractAsyncContextManager[AsyncConnection]:
        """Open a transaction with local timeouts that commits at the end of the block and rolls back on any error.

        Args:
            tenant: Becomes ``app.current_tenant``, which the audit trigger demands; None sets nothing.

        Raises:
            DatabaseUnavailable: As for :meth:`reading`. Raised by the commit itself, the outcome is unknown.
            DatabaseRefused: Login, right or schema.
        """
        return self._transaction(_opening_of_writing(tenant), read_only=False)

    async def read_at_once(self, *asked: tuple[BuiltStatement, Values]) -> list[Sequence[Any]]:
        """Read as :meth:`reading` does, in one round trip: built statements, whose values the server may log."""
        async with self._connected("") as connection:
            return await BriefTransaction(connection, _ONE_SNAPSHOT + _LOCAL_SETTINGS).ask(*asked, commit=True)

    @asynccontextmanager
    async def writing_briefly(self, tenant: UUID | None) -> AsyncIterator[BriefTransaction]:
        """Do the same with few round trips, for acts that are done by the thousand: built statements only.

        Raises:
            DatabaseUnavailable, DatabaseRefused: As for :meth:`writing`.
        """
        async with self._connected("") as connection:
            writing = BriefTransaction(connection, _opening_of_writing(tenant))
            yield writing
            await writing.commit()

    async def capabilities(self, connection: AsyncConnection) -> Capabilities:
        """Return what this database has beyond the common tables; asked once."""
        if self._capabilities is None:
            self._capabilities = await read_capabilities(connection)
        return self._capabilities

    async def dispose(self) -> None:
        """Close every connection, also those that cancelled callers were opening or giving back."""
        if self._closing:  # what comes back to a pool that is disposed stays open
            await asyncio.wait(self._closing, timeout=CONNECT_TIMEOUT_SECONDS)
        await self._engine.dispose()

    @asynccontextmanager
    async def _transaction(self, settings: str, *, read_only: bool) -> AsyncIterator[AsyncConnection]:
        async with self._connected(settings) as connection:
            yield connection
            if not read_only:
                await connection.commit()

    @asynccontextmanager
    async def _connected(self, settings: str) -> AsyncIterator[AsyncConnection]:
        """Take a connection out of the pool, in a transaction if settings begin one; what is open is rolled back."""
        deadline = asyncio.timeout(TRANSACTION_TIMEOUT_SECONDS)
        with translated_errors():
            try:
                async with deadline:
                    connection = await self._begin_undisturbed(settings)
                    try:
                        yield connection
                    finally:
                        # Shielded: a cancelled caller must not leave a transaction open on a pooled connection.
                        await asyncio.shield(self._in_the_end(connection.close()))
            except TimeoutError as error:
                if not deadline.expired():
                    raise
                raise DatabaseUnavailable(
                    DATABASE_SLOW,
                    f"The database did not answer within {TRANSACTION_TIMEOUT_SECONDS} seconds, so the request was "
                    "given up. Try again in a moment.",
                ) from error

    async def _begin_undisturbed(self, settings: str) -> AsyncConnection:
        """Begin a transaction; what a cancelled caller was opening is closed as soon as it is open.

        A connection whose opening is cancelled between the driver and the pool belongs to neither, and stays open.
        """
        opening = asyncio.gather(self._begin(settings), return_exceptions=True)
        try:
            (outcome,) = await asyncio.shield(opening)
        except asyncio.CancelledError:
            closing = self._in_the_end(_close_once_open(opening))
            closing.add_done_callback(_tell_nobody)
            raise
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def _in_the_end(self, closing: Coroutine[Any, Any, None]) -> asyncio.Future[tuple[None]]:
        """Let a connection be closed whatever becomes of the caller; :meth:`dispose` waits for it."""
        future = asyncio.gather(closing)
        self._closing.add(future)
        future.add_done_callback(self._closing.discard)
        return future

    async def _begin(self, settings: str) -> AsyncConnection:
        """Return a connection inside a new transaction; nothing was sent yet that could be repeated wrongly."""
        try:
            return await self._begin_once(settings)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        return await self._begin_once(settings)

    async def _begin_once(self, settings: str) -> AsyncConnection:
        connection = await self._engine.connect().start()
        if not settings:
            return connection
        try:
            await connection.exec_driver_sql(settings, execution_options={"no_parameters": True})
        except BaseException:
            await connection.close()
            raise
        return connection


def _tell_nobody(closing: asyncio.Future[tuple[None]]) -> None:
    """Take note of how the closing of an abandoned connection ended: nobody asks for it any more."""
    if not closing.cancelled():
        closing.exception()


async def _close_once_open(opening: asyncio.Future[tuple[AsyncConnection | BaseException]]) -> None:
    (outcome,) = await opening
    if isinstance(outcome, AsyncConnection):
        await outcome.close()


def _opening_of_writing(tenant: UUID | None) -> str:
    current_tenant = "" if tenant is None else f", set_config('app.current_tenant', '{tenant}', true) AS tenant"
    return _NEWEST_ROWS + _LOCAL_SETTINGS + current_tenant


def _parse_url(url: str) -> URL:
    try:
        address = make_url(url.strip())
    except (ArgumentError, ValueError):
        address = None
    if address is None or address.drivername not in _SCHEMES:
        raise Misconfigured(
            "database.url",
            "The database address is not usable. It looks like postgresql://user:password@host:5432/database.",
        )
    return address.set(drivername=_DRIVER)


def _parse_json(raw: bytes | str) -> JsonValue:
    """Parse what the driver hands over for ``json`` and ``jsonb``, keeping every digit."""
    return json_text.parse(raw if isinstance(raw, str) else bytes(raw).decode())
