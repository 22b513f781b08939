"""The table of faults is whole: each of the reference's numbered faults once, with proofs that exist."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.engine.conformance.faults import FAULTS, unproven
from tests.engine.conformance.table import CASES

_ROOT = Path(__file__).parents[3]
_LAST = 46


def test_each_fault_stands_there_once() -> None:
    assert [fault.number for fault in FAULTS] == list(range(1, _LAST + 1))


def test_each_fault_is_shown_or_cannot_arise() -> None:
    assert list(unproven()) == []
    assert not [fault.number for fault in FAULTS if fault.cannot_arise and (fault.cases or fault.tests)]


def test_the_cases_exist() -> None:
    known = {case.id for case in CASES}
    assert not [(fault.number, case) for fault in FAULTS for case in fault.cases if case not in known]


def test_the_tests_exist() -> None:
    missing = [
        f"F{fault.number}: {reference}"
        for fault in FAULTS
        for reference in fault.tests
        if reference.partition("::")[2] not in _functions_of(_ROOT / reference.partition("::")[0])
    ]
    assert not missing


def test_a_case_that_names_a_fault_is_in_its_line() -> None:
    """The other direction: what a rule says of a fault is not forgotten in the table of faults."""
    shown = {f"F{fault.number}": set(fault.cases) for fault in FAULTS}
    named = {case.id: case.rule.split(":")[0].split(", ") for case in CASES}
    assert not [
        (number, case_id)
        for case_id, numbers in named.items()
        for number in numbers
        if case_id not in shown.get(number, {case_id})
    ]


def _functions_of(path: Path) -> set[str]:
    if not path.is_file():
        return set()
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
