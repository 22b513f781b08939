"""What an expression may contain, judged on its syntax tree before anything is evaluated.

Only the five functions of the contract are callable, with or without ``$``; lambdas, computed calls, partial
application, transforms, regular expressions and ``~>`` to anything else are refused (``runtime.md`` section 6.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonata.parser import Parser

from app.engine.expression_functions import FUNCTION_NAMES

_REFUSED = {
    "lambda": "functions cannot be defined",
    "partial": "functions cannot be applied partially",
    "transform": "the transform operator cannot be used",
}


class ForbiddenExpression(ValueError):
    """The expression is valid JSONata, but not of the restricted language."""


def restrict(tree: Any) -> None:
    """Refuse what the language forbids and give bare calls of the five functions their ``$``, in place.

    Raises:
        ForbiddenExpression: With what is not allowed.
    """
    for symbol in _symbols(tree):
        if symbol.type in _REFUSED:
            raise ForbiddenExpression(_REFUSED[symbol.type])
        if symbol.type == "function":
            _restrict_call(symbol)
        elif symbol.type == "apply" and symbol.rhs.type != "function":
            _restrict_target(symbol.rhs)
        elif symbol.type == "bind" and symbol.lhs.value in FUNCTION_NAMES:
            raise ForbiddenExpression(f"${symbol.lhs.value} cannot be bound to something else")


def refuse_regex(_pattern: str, _flags: Any) -> Any:
    """Stand in for the regex engine, so that a literal is refused before it is even compiled.

    Raises:
        ForbiddenExpression: Always.
    """
    raise ForbiddenExpression("regular expressions cannot be used")


def _restrict_call(call: Any) -> None:
    name = _called_name(call.procedure)
    if name is None:
        raise ForbiddenExpression("only functions called by name can be used")
    if name not in FUNCTION_NAMES:
        raise ForbiddenExpression(f"the function {name} cannot be used; known are {', '.join(sorted(FUNCTION_NAMES))}")
    call.procedure.type, call.procedure.value = "variable", name


def _restrict_target(target: Any) -> None:
    name = _called_name(target)
    if name not in FUNCTION_NAMES:
        raise ForbiddenExpression("~> leads only to the functions of the language")
    target.type, target.value = "variable", name


def _called_name(procedure: Any) -> str | None:
    if procedure.type == "variable":
        return str(procedure.value)
    if procedure.type == "path" and len(procedure.steps) == 1 and procedure.steps[0].type == "name":
        return str(procedure.steps[0].value)
    return None


def _symbols(tree: Any) -> Iterator[Any]:
    """Yield every symbol of the tree once; the evaluator keeps children in many attributes and nested lists."""
    seen: set[int] = set()
    pending: list[Any] = [tree]
    while pending:
        item = pending.pop()
        if isinstance(item, (list, tuple)):
            pending.extend(item)
        elif isinstance(item, Parser.Symbol) and id(item) not in seen:
            seen.add(id(item))
            yield item
            pending.extend(vars(item).values())
