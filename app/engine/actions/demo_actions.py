"""Actions that misbehave on purpose, for the sandbox and for tests: they fail, recover or take their time."""

from __future__ import annotations

import asyncio
from typing import Any

from app.engine.actions.registry import Action, ActionContext
from app.engine.definition_fields import Fields
from app.engine.failures import Category, StepFailure

_LONGEST_SLEEP_MS = 9 * 60 * 1000
"""Below the activity timeout of ten minutes."""


def _read_failure(fields: Fields) -> StepFailure:
    failure = StepFailure(
        fields.optional_text("category") or Category.ACTION,
        fields.optional_text("message") or "This action fails on purpose",
        fields.optional_text("code"),
        fields.raw("details") if fields.has("details") else None,
    )
    fields.close()
    return failure


async def _fail(_context: ActionContext, failure: StepFailure) -> None:
    raise failure


def _read_flaky(fields: Fields) -> dict[str, Any]:
    read = {
        "failures": fields.integer("failures", 0),
        "message": fields.optional_text("message") or "The remote side did not answer",
        "category": fields.optional_text("category") or Category.TRANSIENT,
        "code": fields.optional_text("code"),
    }
    fields.close()
    return read


async def _flaky(context: ActionContext, plan: dict[str, Any]) -> dict[str, Any]:
    """Fail the first attempts; the invocation's attempt counts them per run, path and input."""
    if context.attempt <= plan["failures"]:
        raise StepFailure(plan["category"], f"{plan['message']} (attempt {context.attempt})", plan["code"])
    return {"attempt": context.attempt}


def _read_slow(fields: Fields) -> int:
    milliseconds = min(fields.integer("ms", 0), _LONGEST_SLEEP_MS)
    fields.close()
    return milliseconds


async def _sleep(_context: ActionContext, milliseconds: int) -> dict[str, Any]:
    await asyncio.sleep(milliseconds / 1000)
    return {"sleptMs": milliseconds}


def _read_anything(fields: Fields) -> Any:
    return fields.raw("value")


async def _echo(_context: ActionContext, value: Any) -> Any:
    return value


DEMO_ACTIONS = (
    Action(
        id="demo.fail",
        version=1,
        description="Fails with a message, code and category of your choice.",
        side_effectful=False,
        repeatable=True,
        read=_read_failure,
        handle=_fail,
    ),
    Action(
        id="demo.flaky",
        version=1,
        description="Fails a number of times, then succeeds.",
        side_effectful=False,
        repeatable=True,
        read=_read_flaky,
        handle=_flaky,
    ),
    Action(
        id="demo.slow",
        version=1,
        description="Takes its time.",
        side_effectful=False,
        repeatable=True,
        read=_read_slow,
        handle=_sleep,
    ),
    Action(
        id="demo.echo",
        version=1,
        description="Returns the value it is given.",
        side_effectful=False,
        repeatable=True,
        read=_read_anything,
        handle=_echo,
    ),
)
