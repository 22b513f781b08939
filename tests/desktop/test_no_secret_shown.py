"""No screen shows a secret: every widget's texts, tooltips, models and what is copied from it, on a real database."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QDialog, QLabel, QLineEdit, QPlainTextEdit, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.bootstrap.reports import render_report
from app.bootstrap.services import wire
from app.desktop.cancel.controller import CancelController
from app.desktop.replay.controller import ReplayController
from app.desktop.run_page.panes import Pane
from app.desktop.run_page.view import RunPage
from app.desktop.runs.outage_bar import OutageBar
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.crash import CrashReporter
from app.domain.run import RunKey
from app.local.log_redaction import LogRedaction
from app.postgres.database import Database
from app.temporal.gateway import TemporalGateway
from tests.conftest import Stack, TestDatabase
from tests.desktop.inspections import is_gone
from tests.secret_run import RESOLVED, SECRETS, plant, revealed
from tests.services.batch_bench import ADMIN, BatchBench
from tests.services.doubles import TENANT

_TEXT_ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.EditRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.AccessibleDescriptionRole,
    Qt.ItemDataRole.WhatsThisRole,
    Qt.ItemDataRole.StatusTipRole,
)


@pytest.fixture
def planted(stack: Stack, database: TestDatabase) -> tuple[BatchBench, UUID, UUID]:
    bench = BatchBench.make(stack, database.url)
    return bench, *plant(bench)


@pytest.fixture
def live(
    qtbot: QtBot, context: DesktopContext, planted: tuple[BatchBench, UUID, UUID], tmp_path: Path
) -> DesktopContext:
    """Surroundings on real servers, with the tenant's administrator as the operator."""
    bench, *_ = planted
    database = Database.open(bench.url)

    async def dispose() -> None:
        await database.dispose()

    context.bridge.on_close(dispose)
    context.console = wire(database, TemporalGateway(bench.stack.temporal_address, bench.stack.namespace))
    context.tenant = TENANT
    context.render_report = render_report

    async def find() -> None:
        context.operator = await context.bridge.call(lambda: context.console.operators.find(TENANT, str(ADMIN)))

    finding = context.tasks.spawn("find operator", find())
    qtbot.waitUntil(finding.done, timeout=20_000)
    assert context.operator is not None
    return context


def test_no_screen_shows_a_secret(qtbot: QtBot, live: DesktopContext, planted: tuple[BatchBench, UUID, UUID]) -> None:
    _, failed, running = planted
    page = RunPage(live)
    qtbot.addWidget(page)
    page.resize(900, 900)
    page.show()
    for run_id in (failed, running):
        assert_clean(page_texts(qtbot, page, run_id))
        assert_clean(_why_texts(qtbot, live, page, run_id))
    inspection = page.inspection
    assert inspection is not None
    row = inspection.run.row
    replay = ReplayController(live, row, page)
    seen = _dialog_texts(qtbot, live, replay, replay.replay(), "REDACTED")
    cancel = CancelController(live, row, page)
    seen += _dialog_texts(qtbot, live, cancel, cancel.cancel(), "•")
    assert_clean(seen)


def test_rules_that_cannot_be_used_are_said_on_every_screen(
    qtbot: QtBot, live: DesktopContext, planted: tuple[BatchBench, UUID, UUID]
) -> None:
    bench, failed, _ = planted
    bench.execute("""UPDATE tenant_settings SET settings = '{"workflowRunStudio": {"redactionPointers": 7}}'""")
    page = RunPage(live)
    qtbot.addWidget(page)
    page.show()
    page.show_run(RunKey(TENANT, failed))
    qtbot.waitUntil(lambda: page.inspection is not None, timeout=20_000)
    assert page.closed.isVisible()
    assert page.inspection is not None
    replay = ReplayController(live, page.inspection.run.row, page)
    seen = _dialog_texts(qtbot, live, replay, replay.replay(), "The whole payload is hidden.")
    assert not [text for text in (*seen, *texts_of(page)) if "Dorothy" in text]
    bar = OutageBar()
    qtbot.addWidget(bar)
    bar.show_rules(closed=True)
    assert "rules for masking" in bar.text
    bar.show_rules(closed=False)
    assert bar.text == ""


def _why_texts(qtbot: QtBot, live: DesktopContext, page: RunPage, run_id: UUID) -> list[str]:
    """Everything that the page shows and copies of why a run does not go on."""

    async def diagnose() -> None:
        report = await live.bridge.call(lambda: live.console.diagnose.runs(TENANT, (run_id,)))
        page.update_diagnosis(report.runs[0])

    diagnosing = live.tasks.spawn("diagnose run", diagnose())
    qtbot.waitUntil(diagnosing.done, timeout=20_000)
    assert page.why.diagnosis is not None
    live.commands.run("run.copy_diagnosis")
    copied = QGuiApplication.clipboard().text()
    assert str(run_id) in copied
    return [copied, *texts_of(page.why)]


