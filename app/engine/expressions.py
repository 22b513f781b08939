"""Expressions of definitions: JSONata, restricted to the contract's language and bounded in work.

Numbers reach an expression as int or float: an integer keeps every digit, another number the precision of a double.
Values that merely pass through an expression are affected too; the stored run input never is, since the engine does
not write it. Work is bounded by counting evaluated nodes and not by a clock, so that a slow machine fails nothing
and an endless expression ends (faults F12). ``now`` is handed in: workflow time inside a workflow.
Source: ``runtime.md`` section 6.2 and ``rulings.md``.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from jsonata import jexception
from jsonata.jsonata import Jsonata
from jsonata.utils import Utils

from app.engine import expression_functions as functions
from app.engine.expression_rules import refuse_regex, restrict
from app.engine.expression_source import to_jsonata
from app.engine.instants import iso_text

RESULT_LIMIT = 262_144
"""Largest serialised result, in JavaScript characters (the contract's figure)."""

WORK_LIMIT = 100_000
"""Most work of one evaluation: nodes evaluated, plus values built, compared or handed to functions by their size.

Spent in a fraction of a second, far below the time after which Temporal takes a workflow for deadlocked.
"""

DEPTH_LIMIT = 400
"""Deepest nesting of evaluations."""

SOURCE_LIMIT = 32_768
"""Longest expression text, in characters."""


class ExpressionFailure(Exception):
    """An expression cannot be used or evaluated; the message is fit for the operator."""


def evaluate(source: str, context: Mapping[str, Any], now: Callable[[], datetime]) -> Any:
    """Evaluate an expression and return a fresh JSON value that shares nothing with ``context``.

    Raises:
        ExpressionFailure: Syntax, a forbidden construct, an evaluation error, an undefined or non-JSON result, or a
            limit.
    """
    try:
        result = _run(source, context, now)
    except ExpressionFailure:
        raise
    except RecursionError as error:
        raise ExpressionFailure(f"Expression {_shown(source)} is nested too deeply") from error
    except (jexception.JException, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise ExpressionFailure(f"Expression {_shown(source)} failed: {error}") from error
    if result is None:
        raise ExpressionFailure(f"Expression {_shown(source)} has no value: the result is not JSON-serializable")
    return _as_json(result, source)


def evaluate_items(source: str, context: Mapping[str, Any], now: Callable[[], datetime]) -> list[Any]:
    """Evaluate a list to loop over. A single value counts as a list of one, for JSONata unwraps such lists (F10).

    Raises:
        ExpressionFailure: As :func:`evaluate`, or the result is null.
    """
    items = evaluate(source, context, now)
    if items is None:
        raise ExpressionFailure(f"Expression {_shown(source)}: items did not evaluate to an array")
    return items if isinstance(items, list) else [items]


@dataclass(slots=True)
class _Budget:
    work: int = WORK_LIMIT
    depth: int = 0

    def spend(self, amount: int) -> None:
        self.work -= amount
        if self.work < 0:
            raise ExpressionFailure(f"Expression does too much work (more than {WORK_LIMIT} operations)")


class _BoundedEvaluator(Jsonata):  # type: ignore[misc]  # the library has no types
    """The evaluator with a budget. The library dispatches every node through ``_eval`` of the thread's instance."""

    budget: _Budget

    def _eval(self, expr: Any, input: Any, environment: Any) -> Any:  # noqa: A002 - the library's parameter name
        budget = self.budget
        budget.spend(1)
        budget.depth += 1
        if budget.depth > DEPTH_LIMIT:
            raise ExpressionFailure(f"Expression is nested too deeply (more than {DEPTH_LIMIT} levels)")
        try:
            result = super()._eval(expr, input, environment)
        finally:
            budget.depth -= 1
        if expr.type == "unary" and isinstance(result, list):
            budget.spend(_cost(result))
        return result

    def evaluate_equality_expression(self, lhs: Any, rhs: Any, op: Any) -> Any:
        self.budget.spend(_deep_cost(lhs, self.budget.work))
        return super().evaluate_equality_expression(lhs, rhs, op)

    def evaluate_includes_expression(self, lhs: Any, rhs: Any) -> Any:
        self.budget.spend(_cost(rhs))
        return super().evaluate_includes_expression(lhs, rhs)

    def evaluate_range_expression(self, lhs: Any, rhs: Any) -> Any:
        span = super().evaluate_range_expression(lhs, rhs)
        if span is None:
            return None
        self.budget.spend(rhs - lhs + 1)
        return list(range(lhs, rhs + 1))

    def recurse_descendants(self, input: Any, results: Any) -> None:  # noqa: A002 - the library's parameter name
        self.budget.spend(1)
        super().recurse_descendants(input, results)

    def evaluate_string_concat(self, lhs: Any, rhs: Any) -> str:
        text: str = super().evaluate_string_concat(lhs, rhs)
        if len(text) > RESULT_LIMIT:
            raise ExpressionFailure(f"Expression builds a text of more than {RESULT_LIMIT} characters")
        return text


@lru_cache(maxsize=2_048)
def _compiled(source: str) -> _BoundedEvaluator:
    if len(source) > SOURCE_LIMIT:
        raise ExpressionFailure(f"Expression is longer than {SOURCE_LIMIT} characters")
    evaluator = _BoundedEvaluator(to_jsonata(source), refuse_regex)
    restrict(evaluator.ast)
    evaluator.environment = Jsonata.Frame(None)  # without the library's own functions
    evaluator.set_output_convert_nulls(False)
    evaluator.set_validate_input(False)
    return evaluator


def _run(source: str, context: Mapping[str, Any], now: Callable[[], datetime]) -> Any:
    # A copy per evaluation: the library keeps the current input and environment on the instance, the compiled
    # original is shared between threads, and nodes are dispatched through the thread's current instance.
    evaluator = copy.copy(_compiled(source))
    evaluator.budget = _Budget()
    Jsonata.CURRENT.jsonata = evaluator
    return evaluator.evaluate(dict(context), _bindings(now, evaluator.budget))


def _bindings(now: Callable[[], datetime], budget: _Budget) -> dict[str, Any]:
    implementations: dict[str, Callable[..., Any]] = {
        "nowIso": lambda: iso_text(now()),
        "coalesce": functions.coalesce,
        "len": functions.length,
        "toString": functions.to_string,
        "append": functions.append,
    }
    return {name: _function(implementation, budget) for name, implementation in implementations.items()}


def _function(implementation: Callable[..., Any], budget: _Budget) -> Any:
    walks = implementation is functions.to_string

    def call(*arguments: Any) -> Any:
        for argument in arguments:
            budget.spend(_deep_cost(argument, budget.work) if walks else _cost(argument))
        result = implementation(*(_argument(argument) for argument in arguments))
        return Utils.NULL_VALUE if result is None else result

    return Jsonata.JLambda(call)


def _cost(value: Any) -> int:
    """Return the work of building or copying a value once, in units of an evaluated node."""
    if isinstance(value, str):
        return len(value) // 64
    return len(value) // 4 if isinstance(value, list) else 0


def _deep_cost(value: Any, limit: int) -> int:
    """Return the work of walking a value, counted until it exceeds ``limit``."""
    cost, pending = 0, [value]
    while pending and cost <= limit:
        item = pending.pop()
        if isinstance(item, (list, dict)):
            pending.extend(item.values() if isinstance(item, dict) else item)
            cost += 1
        else:
            cost += _cost(item)
    return cost


def _argument(value: Any) -> Any:
    """JSONata's undefined is None here, and its null a marker of its own."""
    if value is None:
        return functions.MISSING
    return None if value is Utils.NULL_VALUE else value


def _as_json(result: Any, source: str) -> Any:
    plain = _Copy(source).of(result)
    if functions.utf16_length(functions.compact_json(plain)) > RESULT_LIMIT:
        raise ExpressionFailure(f"Expression {_shown(source)}: the result exceeds {RESULT_LIMIT} characters")
    return plain


class _Copy:
    """Copies a result into plain JSON; stops at the limit, since shared parts may stand for a giant document."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._left = RESULT_LIMIT

    def of(self, value: Any) -> Any:
        self._left -= 1 + (len(value) if isinstance(value, str) else 0)
        if self._left < 0:
            raise ExpressionFailure(f"Expression {_shown(self._source)}: the result exceeds {RESULT_LIMIT} characters")
        if isinstance(value, dict):
            return {str(key): self.of(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.of(item) for item in value]
        return self._leaf(value)

    def _leaf(self, value: Any) -> Any:
        if value is None or value is Utils.NULL_VALUE:
            return None
        if isinstance(value, float) and not math.isfinite(value):
            raise ExpressionFailure(f"Expression {_shown(self._source)}: the result is not a finite number")
        if isinstance(value, (bool, int, float, str)):
            return value
        raise ExpressionFailure(f"Expression {_shown(self._source)}: the result is not JSON-serializable")


def _shown(source: str) -> str:
    text = " ".join(source.split())
    return f"'{text}'" if len(text) <= 80 else f"'{text[:79]}…'"
