"""Writes workflow definitions as JSON with less ceremony: one function per kind of step (runtime.md 6.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


@dataclass(frozen=True, slots=True)
class DemoWorkflow:
    """A published workflow of the demo tenant.

    ``versions`` are the steps of version 1, 2, …; the last one is what a start without a version runs.
    ``payload_schema`` is a JSON schema with at least one example, which a start form can offer.
    """

    key: str
    name: str
    description: str
    payload_schema: Json
    versions: tuple[list[Json], ...]
    trigger: Json | None = None
    concurrency_limit: int | None = None

    @property
    def schema_ref(self) -> str:
        """Name of the payload schema, for example ``payload.TicketTriage.v1``."""
        return f"payload.{self.name.title().replace(' ', '').replace('-', '')}.v1"


@dataclass(frozen=True, slots=True)
class Retries:
    """A step's ``retry``: at most so many attempts, with this pause in between, doubled each time by default."""

    attempts: int
    backoff_ms: int
    multiplier: int = 2

    def as_json(self) -> Json:
        """Return the definition's object."""
        return {
            "maxAttempts": self.attempts,
            "backoffMs": self.backoff_ms,
            "backoffMultiplier": self.multiplier,
            "jitter": False,
        }


@dataclass(frozen=True, slots=True)
class Call:
    """Which action a step calls, with what, and where its output goes."""

    action: str
    inputs: Json = field(default_factory=dict)
    save_as: str | None = None
    retries: Retries | None = None
    continue_on_error: bool = False


def expr(source: str) -> Json:
    """An expression."""
    return {"$expr": source}


def call(step_id: str, name: str, what: Call) -> Json:
    """``action.call``."""
    config: Json = {"actionId": what.action, "version": 1, "inputMapping": what.inputs}
    if what.save_as is not None:
        config["saveAs"] = what.save_as
    step: Json = {"id": step_id, "type": "action.call", "name": name, "config": config}
    if what.retries is not None:
        step["retry"] = what.retries.as_json()
    if what.continue_on_error:
        step["onError"] = {"policy": "continue"}
    return step


def remote(step_id: str, name: str, simulate: str, retries: Retries | None = None, **options: Any) -> Json:
    """Call a pretended remote system, which fails as often as the payload's ``simulate.<name>.failures`` says."""
    plan = f"payload.simulate.{simulate}"
    inputs = {
        "failures": expr(f"coalesce({plan}.failures, 0)"),
        "message": expr(f'coalesce({plan}.message, "The remote side did not answer")'),
        "category": expr(f'coalesce({plan}.category, "ActionError")'),
        "code": expr(f'coalesce({plan}.code, "UNAVAILABLE")'),
    }
    return call(step_id, name, Call("demo.flaky", inputs, retries=retries, **options))


def work(step_id: str, name: str, milliseconds: int) -> Json:
    """Take some time."""
    return call(step_id, name, Call("demo.slow", {"ms": milliseconds}))


def notify(step_id: str, name: str, to: Json | str, message: Json | str, channel: str = "email") -> Json:
    """Send a message to a person."""
    return call(step_id, name, Call("notifications.send", {"to": to, "message": message, "channel": channel}))


def comment(step_id: str, name: str, ticket: Json | str, text: Json | str, *, internal: bool = False) -> Json:
    """Comment on a ticket."""
    return call(step_id, name, Call("tickets.add_comment", {"ticketId": ticket, "comment": text, "internal": internal}))


def set_state(step_id: str, state: str) -> Json:
    """``state.set``."""
    return {"id": step_id, "type": "state.set", "name": f"State: {state.lower()}", "config": {"state": state}}


def assign(step_id: str, name: str, **targets: str) -> Json:
    """``transform.assign`` of expressions to variables."""
    values = {f"vars.{target}": expr(source) for target, source in targets.items()}
    return {"id": step_id, "type": "transform.assign", "name": name, "config": {"assign": values}}


def choose(step_id: str, condition: str, then: list[Json], otherwise: list[Json] | None = None) -> Json:
    """``control.if``."""
    return {"id": step_id, "type": "control.if", "condition": expr(condition), "then": then, "else": otherwise or []}


def for_each(step_id: str, items: str, variable: str, body: list[Json], *, on_item_error: str = "fail") -> Json:
    """``control.forEach``."""
    return {
        "id": step_id,
        "type": "control.forEach",
        "items": expr(items),
        "itemVar": variable,
        "body": body,
        "onItemError": on_item_error,
    }


def try_catch(step_id: str, attempt: list[Json], caught: list[Json], capture_as: str) -> Json:
    """``control.tryCatch``."""
    return {
        "id": step_id,
        "type": "control.tryCatch",
        "try": attempt,
        "catch": caught,
        "captureErrorAs": capture_as,
    }


def stop(step_id: str) -> Json:
    """``control.return``."""
    return {"id": step_id, "type": "control.return"}


def on_event(event: str, schema_ref: str, *members: str) -> Json:
    """Return the trigger of an event of another schema, of which these members become the input."""
    mapping = {member: expr(f"event.payload.{member}") for member in members}
    return {"type": "event", "eventName": event, "sourcePayloadSchemaRef": schema_ref, "payloadMapping": mapping}


def await_event(step_id: str, name: str, event: str, key: str, timeout_ms: int, **targets: str) -> Json:
    """``event.wait``; ``targets`` are variables assigned from the event."""
    config: Json = {"eventName": event, "correlationKey": expr(key), "timeoutMs": timeout_ms}
    if targets:
        config["assign"] = {f"vars.{target}": expr(source) for target, source in targets.items()}
    return {"id": step_id, "type": "event.wait", "name": name, "config": config}


def pause(step_id: str, name: str, milliseconds: int) -> Json:
    """``time.wait`` for a duration."""
    return {
        "id": step_id,
        "type": "time.wait",
        "name": name,
        "config": {"mode": "duration", "durationMs": milliseconds},
    }


def decide(step_id: str, name: str, task_type: str, title: str, **context: str) -> Json:
    """``human.task``."""
    data = {key: expr(source) for key, source in context.items()}
    config: Json = {"taskType": task_type, "title": expr(title), "contextData": data}
    return {"id": step_id, "type": "human.task", "name": name, "config": config}


def payload_schema(required: dict[str, Json], example: Json) -> Json:
    """Return a JSON schema of an object with these required properties and one example."""
    return {"type": "object", "required": sorted(required), "properties": required, "examples": [example]}
