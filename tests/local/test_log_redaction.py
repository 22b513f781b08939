"""Whatever the program logs itself holds no secret: not in a message, not in an argument, not in an exception."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from app.domain.learned_secrets import LearnedSecrets, RecentSecrets
from app.domain.redaction import RedactionPolicy, Redactor
from app.local.log_redaction import LogRedaction, places_of, scrubbed

LEARNED = "correct horse battery staple"


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    handler.addFilter(LogRedaction())
    logger = logging.getLogger("rundesk.test")
    logger.propagate = False
    logger.addHandler(handler)
    yield logger, stream
    logger.removeHandler(handler)


def test_what_was_learned_as_secret_is_never_logged(log: tuple[logging.Logger, io.StringIO]) -> None:
    Redactor(RedactionPolicy(pointers=("/note",))).learn({"note": LEARNED, "password": "hunter22-hunter22"})
    logger, stream = log
    logger.warning("could not send %s (%s)", {"body": f"<{LEARNED}>"}, "hunter22-hunter22")
    assert stream.getvalue() == "WARNING could not send {'body': '<[REDACTED]>'} ([REDACTED])\n"


@pytest.mark.parametrize(
    ("said", "hidden"),
    [
        ("connect postgresql://app:s3cr3t-pw@db:5432/algapsa failed", "s3cr3t-pw"),
        ("Authorization: Bearer abcdef0123456789", "abcdef0123456789"),
        ("conninfo host=db password=pa55word user=app", "pa55word"),
        ('payload {"apiKey": "sk-live-42"}', "sk-live-42"),
    ],
)
def test_credentials_are_known_by_their_shape(said: str, hidden: str) -> None:
    assert hidden not in scrubbed(said)
    assert "[REDACTED]" in scrubbed(said)


def test_of_an_exception_types_and_places_are_kept(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    try:
        int({"inner 4711-4711": "outer 4711-4711"}["inner 4711-4711"])
    except ValueError as error:
        error.__cause__ = KeyError("inner 4711-4711")
        logger.exception("it broke")
    told = stream.getvalue()
    assert "4711" not in told
    assert "builtins.ValueError" in told
    assert "builtins.KeyError" in told
    assert "test_log_redaction.py" in told


def test_a_circle_of_causes_ends() -> None:
    error = ValueError("a")
    error.__context__ = KeyError("b")
    error.__context__.__context__ = error
    assert places_of(error).count("builtins.") == 2


def test_only_so_many_secrets_are_kept_in_mind() -> None:
    recent = RecentSecrets(most=2)
    for secret in ("secret-one", "secret-two", "secret-three", "x" * 600):
        recent.remember(secret)
    assert recent.replace_in("secret-one secret-two secret-three", "#") == "secret-one # #"
    LearnedSecrets().add("another secret")
    assert recent.replace_in("another secret", "#") == "another secret"
