"""How a step fails: one exception with a true message, category and code, and its journeys through Temporal.

Shapes of ``runtime.md`` section 8.2. Inside the workflow a failure is a :class:`StepFailure`; an activity raises it as
a non-retryable application error of type ``WorkflowRuntimeV2.<category>`` whose first detail is the object of
:meth:`StepFailure.detail`; the workflow unwraps the cause chain again (fault F19 of the reference was not to).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.exceptions import TimeoutError as TemporalTimeout

from app.temporal.contract import FAILURE_TYPE_PREFIX

INTERNAL_ERROR = "INTERNAL_ERROR"
"""Code of an action failure that gave none."""


class Category(StrEnum):
    """The contract's error categories."""

    VALIDATION = "ValidationError"
    EXPRESSION = "ExpressionError"
    TRANSIENT = "TransientError"
    ACTION = "ActionError"
    TIMEOUT = "TimeoutError"
    QUOTA = "QuotaExceeded"
    CHILD = "ChildWorkflowError"
    CANCELLATION = "Cancellation"
    CORRUPTION = "InterpreterCorruption"


class StepFailure(Exception):
    """A step failed for a reason the definition may handle.

    Args:
        category: One of :class:`Category`, or the word an action chose.
        message: What happened, fit for the operator.
        code: Business code such as ``PERMISSION_DENIED``, or None.
        details: Further JSON for the ``error`` variable and the invocation row, or None.

    Attributes:
        final: Trying again cannot help, whatever the retry policy says.
    """

    def __init__(self, category: str, message: str, code: str | None = None, details: Any = None) -> None:
        super().__init__(message)
        self.category = str(category)
        self.message = message
        self.code = code
        self.details = details
        self.final = False
        self.node_path: str | None = None
        self.at: str | None = None

    def located(self, node_path: str, at: str) -> StepFailure:
        """Note where and when it happened, unless an inner step already has, and return self."""
        self.node_path = self.node_path or node_path
        self.at = self.at or at
        return self

    def detail(self) -> dict[str, Any]:
        """Return ``{category, nodePath, at, code?, details?}``, the first detail of the Temporal failure."""
        detail: dict[str, Any] = {"category": self.category, "nodePath": self.node_path, "at": self.at}
        if self.code is not None:
            detail["code"] = self.code
        if self.details is not None:
            detail["details"] = self.details
        return detail

    def for_row(self) -> dict[str, Any]:
        """Return ``{message, category, nodePath, code?}``, the ``error_json`` of step and run.

        The contract's shapes are the message and, for runs, the path; what stands beside them spares the reader the
        search in invocations and histories (F19). Details stay where they are masked: in the invocation.
        """
        code = {} if self.code is None else {"code": self.code}
        return {"message": self.message, "category": self.category, "nodePath": self.node_path, **code}

    def as_error(self) -> dict[str, Any]:
        """Return the object that the variable ``error`` and ``captureErrorAs`` receive."""
        return {"name": self.category, "message": self.message, **self.detail()}

    def as_application_error(self) -> ApplicationError:
        """Return the Temporal form; never retried by the server."""
        return ApplicationError(
            self.message, self.detail(), type=FAILURE_TYPE_PREFIX + self.category, non_retryable=True
        )


def failure_of(error: ActivityError | ApplicationError) -> StepFailure:
    """Unwrap what an activity raised, following the cause chain to the true message and category.

    An activity's failure comes wrapped in an ActivityError, a local activity's as it is.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ApplicationError):
            return _of_application_error(cause)
        if isinstance(cause, TemporalTimeout):
            return StepFailure(Category.TIMEOUT, f"The action did not report back in time ({cause}).")
        cause = cause.__cause__
    return StepFailure(Category.ACTION, str(error), INTERNAL_ERROR)


def _of_application_error(cause: ApplicationError) -> StepFailure:
    kind = cause.type or ""
    category = kind.removeprefix(FAILURE_TYPE_PREFIX) if kind.startswith(FAILURE_TYPE_PREFIX) else Category.ACTION
    detail = cause.details[0] if cause.details and isinstance(cause.details[0], dict) else {}
    failure = StepFailure(category, cause.message, detail.get("code"), detail.get("details"))
    failure.node_path, failure.at = detail.get("nodePath"), detail.get("at")
    return failure
