"""The error tree.

    RundeskError
    ├── EnvironmentFailure      a server is down, slow or refuses us: shown as a message with a way forward
    │   ├── DatabaseUnavailable
    │   ├── DatabaseRefused     connected, but the login may not do this or the schema is not AlgaPSA's
    │   ├── TemporalUnavailable
    │   ├── SandboxUnavailable  an embedded server is missing or cannot start
    │   └── JournalUnusable     this computer's disk refuses the journal of what was sent
    └── RuleViolation           the operator asked for something the rules refuse: shown as a message
        ├── NotFound            no such run, workflow, tenant or operator
        ├── NotPermitted        the operator lacks a right
        ├── GateClosed          paused, concurrency or rate limit reached
        ├── InvalidInput        a payload, reason, filter or cursor that cannot be used
        │   └── Misconfigured   arguments, connection or settings that cannot be used: exit code 2
        └── ActionRefused       the run is in a state in which this would do harm

Anything else that escapes is a bug and becomes a crash report.

Errors carry a stable ``code`` and ``params``; the desktop translates by code.
``str(error)`` is the English sentence the command line prints.
"""

from __future__ import annotations

DATABASE_SLOW = "database.slow"
"""Code of a :class:`DatabaseUnavailable` from a server that works but is overloaded: asking soon makes it worse."""


class RundeskError(Exception):
    """Base of everything that is shown to an operator rather than reported as a crash.

    Args:
        code: Stable dotted identifier, for example ``launch.paused``.
        message: One English sentence or two: what happened, what it means, what can be done.
        params: Values that a translated message may interpolate; already redacted.
    """

    def __init__(self, code: str, message: str, **params: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.params = params


class EnvironmentFailure(RundeskError):
    """The world around us failed; retrying later may help."""


class DatabaseUnavailable(EnvironmentFailure):
    """Postgres cannot be reached or the connection broke."""


class DatabaseRefused(EnvironmentFailure):
    """Postgres answered, but refuses the login or lacks the expected tables."""


class TemporalUnavailable(EnvironmentFailure):
    """Temporal cannot be reached or did not answer in time."""


class SandboxUnavailable(EnvironmentFailure):
    """The embedded servers are missing on this platform or did not start."""


class JournalUnusable(EnvironmentFailure):
    """The journal on this computer's disk cannot be read or written."""


class RuleViolation(RundeskError):
    """The operator's request is refused by a rule; repeating it unchanged will not help."""


class NotFound(RuleViolation):
    """The run, workflow, tenant or operator does not exist in this scope."""


class NotPermitted(RuleViolation):
    """The operator lacks the right the action needs."""


class GateClosed(RuleViolation):
    """A launch gate is closed: paused, concurrency limit or rate limit."""


class InvalidInput(RuleViolation):
    """A value given by the operator cannot be used; ``params`` may hold ``path``, ``line``, ``column``."""


class Misconfigured(InvalidInput):
    """Command-line arguments, a connection or the settings file cannot be used as they are."""


class ActionRefused(RuleViolation):
    """The run's state forbids the action."""
