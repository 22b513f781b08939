"""What the run page says about a diagnosis beside its title: verdict, facts, known faults, and all of it as text."""

from __future__ import annotations

from datetime import datetime

from app.desktop.run_page.near_time import near_time
from app.desktop.shell.cause_text import cause_badge, diagnosis_advice, diagnosis_title, evidence_text, fault_words
from app.desktop.shell.state_look import effective_look, status_look
from app.desktop.shell.times import exact_utc
from app.desktop.shell.words import QT_TRANSLATE_NOOP, translate
from app.domain.diagnosis.codes import Source, Verdict
from app.domain.diagnosis.finding import Diagnosis, Evidence

_VERDICTS: dict[Verdict, str] = {
    Verdict.AGREE: QT_TRANSLATE_NOOP("Why", "Row and execution agree."),
    Verdict.LAGGING: QT_TRANSLATE_NOOP("Why", "The row is a moment behind the execution."),
    Verdict.FAILING: QT_TRANSLATE_NOOP("Why", "The row says Failed, and the execution is still handling it."),
    Verdict.ZOMBIE_ROW: QT_TRANSLATE_NOOP("Why", "The row looks active, but its execution has ended."),
    Verdict.PHANTOM_COMPLETION: QT_TRANSLATE_NOOP("Why", "The row has ended, but its execution goes on."),
    Verdict.MISSING: QT_TRANSLATE_NOOP("Why", "The row looks active, but Temporal knows no execution of it."),
    Verdict.CANNOT_VERIFY: QT_TRANSLATE_NOOP("Why", "The row stands alone: Temporal cannot be asked."),
}
_ENDED_OTHERWISE = QT_TRANSLATE_NOOP("Why", "Both have ended, each in its own way.")
_ROW_ALONE = frozenset({Verdict.MISSING, Verdict.CANNOT_VERIFY})
"""Verdicts without an execution that could tell what the run really does."""
_SOURCES: dict[Source, str] = {
    Source.POSTGRES: QT_TRANSLATE_NOOP("Why", "Postgres"),
    Source.TEMPORAL: QT_TRANSLATE_NOOP("Why", "Temporal"),
    Source.HISTORY: QT_TRANSLATE_NOOP("Why", "History"),
    Source.QUEUE: QT_TRANSLATE_NOOP("Why", "Task queue"),
    Source.QUERY: QT_TRANSLATE_NOOP("Why", "Query"),
}


def verdict_text(diagnosis: Diagnosis) -> str:
    """Return what the row says, what really happens, and whether they agree."""
    ended_otherwise = diagnosis.verdict is Verdict.PHANTOM_COMPLETION and diagnosis.cause is None
    words = _ENDED_OTHERWISE if ended_otherwise else _VERDICTS[diagnosis.verdict]
    verdict, row = translate("Why", words), status_look(diagnosis.status).word
    if diagnosis.verdict in _ROW_ALONE:
        return translate("Why", "The row says {status}.").format(status=row) + f" {verdict}"
    both = translate("Why", "The row says {status}, the run is really: {state}.")
    return both.format(status=row, state=effective_look(diagnosis.state).word) + f" {verdict}"


def fact_text(fact: Evidence, near: datetime) -> str:
    """Return a fact with where it stands and its local time, with the date unless it is ``near``'s day."""
    source = translate("Why", _SOURCES[fact.source])
    at = "" if fact.at is None else f" {near_time(fact.at, max(near, fact.at))}"
    return f"{source}{at}: {evidence_text(fact)}"


def fault_text(fault_id: str, *, whole: bool = True) -> str:
    """Return what a known fault of the engine is, and (``whole``) what it means for this run and what to do."""
    title, meaning, remedy = fault_words(fault_id)
    head = translate("Why", "Known fault of the engine: {title}").format(title=title)
    return f"{head} {meaning} {remedy}" if whole else head


def diagnosis_as_text(diagnosis: Diagnosis) -> str:
    """Return everything the card says, for the clipboard; the diagnosis is redacted already."""
    head = [f"{diagnosis.key.run_id} {diagnosis.workflow_name or ''}".rstrip()]
    if diagnosis.cause is not None:
        head.append(cause_badge(diagnosis.cause))
    head += [diagnosis_title(diagnosis), diagnosis_advice(diagnosis), verdict_text(diagnosis)]
    facts = [_fact_line(fact) for fact in diagnosis.evidence]
    faults = [f"{fault_id}: {fault_text(fault_id)}" for fault_id in diagnosis.known_faults]
    engineering = [diagnosis.engineering] if diagnosis.engineering else []
    return "\n".join(line for line in (*head, *facts, *faults, *engineering) if line)


def _fact_line(fact: Evidence) -> str:
    at = "" if fact.at is None else f"{exact_utc(fact.at)} "
    return f"- {at}{translate('Why', _SOURCES[fact.source])}: {evidence_text(fact, exact_utc)}"
