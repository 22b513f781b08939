"""Handled failures of any step: onError and retry outside action.call, generic nodes (F9, F22)."""

from __future__ import annotations

from tests.engine.conformance.acts import responds, sends, waiting
from tests.engine.conformance.case import SOMETHING, Case, Containing, Expected
from tests.engine.conformance.definitions import action, ask, nap, put, until, wait

CONTINUE = {"policy": "continue"}
BOOM = {"message": "No luck", "category": "ValidationError"}
AFTER = put("after", {"vars.why": "error.message"})
WARNING = {"level": "WARN", "step_path": "root.steps[0]", "step_id": SOMETHING, "message": Containing("No luck")}

FAILURE_CASES = [
    Case(
        id="action-continued",
        rule="F22: onError continue keeps the step SUCCEEDED, saves nothing, and a WARN log tells what happened",
        steps=[action("boom", "demo.fail", BOOM, saveAs="vars.out", onError=CONTINUE), AFTER],
        expect=Expected(
            steps=["boom", "after"],
            vars={"why": "No luck"},
            scopes={"error": {"category": "ValidationError", "nodePath": "root.steps[0]"}},
            logs=[WARNING],
            invocations=[{"status": "FAILED", "error_message": "No luck"}],
        ),
    ),
    Case(
        id="action-continued-by-config",
        rule="7.7: onError of the config counts where the step has none",
        steps=[
            {
                "id": "boom",
                "type": "action.call",
                "config": {"actionId": "demo.fail", "version": 1, "inputMapping": BOOM, "onError": CONTINUE},
            },
            AFTER,
        ],
        expect=Expected(steps=["boom", "after"], vars={"why": "No luck"}, logs=[WARNING]),
    ),
    Case(
        id="action-fails-by-step",
        rule="7.7: onError of the step counts before that of the config",
        steps=[
            {
                "id": "boom",
                "type": "action.call",
                "onError": {"policy": "fail"},
                "config": {"actionId": "demo.fail", "version": 1, "inputMapping": BOOM, "onError": CONTINUE},
            }
        ],
        expect=Expected(ends="FAILED", steps=["boom FAILED"], logs=[]),
    ),
    Case(
        id="assign-continued",
        rule="F9: onError continue is honoured on transform.assign",
        steps=[
            put("set", {"vars.x": "payload.nothing"}, onError=CONTINUE),
            put("after", {"vars.why": "error.category"}),
        ],
        expect=Expected(steps=["set", "after"], vars={"why": "ExpressionError"}, logs=[{"level": "WARN"}]),
    ),
    Case(
        id="event-continued",
        rule="F9: onError continue is honoured on event.wait",
        steps=[wait("hold", "GO", timeoutMs=30, onError=CONTINUE), put("after", {"vars.why": "error.category"})],
        expect=Expected(steps=["hold", "after"], vars={"why": "TimeoutError"}, waits=[{"status": "RESOLVED"}]),
    ),
    Case(
        id="event-retried",
        rule="F9: retry is honoured on event.wait: every attempt has a wait of its own",
        steps=[wait("hold", "GO", timeoutMs=40, retry={"maxAttempts": 2, "backoffMs": 5})],
        expect=Expected(
            ends="FAILED",
            steps=["hold FAILED"],
            failure={"type": "TimeoutError"},
            waits=[{"status": "RESOLVED"}, {"status": "RESOLVED"}],
        ),
    ),
    Case(
        id="time-continued",
        rule="F9: onError continue is honoured on time.wait",
        steps=[{**until("nap", "'tomorrow'"), "onError": CONTINUE}, put("after", {"vars.after": "1"})],
        expect=Expected(steps=["nap", "after"], vars={"after": 1}, waits=[]),
    ),
    Case(
        id="human-continued",
        rule="F9: onError continue is honoured on human.task",
        steps=[ask("ask", "unheard-of", onError=CONTINUE), ask("again", "free")],
        acts=[waiting("again"), responds({"n": 1})],
        expect=Expected(steps=["ask", "again"], vars={"event": {"n": 1}, "eventName": "HUMAN_TASK_COMPLETED"}),
    ),
    Case(
        id="assign-fails-in-a-wait",
        rule="an assignment that fails after a wait fails the step; the wait stays RESOLVED",
        steps=[wait("hold", "GO", assign={"vars.x": "event.nothing"})],
        acts=[waiting("hold"), sends("GO")],
        expect=Expected(
            ends="FAILED", steps=["hold FAILED"], failure={"type": "ExpressionError"}, waits=[{"status": "RESOLVED"}]
        ),
    ),
    Case(
        id="node-unknown",
        rule="6.1: another type without control. is a node for the registry; one that it lacks fails its step",
        steps=[
            put("before", {"vars.a": "1"}),
            {"id": "odd", "type": "weather.report", "config": {"where": "here"}, "onError": CONTINUE},
            nap("nap", 5),
            {"id": "end", "type": "weather.report", "config": {}},
        ],
        expect=Expected(
            ends="FAILED",
            steps=["before", "odd", "nap", "end FAILED"],
            step_errors={"end": {"message": Containing("weather.report")}},
            run={"error_json": {"nodePath": "root.steps[3]"}},
        ),
    ),
]
