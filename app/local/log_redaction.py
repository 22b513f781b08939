"""Keeps the log of this program itself free of secrets.

What a program logs can quote what it was given: a driver's message holds an address with its password, an exception the
document that it could not read. So every record passes here: known secrets and whatever looks like credentials are
replaced, and of an exception its types and places in the code are kept, not its texts.
"""

from __future__ import annotations

import logging
import sys
import traceback

from app.domain.credential_shapes import scrub
from app.domain.learned_secrets import RECENT
from app.domain.placeholders import REDACTED
from app.domain.redaction_policy import RedactionPolicy

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
_RULES = RedactionPolicy()


class LogRedaction(logging.Filter):
    """A filter for handlers; it lets every record through, rewritten."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record's message and exception."""
        record.msg, record.args = scrubbed(record.getMessage()), None
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = places_of(record.exc_info[1])
        if record.stack_info:
            record.stack_info = scrubbed(record.stack_info)
        return True


def scrubbed(text: str) -> str:
    """Return a text of the program itself without secrets that it learned lately and without credentials."""
    return scrub(RECENT.replace_in(text, REDACTED), _RULES.hides_key)


def places_of(error: BaseException) -> str:
    """Return the types and code positions of an error and its causes, without their texts."""
    lines: list[str] = []
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        lines.append(f"{type(link).__module__}.{type(link).__qualname__}")
        lines += [
            f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
            for frame in traceback.extract_tb(link.__traceback__)
        ]
        link = link.__cause__ or link.__context__
    return "\n".join(lines)


def redact_handlers() -> None:
    """Add the redaction to every handler of the root logger."""
    for handler in logging.getLogger().handlers:
        if not any(isinstance(each, LogRedaction) for each in handler.filters):
            handler.addFilter(LogRedaction())


def log_to_stderr(level: int) -> None:
    """Log this process from this level on, redacted; to standard error unless a handler is already set."""
    logging.basicConfig(format=FORMAT, stream=sys.stderr)
    logging.getLogger().setLevel(level)
    redact_handlers()
