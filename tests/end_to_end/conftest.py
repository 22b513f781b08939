"""A stage per module and a desk per test; what is left behind afterwards fails the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.local.state_directory import DIRECTORY_VARIABLE
from tests.conftest import SandboxUnderTest
from tests.desktop.conftest import nothing_left_behind
from tests.end_to_end.desk import Desk
from tests.end_to_end.stage import Stage

__all__ = ["nothing_left_behind"]

OpenDesk = Callable[[], Desk]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Yield servers of this module's own, with people and workflows, without runs and worker."""
    sandbox = SandboxUnderTest(tmp_path_factory.mktemp("stage") / "sandbox")
    try:
        yield Stage(sandbox)
    finally:
        sandbox.stop()


@pytest.fixture
def desk(
    qtbot: QtBot, qapp: QApplication, stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """Yield an open window; a bug in it that only made a crash report fails the test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv(DIRECTORY_VARIABLE, str(tmp_path / "state"))
    QApplication.clipboard().clear()
    desk = Desk(qtbot, qapp, stage.connection, tmp_path / "settings.ini")
    desk.open()
    yield desk
    desk.close()
    reports = [path.read_text("utf-8") for path in tmp_path.rglob("crash-reports/*.json")]
    assert reports == []
