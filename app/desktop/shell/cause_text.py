"""A diagnosis in the operator's language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from app.desktop.shell.cause_sentences import CAUSE_SENTENCES, CAUSE_WORDS
from app.desktop.shell.times import age_text, local_time
from app.desktop.shell.words import translate
from app.domain.diagnosis.codes import Cause, Severity
from app.domain.diagnosis.finding import Diagnosis, Evidence, Params
from app.domain.diagnosis.known_faults import fault

_SPANS = frozenset({"seconds", "limit"})


def cause_word(cause: Cause | None) -> str:
    """Return a cause in a word or two."""
    return translate("Causes", CAUSE_WORDS[cause])


def cause_badge(cause: Cause | None) -> str:
    """Return code and word of a cause: "S01 No worker"."""
    return cause_word(cause) if cause is None else f"{cause} {cause_word(cause)}"


def diagnosis_title(diagnosis: Diagnosis) -> str:
    """Return what holds the run up, in one sentence; a healthy run's is the domain's own."""
    if _ended_otherwise(diagnosis):
        return translate("Causes", "Row and execution have ended differently.")
    if diagnosis.cause is None or diagnosis.kind is None:
        return diagnosis.title
    return _filled(CAUSE_SENTENCES[diagnosis.cause, diagnosis.kind].title, diagnosis.params)


def diagnosis_advice(diagnosis: Diagnosis) -> str:
    """Return what to do about it, "" where nothing is to be done."""
    if _ended_otherwise(diagnosis):
        return translate(
            "Causes", "Believe the execution: it is what really happened. Do not replay what has succeeded."
        )
    if diagnosis.cause is None or diagnosis.kind is None:
        return ""
    return _filled(CAUSE_SENTENCES[diagnosis.cause, diagnosis.kind].advice, diagnosis.params)


def _ended_otherwise(diagnosis: Diagnosis) -> bool:
    """Say whether this is the one thing to watch that has no cause."""
    return diagnosis.cause is None and diagnosis.severity is not Severity.OK


def evidence_text(fact: Evidence, times: Callable[[datetime], str] = local_time) -> str:
    """Return what a fact says, its times put by ``times``; raw words of the servers stay as they are."""
    words = translate("Facts", fact.wording)
    return words.format_map(_shown_all(fact.params, times)) if fact.params else words


def fault_words(fault_id: str) -> tuple[str, str, str]:
    """Return what a known fault of the engine is, what it means for the run, and what to do."""
    known = fault(fault_id)
    return translate("Faults", known.title), translate("Faults", known.meaning), translate("Faults", known.remedy)


def _filled(sentence: str, params: Params) -> str:
    if not sentence:
        return ""
    return translate("Causes", sentence).format_map(_shown_all(params, local_time))


def _shown_all(params: Params, times: Callable[[datetime], str]) -> dict[str, str]:
    return {name: _shown(name, value, times) for name, value in params}


def _shown(name: str, value: str | float | datetime, times: Callable[[datetime], str]) -> str:
    if isinstance(value, datetime):
        return times(value)
    if isinstance(value, str):
        return value
    return age_text(value) if name in _SPANS else str(value)
