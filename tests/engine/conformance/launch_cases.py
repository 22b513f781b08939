"""How an execution begins (runtime.md 7.1, F4, F30): the row, the pinned version, the strict definition."""

from __future__ import annotations

from typing import Any

from tests.engine.bench import Row
from tests.engine.conformance.acts import executes
from tests.engine.conformance.case import SOMETHING, Case, Containing, Exactly, Expected
from tests.engine.conformance.definitions import each, expression, put

PUT = put("a", {"vars.a": "1"})


def unlaunchable(case_id: str, rule: str, part: str, steps: list[Row] | None = None, **more: Any) -> Case:
    """The row is completed as FAILED, stage launch, and the execution fails with the same text."""
    return Case(
        id=f"launch-{case_id}",
        rule=f"F4: {rule}",
        steps=[PUT] if steps is None else steps,
        expect=Expected(
            ends="FAILED",
            steps=[],
            run={
                "completed_at": SOMETHING,
                "error_json": {"message": Containing(part), "stage": "launch", "details": SOMETHING},
            },
            failure={"message": Containing(part)},
        ),
        **more,
    )


LAUNCH_CASES = [
    Case(
        id="launch-scopes",
        rule="7.1: the scopes that a run begins with",
        steps=[PUT],
        payload={"p": 1},
        row={"source_payload_schema_ref": "payload.Source.v1", "trigger_mapping_applied": True},
        expect=Expected(
            vars={"a": 1},
            scopes={
                "payload": Exactly({"p": 1}),
                "lexical": [],
                "error": None,
                "meta": {"sourcePayloadSchemaRef": "payload.Source.v1", "triggerMappingApplied": True},
                "system": {
                    "runId": SOMETHING,
                    "workflowId": SOMETHING,
                    "workflowVersion": 1,
                    "tenantId": SOMETHING,
                    "definitionHash": SOMETHING,
                    "runtimeSemanticsVersion": SOMETHING,
                },
            },
        ),
    ),
    Case(
        id="launch-payload-no-object",
        rule="7.1: an input that is no object counts as {}",
        steps=[PUT],
        payload=[1, 2],
        expect=Expected(vars={"a": 1}, scopes={"payload": Exactly({})}, run={"input_json": [1, 2]}),
    ),
    Case(
        id="launch-hash-unknown",
        rule="7.1: a NULL hash skips the check",
        steps=[PUT],
        row={"definition_hash": None},
        expect=Expected(vars={"a": 1}, scopes={"system": {"definitionHash": None}}),
    ),
    unlaunchable(
        "hash-differs", "a version edited after the launch is not executed", "hash", row={"definition_hash": "0" * 64}
    ),
    unlaunchable("version-missing", "a version that does not exist", "version", row={"workflow_version": 7}),
    unlaunchable(
        "key-unknown", "an unknown key is refused with its path", "root.steps[0].colour", [{**PUT, "colour": "red"}]
    ),
    unlaunchable(
        "key-unknown-at-the-top",
        "an unknown key of the definition is refused with its path",
        "definition.colour",
        extra={"colour": "red"},
    ),
    unlaunchable(
        "field-missing", "a required field is asked for by its path", "root.steps[0].id", [{"type": "control.return"}]
    ),
    unlaunchable(
        "concurrent-loop",
        "forEach is sequential: any other concurrency is refused",
        "concurrency",
        [each("loop", "[1]", "n", [PUT], concurrency=2)],
    ),
    unlaunchable(
        "control-unknown",
        "control types that do not exist are refused with their path",
        "root.steps[0].then.steps[0].type",
        [
            {
                "id": "i",
                "type": "control.if",
                "condition": expression("true"),
                "then": [{"id": "x", "type": "control.goto"}],
            }
        ],
    ),
    unlaunchable(
        "expression-missing",
        "an expression must be an object with $expr",
        "root.steps[0].condition",
        [{"id": "i", "type": "control.if", "condition": "true", "then": []}],
    ),
    Case(
        id="launch-failed-after-all",
        rule="F30: a run whose launch was written off as failed, but which was started, is opened again",
        steps=[PUT],
        before=[
            executes(
                "UPDATE workflow_runs SET status = 'FAILED', completed_at = now(),"
                """ error_json = '{"message": "No answer", "stage": "launch"}'"""
                " WHERE tenant = :tenant AND run_id = :run"
            )
        ],
        expect=Expected(steps=["a"], run={"status": "SUCCEEDED", "error_json": None}),
    ),
]
