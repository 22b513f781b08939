"""Human tasks (runtime.md 7.6): the task, its wait, what counts as an answer (F28, F29)."""

from __future__ import annotations

from app.temporal import contract
from tests.engine.conformance.acts import asks, logged, new_id, responds, sees, waiting
from tests.engine.conformance.case import INSTANT, SOMETHING, UUID_TEXT, Case, Containing, Exactly, Expected
from tests.engine.conformance.definitions import ask, guard, put

ANSWER = {"approved": True, "note": "fine"}

HUMAN_CASES = [
    Case(
        id="human-answered",
        rule="a task and a wait of type human whose key is the task's id; the answer resolves both (F28)",
        steps=[
            ask(
                "ask",
                "approval",
                "'Approve ' & payload.what",
                description="'Please'",
                contextData={"what": "payload.what", "n": "1"},
                assign={"vars.approved": "event.approved"},
            ),
            put("after", {"vars.after": "approved"}),
        ],
        payload={"what": "leave"},
        acts=[
            waiting("ask"),
            sees("workflow_runs", {"status": "RUNNING", "node_path": "root.steps[0]"}),
            asks(
                contract.QUERY_CURRENT_WAIT,
                {"type": "human.task", "descriptor": Exactly({"taskId": UUID_TEXT, "taskType": "approval"})},
            ),
            responds(ANSWER),
        ],
        expect=Expected(
            steps=["ask", "after"],
            vars={"event": ANSWER, "eventName": "HUMAN_TASK_COMPLETED", "approved": True, "after": True},
            waits=[
                {
                    "wait_type": "human",
                    "status": "RESOLVED",
                    "key": UUID_TEXT,
                    "event_name": "HUMAN_TASK_COMPLETED",
                    "timeout_at": None,
                    "payload": Exactly(
                        {
                            "taskId": UUID_TEXT,
                            "contextData": Exactly({"what": "leave", "n": 1}),
                            "formSchema": {"schema": {"type": "object"}},
                            "taskType": "approval",
                            "eventName": "HUMAN_TASK_COMPLETED",
                            "response": ANSWER,
                            "resolvedAt": INSTANT,
                        }
                    ),
                }
            ],
            tasks=[
                {
                    "status": "completed",
                    "title": "Approve leave",
                    "description": "Please",
                    "priority": "medium",
                    "context_data": {"what": "leave", "n": 1},
                    "response_data": ANSWER,
                    "task_definition_type": "system",
                    "completed_at": SOMETHING,
                }
            ],
        ),
    ),
    Case(
        id="human-misfit",
        rule="F29: a response that does not fit its form is logged and the task stays open",
        steps=[ask("ask", "approval")],
        acts=[
            waiting("ask"),
            responds({"note": "no decision"}),
            logged("form"),
            sees("workflow_run_waits", {"status": "WAITING"}),
            responds({"approved": "yes"}),
            responds({"approved": False}),
        ],
        expect=Expected(
            steps=["ask"],
            vars={"event": {"approved": False}, "eventName": "HUMAN_TASK_COMPLETED"},
            logs=[
                {"level": "WARN", "step_path": "root.steps[0]"},
                {"level": "WARN", "step_path": "root.steps[0]"},
            ],
            waits=[{"status": "RESOLVED"}],
            tasks=[{"status": "completed"}],
        ),
    ),
    Case(
        id="human-admin-resume",
        rule="a signal whose eventName is ADMIN_RESUME is not validated",
        steps=[ask("ask", "approval")],
        acts=[waiting("ask"), responds({"forced": True}, "ADMIN_RESUME")],
        expect=Expected(
            vars={"event": {"forced": True}, "eventName": "ADMIN_RESUME"},
            waits=[{"status": "RESOLVED", "payload": {"eventName": "ADMIN_RESUME", "response": {"forced": True}}}],
            tasks=[{"status": "completed"}],
        ),
    ),
    Case(
        id="human-admin-override",
        rule="a payload with __admin_override true is not validated; one with another value is",
        steps=[ask("ask", "approval")],
        acts=[
            waiting("ask"),
            responds({"__admin_override": "true"}),
            logged("form"),
            responds({"__admin_override": True}),
        ],
        expect=Expected(vars={"event": {"__admin_override": True}, "eventName": "HUMAN_TASK_COMPLETED"}),
    ),
    Case(
        id="human-other-task",
        rule="a response to another task does not answer this one",
        steps=[ask("ask", "free")],
        acts=[
            waiting("ask"),
            responds({"n": 0}, None, new_id()),
            sees("workflow_run_waits", {"status": "WAITING"}),
            responds({"n": 1}),
        ],
        expect=Expected(vars={"event": {"n": 1}, "eventName": "HUMAN_TASK_COMPLETED"}),
    ),
    Case(
        id="human-normalised",
        rule="2.3: a payload that is no object counts as {}",
        steps=[ask("ask", "free")],
        acts=[waiting("ask"), responds("done")],
        expect=Expected(vars={"event": {}, "eventName": "HUMAN_TASK_COMPLETED"}),
    ),
    Case(
        id="human-unknown-type",
        rule="a task type that nobody defined fails the step, which can be caught",
        steps=[guard("try", [ask("ask", "unheard-of")], [put("look", {"vars.why": "error.message"})])],
        expect=Expected(
            steps=["try", "ask FAILED", "look"], vars={"why": Containing("unheard-of")}, waits=[], tasks=[]
        ),
    ),
    Case(
        id="human-twice",
        rule="two tasks of one run have rows of their own",
        steps=[ask("first", "free", "'One'"), ask("second", "free", "'Two'")],
        acts=[waiting("first"), responds({"n": 1}), waiting("second"), responds({"n": 2})],
        expect=Expected(
            steps=["first", "second"],
            vars={"event": {"n": 2}, "eventName": "HUMAN_TASK_COMPLETED"},
            waits=[{"status": "RESOLVED"}, {"status": "RESOLVED"}],
        ),
    ),
]
