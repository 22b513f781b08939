"""Event waits and time waits (runtime.md 7.4, 7.5): F1, F26, F27, F39, buffered signals, filters."""

from __future__ import annotations

from typing import Any

from app.temporal import contract
from tests.engine.conformance.acts import asks, has_event, new_id, sees, sends, waiting
from tests.engine.conformance.case import INSTANT, SOMETHING, Case, Containing, Exactly, Expected
from tests.engine.conformance.definitions import guard, nap, put, until, wait

EVENT_ID = new_id()
UNKNOWN_EVENT_ID = new_id()


def filtered(operator: str, value: Any, refused: list[Any], accepted: Any) -> Case:
    """Payloads that must not resume the wait arrive first; ``...`` leaves the member out."""
    name = {"=": "equal", "!=": "unequal", ">": "more", ">=": "least", "<": "less", "<=": "most"}.get(
        operator, operator
    )
    condition = {"path": "a.b", "op": operator} | ({} if value is ... else {"value": value})

    def payload(member: Any) -> dict[str, Any]:
        return {"a": {}} if member is ... else {"a": {"b": member}}

    return Case(
        id=f"filter-{name.replace('_', '-')}",
        rule=f"a filter {operator} resumes on {accepted!r}, not on {refused!r}, which stay buffered and are harmless",
        steps=[wait("hold", "GO", filters=[condition])],
        acts=[
            waiting("hold"),
            *(sends("GO", None, payload(each)) for each in refused),
            sends("GO", None, payload(accepted)),
        ],
        expect=Expected(
            steps=["hold"],
            vars={"event": payload(accepted), "eventName": "GO"},
            waits=[{"status": "RESOLVED", "payload": {"filters": [condition]}}],
        ),
    )


