"""Every code that the source raises has a translated sentence, and every sentence a code that is raised."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from app.desktop.shell.error_sentences import AFTERMATHS, JSON_FAULTS, LEGACY_NOTES, SENTENCES
from app.domain import errors
from app.domain.json_fault import MAX_DEPTH
from tests.architecture.source_tree import Source, called_name, sources, strings

ROOMS = ("domain", "services", "postgres", "temporal", "sandbox", "local", "desktop")
"""Rooms whose errors reach the window. What the command line alone raises stays English."""
ERRORS = frozenset(name for name, value in vars(errors).items() if isinstance(value, type))
OUTCOMES = frozenset({"NotKnown", "PayloadProblem", "Saying"})
"""What carries a code as its first argument besides the errors."""
NESTED = f"This is nested more than {MAX_DEPTH} levels deep."
"""The one sentence with a number in it."""
CODE = re.compile(r"[a-z]+\.[a-z_]+")


@dataclass(frozen=True)
class Raised:
    """A code in the source and the names of the values that travel with it; None when they cannot be read there."""

    code: str
    where: str
    params: frozenset[str] | None = None


def raised() -> Iterator[Raised]:
    for room in ROOMS:
        for source in sources(f"app/{room}"):
            for node in ast.walk(source.tree):
                if isinstance(node, ast.Call):
                    yield from in_call(source, node)
                elif isinstance(node, ast.Tuple):
                    yield from in_tuple(source, node)


def in_call(source: Source, call: ast.Call) -> Iterator[Raised]:
    name = called_name(call)
    codes = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
    if name in ERRORS | OUTCOMES:
        codes += call.args[:1]
    if name == "CancelOutcome":
        codes += call.args[5:6]
    if name == "IntentFinding":
        codes += call.args[1:2]
    named = {keyword.arg for keyword in call.keywords}
    params = frozenset(str(key) for key in named) if name in ERRORS and None not in named else None
    for code in codes:
        if isinstance(code, ast.Name) and isinstance(named_code := getattr(errors, code.id, None), str):
            yield Raised(named_code, source.at(call), params)
        if isinstance(code, ast.Constant) and isinstance(code.value, str) and CODE.fullmatch(code.value):
            yield Raised(code.value, source.at(call), params)


def in_tuple(source: Source, pair: ast.Tuple) -> Iterator[Raised]:
    """A code with its sentence, as the drivers' tables hold them."""
    match pair.elts:
        case [ast.Constant(value=str(code)), ast.Constant(value=str(sentence))]:
            if CODE.fullmatch(code) and " " in sentence:
                yield Raised(code, source.at(pair))


def test_every_code_is_found_where_it_is_raised() -> None:
    """The search itself: a table, an outcome and an error are all seen."""
    assert {"database.crowded", "temporal.timeout", "cancel.done", "launch.paused", "payload.placeholder"} <= {
        found.code for found in raised()
    }


def test_every_raised_code_has_a_sentence() -> None:
    assert {f"{found.where}: {found.code}" for found in raised() if found.code not in SENTENCES} == set()


def test_every_sentence_has_a_raised_code() -> None:
    assert set(SENTENCES) - {found.code for found in raised()} == set()


def test_every_placeholder_has_a_value_where_the_code_is_raised() -> None:
    missing = [
        f"{found.where}: {found.code} lacks {sorted(lacking)}"
        for found in raised()
        if found.params is not None and (lacking := placeholders(SENTENCES.get(found.code, "")) - found.params)
    ]
    assert missing == []


def test_every_aftermath_is_one_that_is_said() -> None:
    said = {
        keyword.value.value
        for source in sources("app/services")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "aftermath" and isinstance(keyword.value, ast.Constant)
    }
    assert said == set(AFTERMATHS)


@pytest.mark.parametrize(
    ("module", "sentences"), [("app/domain/json_fault.py", JSON_FAULTS), ("app/postgres/run_detail.py", LEGACY_NOTES)]
)
def test_sentences_that_are_their_own_key_are_those_of_the_source(module: str, sentences: frozenset[str]) -> None:
    source = next(found for found in sources(module.rsplit("/", 1)[0]) if found.path == module)
    written = {str(node.value) for node in strings(source.tree)}
    assert sentences - written <= {NESTED}


def test_every_json_fault_has_a_translation() -> None:
    source = next(found for found in sources("app/domain") if found.path == "app/domain/json_fault.py")
    refusals = {
        str(argument.value)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and called_name(node) == "_refuse"
        for argument in node.args[:1]
        if isinstance(argument, ast.Constant)
    }
    assert refusals
    assert refusals | {NESTED} == JSON_FAULTS


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
