"""Every step type with every point at which its worker may die: between an effect and its report."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.engine import messages
from tests.engine.bench import Row
from tests.engine.conformance.acts import Act, cancels, paused, responds, resumes_quota, sends, waiting
from tests.engine.conformance.case import SOMETHING, Case, Containing, Expected
from tests.engine.conformance.definitions import action, ask, call, each, guard, leave, nap, put, state, wait, when
from tests.engine.conformance.quota_cases import frees, used
from tests.engine.stalling_worker import HANDLER

SENT = {"to": "a@example.org", "message": "Hello"}
STORED = {"namespace": "kills", "key": "k", "value": 1}
SEND = action("step", "notifications.send", SENT, saveAs="vars.sent")
STORE = action("step", "store.set", STORED, saveAs="vars.stored")
NOTIFIED = {"level": "INFO", "message": Containing("Notification sent")}
AFTER = put("after", {"vars.after": "1"})
BOUNDS = (messages.START_STEP, messages.FINISH_STEP)


@dataclass(frozen=True)
class Kill:
    """A case whose worker dies at a point of its run."""

    case: Case
    point: str


def _case(
    name: str, step: Row, acts: list[Act], expect: Expected, children: dict[str, list[Row]] | None = None
) -> Case:
    rule = f"{name}: what its dead worker had done is done once, and the run goes on"
    return Case(name, rule, [step, AFTER], expect, acts=acts, children=children or {})


def _ends(*further: str, **more: object) -> Expected:
    return Expected(steps=["step", *further, "after"], **more)  # type: ignore[arg-type]


PLAIN: dict[str, tuple[Row, list[Act], Expected]] = {
    "if": (when("step", "true", [put("then", {"vars.t": "1"})]), [], _ends("then", vars={"t": 1, "after": 1})),
    "for-each": (each("step", "[1, 2]", "n", [put("in", {"vars.t": "n"})]), [], _ends("in", "in")),
    "try-catch": (
        guard("step", [action("boom", "demo.fail")], [put("catch", {"vars.t": "1"})]),
        [],
        _ends("boom FAILED", "catch"),
    ),
    "return": (leave("step"), [], Expected(steps=["step"])),
    "assign": (put("step", {"vars.t": "coalesce(vars.t, 0) + 1"}), [], _ends(vars={"t": 1, "after": 1})),
    "state-set": (state("step", "s"), [], _ends(scopes={"meta": {"state": "s"}})),
}
WAITS: dict[str, tuple[Row, list[Act], Expected]] = {
    "event-wait": (wait("step", "GO"), [sends("GO")], _ends(waits=[{"status": "RESOLVED"}])),
    "time-wait": (nap("step", 300), [], _ends(waits=[{"status": "RESOLVED"}])),
}


def _kills(name: str, case: tuple[Row, list[Act], Expected], points: tuple[str, ...]) -> list[Kill]:
    return [Kill(_case(f"{name}-{point}", *case), point) for point in points]


def _of_actions() -> list[Kill]:
    """An action's effect is seen in the log, or in the store: at most once, if repeatable exactly once."""
    sent = _ends(
        invocations=[{"status": "SUCCEEDED", "attempt": 1}], logs=[NOTIFIED], vars={"sent": SOMETHING, "after": 1}
    )
    cached = replace(sent, logs=[NOTIFIED, {"level": "INFO", "message": Containing("not executed again")}])
    unknown = Expected(
        ends="FAILED",
        steps=["step FAILED"],
        run={"error_json": {"message": Containing("unknown")}},
        invocations=[{"status": "FAILED", "attempt": 1}],
        logs=[NOTIFIED],
    )
    stored = _ends(invocations=[{"status": "SUCCEEDED", "attempt": 1}])
    again = _ends(invocations=[{"status": "SUCCEEDED", "attempt": 2}])
    return [
        *_kills("action", (SEND, [], sent), BOUNDS),
        *_kills("action", (SEND, [], cached), (messages.EXECUTE_ACTION,)),
        *_kills("action", (SEND, [], unknown), (HANDLER,)),
        *_kills("repeatable-action", (STORE, [], stored), (*BOUNDS, messages.EXECUTE_ACTION)),
        *_kills("repeatable-action", (STORE, [], again), (HANDLER,)),
    ]


def _of_people() -> list[Kill]:
    answered = (
        ask("step", "free"),
        [waiting("step"), responds({"n": 1})],
        _ends(waits=[{"status": "RESOLVED"}], tasks=[{"status": "completed", "response_data": {"n": 1}}]),
    )
    return _kills("human-task", answered, (*BOUNDS, messages.OPEN_HUMAN_TASK, messages.COMPLETE_HUMAN_TASK))


def _of_children() -> list[Kill]:
    child = [put("inner", {"vars.n": "2"})]
    step = call("step", "child", None, {"vars.n": "childRun.vars.n"})
    expect = _ends(vars={"n": 2, "after": 1}, children=[Expected(steps=["inner"])])
    points = (*BOUNDS, messages.OPEN_CHILD_RUN)
    return [Kill(_case(f"call-workflow-{point}", step, [], expect, {"child": child}), point) for point in points]


def _of_ends() -> list[Kill]:
    failing = action("step", "demo.fail", {"message": "No luck"}, onError={"policy": "continue"})
    continued = _ends(logs=[{"level": "WARN", "message": Containing("No luck")}])
    stopped = Expected(ends="CANCELED", steps=["step CANCELED"], waits=[{"status": "CANCELED"}])
    failed = Expected(ends="FAILED", steps=["step FAILED"], run={"error_json": {"message": "No luck"}})
    return [
        *_kills("continued", (failing, [], continued), (messages.WRITE_LOG,)),
        *_kills("begun", PLAIN["assign"], (messages.LOAD, messages.COMPLETE_RUN)),
        *_kills("failed", (action("step", "demo.fail", {"message": "No luck"}), [], failed), (messages.COMPLETE_RUN,)),
        *_kills("cancelled", (wait("step", "NEVER"), [waiting("step"), cancels()], stopped), (messages.CANCEL_RUN,)),
    ]


def _of_quota() -> list[Kill]:
    """The pause is written, and its worker dies: the pause is there once and can be resumed."""
    acts = [paused("step"), frees(10), resumes_quota()]
    expect = _ends(waits=[{"wait_type": "quota", "status": "RESOLVED"}], vars={"t": 1, "after": 1})
    case = _case("quota-pause", PLAIN["assign"][0], acts, expect)
    return [Kill(replace(case, before=[used(150)]), messages.START_STEP)]


KILLS = [
    *(kill for name, case in PLAIN.items() for kill in _kills(name, case, BOUNDS)),
    *(
        kill
        for name, case in WAITS.items()
        for kill in _kills(name, case, (*BOUNDS, messages.OPEN_WAIT, messages.CLOSE_WAIT))
    ),
    *_of_actions(),
    *_of_people(),
    *_of_children(),
    *_of_ends(),
    *_of_quota(),
]