WAIT_CASES = [
    Case(
        id="event-without-timeout",
        rule="F1: without timeoutMs the matching signal that arrives after the wait began resumes it",
        steps=[
            wait("hold", "REPLY", "payload.ticket", assign={"vars.answer": "event.text", "vars.name": "eventName"}),
            put("after", {"vars.after": "answer"}),
        ],
        payload={"ticket": "T-1"},
        acts=[waiting("hold"), sends("REPLY", "T-1", {"text": "yes"}, eventId=UNKNOWN_EVENT_ID)],
        expect=Expected(
            steps=["hold", "after"],
            vars={
                "event": {"text": "yes"},
                "eventName": "REPLY",
                "answer": "yes",
                "name": "REPLY",
                "after": "yes",
            },
            waits=[
                {
                    "wait_type": "event",
                    "status": "RESOLVED",
                    "event_name": "REPLY",
                    "key": "T-1",
                    "timeout_at": None,
                    "step_path": "root.steps[0]",
                    "payload": Exactly(
                        {
                            "eventName": "REPLY",
                            "correlationKey": "T-1",
                            "filters": [],
                            "timeoutAt": None,
                            "matchedEventId": UNKNOWN_EVENT_ID,
                            "resolvedAt": INSTANT,
                        }
                    ),
                }
            ],
        ),
    ),
    Case(
        id="event-in-time",
        rule="with timeoutMs a signal in time resumes the wait",
        steps=[wait("hold", "REPLY", "'k'", timeoutMs=600_000)],
        acts=[waiting("hold"), sends("REPLY", "k", {"x": 1})],
        expect=Expected(
            steps=["hold"],
            vars={"event": {"x": 1}, "eventName": "REPLY"},
            waits=[{"status": "RESOLVED", "timeout_at": SOMETHING, "payload": {"timeoutAt": INSTANT}}],
        ),
    ),
    Case(
        id="event-too-late",
        rule="a timeout resolves the wait with matchedEventId null and raises a TimeoutError",
        steps=[wait("hold", "REPLY", "'k'", timeoutMs=50), put("after", {"vars.a": "1"})],
        expect=Expected(
            ends="FAILED",
            steps=["hold FAILED"],
            step_errors={"hold": {"message": "event.wait timed out waiting for REPLY"}},
            run={"error_json": {"message": "event.wait timed out waiting for REPLY", "nodePath": "root.steps[0]"}},
            failure={"type": "TimeoutError"},
            waits=[{"status": "RESOLVED", "payload": {"matchedEventId": None, "resolvedAt": INSTANT}}],
        ),
    ),
    Case(
        id="event-timeout-caught",
        rule="the TimeoutError can be caught",
        steps=[guard("try", [wait("hold", "REPLY", timeoutMs=50)], [put("late", {"vars.late": "error.category"})])],
        expect=Expected(steps=["try", "hold FAILED", "late"], vars={"late": "TimeoutError"}),
    ),
    Case(
        id="event-early",
        rule="a signal that arrives before its wait begins is kept for it",
        steps=[wait("first", "GO"), wait("second", "REPLY", "'k'", timeoutMs=600_000)],
        acts=[waiting("first"), sends("REPLY", "k", {"early": True}), sends("GO")],
        expect=Expected(steps=["first", "second"], vars={"event": {"early": True}, "eventName": "REPLY"}),
    ),
    Case(
        id="event-at-once",
        rule="handlers are installed before the first activity: a signal right after the start is kept",
        steps=[put("slow", {"vars.a": "1"}), wait("hold", "GO")],
        acts=[sends("GO", None, {"at": "once"})],
        expect=Expected(steps=["slow", "hold"], vars={"a": 1, "event": {"at": "once"}, "eventName": "GO"}),
    ),
    Case(
        id="event-of-others",
        rule="another name or another key does not match, stays buffered, and resumes a later wait",
        steps=[wait("first", "GO", "'a'"), wait("second", "GO", "'b'"), wait("third", "OTHER", "'a'")],
        acts=[
            waiting("first"),
            sends("OTHER", "a", {"n": 3}),
            sends("GO", "b", {"n": 2}),
            sends("GO", None, {"n": 0}),
            sees("workflow_run_waits", {"status": "WAITING"}),
            sends("GO", "a", {"n": 1}),
        ],
        expect=Expected(
            steps=["first", "second", "third"],
            vars={"event": {"n": 3}, "eventName": "OTHER"},
            waits=[{"key": "a"}, {"key": "b"}, {"key": "a"}],
        ),
    ),
    Case(
        id="event-used-once",
        rule="F1: a signal is taken out of the list by the wait that it resumes",
        steps=[wait("first", "GO"), wait("second", "GO", timeoutMs=100)],
        acts=[waiting("first"), sends("GO")],
        expect=Expected(ends="FAILED", steps=["first", "second FAILED"], failure={"type": "TimeoutError"}),
    ),
    Case(
        id="event-oldest-first",
        rule="of several buffered matches the oldest is taken first",
        steps=[wait("gate", "OPEN"), wait("first", "GO", assign={"vars.one": "event.n"}), wait("second", "GO")],
        acts=[waiting("gate"), sends("GO", None, {"n": 1}), sends("GO", None, {"n": 2}), sends("OPEN")],
        expect=Expected(vars={"one": 1, "event": {"n": 2}, "eventName": "GO"}),
    ),
    Case(
        id="event-any-key",
        rule="F27: a null key is written as NULL and matches any signal of the name",
        steps=[wait("hold", "GO", "payload.none")],
        payload={"none": None},
        acts=[waiting("hold"), sends("GO", "whatever", {"n": 1})],
        expect=Expected(waits=[{"key": None, "status": "RESOLVED"}], vars={"event": {"n": 1}, "eventName": "GO"}),
    ),
    Case(
        id="event-normalised",
        rule="a non-string id or key counts as null, a payload that is no object as {} (2.3)",
        steps=[wait("hold", "GO")],
        acts=[waiting("hold"), sends("GO", None, [1, 2], eventId=5, receivedAt=7)],
        expect=Expected(
            vars={"event": {}, "eventName": "GO"},
            waits=[{"status": "RESOLVED", "payload": {"matchedEventId": None}}],
        ),
    ),
    Case(
        id="event-row-matched",
        rule="F26: the event's row learns which run, wait and step it resumed",
        steps=[wait("hold", "GO")],
        before=[has_event(EVENT_ID, "GO")],
        acts=[waiting("hold"), sends("GO", None, {}, eventId=EVENT_ID)],
        expect=Expected(
            waits=[{"payload": {"matchedEventId": EVENT_ID}}],
            events=[{"matched_run_id": SOMETHING, "matched_wait_id": SOMETHING, "matched_step_path": "root.steps[0]"}],
        ),
    ),
    Case(
        id="event-seen-while-waiting",
        rule="1.1 and 2.4: the run stays RUNNING; the queries tell what it waits for",
        steps=[put("a", {"vars.a": "1"}), wait("hold", "GO", "'k'")],
        acts=[
            waiting("hold"),
            sees("workflow_runs", {"status": "RUNNING", "node_path": "root.steps[1]", "completed_at": None}),
            asks(
                contract.QUERY_CURRENT_WAIT,
                Exactly(
                    {
                        "type": "event.wait",
                        "stepPath": "root.steps[1]",
                        "descriptor": Exactly({"eventName": "GO", "correlationKey": "k", "timeoutAt": None}),
                    }
                ),
            ),
            asks(contract.QUERY_CURRENT_STEP, {"currentStepPath": "root.steps[1]", "runId": SOMETHING}),
            asks(contract.QUERY_SUMMARY, {"stepCount": 1, "currentStepPath": "root.steps[1]", "runId": SOMETHING}),
            sends("GO", "k"),
        ],
        expect=Expected(steps=["a", "hold"]),
    ),
    filtered("=", 5, [4, "5", ..., None, True], 5),
    filtered("!=", 5, [5], ...),
    filtered("in", ["a", "b"], ["c", ..., None], "b"),
    filtered("not_in", ["a", "b"], ["a"], ...),
    filtered("exists", ..., [...], 0),
    filtered("not_exists", ..., [0, ""], ...),
    filtered(">", 5, [5, "6", ..., None], 5.5),
    filtered(">=", 5, [4.9, "5"], 5),
    filtered("<", 5, [5, "4", ...], -1),
    filtered("<=", 5, [5.1, None], 5),
    filtered("contains", "ell", ["Hallo", 5, ..., ["ell"]], "Hello"),
    filtered("starts_with", "He", ["hello", "She", ...], "Hello"),
    filtered("ends_with", "lo", ["low", 5], "Hello"),
    Case(
        id="filter-all-of-them",
        rule="all filters must hold; a path may begin with $. and walks objects only",
        steps=[
            wait(
                "hold",
                "GO",
                filters=[
                    {"path": "$.ticket.priority", "op": "=", "value": "high"},
                    {"path": "rows.0", "op": "not_exists"},
                ],
            )
        ],
        acts=[
            waiting("hold"),
            sends("GO", None, {"ticket": {"priority": "low"}}),
            sends("GO", None, {"ticket": {"priority": "high"}, "rows": [1]}),
        ],
        expect=Expected(vars={"event": {"ticket": {"priority": "high"}, "rows": [1]}, "eventName": "GO"}),
    ),
    Case(
        id="time-duration",
        rule="7.4: a time wait has its row and its times, sets vars.timeWait, then assigns",
        steps=[nap("nap", 60, assign={"vars.mode": "timeWait.mode"}), put("after", {"vars.after": "1"})],
        expect=Expected(
            steps=["nap", "after"],
            vars={
                "timeWait": {"mode": "duration", "dueAt": INSTANT, "resumedAt": INSTANT},
                "mode": "duration",
                "after": 1,
            },
            waits=[
                {
                    "wait_type": "time",
                    "status": "RESOLVED",
                    "key": None,
                    "event_name": None,
                    "timeout_at": SOMETHING,
                    "payload": Exactly({"mode": "duration", "durationMs": 60, "dueAt": INSTANT}),
                }
            ],
        ),
    ),
    Case(
        id="time-until-past",
        rule="7.4: an instant in the past does not sleep",
        steps=[until("nap", "payload.due")],
        payload={"due": "2020-01-01T00:00:00.000Z"},
        expect=Expected(
            steps=["nap"],
            vars={"timeWait": {"mode": "until", "dueAt": "2020-01-01T00:00:00.000Z", "resumedAt": INSTANT}},
            waits=[{"payload": Exactly({"mode": "until", "durationMs": None, "dueAt": "2020-01-01T00:00:00.000Z"})}],
        ),
    ),
    Case(
        id="time-until-nonsense",
        rule="what is no instant fails the step, before any wait row exists",
        steps=[until("nap", "'tomorrow'")],
        expect=Expected(
            ends="FAILED", steps=["nap FAILED"], waits=[], run={"error_json": {"message": Containing("until")}}
        ),
    ),
    Case(
        id="time-seen-while-waiting",
        rule="2.4: the current wait of a time wait is {dueAt, mode}",
        steps=[guard("try", [nap("nap", 1500)], [])],
        acts=[
            waiting("nap"),
            asks(
                contract.QUERY_CURRENT_WAIT,
                {"type": "time.wait", "descriptor": Exactly({"dueAt": INSTANT, "mode": "duration"})},
            ),
        ],
        expect=Expected(steps=["try", "nap"]),
    ),
]
