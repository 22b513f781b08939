"""Exporting a report: where, whole or not at all, and what the operator is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.desktop.report.controller import ReportExport
from app.desktop.report.saving import write_whole
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.notifier import Notice, NoticeKind
from app.domain.errors import DatabaseUnavailable
from tests.desktop.inspections import FakeReports, failed_inspection, make_console

Exported = Callable[..., list[Path | None]]


@pytest.fixture
def export(qtbot: QtBot, context: DesktopContext) -> Exported:
    def run(path: Path | None, reports: FakeReports | None = None) -> list[Path | None]:
        inspection = failed_inspection()
        context.console = make_console(inspection, reports=reports or FakeReports(inspection))
        context.render_report = lambda report, form: f"{form}: {report.headline}".encode()
        parent = QWidget()
        qtbot.addWidget(parent)
        asked: list[tuple[str, str]] = []
        results: list[Path | None] = []

        async def choose(_parent: QWidget, _title: str, suggestion: str, name_filter: str) -> Path | None:
            asked.append((suggestion, name_filter))
            return path

        async def work() -> None:
            results.append(await ReportExport(context, parent, choose).export(inspection.run.row, "html"))

        context.tasks.spawn("export", work())
        qtbot.waitUntil(lambda: bool(results))
        assert asked == [("run-e80b2c5a.html", "Web page (*.html)")]
        return results

    return run


def test_a_report_is_saved_and_told(export: Exported, notices: list[Notice], tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    assert export(path) == [path]
    assert path.read_bytes().startswith(b"html: ")
    assert [notice.kind for notice in notices] == [NoticeKind.SUCCESS]
    assert str(path) in notices[0].text
    assert list(tmp_path.iterdir()) == [path]


def test_an_extension_is_added(export: Exported, tmp_path: Path) -> None:
    assert export(tmp_path / "report") == [tmp_path / "report.html"]


def test_dismissing_does_nothing(export: Exported, notices: list[Notice]) -> None:
    assert export(None) == [None]
    assert notices == []


def test_a_place_that_cannot_be_written_is_said(export: Exported, notices: list[Notice], tmp_path: Path) -> None:
    assert export(tmp_path / "missing" / "report.html") == [None]
    assert [notice.kind for notice in notices] == [NoticeKind.ERROR]


def test_an_outage_is_said_and_leaves_the_old_file(export: Exported, notices: list[Notice], tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(b"older")
    error = DatabaseUnavailable("database.unavailable", "Postgres does not answer.")
    assert export(path, FakeReports(failed_inspection(), error)) == [None]
    assert path.read_bytes() == b"older"
    assert notices[0].text == "Postgres does not answer."


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
