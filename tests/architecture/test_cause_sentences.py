"""Every form of every cause that a diagnosis may name has its words in the window, and names only what it is given."""

from __future__ import annotations

import ast
import string

from app.desktop.run_page.why_words import _SOURCES, _VERDICTS
from app.desktop.shell.cause_sentences import CAUSE_SENTENCES, CAUSE_WORDS
from app.desktop.shell.fact_sentences import FACTS
from app.desktop.shell.fault_sentences import FAULTS
from app.domain.diagnosis.codes import Cause, Source, Verdict
from app.domain.diagnosis.kinds import KINDS
from app.domain.diagnosis.known_faults import KNOWN_FAULTS
from tests.architecture.source_tree import called_name, sources

PARAMS = frozenset(
    {
        "action", "activity", "attempt", "attempts", "child", "contract_queue", "due", "ends", "event",
        "filter", "limit", "problem", "queue", "seconds", "status", "until",
    }
)  # fmt: skip


def test_every_form_of_every_cause_has_a_title_and_every_cause_a_word() -> None:
    forms = {(cause, kind) for cause, kinds in KINDS.items() for kind in kinds}
    assert set(CAUSE_SENTENCES) == forms
    assert set(KINDS) == set(Cause)
    assert set(CAUSE_WORDS) == {None, *Cause}
    assert all(sentence.title for sentence in CAUSE_SENTENCES.values())


def test_every_verdict_and_source_has_a_word() -> None:
    assert set(_VERDICTS) == set(Verdict)
    assert set(_SOURCES) == set(Source)


def test_titles_name_only_what_findings_carry() -> None:
    carried = {
        element.elts[0].value
        for source in sources("app/domain/diagnosis")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and called_name(node) in {"Finding", "replace", "_finding"}
        for element in ast.walk(node)
        if isinstance(element, ast.Tuple) and element.elts and isinstance(element.elts[0], ast.Constant)
    }
    named = {
        name
        for sentence in CAUSE_SENTENCES.values()
        for text in (sentence.title, sentence.advice)
        for _, name, _, _ in string.Formatter().parse(text)
        if name
    }
    assert named <= PARAMS
    assert named <= carried


def test_every_wording_of_a_fact_and_every_sentence_of_a_known_fault_is_marked_for_translation() -> None:
    worded = {
        text.value
        for source in sources("app/domain/diagnosis")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and called_name(node) in {"from_row", "from_temporal"}
        for text in ast.walk(node.args[0])
        if isinstance(text, ast.Constant) and isinstance(text.value, str) and text.value.strip(": ")
    }
    assert worded == FACTS
    assert {text for fault in KNOWN_FAULTS for text in (fault.title, fault.meaning, fault.remedy)} == FAULTS