def page_texts(qtbot: QtBot, page: RunPage, run_id: UUID) -> list[str]:
    """Everything that the page shows of a run, pane by pane, each with its first row selected."""
    key = RunKey(TENANT, run_id)
    page.show_run(key)
    qtbot.waitUntil(lambda: page.inspection is not None and page.inspection.run.row.key == key, timeout=20_000)
    seen: list[str] = []
    for pane in Pane:
        page.panes.tabs.setCurrentIndex(pane)
        _select_everything(page)
        qtbot.waitUntil(lambda: "[REDACTED]" in "\n".join(texts_of(page)), timeout=20_000)
        seen += texts_of(page)
    return seen


def test_log_and_crash_report_hold_nothing(
    qtbot: QtBot, live: DesktopContext, planted: tuple[BatchBench, UUID, UUID], tmp_path: Path
) -> None:
    _, failed, _ = planted
    read = live.bridge.call(lambda: live.console.inspect.open(RunKey(TENANT, failed), viewer=live.operator))
    reading = live.tasks.spawn("read run", read)
    qtbot.waitUntil(reading.done, timeout=20_000)
    handler = logging.FileHandler(tmp_path / "rundesk.log", encoding="utf-8")
    handler.addFilter(LogRedaction())
    log = logging.getLogger("rundesk.test.secrets")
    log.propagate = False
    log.addHandler(handler)
    error = ValueError(f"cannot read {' '.join(SECRETS)}")
    log.error("lost %s and %r", {"document": SECRETS[0]}, RESOLVED, exc_info=error)
    log.removeHandler(handler)
    handler.close()
    report = CrashReporter(tmp_path, live.notify).write("reading a run", error)
    told = (tmp_path / "rundesk.log").read_text("utf-8")
    assert "ValueError" in told
    assert_clean([told, report.read_text("utf-8")])


def test_the_search_finds_what_it_is_to_find() -> None:
    import base64

    for secret in SECRETS:
        assert secret in revealed(f"x{secret}y")
        assert secret in revealed(json.dumps({"a": secret}))
        assert secret in revealed(f"data:{base64.b64encode(b'ab' + secret.encode()).decode()}")
    assert revealed("[REDACTED] nothing here") == []


def assert_clean(texts: list[str]) -> None:
    leaks = {text[:200]: found for text in set(texts) if (found := revealed(text))}
    assert leaks == {}


def texts_of(root: QWidget) -> list[str]:
    """Every text a widget below the root shows, holds ready or would put on the clipboard."""
    found: list[str] = []
    for widget in (root, *root.findChildren(QWidget)):
        found += [widget.toolTip(), widget.accessibleName(), widget.accessibleDescription(), widget.whatsThis()]
        found += [widget.statusTip(), widget.windowTitle()]
        for name in ("text", "placeholderText", "toPlainText", "title"):
            method = getattr(widget, name, None)
            if callable(method) and isinstance(widget, QWidget):
                value = method()
                found.append(value if isinstance(value, str) else "")
        if isinstance(widget, QAbstractItemView) and widget.model() is not None:
            found += list(_model_texts(widget.model()))
        if isinstance(widget, (QPlainTextEdit, QTextEdit)):
            widget.selectAll()
            widget.copy()
            found.append(QGuiApplication.clipboard().text())
    return [text for text in found if text]


def _model_texts(model: QAbstractItemModel) -> Iterator[str]:
    """The models here are flat."""
    for row in range(model.rowCount(QModelIndex())):
        for column in range(model.columnCount(QModelIndex())):
            index = model.index(row, column, QModelIndex())
            yield from (str(value) for role in _TEXT_ROLES if (value := model.data(index, role)))


def _select_everything(page: RunPage) -> None:
    for view in page.findChildren(QAbstractItemView):
        if view.model() is not None and view.model().rowCount():
            view.setCurrentIndex(view.model().index(0, 0))


def _dialog_texts(qtbot: QtBot, live: DesktopContext, controller: object, opening, marker: str) -> list[str]:
    dialog: QDialog = controller.dialog  # type: ignore[attr-defined]
    live.tasks.spawn("dialog", opening)
    qtbot.waitUntil(dialog.isVisible, timeout=20_000)
    qtbot.waitUntil(lambda: marker in "\n".join(texts_of(dialog)), timeout=20_000)
    found = texts_of(dialog)
    assert [widget for widget in dialog.findChildren(QWidget) if isinstance(widget, (QLabel, QLineEdit))]
    dialog.done(0)
    qtbot.waitUntil(lambda: is_gone(dialog), timeout=20_000)
    return found
