"""``rundesk shot`` in processes of its own: each needs its own QApplication."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from app.bootstrap.shot_catalogue import SHOT_VIEWS
from tests.cli.command_line import rundesk, rundesk_process
from tests.cli.conftest import Ask


def shot(connected: tuple[str, ...], operator: str, view: str, out: Path, *look: str):
    return rundesk_process("shot", view, "--out", str(out), *look, *connected, "--operator", operator)


def colours(image: QImage) -> int:
    """How many different colours a coarse grid over the picture meets."""
    return len({image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 5)})


def test_a_view_is_pictured_in_its_size_theme_and_language(info, connected: tuple[str, ...], tmp_path: Path) -> None:
    light, dark = tmp_path / "light.png", tmp_path / "dark.png"
    said = shot(connected, info.operator, "runs", light, "--size", "1280x800")
    assert (said.code, said.out, said.err) == (0, "", "")
    assert shot(connected, info.operator, "runs", dark, "--theme", "dark", "--language", "de").code == 0
    day, night = QImage(str(light)), QImage(str(dark))
    assert (day.width(), day.height()) == (1280, 800)
    assert (night.width(), night.height()) == (1440, 900)
    assert colours(day) > 20
    assert day.pixelColor(640, 790).lightness() > 200
    assert night.pixelColor(720, 890).lightness() < 60


def test_a_dialog_is_pictured_over_the_window(ask: Ask, info, connected: tuple[str, ...], tmp_path: Path) -> None:
    failed = ask("runs", "--status", "FAILED", "--limit", "1").document["runs"][0]["run_id"]
    behind, before = tmp_path / "run.png", tmp_path / "replay.png"
    assert shot(connected, info.operator, f"run:{failed}", behind).code == 0
    assert shot(connected, info.operator, f"replay:{failed}", before).code == 0
    assert QImage(str(behind)) != QImage(str(before))


def test_a_dialog_that_cannot_open_says_why(ask: Ask, info, connected: tuple[str, ...], tmp_path: Path) -> None:
    ended = ask("runs", "--status", "SUCCEEDED", "--limit", "1").document["runs"][0]["run_id"]
    said = shot(connected, info.operator, f"cancel:{ended}", tmp_path / "never.png")
    assert said.code == 1
    assert "nothing to cancel" in said.err
    assert not (tmp_path / "never.png").exists()


@pytest.mark.parametrize(
    ("view", "out", "code"),
    [
        ("rnus", "x.png", 2),
        ("runs", "missing/x.png", 2),
        ("run:0b9f2c1e-4f5d-4c66-9a39-7d2e5b8c1a00", "x.png", 1),
    ],
)
def test_what_cannot_be_pictured(connected: tuple[str, ...], tmp_path: Path, view: str, out: str, code: int) -> None:
    said = rundesk("shot", view, "--out", str(tmp_path / out), *connected)
    assert said.code == code
    assert len(said.err.splitlines()) == 1


def test_the_views_are_listed() -> None:
    listed = [line.split()[0] for line in rundesk("shot", "--list").out.splitlines()]
    assert listed == [name for name, _ in SHOT_VIEWS]
    assert {"runs", "run:RUN_ID", "replay:RUN_ID", "batches", "batch:BATCH_ID"} <= set(listed)
