"""The words of state and reason in a row whose run was diagnosed: what both sides say, and the badge of its cause."""

from __future__ import annotations

from app.desktop.runs.columns import Column, cell_text, cell_tooltip, read_at
from app.desktop.shell.cause_text import cause_badge, diagnosis_advice, diagnosis_title, evidence_text
from app.desktop.shell.state_look import StateKind, StateLook, effective_look, run_look
from app.desktop.shell.times import exact_utc, short_time
from app.desktop.shell.words import translate
from app.domain.diagnosis.codes import Severity
from app.domain.diagnosis.finding import Diagnosis, Doing
from app.domain.run import EffectiveState, RunRow

DIAGNOSED = frozenset({Column.STATE, Column.WHY})
"""Columns that say more when the run was diagnosed."""
_SHORT_ID = 8


def diagnosed_look(row: RunRow, diagnosis: Diagnosis | None) -> StateLook:
    """Return how a run looks: stuck first, then what both sides say that it does."""
    if row.stuck or diagnosis is None:
        return run_look(row)
    return effective_look(diagnosis.state)


def badge_look(diagnosis: Diagnosis | None) -> StateLook | None:
    """Return the badge of a cause, code and word, in the colour of its severity; None for a healthy run."""
    if diagnosis is None or diagnosis.cause is None:
        return None
    kind = StateKind.STUCK if diagnosis.severity is Severity.TROUBLE else StateKind.WAITING
    return StateLook(kind, cause_badge(diagnosis.cause))


def diagnosed_text(row: RunRow, column: Column, diagnosis: Diagnosis | None) -> str:
    """Return what a cell shows beside its pill or badge."""
    if column is Column.STATE:
        return diagnosed_look(row, diagnosis).word
    if diagnosis is None:
        return cell_text(row, column)
    if diagnosis.cause is not None:
        return diagnosis_title(diagnosis)
    return _doing_text(row, diagnosis) or cell_text(row, column)


def diagnosed_spoken(row: RunRow, column: Column, diagnosis: Diagnosis | None) -> str:
    """Return what a screen reader says, the badge included."""
    badge = badge_look(diagnosis) if column is Column.WHY else None
    text = diagnosed_text(row, column, diagnosis)
    return text if badge is None else f"{badge.word}: {text}"


def diagnosed_tooltip(row: RunRow, column: Column, diagnosis: Diagnosis | None) -> str:
    """Return what hovering shows: the title, what to do, and the first fact that proves it."""
    if diagnosis is None:
        return cell_tooltip(row, column)
    if column is Column.STATE:
        state = translate("RunColumns", "{state} (stored as {status})").format(
            state=diagnosed_look(row, diagnosis).word, status=row.status
        )
        return "\n".join(line for line in (state, _exact_doing(diagnosis.doing)) if line)
    if diagnosis.cause is None:
        return diagnosed_text(row, column, diagnosis)
    return "\n".join(line for line in (*_story(diagnosis),) if line)


def _story(diagnosis: Diagnosis) -> tuple[str, ...]:
    proof = next(iter(diagnosis.evidence), None)
    fact = "" if proof is None else evidence_text(proof) + ("" if proof.at is None else f" ({exact_utc(proof.at)})")
    return cause_badge(diagnosis.cause), diagnosis_title(diagnosis), diagnosis_advice(diagnosis), fact


def _doing_text(row: RunRow, diagnosis: Diagnosis) -> str:
    """Return what only Temporal knows of a healthy run; "" where the row itself says it."""
    doing, now = diagnosis.doing, read_at(row)
    match diagnosis.state:
        case EffectiveState.RETRYING if doing.attempt is not None and doing.until is not None:
            return translate("RunColumns", "Attempt {number} at {time}").format(
                number=doing.attempt, time=short_time(doing.until, now)
            )
        case EffectiveState.WAITING_CHILD if doing.child is not None:
            return translate("RunColumns", "Child run {run}").format(run=doing.child[:_SHORT_ID])
        case EffectiveState.EXECUTING if doing.since is not None:
            return _since_text(row, short_time(doing.since, now))
        case _:
            return ""


def _since_text(row: RunRow, time: str) -> str:
    if row.node_path:
        return translate("RunColumns", "At {path} since {time}").format(path=row.node_path, time=time)
    return translate("RunColumns", "Executing since {time}").format(time=time)


def _exact_doing(doing: Doing) -> str:
    if doing.until is not None:
        return translate("RunColumns", "Until {time}").format(time=exact_utc(doing.until))
    if doing.since is not None:
        return translate("RunColumns", "Since {time}").format(time=exact_utc(doing.since))
    return ""
