"""What an error of a Temporal call means: no answer, a refusal, or "no such execution".

This is the one place that reads RPC status codes. A gRPC status says *who* spoke: some only the server can have
produced after it looked at the request (a refusal), the others can come from a broken connection, a proxy or a
deadline, when the request may or may not have taken effect.
"""

from __future__ import annotations

from temporalio.api.errordetails.v1 import NotFoundFailure
from temporalio.service import RPCError, RPCStatusCode

from app.domain.errors import TemporalUnavailable

REFUSALS: frozenset[RPCStatusCode] = frozenset(
    {
        RPCStatusCode.INVALID_ARGUMENT,
        RPCStatusCode.NOT_FOUND,
        RPCStatusCode.PERMISSION_DENIED,
        RPCStatusCode.FAILED_PRECONDITION,
        RPCStatusCode.OUT_OF_RANGE,
        RPCStatusCode.UNIMPLEMENTED,
        RPCStatusCode.UNAUTHENTICATED,
    }
)
"""Statuses that only a server that read the request produces. RESOURCE_EXHAUSTED is not among them: a proxy or a
history shard may send it after the frontend has already acted."""

_REASONS: dict[RPCStatusCode, tuple[str, str]] = {
    RPCStatusCode.NOT_FOUND: (
        "temporal.no_namespace",
        "has no namespace {namespace}. Check the namespace of this connection.",
    ),
    RPCStatusCode.PERMISSION_DENIED: (
        "temporal.denied",
        "does not let this login use namespace {namespace}. Ask its administrator.",
    ),
    RPCStatusCode.UNAUTHENTICATED: (
        "temporal.login",
        "asks for a login that this connection does not have. Check its settings.",
    ),
    RPCStatusCode.UNIMPLEMENTED: (
        "temporal.protocol",
        "does not speak Temporal's protocol. Check the address of this connection.",
    ),
    RPCStatusCode.DEADLINE_EXCEEDED: (
        "temporal.timeout",
        "did not answer in time. It may be starting or overloaded; try again in a moment.",
    ),
    RPCStatusCode.RESOURCE_EXHAUSTED: (
        "temporal.overloaded",
        "is overloaded and turned the call away. Try again in a moment.",
    ),
}
"""Stable code and the rest of the sentence "Temporal at ADDRESS …"."""
_DEFAULT_REASON = ("temporal.unavailable", "cannot be reached. Check that the server is running, then try again.")


def is_refusal(error: RPCError) -> bool:
    """Say whether the server itself refused the request, so that it certainly had no effect."""
    return error.status in REFUSALS


def is_unknown_execution(error: RPCError) -> bool:
    """Say whether the server answered that it has no such execution.

    NOT_FOUND alone could also be a missing namespace or a gateway in between, so the server's own detail must say it:
    a launch is failed on this word.
    """
    if error.status is not RPCStatusCode.NOT_FOUND:
        return False
    return any(detail.Is(NotFoundFailure.DESCRIPTOR) for detail in error.grpc_status.details)


def unavailable(error: Exception, address: str, namespace: str) -> TemporalUnavailable:
    """Return the calm message for a call that got no usable answer.

    Args:
        error: The RPC's error, or a TimeoutError of our own; its words travel as ``technical``.
        address: For the message.
        namespace: For the message.
    """
    code, reason = _REASONS.get(_status_of(error), _DEFAULT_REASON)
    return TemporalUnavailable(
        code,
        f"Temporal at {address} {reason.format(namespace=namespace)}",
        address=address,
        namespace=namespace,
        technical=str(error) or type(error).__name__,
    )


def _status_of(error: Exception) -> RPCStatusCode:
    if isinstance(error, RPCError):
        return error.status
    return RPCStatusCode.DEADLINE_EXCEEDED if isinstance(error, TimeoutError) else RPCStatusCode.UNAVAILABLE
