"""Runs that continue as new at the production threshold of 250 steps and lose nothing (F2, F3)."""

from __future__ import annotations

from tests.engine.conformance.acts import sends, waiting
from tests.engine.conformance.case import Case, Expected
from tests.engine.conformance.definitions import action, each, expression, guard, put, wait, when

BODY = [
    put("add", {"vars.sum": "vars.sum + n"}),
    when("odd", "n = 100", [action("boom", "demo.fail", {"message": expression("'bad ' & n")})]),
]

BODY_ROWS = [name for n in range(1, 141) for name in (("add", "odd", "boom FAILED") if n == 100 else ("add", "odd"))]

LONG_CASES = [
    Case(
        id="long-loop",
        rule="F2: the 250th step breaks nothing: neither the loop that continues nor the try around it notices",
        steps=[
            put("begin", {"vars.sum": "0", "vars.n": "'kept'"}),
            guard(
                "try",
                [each("loop", "[1..140]", "n", BODY, onItemError="continue")],
                [put("caught", {"vars.caught": "1"})],
            ),
        ],
        expect=Expected(
            steps=["begin", "try", "loop", *BODY_ROWS],
            vars={"sum": 9870, "n": "kept"},
            executions=2,
        ),
    ),
    Case(
        id="long-buffer",
        rule="F3: signals that arrived before a continue-as-new and that nobody took are still there after it",
        steps=[
            put("begin", {"vars.sum": "0"}),
            wait("gate", "OPEN"),
            each("loop", "[1..130]", "n", BODY, onItemError="continue"),
            wait("hold", "REPLY", "'k'", timeoutMs=600_000),
        ],
        acts=[waiting("gate"), sends("REPLY", "other", {"n": 0}), sends("REPLY", "k", {"n": 1}), sends("OPEN")],
        expect=Expected(vars={"sum": 8515, "event": {"n": 1}, "eventName": "REPLY"}, executions=2),
    ),
]
