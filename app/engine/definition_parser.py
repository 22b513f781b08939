"""Reads ``definition_json`` strictly: unknown keys, wrong types and unknown step types are refused with their path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.engine.definition import (
    ROOT_BLOCK,
    ActionStep,
    AssignStep,
    CallWorkflowStep,
    Definition,
    EventFilter,
    EventWaitStep,
    ForEachStep,
    HumanTaskStep,
    IfStep,
    MappedObject,
    RetryPolicy,
    ReturnStep,
    StateSetStep,
    Step,
    TimeWaitStep,
    TryCatchStep,
)
from app.engine.definition_fields import DefinitionError, Fields, read_mapping_object

FILTER_OPERATORS = (
    "=", "!=", "in", "not_in", "exists", "not_exists", ">", ">=", "<", "<=", "contains", "starts_with", "ends_with",
)  # fmt: skip


def parse_definition(document: Any) -> Definition:
    """Parse a definition document.

    Raises:
        DefinitionError: With the path of the first value that cannot be used.
    """
    fields = Fields(document, "definition")
    definition = Definition(
        id=fields.text("id"),
        version=fields.integer("version", 1),
        name=fields.text("name"),
        payload_schema_ref=fields.text("payloadSchemaRef"),
    )
    fields.optional_text("description")
    if fields.has("trigger"):
        _check_trigger(Fields(fields.raw("trigger"), fields.at("trigger")))
    _read_block(fields.items("steps"), ROOT_BLOCK, definition.blocks)
    fields.close()
    return definition


def _check_trigger(trigger: Fields) -> None:
    kind = trigger.choice("type", ("event", "schedule", "recurring"))
    if kind == "event":
        trigger.text("eventName")
        trigger.optional_text("sourcePayloadSchemaRef")
        if trigger.has("payloadMapping"):
            read_mapping_object(trigger.raw("payloadMapping"), trigger.at("payloadMapping"))
    elif kind == "schedule":
        trigger.text("runAt")
    else:
        trigger.text("cron")
        trigger.text("timezone")
    trigger.close()


def _read_block(steps: list[Any], block: str, blocks: dict[str, tuple[Step, ...]]) -> None:
    blocks[block] = tuple(_read_step(step, f"{block}.steps[{index}]", blocks) for index, step in enumerate(steps))


def _read_step(value: Any, path: str, blocks: dict[str, tuple[Step, ...]]) -> Step:
    fields = Fields(value, path)
    kind = fields.text("type")
    if kind in _CONTROL:
        step = _CONTROL[kind](fields, blocks)
    elif kind in _NODES:
        step = _NODES[kind](fields, Fields(fields.raw("config"), fields.at("config")))
    elif kind.startswith("control."):
        raise DefinitionError(fields.at("type"), f"the step type {kind!r} is not known")
    else:
        step = _read_generic(fields)
    fields.close()
    return step


def _place(fields: Fields) -> dict[str, Any]:
    return {"id": fields.text("id"), "type": fields.text("type"), "path": fields.path}


def _read_if(fields: Fields, blocks: dict[str, tuple[Step, ...]]) -> Step:
    _read_block(fields.items("then"), fields.at("then"), blocks)
    _read_block(fields.items("else", required=False), fields.at("else"), blocks)
    return IfStep(**_place(fields), condition=fields.expression("condition"))


def _read_for_each(fields: Fields, blocks: dict[str, tuple[Step, ...]]) -> Step:
    if fields.optional_integer("concurrency", 1) not in (None, 1):
        raise DefinitionError(fields.at("concurrency"), "only 1 is allowed")
    _read_block(fields.items("body"), fields.at("body"), blocks)
    return ForEachStep(
        **_place(fields),
        items=fields.expression("items"),
        item_variable=fields.text("itemVar"),
        continue_on_error=fields.choice("onItemError", ("continue", "fail"), "fail") == "continue",
    )


def _read_try_catch(fields: Fields, blocks: dict[str, tuple[Step, ...]]) -> Step:
    _read_block(fields.items("try"), fields.at("try"), blocks)
    _read_block(fields.items("catch"), fields.at("catch"), blocks)
    return TryCatchStep(**_place(fields), capture_as=fields.optional_text("captureErrorAs"))


def _read_return(fields: Fields, _blocks: dict[str, tuple[Step, ...]]) -> Step:
    return ReturnStep(**_place(fields))


def _read_call(fields: Fields, _blocks: dict[str, tuple[Step, ...]]) -> Step:
    return CallWorkflowStep(
        **_guarded(fields),
        workflow_id=fields.text("workflowId"),
        workflow_version=fields.integer("workflowVersion", 1),
        input_mapping=fields.expressions("inputMapping"),
        output_mapping=fields.expressions("outputMapping"),
    )


def _guarded(fields: Fields) -> dict[str, Any]:
    return {**_place(fields), "retry": _read_retry(fields), "continue_on_error": _continues(fields) is True}


def _wrapper(fields: Fields) -> dict[str, Any]:
    return {**_guarded(fields), "name": fields.optional_text("name")}


def _read_retry(fields: Fields) -> RetryPolicy | None:
    if not fields.has("retry"):
        return None
    retry = Fields(fields.raw("retry"), fields.at("retry"))
    policy = RetryPolicy(
        max_attempts=retry.integer("maxAttempts", 1),
        backoff_ms=retry.integer("backoffMs", 0),
        multiplier=retry.number("backoffMultiplier", 2.0),
        jitter=retry.flag("jitter", default=True),
        max_delay_ms=retry.optional_integer("maxDelayMs", 0),
        retry_on=retry.texts("retryOn"),
    )
    retry.close()
    return policy


def _continues(fields: Fields) -> bool | None:
    """Return what ``onError`` says, or None when it is absent."""
    if not fields.has("onError"):
        return None
    policy = Fields(fields.raw("onError"), fields.at("onError"))
    continues = policy.choice("policy", ("fail", "continue")) == "continue"
    policy.close()
    return continues


def _read_state_set(fields: Fields, config: Fields) -> Step:
    step = StateSetStep(**_wrapper(fields), state=config.text("state"))
    config.close()
    return step


def _read_assign(fields: Fields, config: Fields) -> Step:
    if not config.has("assign"):
        raise DefinitionError(config.at("assign"), "is required")
    step = AssignStep(**_wrapper(fields), assign=config.expressions("assign"))
    config.close()
    return step


def _read_action(fields: Fields, config: Fields) -> Step:
    """Read ``action.call``; its config may hold designer fields, which mean nothing here."""
    wrapper = _wrapper(fields)
    on_step, on_config = _continues(fields), _continues(config)
    mapping = MappedObject(())
    if config.has("inputMapping"):
        mapping = read_mapping_object(config.raw("inputMapping"), config.at("inputMapping"))
    return ActionStep(
        **{**wrapper, "continue_on_error": bool(on_config if on_step is None else on_step)},
        action_id=config.text("actionId"),
        version=config.integer("version", 1),
        input_mapping=mapping,
        save_as=config.optional_text("saveAs") or None,
        idempotency_key=config.optional_expression("idempotencyKey"),
    )


def _read_generic(fields: Fields) -> Step:
    """Read a node that the language does not know: it is executed as the action of its name, if the worker has one.

    Its config is the action's input, but for ``saveAs``.
    """
    config: dict[str, Any] = {}
    save_as = None
    if fields.has("config"):
        given = Fields(fields.raw("config"), fields.at("config"))
        save_as = given.optional_text("saveAs") or None
        config = {name: value for name, value in fields.raw("config").items() if name != "saveAs"}
    return ActionStep(
        **_wrapper(fields),
        action_id=fields.text("type"),
        version=1,
        input_mapping=read_mapping_object(config, fields.at("config")),
        save_as=save_as,
        idempotency_key=None,
    )


def _read_event_wait(fields: Fields, config: Fields) -> Step:
    step = EventWaitStep(
        **_wrapper(fields),
        event_name=config.text("eventName"),
        correlation_key=config.expression("correlationKey"),
        filters=tuple(
            _read_filter(Fields(item, f"{config.at('filters')}[{index}]"))
            for index, item in enumerate(config.items("filters", required=False))
        ),
        timeout_ms=config.optional_integer("timeoutMs", 1),
        assign=config.expressions("assign"),
    )
    config.close()
    return step


def _read_filter(fields: Fields) -> EventFilter:
    present = fields.has("value")
    value = fields.raw("value") if present else None
    read = EventFilter(fields.text("path"), fields.choice("op", FILTER_OPERATORS), value, present)
    fields.close()
    return read


def _read_time_wait(fields: Fields, config: Fields) -> Step:
    mode = config.choice("mode", ("duration", "until"))
    step = TimeWaitStep(
        **_wrapper(fields),
        mode=mode,
        duration_ms=config.integer("durationMs", 1) if mode == "duration" else None,
        until=config.expression("until") if mode == "until" else None,
        assign=config.expressions("assign"),
    )
    config.close()
    return step


def _read_human_task(fields: Fields, config: Fields) -> Step:
    step = HumanTaskStep(
        **_wrapper(fields),
        task_type=config.text("taskType"),
        title=config.expression("title"),
        description=config.optional_expression("description"),
        context_data=config.expressions("contextData"),
        assign=config.expressions("assign"),
    )
    config.close()
    return step


_CONTROL: dict[str, Callable[[Fields, dict[str, tuple[Step, ...]]], Step]] = {
    "control.if": _read_if,
    "control.forEach": _read_for_each,
    "control.tryCatch": _read_try_catch,
    "control.return": _read_return,
    "control.callWorkflow": _read_call,
}

_NODES: dict[str, Callable[[Fields, Fields], Step]] = {
    "state.set": _read_state_set,
    "transform.assign": _read_assign,
    "action.call": _read_action,
    "event.wait": _read_event_wait,
    "time.wait": _read_time_wait,
    "human.task": _read_human_task,
}
