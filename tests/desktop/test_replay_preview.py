"""The panel beside the payload: what it says, what it blocks, and that each part stands by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.dialog.badge import Tone
from app.desktop.json_view.pointer_lines import line_of
from app.desktop.replay import preview_loader
from app.desktop.replay.controller import ReplayController
from app.desktop.replay.draft import Blocker
from app.desktop.replay.forecast_words import _NOTES
from app.desktop.replay.schema_words import SCHEMA_SENTENCES
from app.desktop.replay.view import ReplayDialog
from app.desktop.shell.context import DesktopContext
from app.domain.definition_difference import MemberChange, StepChange, StepChangeKind
from app.domain.errors import DatabaseUnavailable
from app.domain.headroom import StepQuota
from app.domain.payload_schema import DEMANDS, SchemaCheck, SchemaFault, SchemaState
from app.domain.replay_preview import VersionChoice, VersionPreview
from app.domain.run import RunLink
from app.domain.side_effects import ActionUse, forecast
from app.local.action_effects import action_catalogue
from app.services.replay_preview import PayloadVerdict
from tests.desktop.doubles import NOW
from tests.desktop.inspections import REPLAY, FakeReplay, failed_inspection, is_gone, make_console
from tests.desktop.preview_doubles import OPEN, FakePreviews

REASON = "Card gateway moved to EU"
AWAY = DatabaseUnavailable("database.unavailable", "Postgres cannot be reached.")
LATEST = VersionPreview(
    4,
    6,
    6,
    own_exists=True,
    chosen_exists=True,
    differences=(
        StepChange(
            StepChangeKind.CHANGED,
            "charge",
            "Charge the card",
            "action.call",
            "root.steps[1]",
            "root.steps[2]",
            (MemberChange("/retry/maxAttempts", "1", "3"),),
        ),
        StepChange(StepChangeKind.ADDED, "cursor", None, "action.call", None, "root.steps[0]"),
    ),
)
FAULTY = SchemaCheck(
    SchemaState.FAULTY, 4, (SchemaFault("/customer/vat", "required"), SchemaFault("/gateway", "enum", '"a", "b"')), 2
)
Opened = tuple[ReplayController, ReplayDialog, FakePreviews, FakeReplay]


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview_loader, "HEADROOM_SECONDS", 0.02)


@pytest.fixture
def open_dialog(qtbot: QtBot, context: DesktopContext) -> Callable[[FakePreviews], Opened]:
    def open_it(previews: FakePreviews) -> Opened:
        inspection = failed_inspection()
        replay = FakeReplay(inspection)
        context.console = make_console(inspection, replay=replay, previews=previews)
        controller = ReplayController(context, inspection.run.row, None)
        context.tasks.spawn("replay dialog", controller.replay())
        qtbot.waitUntil(lambda: controller.dialog.badge.text().endswith("original will be sent"))
        controller.dialog.reason.setText(REASON)
        return controller, controller.dialog, previews, replay

    return open_it


def close(qtbot: QtBot, dialog: ReplayDialog) -> None:
    dialog.done(0)
    qtbot.waitUntil(lambda: is_gone(dialog))


def test_a_run_without_a_past_says_so_and_can_be_sent(
    qtbot: QtBot, open_dialog: Callable[[FakePreviews], Opened]
) -> None:
    controller, dialog, previews, _ = open_dialog(FakePreviews())
    panel = dialog.preview
    qtbot.waitUntil(lambda: "not replayed before" in panel.replays.text)
    qtbot.waitUntil(lambda: panel.check.badge.text() == "No schema")
    assert "called no action" in panel.forecast.text
    assert "Active runs: 2 of 5" in panel.headroom.text
    assert "Step quota: not known" in panel.headroom.text
    assert panel.picker.count() == 1
    assert controller._draft.blocker() is None
    assert previews.checked[-1] == ((), 4)
    close(qtbot, dialog)


def test_the_latest_version_is_chosen_compared_checked_and_sent(
    qtbot: QtBot, open_dialog: Callable[[FakePreviews], Opened]
) -> None:
    _, dialog, previews, replay = open_dialog(FakePreviews(latest=LATEST))
    panel = dialog.preview
    qtbot.waitUntil(lambda: panel.picker.count() == 2)
    panel.picker.setFocus()
    QTest.keyClick(panel.picker, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: "Changed: Charge the card" in panel.version.text)
    assert panel.version.badge.text() == "2 difference(s)"
    assert "/retry/maxAttempts" in panel.version.text
    assert "Added: cursor" in panel.version.text
    for shown in (True, False):
        (changed,) = panel.version.links()
        changed.setFocus()
        QTest.keyClick(changed, Qt.Key.Key_Space)
        assert ("- 1\n  + 3" in panel.version.text) is shown
        assert dialog.focusWidget() is panel.version.links()[0]
    qtbot.waitUntil(lambda: previews.checked[-1][1] == 6 and dialog.confirm_button.isEnabled())
    dialog.confirm()
    qtbot.waitUntil(lambda: is_gone(dialog))
    assert replay.commands[0].workflow_version == 6


def test_the_latest_version_is_not_sent_before_it_is_known(
    qtbot: QtBot, open_dialog: Callable[[FakePreviews], Opened]
) -> None:
    controller, dialog, previews, replay = open_dialog(FakePreviews(latest=LATEST))
    qtbot.waitUntil(lambda: dialog.preview.picker.count() == 2)
    previews.errors["versions"] = AWAY
    dialog.preview.picker.setCurrentIndex(1)
    qtbot.waitUntil(lambda: dialog.preview.version.badge.text() == "Not known")
    assert controller._draft.blocker() is Blocker.VERSION
    dialog.confirm()
    assert replay.commands == []
    assert dialog.confirm_button.toolTip() == dialog.hint.text() != ""
    close(qtbot, dialog)


def test_faults_of_the_schema_block_and_lead_to_their_places(
    qtbot: QtBot, open_dialog: Callable[[FakePreviews], Opened]
) -> None:
    controller, dialog, _, replay = open_dialog(FakePreviews(verdict=PayloadVerdict(FAULTY, refuses=True)))
    check = dialog.preview.check
    qtbot.waitUntil(lambda: check.badge.text() == "Breaks it in 2 place(s)")
    assert check.badge.tone is Tone.TROUBLE
    assert 'Must be one of "a", "b"' in check.text
    assert controller._draft.blocker() is Blocker.SCHEMA
    dialog.confirm()
    assert replay.commands == []
    missing, gateway = check.links()
    for link, line in ((gateway, '"gateway"'), (missing, '"customer"')):
        link.setFocus()
        QTest.keyClick(link, Qt.Key.Key_Space)
        assert line in dialog.payload.textCursor().block().text()
    close(qtbot, dialog)


def test_faults_that_the_product_accepted_before_only_warn(
    qtbot: QtBot, open_dialog: Callable[[FakePreviews], Opened]
) -> None:
    controller, dialog, _, _ = open_dialog(FakePreviews(verdict=PayloadVerdict(FAULTY, refuses=False)))
    qtbot.waitUntil(lambda: dialog.preview.check.badge.tone is Tone.WARNING)
    assert "can be sent all the same" in dialog.preview.check.text
    assert controller._draft.blocker() is None
    close(qtbot, dialog)


def test_an_edit_is_checked_as_it_would_be_sent_and_an_older_verdict_is_dropped(
    qtbot: QtBot, context: DesktopContext, open_dialog: Callable[[FakePreviews], Opened]
) -> None:
    _, dialog, previews, _ = open_dialog(FakePreviews(verdict=PayloadVerdict(FAULTY, refuses=True)))
    qtbot.waitUntil(lambda: dialog.preview.check.badge.tone is Tone.TROUBLE)
    released = asyncio.Event()
    previews.verdict, previews.check_pause = None, released
    cursor = dialog.payload.document().find("stripe-us")
    cursor.insertText("stripe-eu")
    dialog.payload.setTextCursor(cursor)
    qtbot.waitUntil(lambda: dialog.badge.text() == "Edited, 1 change(s)")
    assert dialog.preview.check.badge.text() == "Checking…"
    assert dialog.confirm_button.isEnabled(), "the service checks by itself"

    async def release() -> None:
        released.set()

    qtbot.waitUntil(lambda: previews.checked[-1][0] != ())
    context.tasks.spawn("release", context.bridge.call(release))
    qtbot.waitUntil(lambda: dialog.preview.check.badge.text() == "No schema")
    cursor.select(cursor.SelectionType.Document)
    cursor.insertText("{")
    qtbot.waitUntil(lambda: dialog.badge.text().startswith("Invalid JSON"))
    assert dialog.preview.check.badge.text() == "Not checked"
    close(qtbot, dialog)


def test_gates_are_looked_at_again_and_again(qtbot: QtBot, open_dialog: Callable[[FakePreviews], Opened]) -> None:
    controller, dialog, previews, _ = open_dialog(FakePreviews())
    headroom = dialog.preview.headroom
    qtbot.waitUntil(lambda: headroom.badge.text() == "Open")
    previews.room = replace(OPEN, gates=replace(OPEN.gates, is_paused=True))
    qtbot.waitUntil(lambda: headroom.badge.text() == "Closed")
    assert controller._draft.blocker() is Blocker.GATE
    assert "is paused" in dialog.hint.text()
    quota = StepQuota(NOW, NOW + timedelta(days=7), 150, 150, "pro")
    previews.room = replace(OPEN, quota=quota, quota_unknown=None)
    qtbot.waitUntil(lambda: headroom.badge.text() == "Would pause")
    assert "Steps of this period: 150 of 150" in headroom.text
    assert controller._draft.blocker() is None
    previews.room = replace(OPEN, gates=replace(OPEN.gates, is_paused=True))
    qtbot.waitUntil(lambda: headroom.badge.text() == "Closed")
    previews.errors["headroom"] = AWAY
    qtbot.waitUntil(lambda: headroom.badge.text().startswith("As of"))
    assert "is paused" in headroom.text, "what was seen stays, with its age"
    assert controller._draft.blocker() is None, "but what is outdated blocks nothing"
    close(qtbot, dialog)


def test_what_would_happen_twice_is_named_and_counted(
    qtbot: QtBot, open_dialog: Callable[[FakePreviews], Opened]
) -> None:
    uses = (
        ActionUse("email.send", 1, "root.steps[0].body.steps[0]", "SUCCEEDED", authored_key=False, count=3),
        ActionUse("crm.find", 1, "root.steps[1]", "SUCCEEDED", authored_key=False),
        ActionUse("assets.create", 1, "root.steps[2]", "SUCCEEDED", authored_key=True),
        ActionUse("payments.charge", 1, "root.steps[3]", "FAILED", authored_key=True),
        ActionUse("transform.parse_json", 1, "root.steps[4]", "SUCCEEDED", authored_key=False, count=2),
        ActionUse("clients.update", 1, "root.steps[5]", "STARTED", authored_key=False, in_child=True),
    )
    foretold = forecast(uses, action_catalogue())
    _, dialog, _, _ = open_dialog(FakePreviews(foretold=foretold))
    section = dialog.preview.forecast
    qtbot.waitUntil(lambda: section.badge.text() == "1 collide")
    assert section.badge.tone is Tone.TROUBLE
    lines = section.text.split("\n")
    assert [line for line in lines if "." in line and " " not in line.partition(" \u00d7")[0]] == [
        "payments.charge",
        "email.send \u00d7 3",
        "clients.update",
        "crm.find",
        "assets.create",
    ]
    assert "Without effect outside: transform.parse_json \u00d7 2" in lines
    assert "in a child run" in section.text
    assert "may differ" not in section.text
    dialog.payload.document().find("stripe-us").insertText("stripe-eu")
    qtbot.waitUntil(lambda: "may differ" in section.text)
    close(qtbot, dialog)


def test_earlier_replays_are_listed_and_a_success_among_them_warns(
    qtbot: QtBot, open_dialog: Callable[[FakePreviews], Opened]
) -> None:
    links = (
        RunLink(REPLAY, "FAILED", NOW, NOW, "First try"),
        RunLink(REPLAY, "SUCCEEDED", NOW + timedelta(minutes=1), NOW + timedelta(minutes=2), "Token renewed"),
    )
    _, dialog, _, _ = open_dialog(FakePreviews(earlier=links))
    section = dialog.preview.replays
    qtbot.waitUntil(lambda: section.badge.text() == "One succeeded")
    assert section.badge.tone is Tone.WARNING
    assert section.text.index("Token renewed") < section.text.index("First try")
    close(qtbot, dialog)


def test_a_part_that_fails_says_why_hides_no_other_and_is_looked_up_again(
    qtbot: QtBot, open_dialog: Callable[[FakePreviews], Opened]
) -> None:
    failing = dict.fromkeys(("forecast", "replays", "check"), AWAY)
    controller, dialog, previews, _ = open_dialog(FakePreviews(errors=failing))
    panel = dialog.preview
    for section in (panel.forecast, panel.replays, panel.check):
        qtbot.waitUntil(lambda section=section: section.badge.text() == "Not known")
        assert "Postgres" in section.text
    qtbot.waitUntil(lambda: panel.headroom.badge.text() == "Open")
    assert controller._draft.blocker() is None
    previews.errors.clear()
    panel._again.setFocus()
    QTest.keyClick(panel._again, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: panel.check.badge.text() == "No schema" and not panel._again.isVisible())
    close(qtbot, dialog)


def test_it_fits_a_small_screen_and_scrolls_inside(qtbot: QtBot, open_dialog: Callable[[FakePreviews], Opened]) -> None:
    _, dialog, _, _ = open_dialog(FakePreviews(verdict=PayloadVerdict(FAULTY, refuses=True)))
    qtbot.waitUntil(lambda: dialog.preview.check.badge.tone is Tone.TROUBLE)
    assert dialog.width() <= 1280
    assert dialog.height() <= 800
    dialog.resize(dialog.minimumSize())
    panel = dialog.preview
    qtbot.waitUntil(lambda: panel.verticalScrollBar().maximum() > 0)
    assert panel.widget().width() <= panel.viewport().width()
    assert panel.focusPolicy() is not Qt.FocusPolicy.NoFocus
    close(qtbot, dialog)


@pytest.mark.parametrize(
    ("place", "line"),
    [("", 0), ("/a", 1), ("/b", 2), ("/b/0", 3), ("/b/1/x~1y", 5), ("/b/1/new", 4), ("/b/9", 2), ("/zz", 0)],
)
def test_a_place_is_found_on_its_line_or_above_it(place: str, line: int) -> None:
    text = '{\n  "a": "{,:]",\n  "b": [\n    1,\n    {\n      "x/y": null\n    }\n  ]\n}'
    assert line_of(text, place) == line
    assert line_of("{", "/a") == 0
    assert line_of("", "/a") == 0


def test_every_demand_and_note_has_words_of_the_desktop() -> None:
    assert SCHEMA_SENTENCES.keys() == DEMANDS.keys()
    catalogue = action_catalogue()
    assert {entry.note for entry in catalogue.exact.values() if entry.note} == set(_NOTES)


def test_version_choices_are_words_of_the_command_line() -> None:
    assert [str(choice) for choice in VersionChoice] == ["own", "latest"]
