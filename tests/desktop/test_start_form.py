"""The start dialog's form, versions, other runs' inputs and drafts, on stand-ins for the services."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid5

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from app.desktop.shell.context import DesktopContext
from app.desktop.shell.notifier import Notice
from app.desktop.start.controller import StartController
from app.desktop.start.payload_panel import View
from app.desktop.start.view import StartDialog
from app.domain import json_text
from app.domain.launching import PatchOperation
from app.domain.payload_schema import SchemaCheck, SchemaFault, SchemaState
from app.domain.placeholders import REDACTED
from app.domain.run import RunKey
from app.domain.start_draft import DraftOrigin, KeptDraft
from app.services.ports import ReplaySource
from app.services.replay_preview import PayloadVerdict
from tests.desktop.fake_starts import FakePrepareStart
from tests.desktop.inspections import (
    RUN,
    SPACE,
    TENANT,
    FakeStart,
    failed_inspection,
    is_gone,
    make_console,
    redacted,
)

DUNNING = uuid5(SPACE, "dunning")
TRIAGE = uuid5(SPACE, "triage")
SCHEMA: Any = {
    "type": "object",
    "required": ["ticket", "apiKey"],
    "properties": {
        "ticket": {"type": "string", "title": "Ticket", "description": "As in the queue."},
        "hours": {"type": "number"},
        "urgent": {"type": "boolean"},
        "priority": {"enum": ["P1", "P2"]},
        "due": {"type": "string", "format": "date"},
        "apiKey": {"type": "string"},
        "contact": {"type": "object", "properties": {"mail": {"type": "string"}}},
        "tags": {"type": "array", "items": {"type": "string"}},
        "any": {"type": "array", "items": {}},
    },
    "examples": [{"ticket": "T-1", "hours": Decimal("7.50")}],
}
INPUT: Any = {"ticket": "T-9", "hours": Decimal("12.50"), "apiKey": REDACTED, "extra": {"note": REDACTED}}
SOURCE = ReplaySource(
    RunKey(TENANT, RUN), DUNNING, "Invoice dunning", 3, "FAILED", redacted(INPUT), "hash", (), None, None, False, True
)  # fmt: skip

Opened = tuple[StartDialog, FakeStart, FakePrepareStart]


@pytest.fixture
def open_dialog(qtbot: QtBot, context: DesktopContext) -> Callable[..., Opened]:
    def open_it(prepare: FakePrepareStart, fake: FakeStart | None = None, like: RunKey | None = None) -> Opened:
        fake = fake or FakeStart()
        context.console = make_console(failed_inspection(), start=fake, prepare_start=prepare)
        controller = StartController(context, None, None if like else DUNNING, like)
        context.tasks.spawn("start dialog", controller.start())
        dialog = controller.dialog
        qtbot.waitUntil(lambda: dialog.isVisible() and dialog.version.count() == 3)
        return dialog, fake, prepare

    return open_it


def close(qtbot: QtBot, dialog: StartDialog) -> None:
    dialog.reject()
    qtbot.waitUntil(lambda: is_gone(dialog))


def line(dialog: StartDialog, path: str) -> QLineEdit:
    found = dialog.findChild(QLineEdit, f"start.field.{path}")
    assert isinstance(found, QLineEdit)
    return found


def press(dialog: StartDialog, name: str) -> None:
    found = dialog.findChild(QPushButton, name)
    assert isinstance(found, QPushButton)
    found.click()


def type_into(dialog: StartDialog, path: str, text: str) -> None:
    field = line(dialog, path)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


def document(dialog: StartDialog) -> Any:
    return json_text.parse(dialog.panel.content().text)


def test_the_form_is_in_front_and_writes_the_json(qtbot: QtBot, open_dialog: Callable[..., Opened]) -> None:
    dialog, _, _ = open_dialog(FakePrepareStart(SCHEMA))
    assert dialog.panel.view is View.FORM
    type_into(dialog, "/ticket", "T-7")
    type_into(dialog, "/hours", "1.50")
    type_into(dialog, "/contact/mail", "a@b.test")
    chosen = dialog.findChild(QComboBox, "start.field./priority")
    assert isinstance(chosen, QComboBox)
    chosen.setCurrentIndex(2)
    chosen.activated.emit(2)
    press(dialog, "start.field./tags.add")
    type_into(dialog, "/tags/0", "vip")
    press(dialog, "start.view.json")
    assert document(dialog) == {
        "ticket": "T-7",
        "hours": Decimal("1.50"),
        "contact": {"mail": "a@b.test"},
        "priority": "P2",
        "tags": ["vip"],
    }
    assert '"hours": 1.50' in dialog.payload.whole_text()
    close(qtbot, dialog)


def test_the_json_fills_the_form_and_keeps_it_away_while_it_is_broken(
    qtbot: QtBot, open_dialog: Callable[..., Opened]
) -> None:
    dialog, _, _ = open_dialog(FakePrepareStart(SCHEMA))
    press(dialog, "start.view.json")
    dialog.payload.selectAll()
    dialog.payload.insertPlainText('{"ticket": "T-8", "tags": ["a", "b"], "other": 1, "hours": ')
    form = dialog.findChild(QPushButton, "start.view.form")
    assert isinstance(form, QPushButton)
    qtbot.waitUntil(lambda: not form.isEnabled())
    assert form.toolTip()
    dialog.payload.insertPlainText("7.10}")
    qtbot.waitUntil(form.isEnabled)
    form.click()
    assert line(dialog, "/ticket").text() == "T-8"
    assert line(dialog, "/hours").text() == "7.10"
    assert line(dialog, "/tags/1").text() == "b"
    press(dialog, "start.field./tags/0.remove")
    rest = dialog.findChild(QLabel, "start.form.rest")
    assert isinstance(rest, QLabel)
    assert "other" in rest.text()
    assert document(dialog)["tags"] == ["b"]
    assert document(dialog)["other"] == 1
    close(qtbot, dialog)


def test_faults_stand_at_their_fields_and_block(qtbot: QtBot, open_dialog: Callable[..., Opened]) -> None:
    faults = (
        SchemaFault("/ticket", "required"),
        SchemaFault("/hours", "minimum", "0"),
        SchemaFault("/odd", "type", "x"),
    )
    refused = PayloadVerdict(SchemaCheck(SchemaState.FAULTY, 3, faults, 3), refuses=True)
    dialog, fake, _ = open_dialog(FakePrepareStart(SCHEMA), FakeStart(verdict=refused))
    said = dialog.findChild(QLabel, "start.fault./ticket")
    assert isinstance(said, QLabel)
    qtbot.waitUntil(lambda: said.text() == "Is missing")
    others = dialog.findChild(QLabel, "start.faults")
    assert isinstance(others, QLabel)
    assert others.text() == "/odd: Must be of type x"
    assert dialog.badge.text().startswith("3 place")
    dialog.confirm()
    assert fake.commands == []
    fake.verdict = PayloadVerdict(SchemaCheck(SchemaState.FITS, 3), refuses=False)
    type_into(dialog, "/ticket", "T-1")
    qtbot.waitUntil(lambda: dialog.badge.text() == "Fits the schema")
    assert not said.isVisible()
    type_into(dialog, "/due", "26.11.2026")
    date = dialog.findChild(QLabel, "start.fault./due")
    assert isinstance(date, QLabel)
    assert "2026-11-25" in date.text()
    dialog.confirm()
    qtbot.waitUntil(lambda: is_gone(dialog))
    assert fake.commands[0].payload_text is not None


def test_another_version_brings_its_own_form(qtbot: QtBot, open_dialog: Callable[..., Opened]) -> None:
    dialog, fake, prepare = open_dialog(FakePrepareStart(SCHEMA))
    assert [dialog.version.itemText(row) for row in range(3)] == ["v3 · newest", "v2", "v1"]
    prepare.schema = {"type": "object", "properties": {"old": {"type": "string"}}}
    dialog.version.setCurrentIndex(2)
    dialog.version.activated.emit(2)
    qtbot.waitUntil(lambda: dialog.findChild(QLineEdit, "start.field./old") is not None)
    assert prepare.asked == [None, 1]
    dialog.confirm()
    qtbot.waitUntil(lambda: is_gone(dialog))
    assert fake.commands[0].workflow_version == 1


def test_start_like_keeps_masked_values_and_names_the_run(qtbot: QtBot, open_dialog: Callable[..., Opened]) -> None:
    prepare = FakePrepareStart(SCHEMA, inputs={SOURCE.key: SOURCE})
    dialog, fake, _ = open_dialog(prepare, like=SOURCE.key)
    assert dialog.workflow.currentData() == DUNNING
    assert str(RUN)[:8] in dialog.source_card.text.text()
    assert line(dialog, "/hours").text() == "12.50"
    type_into(dialog, "/ticket", "T-10")
    dialog.confirm()
    qtbot.waitUntil(lambda: is_gone(dialog))
    (command,) = fake.commands
    assert command.payload_text is None
    assert command.like is not None
    assert (command.like.source, command.like.expected_hash) == (SOURCE.key, "hash")
    assert command.like.edit is not None
    assert command.like.edit.origins == (("apiKey",), ("extra", "note"))  # type: ignore[union-attr]


def test_a_masked_value_is_replaced_only_knowingly(qtbot: QtBot, open_dialog: Callable[..., Opened]) -> None:
    prepare = FakePrepareStart(SCHEMA, inputs={SOURCE.key: SOURCE})
    dialog, _, _ = open_dialog(prepare, like=SOURCE.key)
    assert not line(dialog, "/apiKey").isVisible()
    press(dialog, "start.field./apiKey.replace")
    type_into(dialog, "/apiKey", "typed")
    assert line(dialog, "/apiKey").echoMode() is not QLineEdit.EchoMode.Normal
    content = dialog.panel.content()
    assert content.origins == (("extra", "note"),)
    assert '"apiKey": "typed"' in content.text
    close(qtbot, dialog)


def test_an_input_of_another_workflow_is_blocked_with_the_reason(
    qtbot: QtBot, open_dialog: Callable[..., Opened]
) -> None:
    prepare = FakePrepareStart(SCHEMA, inputs={SOURCE.key: SOURCE})
    dialog, fake, _ = open_dialog(prepare, like=SOURCE.key)
    dialog.workflow.setCurrentIndex(1)
    qtbot.waitUntil(lambda: "another workflow" in dialog.hint.text())
    dialog.confirm()
    assert fake.commands == []
    dialog.drop_source.click()
    qtbot.waitUntil(dialog.confirm_button.isEnabled)
    assert dialog.panel.content().text == "{}"
    close(qtbot, dialog)


def test_the_latest_payload_and_the_example_are_starting_points(
    qtbot: QtBot, open_dialog: Callable[..., Opened], notices: list[Notice]
) -> None:
    dialog, _, prepare = open_dialog(FakePrepareStart(SCHEMA))
    dialog.newest.click()
    qtbot.waitUntil(lambda: len(notices) == 1)
    dialog.example.click()
    assert document(dialog) == {"ticket": "T-1", "hours": Decimal("7.50")}
    prepare.newest = SOURCE
    dialog.newest.click()
    qtbot.waitUntil(dialog.source_card.isVisible)
    assert line(dialog, "/ticket").text() == "T-9"
    close(qtbot, dialog)


def test_what_was_typed_survives_without_secrets(qtbot: QtBot, open_dialog: Callable[..., Opened]) -> None:
    dialog, _, prepare = open_dialog(FakePrepareStart(SCHEMA))
    type_into(dialog, "/ticket", "T-7")
    type_into(dialog, "/apiKey", "hunter2-typed")
    close(qtbot, dialog)
    qtbot.waitUntil(lambda: "T-7" in (prepare.drafts.get(DUNNING) or KeptDraft()).__repr__())
    assert "hunter2-typed" not in repr(prepare.drafts)

    again, fake, _ = open_dialog(prepare)
    qtbot.waitUntil(again.draft_card.isVisible)
    assert "/apiKey" in again.draft_card.secondary.text()
    assert line(again, "/ticket").text() == "T-7"
    type_into(again, "/apiKey", "k")
    again.confirm()
    qtbot.waitUntil(lambda: is_gone(again))
    assert fake.commands
    qtbot.waitUntil(lambda: prepare.drafts == {})


def test_a_draft_on_a_runs_input_is_restored_or_explained(
    qtbot: QtBot, open_dialog: Callable[..., Opened], notices: list[Notice]
) -> None:
    draft = KeptDraft(2, origin=DraftOrigin(RUN, "hash"), patch=(PatchOperation("replace", ("ticket",), '"T-11"'),))
    prepare = FakePrepareStart(SCHEMA, inputs={SOURCE.key: SOURCE}, drafts={DUNNING: draft})
    dialog, _, _ = open_dialog(prepare)
    qtbot.waitUntil(dialog.draft_card.isVisible)
    qtbot.waitUntil(lambda: dialog.version.currentData() == 2)
    assert line(dialog, "/ticket").text() == "T-11"
    assert dialog.panel.content().origins == (("apiKey",), ("extra", "note"))
    dialog.discard_draft.click()
    qtbot.waitUntil(lambda: prepare.drafts == {})
    assert dialog.panel.content().text == "{}"
    close(qtbot, dialog)

    prepare.inputs[SOURCE.key] = replace(SOURCE, input_hash="changed")
    prepare.drafts[DUNNING] = draft
    other, _, _ = open_dialog(prepare)
    qtbot.waitUntil(lambda: any("could not be restored" in notice.text for notice in notices))
    assert not other.draft_card.isVisible()
    close(qtbot, other)


def test_broken_json_cannot_be_kept_so_closing_asks(qtbot: QtBot, open_dialog: Callable[..., Opened]) -> None:
    dialog, _, prepare = open_dialog(FakePrepareStart(SCHEMA))
    press(dialog, "start.view.json")
    dialog.payload.selectAll()
    dialog.payload.insertPlainText('{"ticket": ')
    qtbot.waitUntil(lambda: "Invalid JSON" in dialog.badge.text())
    dialog.reject()
    assert dialog.asks_to_discard
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.asks_to_discard
    dialog.payload.selectAll()
    dialog.payload.insertPlainText("{}")
    qtbot.waitUntil(lambda: "Invalid JSON" not in dialog.badge.text())
    close(qtbot, dialog)
    qtbot.waitUntil(lambda: prepare.drafts in ({}, {DUNNING: KeptDraft(text="{}")}))


def test_switching_the_workflow_keeps_each_draft_apart(qtbot: QtBot, open_dialog: Callable[..., Opened]) -> None:
    dialog, _, prepare = open_dialog(FakePrepareStart(SCHEMA))
    type_into(dialog, "/ticket", "for dunning")
    dialog.workflow.setCurrentIndex(1)
    qtbot.waitUntil(lambda: DUNNING in prepare.drafts)
    qtbot.waitUntil(lambda: dialog.version.count() == 3)
    assert dialog.panel.content().text == "{}"
    assert TRIAGE not in prepare.drafts
    dialog.workflow.setCurrentIndex(0)
    qtbot.waitUntil(dialog.draft_card.isVisible)
    assert line(dialog, "/ticket").text() == "for dunning"
    close(qtbot, dialog)
