"""The one place where errors of the driver become errors of the domain, by SQLSTATE.

Names of constraints, indexes and relations are never looked at: Citus adds shard suffixes to them and the plain and
the hosted shape name them differently. What is not in the table below is a bug and escapes as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.domain.errors import DATABASE_SLOW, DatabaseRefused, DatabaseUnavailable, EnvironmentFailure

_UNREACHABLE = (
    "database.unreachable",
    "The database cannot be reached. Check that Postgres is up and that address and network are right.",
)
_STOPPING = (
    "database.stopping",
    "The database is starting, stopping or restarting. Wait a moment; reading goes on by itself.",
)
_CROWDED = (
    "database.crowded",
    "The database has no room for another connection or is out of resources. Try again in a moment.",
)
_SLOW = (
    DATABASE_SLOW,
    "The database did not answer in time, so the request was given up. Narrow the filter or try again.",
)
_BUSY = ("database.busy", "The rows are locked by someone else's work. Nothing was changed; try again.")
_STANDBY = (
    "database.standby",
    "The database accepts no writes at the moment (standby or failover). Nothing was changed; try again later.",
)
_LOGIN = (
    "database.login",
    "The database refuses this login. Check user, password, database name and where you may connect from.",
)
_RIGHTS = ("database.rights", "This database login may not do that. Ask for the missing grant.")
_SCHEMA = (
    "database.schema",
    "The database answers, but it lacks tables or columns of AlgaPSA's workflow runtime. Check the database's name.",
)

_UNAVAILABLE_BY_STATE = {
    "57014": _SLOW,
    "57P01": _STOPPING,
    "57P02": _STOPPING,
    "57P03": _STOPPING,
    "55P03": _BUSY,
    "40001": _BUSY,
    "40P01": _BUSY,
    "25006": _STANDBY,
    "25P03": _SLOW,
    "25P04": _SLOW,
}
_UNAVAILABLE_BY_CLASS = {"08": _UNREACHABLE, "53": _CROWDED, "58": _UNREACHABLE}
_REFUSED_BY_STATE = {
    "3D000": _LOGIN,
    "3F000": _SCHEMA,
    "42501": _RIGHTS,
    "42P01": _SCHEMA,
    "42703": _SCHEMA,
    "42883": _SCHEMA,
}
_REFUSED_BY_CLASS = {"28": _LOGIN}

_SERVER_SPOKE = re.compile(r"\bFATAL:\s*(?P<words>[^\n]*)")
_NOT_NOW = re.compile(
    r"starting up|shutting down|recovery|accepting connections|too many|connection slots|cannot connect|connect failed"
    r"|timeout|no more",
    re.IGNORECASE,
)


def sqlstate_of(error: BaseException) -> str | None:
    """Return the five characters of SQLSTATE, or None for errors that never reached a server's answer."""
    driver_error = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(driver_error, "sqlstate", None)
    return state if isinstance(state, str) else None


def as_environment_failure(error: DBAPIError | PoolTimeout) -> EnvironmentFailure | None:
    """Return what an operator is told, or None when the error is ours."""
    if isinstance(error, PoolTimeout):
        return DatabaseUnavailable(*_CROWDED)
    state = sqlstate_of(error)
    if state is None:
        return _without_state(error)
    unavailable = _UNAVAILABLE_BY_STATE.get(state) or _UNAVAILABLE_BY_CLASS.get(state[:2])
    if unavailable is not None:
        return DatabaseUnavailable(*unavailable, sqlstate=state)
    refused = _REFUSED_BY_STATE.get(state) or _REFUSED_BY_CLASS.get(state[:2])
    return None if refused is None else DatabaseRefused(*refused, sqlstate=state)


def _without_state(error: DBAPIError) -> EnvironmentFailure | None:
    """Judge an error without SQLSTATE: libpq gives none for a failed connect or a broken connection.

    A failed connect in which the server spoke (``FATAL:``) is a refusal unless it asks to come back later.
    """
    driver_error = error.orig
    if type(driver_error).__name__ not in {"OperationalError", "InterfaceError", "ConnectionTimeout"}:
        return None
    spoken = _SERVER_SPOKE.search(str(driver_error))
    if spoken is None:
        return DatabaseUnavailable(*_UNREACHABLE)
    words = spoken.group("words")
    if _NOT_NOW.search(words) is not None:
        return DatabaseUnavailable(*_STOPPING)
    code, message = _LOGIN
    return DatabaseRefused(code, f"{message} Postgres says: {words}", server_says=words)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise the domain's error instead of the driver's inside this block; the driver's stays as the cause."""
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        failure = as_environment_failure(error)
        if failure is None:
            raise
        raise failure from error


__all__ = ["as_environment_failure", "sqlstate_of", "translated_errors"]
