"""Every phrase of a report has a German one that names the same values, in the words of the window."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest

from app.desktop.shell.cause_sentences import CAUSE_SENTENCES
from app.domain.case import CaseSeverity
from app.domain.diagnosis.known_faults import KNOWN_FAULTS
from app.domain.report.cause_wordings import CAUSE_WORDINGS
from app.domain.report.german import GERMAN
from app.postgres import run_detail
from tests.architecture.source_tree import ROOT, called_name, sources

WORDED = {"say": slice(0, 1), "count": slice(1, 3)}
"""Functions that make a sentence, and which of their arguments are wordings."""


def own_phrases() -> Iterator[str]:
    for room in ("app/domain/report", "app/rendering"):
        for source in sources(room):
            for node in ast.walk(source.tree):
                if isinstance(node, ast.Call) and called_name(node) in WORDED:
                    for argument in node.args[WORDED[called_name(node)]]:
                        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                            yield argument.value


def facts() -> set[str]:
    return {
        text.value
        for source in sources("app/domain/diagnosis")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and called_name(node) in {"from_row", "from_temporal"}
        for text in ast.walk(node.args[0])
        if isinstance(text, ast.Constant) and isinstance(text.value, str) and text.value.strip(": ")
    }


def every_phrase() -> set[str]:
    causes = {text for pair in CAUSE_WORDINGS.values() for text in pair if text}
    faults = {text for fault in KNOWN_FAULTS for text in (fault.title, fault.meaning, fault.remedy)}
    notes = {getattr(run_detail, name) for name in ("_STRANDED_NOTE", "_FINALIZED_NOTE", "_LEGACY_NOTE")}
    return set(own_phrases()) | causes | facts() | faults | notes | set(CaseSeverity)


def named(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_no_phrase_is_missing_and_none_is_left_over() -> None:
    wanted = every_phrase()
    assert {phrase for phrase in wanted if phrase not in GERMAN} == set()
    assert {phrase for phrase in GERMAN if phrase not in wanted} == set()


def test_both_languages_name_the_same_values() -> None:
    assert {phrase for phrase, german in GERMAN.items() if named(phrase) != named(german)} == set()


def test_causes_are_worded_as_in_the_window() -> None:
    assert {pair: (sentence.title, sentence.advice) for pair, sentence in CAUSE_SENTENCES.items()} == CAUSE_WORDINGS


@pytest.mark.parametrize("context", ["Causes", "Facts", "Faults"])
def test_the_german_is_that_of_the_window(context: str) -> None:
    tree = ET.parse(ROOT / "i18n" / "rundesk_de.ts")  # noqa: S314 - our own file
    window = {
        message.findtext("source"): message.findtext("translation")
        for found in tree.iter("context")
        if found.findtext("name") == context
        for message in found.iter("message")
        if message.findtext("translation")
    }
    assert window
    assert {text: GERMAN[text] for text in window if text in GERMAN} == {
        text: german for text, german in window.items() if text in GERMAN
    }
