"""Says in which points a run differs from what its case expects, and from what must be true of every run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.domain.run import StepStatus
from app.engine.semantics import SEMANTICS_VERSION
from app.temporal import contract
from tests.engine.conformance.case import SOMETHING, Case, Containing, Exactly, Expected, Kind
from tests.engine.conformance.definitions import places
from tests.engine.conformance.observed import Observed

_CLOSED_AS = {"SUCCEEDED": "COMPLETED", "FAILED": "FAILED", "CANCELED": "CANCELED"}
_GENERIC = ("Activity task failed", "Child workflow execution failed", "Workflow execution failed")
_SCOPES = {"payload", "workflow", "lexical", "system", "meta", "error"}


def differences(case: Case, observed: Observed) -> list[str]:
    """Return what is wrong, one line each; an empty list means that the case holds."""
    definitions = {name: dict(places(steps)) for name, steps in case.children.items()}
    known = [dict(places(case.steps)), *definitions.values()]
    return [
        *_as_expected(case.expect, observed),
        *(f"{label}: {line}" for label, wanted, seen in observed.seen for line in misfits(wanted, seen, "answer")),
        *_truths(observed, known),
    ]


def misfits(wanted: Any, actual: Any, place: str) -> Iterator[str]:
    """Yield where ``actual`` does not fit ``wanted``; objects may have further members."""
    if isinstance(wanted, (Kind, Containing)):
        if not wanted.accepts(actual):
            yield f"{place} is {actual!r}, not {wanted}"
    elif isinstance(wanted, Exactly):
        further = set(actual) - set(wanted.members) if isinstance(actual, Mapping) else set()
        yield from (f"{place}.{name} is there: {actual[name]!r}" for name in sorted(further))
        yield from misfits(dict(wanted.members), actual, place)
    elif isinstance(wanted, Mapping) and isinstance(actual, Mapping):
        yield from _misfits_of_members(wanted, actual, place)
    elif isinstance(wanted, (list, tuple)) and isinstance(actual, (list, tuple)):
        yield from _misfits_of_elements(wanted, actual, place)
    elif wanted != actual or isinstance(wanted, bool) is not isinstance(actual, bool):
        yield f"{place} is {actual!r}, not {wanted!r}"


def _misfits_of_members(wanted: Mapping[str, Any], actual: Mapping[str, Any], place: str) -> Iterator[str]:
    for name, value in wanted.items():
        if name in actual:
            yield from misfits(value, actual[name], f"{place}.{name}")
        else:
            yield f"{place}.{name} is missing"


def _misfits_of_elements(wanted: Sequence[Any], actual: Sequence[Any], place: str) -> Iterator[str]:
    if len(wanted) != len(actual):
        yield f"{place} has {len(actual)} elements, not {len(wanted)}: {actual!r}"
    for index, (one, other) in enumerate(zip(wanted, actual, strict=False)):
        yield from misfits(one, other, f"{place}[{index}]")


def _as_expected(expect: Expected, observed: Observed) -> Iterator[str]:
    yield from misfits(expect.ends, observed.run["status"], "status")
    if expect.steps is not None:
        yield from misfits(list(expect.steps), _step_line(observed), "steps")
    if expect.vars is not None:
        yield from misfits(_exact(expect.vars), _variables(observed, expect.vars), "vars")
    if expect.failure is not None:
        yield from misfits(expect.failure, _failure(observed), "failure")
    if expect.step_errors is not None:
        errors = {row["definition_step_id"]: row["error_json"] for row in observed.steps if row["error_json"]}
        yield from misfits(Exactly(expect.step_errors), errors, "step errors")
    if expect.scopes is not None:
        yield from misfits(expect.scopes, observed.scopes, "scopes")
    if expect.run is not None:
        yield from misfits(expect.run, observed.run, "run")
    for name in ("waits", "invocations", "logs", "tasks", "events"):
        rows = getattr(expect, name)
        if rows is not None:
            yield from misfits(list(rows), getattr(observed, name), name)
    if expect.executions is not None:
        yield from misfits(expect.executions, len(observed.histories), "executions")
    yield from _children_as_expected(expect.children, observed)


def _children_as_expected(wanted: Sequence[Expected] | None, observed: Observed) -> Iterator[str]:
    if wanted is None:
        return
    if len(wanted) != len(observed.children):
        yield f"there are {len(observed.children)} child runs, not {len(wanted)}"
    for index, (one, other) in enumerate(zip(wanted, observed.children, strict=False)):
        yield from (f"child {index}: {line}" for line in _as_expected(one, other))


def _step_line(observed: Observed) -> list[str]:
    """Return the step rows in their order as the expectation writes them."""
    return [
        row["definition_step_id"] + ("" if row["status"] == StepStatus.SUCCEEDED else f" {row['status']}")
        for row in observed.steps
    ]


def _variables(observed: Observed, wanted: Mapping[str, Any]) -> Any:
    variables = dict((observed.scopes or {}).get("workflow") or {})
    # What remains of any loop; a case about it names it.
    if "__forEach" not in wanted and variables.get("__forEach") == {}:
        del variables["__forEach"]
    return variables


def _exact(value: Any) -> Any:
    if isinstance(value, Mapping):
        return Exactly({name: _exact(member) for name, member in value.items()})
    return [_exact(element) for element in value] if isinstance(value, (list, tuple)) else value


def _failure(observed: Observed) -> dict[str, Any]:
    failure = observed.failure
    if failure is None:
        return {}
    detail = failure.detail if isinstance(failure.detail, dict) else {}
    return {**detail, "type": failure.type.removeprefix(contract.FAILURE_TYPE_PREFIX), "message": failure.message}


def _truths(observed: Observed, known: list[dict[str, str]]) -> Iterator[str]:
    """What holds for every run that our engine has ended, whatever its definition (runtime.md 8, F13, F17, F39)."""
    run = observed.run
    yield from misfits(_CLOSED_AS.get(run["status"]), observed.closed, "execution")
    if run["completed_at"] is None:
        yield "the run has no completed_at"
    yield from misfits(None, run["node_path"], "node_path")
    if (run["error_json"] or {}).get("stage") != "launch":  # the load activity stamps what is going to be executed
        yield from misfits(SEMANTICS_VERSION, run["runtime_semantics_version"], "semantics")
    yield from _truths_of_steps(observed, known)
    yield from _truths_of_what_was_open(observed)
    yield from _truths_of_the_end(observed)
    for index, child in enumerate(observed.children):
        if child.closed != "NEVER_STARTED":
            yield from (f"child {index}: {line}" for line in _truths(child, known))


def _truths_of_steps(observed: Observed, known: list[dict[str, str]]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    before = None
    for row in observed.steps:
        name = f"step {row['definition_step_id']} at {row['step_path']}"
        seen[row["step_path"]] += 1
        if row["attempt"] != seen[row["step_path"]]:
            yield f"{name} is attempt {row['attempt']}, not {seen[row['step_path']]}"
        if not any(paths.get(row["definition_step_id"]) == row["step_path"] for paths in known):
            yield f"{name} has another path in the definition"
        if row["completed_at"] is None or row["duration_ms"] is None or row["duration_ms"] < 0:
            yield f"{name} was not closed"
        elif before is not None and row["started_at"] < before:
            yield f"{name} began before the step before it had ended"
        before = row["completed_at"] or before
        if (row["status"] == "FAILED") != (row["error_json"] is not None):
            yield f"{name} is {row['status']} with the error {row['error_json']}"
        if row["error_json"] is not None:
            yield from _truths_of_an_error(row["error_json"], name)


def _truths_of_an_error(error: Any, name: str) -> Iterator[str]:
    """What step and run say of a failure: the contract's members, and beside them category and code (F19)."""
    shape = {"message": SOMETHING, "category": SOMETHING, "nodePath": SOMETHING}
    yield from misfits(Exactly(shape | ({"code": SOMETHING} if "code" in error else {})), error, f"{name}'s error")
    if not error.get("message") or error["message"] in _GENERIC:
        yield f"{name}'s error is generic: {error}"


