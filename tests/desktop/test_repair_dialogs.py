"""The ways out through their real dialogs: shown first, confirmed once, told truly, never without a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.health.controller import HealthController
from app.desktop.health.words import SENTENCES, STATES, TITLES
from app.desktop.repair.controller import RepairController
from app.desktop.repair.desk import WayOutDesk, command_of
from app.desktop.repair.quota_controller import QuotaController
from app.desktop.repair.view import RepairDialog
from app.desktop.run_page.header import RunHeader
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.notifier import Notice, NoticeKind
from app.desktop.stranded.controller import StrandedController
from app.domain.errors import ActionRefused
from app.domain.health.check import Check, CheckState, HealthCheck
from app.domain.health.findings import FINDINGS
from app.domain.quota_pause import QuotaFacts, QuotaUsage, QuotaWait, resume_way
from app.domain.repair import PlannedWrite, RepairAction, RepairPlan
from app.domain.run import EffectiveState, RunInspection, RunKey, Wait
from app.domain.stranded import JudgedRun, StrandedFate, StrandedRun
from app.services.doctor import HealthReport
from app.services.finalize_stranded import FinalizeCommand, FinalizeOutcome, StrandedReport
from app.services.quota_resume import ResumeCommand, ResumeOutcome, ResumePlan
from app.services.repair_acts import RepairCommand, RepairOutcome
from tests.desktop.inspections import NOW, is_gone, make_console, running_inspection

REASON = "the worker was gone"
WRITES = (
    PlannedWrite("workflow_runs", str(uuid4()), {"status": "FAILED", "completed_at": "now"}),
    PlannedWrite("audit_logs", str(uuid4()), {"operation": "workflow_run_repair"}),
)
ROW = running_inspection().run.row


class FakeRepair:
    """Stands in for RepairRun."""

    def __init__(self, refusal: ActionRefused | None = None) -> None:
        self.refusal = refusal
        self.looks: list[RepairCommand] = []
        self.commands: list[RepairCommand] = []

    async def plan(self, command: RepairCommand) -> RepairPlan:
        self.looks.append(command)
        return RepairPlan(command.action, command.key, WRITES, ("Mind the gap.",))

    async def apply(self, command: RepairCommand) -> RepairOutcome:
        self.commands.append(command)
        if self.refusal is not None:
            raise self.refusal
        return RepairOutcome(accepted=True, observed=True, code="repair.launch_failed", message="done")


@pytest.fixture
def open_repair(qtbot: QtBot, context: DesktopContext) -> Iterator[Callable[..., tuple[RepairDialog, FakeRepair]]]:
    opened: list[RepairDialog] = []

    def open_it(action: RepairAction, fake: FakeRepair | None = None) -> tuple[RepairDialog, FakeRepair]:
        fake = fake or FakeRepair()
        context.console = make_console(running_inspection(), repair=fake)
        controller = RepairController(context, action, ROW, None)
        opened.append(controller.dialog)
        context.tasks.spawn("repair", controller.repair())
        qtbot.waitUntil(controller.dialog.isVisible)
        return controller.dialog, fake

    yield open_it
    for dialog in opened:
        close(qtbot, dialog)


def close(qtbot: QtBot, dialog: QDialog) -> None:
    if not is_gone(dialog):
        dialog.done(0)
        qtbot.waitUntil(lambda: is_gone(dialog))


def test_a_repair_is_shown_then_sent_once_with_what_was_confirmed(
    qtbot: QtBot, open_repair: Callable[..., Any], notices: list[Notice]
) -> None:
    dialog, fake = open_repair(RepairAction.FAIL_LAUNCH)
    qtbot.waitUntil(lambda: "status → FAILED" in dialog.plan.text)
    assert "Audit" in dialog.plan.text
    assert dialog.caution.text.text() == "Mind the gap."
    assert not dialog.confirm_button.isEnabled()
    dialog.reason.setText(f" {REASON} ")
    for _ in range(2):
        QTest.mouseClick(dialog.confirm_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: is_gone(dialog))
    (command,) = fake.commands
    assert (command.reason, command.confirmed, command.action) == (REASON, WRITES, RepairAction.FAIL_LAUNCH)
    assert [notice.kind for notice in notices] == [NoticeKind.SUCCESS]


def test_a_refusal_is_said_inside_and_begins_a_new_request(qtbot: QtBot, open_repair: Callable[..., Any]) -> None:
    fake = FakeRepair(ActionRefused("repair.changed", "The run changed."))
    dialog, _ = open_repair(RepairAction.FAIL_LAUNCH, fake)
    dialog.reason.setText(REASON)
    qtbot.waitUntil(dialog.confirm_button.isEnabled)
    for number in (1, 2):
        dialog.confirm()
        qtbot.waitUntil(lambda wanted=number: len(fake.commands) == wanted and dialog.confirm_button.isEnabled())
    assert "while it was being repaired" in dialog.error.text.text()
    assert fake.commands[0].request_id != fake.commands[1].request_id


def test_what_only_the_engine_writes_needs_the_repair_mode(
    qtbot: QtBot, context: DesktopContext, open_repair: Callable[..., Any]
) -> None:
    dialog, fake = open_repair(RepairAction.PROJECT_CLOSE)
    dialog.reason.setText(REASON)
    qtbot.waitUntil(lambda: "repair mode is off" in dialog.hint.text())
    dialog.confirm()
    assert fake.commands == []
    context.commands.action("repair.mode").setChecked(True)
    dialog.reason.setText(f"{REASON}!")
    dialog.confirm()
    qtbot.waitUntil(lambda: is_gone(dialog))
    assert fake.commands[0].repair_mode


def test_a_response_is_looked_at_again_whenever_it_changes(qtbot: QtBot, open_repair: Callable[..., Any]) -> None:
    dialog, fake = open_repair(RepairAction.RELEASE_HUMAN_TASK)
    dialog.reason.setText(REASON)
    assert not dialog.confirm_button.isEnabled()
    dialog.input.setPlainText('{"approved": true}')
    dialog.override.setChecked(True)
    assert fake.looks == []
    dialog.look.click()
    qtbot.waitUntil(dialog.confirm_button.isEnabled)
    assert (fake.looks[0].arguments.response, fake.looks[0].arguments.override) == ('{"approved": true}', True)
    dialog.input.setPlainText("{}")
    assert not dialog.confirm_button.isEnabled()


def test_an_event_id_that_is_none_is_said(qtbot: QtBot, open_repair: Callable[..., Any]) -> None:
    dialog, fake = open_repair(RepairAction.DELIVER_EVENT)
    dialog.event_id.setText("no id")
    dialog.look.click()
    qtbot.waitUntil(lambda: "is no id" in dialog.plan.message.text())
    dialog.event_id.setText(str(uuid4()))
    dialog.look.click()
    qtbot.waitUntil(lambda: bool(fake.looks))
    assert str(fake.looks[0].arguments.event_id) == dialog.typed_event_id


def with_wait(inspection: RunInspection, wait_type: str) -> RunInspection:
    wait = Wait(uuid4(), "root.steps[0]", wait_type, "WAITING", "k", None, None, NOW, None, None)
    return replace(inspection, waits=(wait,))


def test_only_what_fits_the_run_is_offered_and_the_rest_says_why(context: DesktopContext, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    desk = WayOutDesk(context, lambda: window, lambda: None)
    commands = context.commands

    def offered() -> set[str]:
        named = {command_of(action) for action in RepairAction} | {"quota.resume"}
        assert all(commands.reason(name) or commands.action(name).isEnabled() for name in named)
        return {name for name in named if commands.action(name).isEnabled()}

    running = running_inspection()
    desk.allow(None)
    assert offered() == set()
    desk.allow(with_wait(running, "human"))
    assert offered() == {"repair.release-human-task", "repair.project-close"}
    desk.allow(with_wait(running, "event"))
    assert offered() == {"repair.deliver-event", "repair.project-close"}
    desk.allow(replace(running, steps=(), waits=()))
    assert offered() == {"repair.complete-launch", "repair.fail-launch", "repair.project-close"}
    paused = replace(running.run, row=replace(ROW, status="WAITING"))
    desk.allow(replace(with_wait(running, "quota"), run=paused))
    assert offered() == {"quota.resume", "repair.project-close"}
    ended = replace(running.run, row=replace(ROW, status="FAILED", completed_at=NOW))
    desk.allow(replace(running, run=ended))
    assert offered() == set()
    context.operator = None
    desk.allow(with_wait(running, "human"))
    assert offered() == set()


def test_a_quota_pause_shows_its_button_beside_the_others(context: DesktopContext, qtbot: QtBot) -> None:
    header = RunHeader(context.theme, context.commands)
    qtbot.addWidget(header)
    header.show_row(ROW)
    assert header.quota.isHidden()
    header.show_row(replace(ROW, state=EffectiveState.WAITING_QUOTA))
    assert (header.quota.isHidden(), header.quota.objectName()) == (False, "quota.resume")


class FakeQuota:
    """Stands in for QuotaResumes."""

    def __init__(self, used: int) -> None:
        wait = QuotaWait(uuid4(), "WAITING", "root.steps[2]", NOW)
        usage = QuotaUsage(used, 150, "stripe_price_metadata", NOW, "pro")
        self.facts = QuotaFacts("WAITING", "temporal", "root.steps[2]", wait, False, usage)
        self.commands: list[ResumeCommand] = []

    async def plan(self, _key: RunKey) -> ResumePlan:
        try:
            return ResumePlan(self.facts, resume_way(self.facts), None)
        except ActionRefused as refusal:
            return ResumePlan(self.facts, None, refusal)

    async def resume(self, command: ResumeCommand) -> ResumeOutcome:
        self.commands.append(command)
        return ResumeOutcome(command.key, True, True, False, 1, "RUNNING", "gone on", "quota.resumed")


@pytest.mark.parametrize("used", [10, 150])
def test_a_quota_pause_ends_only_with_steps_left(
    qtbot: QtBot, context: DesktopContext, notices: list[Notice], used: int
) -> None:
    fake = FakeQuota(used)
    context.console = make_console(running_inspection(), quota=fake)
    controller = QuotaController(context, ROW, None)
    context.tasks.spawn("quota", controller.resume())
    qtbot.waitUntil(lambda: "RESOLVED" in controller.dialog.plan.text() or "exhausted" in controller.dialog.plan.text())
    controller.dialog.reason.setText(REASON)
    controller.dialog.confirm()
    if used == 10:
        qtbot.waitUntil(lambda: is_gone(controller.dialog))
        assert [command.reason for command in fake.commands] == [REASON]
        assert [notice.kind for notice in notices] == [NoticeKind.SUCCESS]
    else:
        assert "150 of 150" in controller.dialog.plan.text()
        close(qtbot, controller.dialog)
        assert fake.commands == []


class FakeStranded:
    """Stands in for FinalizeStranded."""

    def __init__(self, *, verified: bool = True) -> None:
        key = RunKey(ROW.key.tenant, uuid4())
        run = StrandedRun(key, "Old one", None, "RUNNING", NOW, 90_000.0, 2, 1)
        fate = StrandedFate.FINALIZE if verified else StrandedFate.UNVERIFIED
        self.report = StrandedReport((JudgedRun(run, fate),), NOW, verified)
        self.commands: list[FinalizeCommand] = []

    async def plan(self, _tenant: object) -> StrandedReport:
        return self.report

    async def apply(self, command: FinalizeCommand) -> FinalizeOutcome:
        self.commands.append(command)
        return FinalizeOutcome((self.report.runs[0].run.key.run_id,), (), NOW)


@pytest.mark.parametrize("verified", [True, False])
def test_stranded_rows_are_finalized_only_after_temporals_word(
    qtbot: QtBot, context: DesktopContext, notices: list[Notice], verified: bool
) -> None:
    fake = FakeStranded(verified=verified)
    context.console = make_console(running_inspection(), stranded=fake)
    window = QWidget()
    qtbot.addWidget(window)
    controller = StrandedController(context, lambda: window)
    controller.show()
    dialog = controller.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.table.isVisible)
    assert dialog.model.index(0, 6).data() == ("becomes CANCELED" if verified else "not verified")
    dialog.reason.setText(REASON)
    dialog.confirm()
    if verified:
        qtbot.waitUntil(lambda: is_gone(dialog))
        assert [command.reason for command in fake.commands] == [REASON]
        assert "1 stranded" in notices[0].text
    else:
        assert dialog.unverified.isVisible()
        close(qtbot, dialog)
        assert fake.commands == []


class FakeDoctor:
    """Stands in for Doctor."""

    def __init__(self) -> None:
        self.times = 0

    async def examine(self) -> HealthReport:
        self.times += 1
        good = HealthCheck(Check.POSTGRES, CheckState.OK, "answers", {"milliseconds": "1.0"})
        bad = HealthCheck(Check.POLLERS, CheckState.PROBLEM, "pollers_none", {"queue": "q-1"})
        return HealthReport((good, bad), NOW)


def test_the_environment_check_shows_the_worst_first_and_checks_again(qtbot: QtBot, context: DesktopContext) -> None:
    doctor = FakeDoctor()
    context.console = make_console(running_inspection(), doctor=doctor)
    window = QWidget()
    qtbot.addWidget(window)
    controller = HealthController(context, lambda: window)
    controller.show()
    dialog = controller.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: "q-1" in dialog.text)
    assert dialog.text.index("Nobody polls q-1") < dialog.text.index("Answered in 1.0 ms")
    assert "rundesk worker" in dialog.text
    dialog.refresh.click()
    qtbot.waitUntil(lambda: doctor.times == 2 and dialog.refresh.isEnabled())
    close(qtbot, dialog)


def test_every_finding_title_and_state_has_its_words() -> None:
    written = {sentence for finding in FINDINGS.values() for sentence in (finding.evidence, finding.remedy) if sentence}
    assert written - {"{reason}"} == SENTENCES
    assert (set(TITLES), set(STATES)) == (set(Check), set(CheckState))
