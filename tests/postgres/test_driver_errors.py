"""What a refused connect means: come back later, or correct the login."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from app.domain.errors import DatabaseRefused, DatabaseUnavailable
from app.postgres.driver_errors import as_environment_failure

_PREFIX = 'connection failed: connection to server at "127.0.0.1", port 5432 failed: FATAL:  '


def refused(words: str) -> OperationalError:
    """A failed connect as libpq reports it: without SQLSTATE, with the server's words."""
    return OperationalError(None, None, psycopg.OperationalError(_PREFIX + words))


@pytest.mark.parametrize(
    "words",
    [
        "the database system is starting up",
        "the database system is not yet accepting connections\nDETAIL:  Consistent recovery state is not reached.",
        "the database system is not accepting connections",
        "the database system is shutting down",
        "the database system is in recovery mode",
        "sorry, too many clients already",
        "remaining connection slots are reserved for roles with the SUPERUSER attribute",
    ],
)
def test_a_server_that_is_not_ready_is_away_not_refusing(words: str) -> None:
    """A worker waits for one that is away; a refusal ends its runs."""
    assert isinstance(as_environment_failure(refused(words)), DatabaseUnavailable)


@pytest.mark.parametrize(
    "words", ['password authentication failed for user "u"', 'database "x" does not exist', 'role "u" does not exist']
)
def test_a_login_that_is_wrong_is_refused(words: str) -> None:
    failure = as_environment_failure(refused(words))
    assert isinstance(failure, DatabaseRefused)
    assert failure.params["server_says"] == words
