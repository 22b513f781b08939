"""Errors, outcomes and notes in the operator's language: by code, with their own words as a fallback."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import UUID

import pytest
from PySide6.QtCore import QTranslator

from app.desktop.shell import words
from app.desktop.shell.error_text import (
    cancel_text,
    error_text,
    execution_problem_text,
    health_text,
    launch_details,
    launch_text,
    note_text,
    problem_text,
)
from app.desktop.shell.state_look import StateKind, run_look
from app.desktop.shell.times import short_time
from app.domain import json_text
from app.domain.errors import ActionRefused, DatabaseUnavailable, InvalidInput, TemporalUnavailable
from app.domain.launching import LaunchOutcome, LaunchState
from app.domain.payload_edit import PayloadProblem
from app.domain.run import EffectiveState, RunKey
from app.services.cancel_run import CancelOutcome
from app.services.inspect_run import ExecutionView
from app.services.ports import SideHealth
from tests.architecture.source_tree import ROOT
from tests.desktop.doubles import NOW, make_row

KEY = RunKey(UUID(int=1), UUID(int=2))


@pytest.fixture
def german(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts in German; not installed in the application, so that no widget of another test hears of it."""
    translator = QTranslator()
    assert translator.load(str(ROOT / "resources" / "i18n" / "rundesk_de.qm"))
    language = SimpleNamespace(translate=lambda context, text: translator.translate(context, text) or text)
    monkeypatch.setattr(words, "QCoreApplication", language)


def test_an_error_is_said_in_the_language_in_force(german: None) -> None:
    error = ActionRefused("cancel.ended", "The run has already ended as FAILED.", status="FAILED")
    assert error_text(error) == "Der Lauf ist schon zu Ende (Fehler), es gibt nichts abzubrechen."


def test_what_an_interrupted_action_left_behind_is_said_too(german: None) -> None:
    error = DatabaseUnavailable("database.busy", "Locked. Nothing was started.", aftermath="nothing_started")
    assert error_text(error).endswith("versuchen Sie es noch einmal. Es wurde nichts gestartet.")


def test_paths_are_listed_and_the_top_has_a_name(german: None) -> None:
    error = ActionRefused("replay.damaged_input", "Damaged.", paths=("/customer", ""))
    assert "bei /customer, /. Ersetzen" in error_text(error)


def test_a_fault_in_a_json_text_is_translated_with_its_place(german: None) -> None:
    with pytest.raises(json_text.JsonTextError) as caught:
        json_text.parse('{"a": 1,}')
    fault = caught.value
    error = InvalidInput("payload.invalid_json", "", fault=fault.message, line=fault.line, column=fault.column)
    assert error_text(error) == (
        "Die Nutzdaten sind kein gültiges JSON: Vor der schließenden geschweiften Klammer steht ein Komma. "
        "(Zeile 1, Spalte 9)"
    )
    problem = PayloadProblem("payload.invalid_json", fault.message, None, fault.line, fault.column)
    assert problem_text(problem) == "Vor der schließenden geschweiften Klammer steht ein Komma."


def test_outcomes_are_said_by_code_and_keep_their_own_words_in_the_details(german: None) -> None:
    refused = LaunchOutcome(KEY, 1, "FAILED", LaunchState.FAILED, "Temporal refused: no room", "launch.refused")
    assert launch_text(refused) == "Temporal hat den Start der Ausführung abgelehnt; es läuft nichts."
    assert launch_details(refused) == f"{KEY.run_id}\nTemporal refused: no room"
    late = CancelOutcome(KEY, True, False, "SUCCEEDED", "Too late.", "cancel.too_late")
    assert (
        cancel_text(late) == "Der Lauf war zu Ende, bevor der Abbruch wirkte (Erfolgreich). Es wurde nichts geändert."
    )


def test_outcomes_without_a_known_code_are_said_in_their_own_words() -> None:
    assert launch_text(LaunchOutcome(KEY, 1, "RUNNING", LaunchState.STARTED)) == ""
    assert launch_text(LaunchOutcome(KEY, 1, "RUNNING", LaunchState.FAILED, "New.", "launch.new")) == "New."
    assert cancel_text(CancelOutcome(KEY, True, False, "FAILED", "New.")) == "New."


def test_a_server_that_is_away_is_explained_with_its_own_words_below(german: None) -> None:
    said = "Temporal at 127.0.0.1:7233 cannot be reached."
    sentence = "Temporal ist nicht erreichbar. Prüfen Sie, ob der Server läuft, und versuchen Sie es noch einmal."
    assert health_text(SideHealth(False, None, said, "temporal.unavailable")) == f"{sentence}\n{said}"
    assert execution_problem_text(ExecutionView(None, said, "temporal.unavailable")) == f"{sentence}\n{said}"
    assert health_text(SideHealth(True, 3.0)) == ""
    assert error_text(TemporalUnavailable("temporal.unavailable", said)) == sentence


def test_notes_on_runs_of_the_removed_engine_are_translated(german: None) -> None:
    note = "Executed by the database engine that was removed in June 2026; Temporal knows nothing of it."
    assert note_text(note).startswith("Von der Datenbank-Engine ausgeführt")
    assert note_text("Another note.") == "Another note."


def test_dates_follow_the_language(german: None) -> None:
    day_before = NOW.replace(day=20)
    assert short_time(day_before, NOW).startswith(f"{day_before.astimezone().day}. ")


@pytest.mark.parametrize("state", list(EffectiveState))
def test_every_effective_state_has_a_look(state: EffectiveState) -> None:
    look = run_look(make_row(5, state=state))
    assert look.word
    assert (look.kind is StateKind.UNKNOWN) == (state is EffectiveState.UNKNOWN)
