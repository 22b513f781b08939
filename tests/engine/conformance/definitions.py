"""Steps of definitions, written short, as ``runtime.md`` section 6.1 shapes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.engine.bench import Row, action, expression

NOBODY = "null"
"""A correlation key that every signal of the name matches."""

__all__ = ["NOBODY", "action", "ask", "call", "each", "expression", "guard", "leave", "nap", "state", "wait", "when"]


def put(step_id: str, /, targets: dict[str, str] | None = None, **more: Any) -> Row:
    """``transform.assign``: target path → expression."""
    assign = {path: expression(source) for path, source in (targets or {}).items()}
    return {"id": step_id, "type": "transform.assign", "config": {"assign": assign}, **more}


def state(step_id: str, value: str) -> Row:
    return {"id": step_id, "type": "state.set", "config": {"state": value}}


def when(step_id: str, condition: str, then: list[Row], otherwise: list[Row] | None = None) -> Row:
    branches = {"then": then} if otherwise is None else {"then": then, "else": otherwise}
    return {"id": step_id, "type": "control.if", "condition": expression(condition), **branches}


def each(step_id: str, items: str, variable: str, body: list[Row], **more: Any) -> Row:
    loop = {"id": step_id, "type": "control.forEach", "items": expression(items), "itemVar": variable, "body": body}
    return {**loop, **more}


def guard(step_id: str, attempt: list[Row], catch: list[Row], capture: str | None = None) -> Row:
    named = {} if capture is None else {"captureErrorAs": capture}
    return {"id": step_id, "type": "control.tryCatch", "try": attempt, "catch": catch, **named}


def leave(step_id: str) -> Row:
    return {"id": step_id, "type": "control.return"}


def call(
    step_id: str,
    child: str,
    inputs: dict[str, str] | None = None,
    outputs: dict[str, str] | None = None,
    **more: Any,
) -> Row:
    """``control.callWorkflow``; ``child`` names one of the case's child definitions."""
    step = {"id": step_id, "type": "control.callWorkflow", "workflowId": f"child:{child}", "workflowVersion": 1}
    for key, mapping in (("inputMapping", inputs), ("outputMapping", outputs)):
        if mapping is not None:
            step[key] = {name: expression(source) for name, source in mapping.items()}
    return {**step, **more}


def wait(step_id: str, event: str, key: str = NOBODY, *, assign: dict[str, str] | None = None, **more: Any) -> Row:
    """``event.wait``; of ``more``, ``timeoutMs`` and ``filters`` belong to its config."""
    config: Row = {"eventName": event, "correlationKey": expression(key)}
    config |= {name: more.pop(name) for name in ("timeoutMs", "filters") if name in more}
    if assign is not None:
        config["assign"] = {path: expression(source) for path, source in assign.items()}
    return {"id": step_id, "type": "event.wait", "config": config, **more}


def nap(step_id: str, milliseconds: int = 600_000, *, assign: dict[str, str] | None = None, **more: Any) -> Row:
    """``time.wait`` for a duration; by default longer than any case."""
    config: Row = {"mode": "duration", "durationMs": milliseconds}
    if assign is not None:
        config["assign"] = {path: expression(source) for path, source in assign.items()}
    return {"id": step_id, "type": "time.wait", "config": config, **more}


def until(step_id: str, instant: str) -> Row:
    return {"id": step_id, "type": "time.wait", "config": {"mode": "until", "until": expression(instant)}}


def ask(step_id: str, task_type: str, title: str = "'Decide'", **more: Any) -> Row:
    """``human.task``; of ``more``, ``description``, ``contextData`` and ``assign`` belong to its config."""
    config: Row = {"taskType": task_type, "title": expression(title)}
    if "description" in more:
        config["description"] = expression(more.pop("description"))
    for key in ("contextData", "assign"):
        if key in more:
            config[key] = {name: expression(source) for name, source in more.pop(key).items()}
    return {"id": step_id, "type": "human.task", "config": config, **more}


def places(steps: list[Row], block: str = "root") -> Iterator[tuple[str, str]]:
    """Yield every step's id with its path, by the grammar of ``runtime.md`` 6.1."""
    for index, step in enumerate(steps):
        path = f"{block}.steps[{index}]"
        yield step.get("id", ""), path
        for branch in ("then", "else", "body", "try", "catch"):
            yield from places(step.get(branch) or [], f"{path}.{branch}")
