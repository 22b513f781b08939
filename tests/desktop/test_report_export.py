"""Exporting a report: what would leave is shown before it does; where, whole or not at all, and what is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.bootstrap.reports import render_report
from app.desktop.report.controller import ReportExport
from app.desktop.report.saving import write_whole
from app.desktop.report.subject import filter_terms, of_list, of_run
from app.desktop.report.view import ExportDialog
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.notifier import Notice, NoticeKind
from app.domain.errors import DatabaseUnavailable
from app.domain.run import MaskRule, RedactionTally, RunInspection
from app.domain.run_query import RunFilter, RunQuery
from app.services.export_audit import ExportRecorded
from tests.desktop.inspections import TENANT, FakeReports, failed_inspection, make_console

MASKED = RedactionTally(((MaskRule.KEY, 3), (MaskRule.CREDENTIAL, 1)))


class Exporting:
    """An open export dialog whose file dialog answers ``path``."""

    def __init__(
        self, qtbot: QtBot, context: DesktopContext, path: Path | None, reports: FakeReports, query: RunQuery | None
    ) -> None:
        self.qtbot = qtbot
        self.reports = reports
        self.asked: list[tuple[str, str]] = []
        self.results: list[Path | None] = []
        context.console = make_console(reports.inspection, reports=reports)
        context.render_report = render_report
        self._parent = QWidget()
        subject = of_run(reports.inspection.run.row) if query is None else of_list(query)

        async def choose(_parent: QWidget, _title: str, suggestion: str, name_filter: str) -> Path | None:
            self.asked.append((suggestion, name_filter))
            return path

        async def work() -> None:
            self.results.append(await ReportExport(context, self._parent, choose).export(subject))

        context.tasks.spawn("export", work())
        qtbot.waitUntil(lambda: self._parent.findChild(ExportDialog) is not None)
        dialog = self._parent.findChild(ExportDialog)
        assert dialog is not None
        self.dialog = dialog

    def close(self) -> None:
        self._parent.deleteLater()

    def ready(self) -> Exporting:
        self.qtbot.waitUntil(self.dialog.confirm_button.isEnabled)
        return self

    def choose(self, **values: str) -> Exporting:
        for name, value in values.items():
            picker = getattr(self.dialog, name)
            picker.setCurrentIndex(picker.findData(value))
        return self.ready()

    def save(self) -> list[Path | None]:
        self.dialog.confirm()
        self.qtbot.waitUntil(lambda: bool(self.results))
        return self.results

    def shown(self, name: str) -> str:
        label = self.dialog.findChild(QWidget, name)
        assert label is not None
        return str(label.text())


@pytest.fixture
def opened(qtbot: QtBot, context: DesktopContext) -> Iterator[Callable[..., Exporting]]:
    made: list[Exporting] = []

    def open_it(
        path: Path | None = None, reports: FakeReports | None = None, query: RunQuery | None = None
    ) -> Exporting:
        made.append(Exporting(qtbot, context, path, reports or FakeReports(masked_inspection()), query))
        return made[-1]

    yield open_it
    for one in made:
        if not one.results:
            one.dialog.reject()
            qtbot.waitUntil(lambda one=one: bool(one.results))
        one.close()


def masked_inspection() -> RunInspection:
    return replace(failed_inspection(), masked=MASKED)


def test_what_leaves_is_shown_before_it_does(opened: Callable[..., Exporting]) -> None:
    export = opened().ready()
    inspection = export.reports.inspection
    assert export.shown("export.steps") == str(len(inspection.steps))
    assert export.shown("export.masked") == "4"
    assert export.shown("export.masked.key") == "3"
    assert export.shown("export.masked.credential") == "1"
    preview = export.dialog.preview.toPlainText()
    assert preview.startswith(f"{inspection.run.row.workflow_name}")
    assert "What leaves (" in export.dialog.state.text()
    assert export.reports.noted == []


def test_the_preview_follows_the_choice(opened: Callable[..., Exporting], qtbot: QtBot) -> None:
    export = opened().ready().choose(language="de", zone="Europe/Berlin")
    qtbot.waitUntil(lambda: "Ihre Aufgabe" in export.dialog.preview.toPlainText())
    assert "MEZ" in export.dialog.preview.toPlainText() or "MESZ" in export.dialog.preview.toPlainText()


@pytest.mark.parametrize(("form", "begin"), [("pdf", b"%PDF-"), ("html", b"<!DOCTYPE"), ("xlsx", b"PK")])
def test_a_report_is_noted_saved_and_told(
    opened: Callable[..., Exporting], notices: list[Notice], tmp_path: Path, form: str, begin: bytes
) -> None:
    path = tmp_path / f"report.{form}"
    export = opened(path).ready().choose(form=form)
    assert export.save() == [path]
    assert path.read_bytes().startswith(begin)
    assert export.reports.noted == [form]
    assert [notice.kind for notice in notices] == [NoticeKind.SUCCESS]
    assert str(path) in notices[0].text
    assert list(tmp_path.iterdir()) == [path]
    assert export.asked[0][0] == f"run-e80b2c5a.{form}"


def test_an_export_that_is_not_in_the_audit_says_so(
    opened: Callable[..., Exporting], notices: list[Notice], tmp_path: Path
) -> None:
    refused = ExportRecorded(recorded=False, problem="The login may not write the audit.")
    opened(tmp_path / "r.pdf", FakeReports(masked_inspection(), audit=refused)).ready().save()
    assert [notice.kind for notice in notices] == [NoticeKind.WARNING]
    assert "The login may not write the audit." in notices[0].text


def test_the_list_is_exported_as_it_is_filtered(opened: Callable[..., Exporting], tmp_path: Path) -> None:
    query = RunQuery(TENANT, RunFilter(statuses=("FAILED",), text="e80b"))
    export = opened(tmp_path / "runs.csv", None, query).ready().choose(form="csv")
    assert export.shown("export.listed") == "1"
    assert "status: FAILED" in export.dialog.preview.toPlainText()
    assert export.save() == [tmp_path / "runs.csv"]
    assert export.asked[0][0] == "runs.csv"
    assert str(export.reports.inspection.run.row.key.run_id) in (tmp_path / "runs.csv").read_text("utf-8-sig")
    assert filter_terms(query.filter) == (("status", "FAILED"), ("text", "e80b"))


def test_an_extension_is_added(opened: Callable[..., Exporting], tmp_path: Path) -> None:
    assert opened(tmp_path / "report").ready().save() == [tmp_path / "report.pdf"]


def test_dismissing_the_file_dialog_leaves_the_export_open(
    opened: Callable[..., Exporting], notices: list[Notice], qtbot: QtBot
) -> None:
    export = opened(None).ready()
    export.dialog.confirm()
    qtbot.waitUntil(lambda: bool(export.asked))
    assert export.dialog.isVisible()
    export.dialog.reject()
    qtbot.waitUntil(lambda: export.results == [None])
    assert notices == []
    assert export.reports.noted == []


def test_a_place_that_cannot_be_written_is_said_in_the_dialog(
    opened: Callable[..., Exporting], qtbot: QtBot, tmp_path: Path
) -> None:
    export = opened(tmp_path / "missing" / "report.pdf").ready()
    export.dialog.confirm()
    qtbot.waitUntil(export.dialog.error.isVisible)
    assert "Choose another place" in export.dialog.error.text.text()
    assert export.dialog.confirm_button.isEnabled()


def test_an_outage_is_said_and_nothing_can_be_saved(opened: Callable[..., Exporting], qtbot: QtBot) -> None:
    error = DatabaseUnavailable("database.unavailable", "Postgres does not answer.")
    export = opened(None, FakeReports(masked_inspection(), error))
    qtbot.waitUntil(lambda: "Postgres" in export.dialog.state.text())
    assert not export.dialog.confirm_button.isEnabled()
    assert export.dialog.confirm_button.toolTip()


def test_closing_while_the_report_is_read_cancels_the_reading(opened: Callable[..., Exporting], qtbot: QtBot) -> None:
    ended: list[bool] = []

    class SlowReports(FakeReports):
        async def report(self, *_arguments: object, **_more: object) -> object:  # type: ignore[override]
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(True)

    export = opened(None, SlowReports(masked_inspection()))
    export.dialog.reject()
    qtbot.waitUntil(lambda: export.results == [None] and ended == [True])


def test_an_interrupted_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(b"older")

    def fail(_self: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"newer")
    assert [file.name for file in tmp_path.iterdir()] == ["report.json"]
    assert path.read_bytes() == b"older"
