"""The one text of a failure that tells something: its innermost cause, scrubbed of what looks like a credential.

A run's own secrets are not known here; whoever shows the text scrubs it again with what Postgres learned.
"""

from __future__ import annotations

from temporalio.api.failure.v1 import Failure

from app.domain.redaction import RedactionPolicy, Redactor

_LONGEST_TEXT = 600


def innermost_text(failure: Failure) -> str:
    """Return the message of the innermost cause, on one line."""
    while failure.HasField("cause"):
        failure = failure.cause
    return clean(failure.message)


def failure_type(failure: Failure) -> str | None:
    """Return the application failure's type, for example ``WorkflowRuntimeV2.ActionError``."""
    return failure.application_failure_info.type or None if failure.HasField("application_failure_info") else None


def clean(text: str) -> str:
    """Return a text of Temporal fit to be passed on."""
    shown = Redactor(RedactionPolicy()).text(" ".join(text.split()))
    return (shown or "")[:_LONGEST_TEXT]
