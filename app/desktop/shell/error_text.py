"""Errors and outcomes as translated sentences: by their code, with their own English sentence as a fallback."""

from __future__ import annotations

from collections.abc import Mapping

from app.desktop.shell.error_sentences import AFTERMATHS, JSON_FAULTS, LEGACY_NOTES, SENTENCES
from app.desktop.shell.state_look import status_look
from app.desktop.shell.words import translate
from app.domain.errors import RundeskError
from app.domain.launching import LaunchOutcome
from app.domain.payload_edit import PayloadProblem
from app.services.cancel_run import CancelOutcome
from app.services.inspect_run import ExecutionView
from app.services.ports import SideHealth


def error_text(error: RundeskError) -> str:
    """Return the operator's sentence for an error, in the current language where its code is known."""
    sentence = _sentence(error.code, error.params)
    if sentence is None:
        return error.message
    aftermath = AFTERMATHS.get(str(error.params.get("aftermath")))
    return sentence if aftermath is None else f"{sentence} {translate('Errors', aftermath)}"


def error_details(error: RundeskError) -> str:
    """Return what unfolds under the sentence: the code and, when translated, the original words."""
    lines = [error.code]
    if error_text(error) != error.message:
        lines.append(error.message)
    if error.__cause__ is not None:
        lines.append(type(error.__cause__).__name__)
    return "\n".join(lines)


def launch_text(outcome: LaunchOutcome) -> str:
    """Return what is to be said about a launch, "" when there is nothing."""
    return _sentence(outcome.code, {}) or outcome.message or ""


def launch_details(outcome: LaunchOutcome) -> str:
    """Return what unfolds under a launch's sentence: the run, and the original words where they say more."""
    said = outcome.message or ""
    return "\n".join([str(outcome.run.run_id), *([said] if said and said != launch_text(outcome) else [])])


def cancel_text(outcome: CancelOutcome) -> str:
    """Return what is to be said about a cancel."""
    return _sentence(outcome.code, {"status": outcome.status}) or outcome.message


def health_text(side: SideHealth) -> str:
    """Return why a server does not answer, with its own words where they say more; "" while it answers."""
    return _with_own_words(side.code, side.problem or "")


def execution_problem_text(view: ExecutionView) -> str:
    """Return why Temporal's side of a run is not known, with its own words where they say more; "" when it is."""
    return _with_own_words(view.code, view.problem or "")


def note_text(note: str) -> str:
    """Return the note on a run of the removed engine in the current language."""
    return translate("LegacyNotes", note) if note in LEGACY_NOTES else note


def problem_text(problem: PayloadProblem) -> str:
    """Return why a payload's text cannot be sent; for invalid JSON the fault alone, its place is shown beside it."""
    if problem.line is not None:
        return json_fault_text(problem.message)
    return _sentence(problem.code, {}) or problem.message


def json_fault_text(message: str) -> str:
    """Return what is wrong with a JSON text in the current language."""
    return translate("JsonFaults", message) if message in JSON_FAULTS else message


def coded_text(code: str | None, said: str | None, **params: object) -> str:
    """Return the translated sentence of a code with its values, else what was said; "" when nothing was."""
    return _sentence(code, params) or said or ""


def _with_own_words(code: str | None, said: str) -> str:
    sentence = _sentence(code, {}) or said
    return sentence if said in {sentence, ""} else f"{sentence}\n{said}"


def _sentence(code: str | None, params: Mapping[str, object]) -> str | None:
    """Return the translated sentence of a code; None when it is unknown or lacks a value."""
    source = None if code is None else SENTENCES.get(code)
    if source is None:
        return None
    try:
        return translate("Errors", source).format_map({name: _shown(name, value) for name, value in params.items()})
    except KeyError:
        return None


def _shown(name: str, value: object) -> str:
    if name == "status":
        return status_look(str(value)).word
    if name == "fault":
        return json_fault_text(str(value))
    if isinstance(value, list | tuple):
        return ", ".join(str(entry) or "/" for entry in value)
    return str(value)
