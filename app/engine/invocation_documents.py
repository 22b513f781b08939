"""What of an invocation may be stored: key, input, output and error, without secrets (runtime.md 5.1, 7.7, F41)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from app.domain.redaction import RedactionPolicy, Redactor
from app.domain.run import JsonValue
from app.engine.failures import INTERNAL_ERROR, Category, StepFailure
from app.engine.messages import ActionCall
from app.engine.secrets import ResolvedInput
from app.postgres.projection_json import to_stored

ERROR_LIMIT = 32 * 1024
"""Largest ``error_json``, in characters; details go first, then the end of the message."""

_TRUNCATED = "...[truncated]"


def full_key(call: ActionCall) -> str:
    """Return the idempotency key: the author's, or one of run, path, action and input; prefixed by the tenant."""
    own = call.idempotency_key
    if own is None:
        document = json.dumps(call.input, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(document.encode()).hexdigest()[:24]
        own = f"{call.run.run_id}:{call.step_path}:{call.action_id}:{call.version}:{digest}"
    return own if call.run.tenant is None else f"{call.run.tenant}:{own}"


def storable_output(output: Any, resolved: ResolvedInput) -> JsonValue:
    """Return an output without the secrets of its input and with the built-in key mask applied."""
    return Redactor(RedactionPolicy()).value(to_stored(resolved.scrubbed(output)))


def true_failure(error: Exception, resolved: ResolvedInput) -> StepFailure:
    """Return what a handler raised as a failure, secrets removed from message and details."""
    if not isinstance(error, StepFailure):
        message = resolved.without_secrets(str(error) or type(error).__name__)
        return StepFailure(Category.ACTION, message, INTERNAL_ERROR)
    return StepFailure(
        error.category, resolved.without_secrets(error.message), error.code, resolved.scrubbed(error.details)
    )


def error_document(failure: StepFailure) -> dict[str, JsonValue]:
    """Return ``error_json``: ``{category, message, nodePath, at, code, details?}``, masked and capped."""
    error = to_stored({**failure.detail(), "message": failure.message, "code": failure.code or INTERNAL_ERROR})
    masked = Redactor(RedactionPolicy()).value(error)
    document = masked if isinstance(masked, dict) else {}
    size = _size(document)
    if size > ERROR_LIMIT and "details" in document:
        document["details"] = {"truncated": True, "size": size, "max": ERROR_LIMIT}
    excess = _size(document) - ERROR_LIMIT
    if excess > 0:
        message = str(document["message"])
        document["message"] = message[: max(len(message) - excess - len(_TRUNCATED), 0)] + _TRUNCATED
    return document


def _size(document: JsonValue) -> int:
    return len(json.dumps(document, ensure_ascii=False, default=str))
