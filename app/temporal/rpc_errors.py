"""What an error of a Temporal call means: no answer, a refusal, or "no such execution".

This is the one place that reads RPC status codes. A gRPC status says *who* spoke: some only the server can have
produced after it looked at the request (a refusal), the others can come from a broken connection, a proxy or a
deadline, when the request may or may not have taken effect.
"""

from __future__ import annotations

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

_REASONS: dict[RPCStatusCode, str] = {
    RPCStatusCode.NOT_FOUND: "has no namespace {namespace}. Check the namespace of this connection.",
    RPCStatusCode.PERMISSION_DENIED: "does not let this login use namespace {namespace}. Ask its administrator.",
    RPCStatusCode.UNAUTHENTICATED: "asks for a login that this connection does not have. Check its settings.",
    RPCStatusCode.UNIMPLEMENTED: "does not speak Temporal's protocol. Check the address of this connection.",
    RPCStatusCode.DEADLINE_EXCEEDED: "did not answer in time. Rundesk keeps trying.",
    RPCStatusCode.RESOURCE_EXHAUSTED: "is overloaded and turned the call away. Rundesk keeps trying.",
}
_DEFAULT_REASON = "cannot be reached. Check that the server is running; Rundesk keeps trying."


def is_refusal(error: RPCError) -> bool:
    """Say whether the server itself refused the request, so that it certainly had no effect."""
    return error.status in REFUSALS


def is_unknown_execution(error: RPCError) -> bool:
    """Say whether the server answered that it has no such execution (rather than no such namespace)."""
    return error.status is RPCStatusCode.NOT_FOUND and "namespace" not in error.message.lower()


def unavailable(error: RPCError | Exception, address: str, namespace: str) -> TemporalUnavailable:
    """Return the calm message for a call that got no usable answer; the cause travels as ``technical``."""
    reason = _REASONS.get(error.status, _DEFAULT_REASON) if isinstance(error, RPCError) else _DEFAULT_REASON
    return TemporalUnavailable(
        "temporal.unavailable",
        f"Temporal at {address} {reason.format(namespace=namespace)}",
        address=address,
        namespace=namespace,
        technical=str(error),
    )