def _truths_of_what_was_open(observed: Observed) -> Iterator[str]:
    for row in observed.waits:
        if row["status"] == "WAITING" or row["resolved_at"] is None:
            yield f"the {row['wait_type']} wait at {row['step_path']} is still open"
    for row in observed.tasks:
        if row["status"] not in ("completed", "canceled"):
            yield f"the task {row['title']} is {row['status']}"
    for row in observed.invocations:
        if row["status"] == "STARTED":
            yield f"the invocation of {row['action_id']} is still STARTED"
        if (row["status"] == "FAILED") != (row["error_json"] is not None):
            yield f"the invocation of {row['action_id']} is {row['status']} with the error {row['error_json']}"


def _truths_of_the_end(observed: Observed) -> Iterator[str]:
    run, failure = observed.run, observed.failure
    if observed.closed == "COMPLETED":
        yield from misfits(None, run["error_json"], "error of a run that succeeded")
        if set(observed.scopes or {}) != _SCOPES or (observed.scopes or {}).get("lexical") != []:
            yield f"the result's scopes are {sorted(observed.scopes or {})}"
    if observed.closed != "FAILED" or failure is None:
        return
    error = run["error_json"] or {}
    launch = {name: error.get(name) for name in ("stage", "details") if name in error}
    if not launch:
        yield from _truths_of_an_error(error, "the run")
    elif launch["stage"] != "launch" or "nodePath" in error or observed.steps:
        yield f"the run's error is {error}"
    if not failure.type.startswith(contract.FAILURE_TYPE_PREFIX):
        yield f"Temporal's failure type is {failure.type}"
    told = {"type": error.get("category"), "message": error.get("message"), "category": error.get("category")}
    told |= {name: error[name] for name in ("nodePath", "code") if name in error}
    yield from misfits(
        {**told, "at": SOMETHING, "nodePath": SOMETHING} | told, _failure(observed), "Temporal's failure"
    )
