"""The strict parser: every refusal names the path."""

from __future__ import annotations

from typing import Any

import pytest

from app.engine.definition import (
    ActionStep,
    EventFilter,
    EventWaitStep,
    Expression,
    ForEachStep,
    Literal,
    MappedList,
    MappedObject,
    RetryPolicy,
    SecretReference,
)
from app.engine.definition_fields import DefinitionError
from app.engine.definition_parser import parse_definition

EXPR = {"$expr": "1"}


def definition(*steps: Any, **more: Any) -> dict[str, Any]:
    return {"id": "w", "version": 1, "name": "W", "payloadSchemaRef": "p.v1", "steps": list(steps), **more}


def call(**config: Any) -> dict[str, Any]:
    return {"id": "a", "type": "action.call", "config": {"actionId": "x.y", "version": 1, **config}}


def test_blocks_and_steps_are_addressed_by_path() -> None:
    loop = {"id": "l", "type": "control.forEach", "items": EXPR, "itemVar": "n", "body": [call()]}
    parsed = parse_definition(
        definition(
            {"id": "i", "type": "control.if", "condition": EXPR, "then": [loop]}, {"id": "r", "type": "control.return"}
        )
    )
    assert list(parsed.blocks) == [
        "root.steps[0].then.steps[0].body",
        "root.steps[0].then",
        "root.steps[0].else",
        "root",
    ]
    step = parsed.step_at("root.steps[0].then.steps[0]")
    assert isinstance(step, ForEachStep)
    assert (step.items, step.item_variable, step.continue_on_error) == (Expression("1"), "n", False)
    assert parsed.step_at("root.steps[0].then.steps[0].body.steps[0]").type == "action.call"


def test_an_action_with_everything() -> None:
    step = call(
        inputMapping={"e": {"$expr": "x", "designer": 1}, "s": {"$secret": "KEY"}, "l": [1, EXPR], "o": {"t": "x"}},
        saveAs="vars.r",
        idempotencyKey=EXPR,
        onError={"policy": "continue"},
        promptField="ignored",
    )
    step |= {"name": "N", "retry": {"maxAttempts": 3, "backoffMs": 100, "retryOn": ["TransientError"], "jitter": False}}
    parsed = parse_definition(definition(step)).blocks["root"][0]
    assert parsed == ActionStep(
        id="a",
        type="action.call",
        path="root.steps[0]",
        name="N",
        retry=RetryPolicy(3, 100, 2.0, False, None, ("TransientError",)),
        continue_on_error=True,
        action_id="x.y",
        version=1,
        input_mapping=MappedObject(
            (
                ("e", Expression("x")),
                ("s", SecretReference("KEY")),
                ("l", MappedList((Literal(1), Expression("1")))),
                ("o", MappedObject((("t", Literal("x")),))),
            )
        ),
        save_as="vars.r",
        idempotency_key=Expression("1"),
    )


def test_the_steps_policy_beats_that_of_its_config() -> None:
    step = {**call(onError={"policy": "continue"}), "onError": {"policy": "fail"}}
    parsed = parse_definition(definition(step)).blocks["root"][0]
    assert isinstance(parsed, ActionStep)
    assert parsed.continue_on_error is False


def test_a_filter_with_null_is_not_one_without_value() -> None:
    config = {
        "eventName": "E",
        "correlationKey": EXPR,
        "filters": [{"path": "a", "op": "exists"}, {"path": "b", "op": "=", "value": 1}],
    }
    parsed = parse_definition(definition({"id": "e", "type": "event.wait", "config": config})).blocks["root"][0]
    assert isinstance(parsed, EventWaitStep)
    assert parsed.filters == (EventFilter("a", "exists"), EventFilter("b", "=", 1, True))
    assert [item.as_json() for item in parsed.filters] == config["filters"]


WAIT = {"id": "t", "type": "time.wait"}
IF = {"id": "i", "type": "control.if", "condition": EXPR, "then": []}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (None, "definition: must be an object"),
        (definition(extra=1), "definition.extra: is not known here"),
        (definition(version=0), "definition.version: must be an integer of at least 1"),
        (definition(version=True), "definition.version: must be an integer of at least 1"),
        ({"id": "w"}, "definition.version: is required"),
        (
            definition(trigger={"type": "cron"}),
            "definition.trigger.type: must be one of event, schedule, recurring, not 'cron'",
        ),
        (definition({"id": "x"}), "root.steps[0].type: is required"),
        (definition({**IF, "name": "no"}), "root.steps[0].name: is not known here"),
        (definition({**IF, "condition": "true"}), 'root.steps[0].condition: must be an expression, {"$expr": "…"}'),
        (
            definition({**IF, "else": [{"id": "y", "type": "control.x"}]}),
            "root.steps[0].else.steps[0].type: the step type 'control.x'",
        ),
        (
            definition({"id": "c", "type": "control.callWorkflow"}),
            "root.steps[0].workflowId: is required",
        ),
        (
            definition(
                {"id": "l", "type": "control.forEach", "items": EXPR, "itemVar": "n", "body": [], "concurrency": 2}
            ),
            "root.steps[0].concurrency: only 1 is allowed",
        ),
        (
            definition(call(inputMapping={"k": {"$secret": "A", "x": 1}})),
            "root.steps[0].config.inputMapping.k: must be exactly",
        ),
        (
            definition(call(inputMapping={"k": [{"$expr": 1}]})),
            "root.steps[0].config.inputMapping.k[0]: must be an expression",
        ),
        (
            definition({**call(), "retry": {"maxAttempts": 0, "backoffMs": 1}}),
            "root.steps[0].retry.maxAttempts: must be an",
        ),
        (
            definition({**call(), "retry": {"maxAttempts": 1, "backoffMs": 1, "x": 1}}),
            "root.steps[0].retry.x: is not known",
        ),
        (
            definition({**call(), "onError": {"policy": "ignore"}}),
            "root.steps[0].onError.policy: must be one of fail, continue",
        ),
        (
            definition({**WAIT, "config": {"mode": "duration", "durationMs": 0}}),
            "root.steps[0].config.durationMs: must be an",
        ),
        (
            definition({**WAIT, "config": {"mode": "until", "until": EXPR, "durationMs": 5}}),
            "root.steps[0].config.durationMs",
        ),
        (
            definition({"id": "s", "type": "state.set", "config": {"state": 5}}),
            "root.steps[0].config.state: must be a text",
        ),
        (definition({"id": "s", "type": "transform.assign", "config": {}}), "root.steps[0].config.assign: is required"),
        (
            definition(
                {"id": "e", "type": "event.wait", "config": {"eventName": "E", "correlationKey": EXPR, "filters": [{}]}}
            ),
            "root.steps[0].config.filters[0].path: is required",
        ),
    ],
)
def test_refusals_name_the_path(document: Any, message: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        parse_definition(document)
    assert str(refused.value).startswith(message)
