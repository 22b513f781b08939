"""Finds the error that is truly useful (runtime.md 8.2, console.md W7 to W9).

The run row and the step row usually say only that "the activity failed"; what the action really said is in its
invocation. And a failure that the workflow caught is not the run's error, however red its step looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.domain.run import Invocation, InvocationStatus, JsonValue, RunError, RunStatus, Step, StepStatus

_LONGEST_LINE = 300
_GENERIC = frozenset({"activity task failed", "activity execution failed", "workflow execution failed"})
"""What Temporal's SDKs say when an activity fails; the cause is elsewhere (F19)."""


def select_error(
    status: str,
    error_json: JsonValue,
    node_path: str | None,
    steps: Sequence[Step],
    invocations: Sequence[Invocation],
) -> RunError | None:
    """Return the error that explains the run, or None when the run has none of its own.

    Args:
        status: Stored status of the run. A run that succeeded or still runs has at most handled errors.
        error_json: ``workflow_runs.error_json``, redacted.
        node_path: ``workflow_runs.node_path``.
        steps: All steps of the run, oldest first, redacted.
        invocations: All invocations of the run, redacted.
    """
    if not _may_have_error(status, error_json):
        return None
    if _field(error_json, "stage") is not None or status != RunStatus.FAILED:
        return _run_error(error_json)
    step = _failed_step(_field(error_json, "nodePath") or node_path, steps)
    path = _field(error_json, "nodePath") or (step.step_path if step else node_path)
    invocation = _failed_invocation(path, step, error_json, invocations)
    if invocation is None and step is None and (path is None or _says_nothing(_field(error_json, "message"))):
        invocation = _any_unhandled(steps, invocations)
    if invocation is not None:
        return _invocation_error(invocation, step, error_json)
    if step is not None and _field(step.error, "message") is not None:
        return _step_error(step, error_json)
    return _run_error(error_json)


def error_line(status: str, error_json: JsonValue, invocation_message: str | None = None) -> str | None:
    """Return the error of a run as one line for a list, by the same rule as :func:`select_error`.

    Args:
        status: Stored status of the run.
        error_json: ``workflow_runs.error_json``, redacted.
        invocation_message: Redacted message of the newest failed invocation at the failing step, when there is one.
    """
    if not _may_have_error(status, error_json):
        return None
    message = _field(error_json, "message")
    if status == RunStatus.FAILED and _field(error_json, "stage") is None and invocation_message:
        message = invocation_message
    return _one_line(message) if message else None


def _may_have_error(status: str, error_json: JsonValue) -> bool:
    """Say whether an error belongs to the run itself rather than to something that was handled.

    A succeeded or running run can carry the stale ``error_json`` of a caught failure (F39); a canceled one too, unless
    a stage says that the cancellation itself left it (the migration of June 2026, a repair).
    """
    if status in {RunStatus.SUCCEEDED, RunStatus.RUNNING}:
        return False
    if status == RunStatus.CANCELED:
        return _field(error_json, "stage") is not None
    return True


def _failed_step(path: str | None, steps: Sequence[Step]) -> Step | None:
    """Return the newest failed step at the path; without a path the newest failed one, since caught ones are older."""
    failed = [step for step in steps if step.status == StepStatus.FAILED and path in {None, step.step_path}]
    return max(failed, key=lambda step: (step.started_at, step.attempt), default=None)


def _failed_invocation(
    path: str | None, step: Step | None, error_json: JsonValue, invocations: Sequence[Invocation]
) -> Invocation | None:
    """Return the newest failure at the path, unless it belongs to an earlier pass of a loop that said something else.

    An older failure is still the best word when the step itself only repeats Temporal's generic text.
    """
    here = [one for one in invocations if one.step_path == path and one.status == InvocationStatus.FAILED]
    if step is not None:
        current = [one for one in here if one.created_at >= step.started_at]
        if current or not _says_nothing(_field(step.error, "message") or _field(error_json, "message")):
            here = current
    return max(here, key=_ended, default=None)


def _any_unhandled(steps: Sequence[Step], invocations: Sequence[Invocation]) -> Invocation | None:
    """Return the newest failed invocation whose step did not succeed in spite of it."""
    handled = {step.step_path for step in steps if step.status == StepStatus.SUCCEEDED}
    failed = [one for one in invocations if one.status == InvocationStatus.FAILED and one.step_path not in handled]
    return max(failed, key=_ended, default=None)


def _ended(invocation: Invocation) -> datetime:
    return invocation.completed_at or invocation.created_at


def _invocation_error(invocation: Invocation, step: Step | None, error_json: JsonValue) -> RunError | None:
    message = _text(invocation.error_message) or _field(invocation.error, "message")
    stored = _field(step.error if step else None, "message") or _field(error_json, "message")
    if message is None and stored is None:
        message = f"Action {invocation.action_id} failed without a message."
    return RunError(
        message=message or stored or "",
        source="invocation",
        code=_field(invocation.error, "code"),
        category=_field(invocation.error, "category") or _field(error_json, "category"),
        step_path=invocation.step_path,
        action_id=invocation.action_id,
        at=invocation.completed_at,
        attempts=invocation.attempt,
        technical=stored if message and stored != message else None,
    )


def _step_error(step: Step, error_json: JsonValue) -> RunError:
    message = _field(step.error, "message") or ""
    stored = _field(error_json, "message")
    return RunError(
        message=message,
        source="step",
        code=_field(step.error, "code") or _field(error_json, "code"),
        category=_field(step.error, "category") or _field(error_json, "category"),
        step_path=step.step_path,
        at=step.completed_at,
        technical=stored if stored != message else None,
    )


def _run_error(error_json: JsonValue) -> RunError | None:
    message = _field(error_json, "message")
    if message is None:
        return None
    return RunError(
        message=message,
        source="run",
        code=_field(error_json, "code"),
        category=_field(error_json, "category") or _field(error_json, "stage"),
        step_path=_field(error_json, "nodePath"),
        at=_moment(_field(error_json, "at")),
    )


def _field(document: JsonValue, name: str) -> str | None:
    """Return a non-blank string member, or None."""
    return _text(document.get(name)) if isinstance(document, dict) else None


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _says_nothing(message: str | None) -> bool:
    return message is None or message.strip().rstrip(".").lower() in _GENERIC


def _moment(text: str | None) -> datetime | None:
    """Read an ISO time of a stored error; anything else, or a time without zone, is no time."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _one_line(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + "…"
