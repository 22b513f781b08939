"""Where the sandbox lives and what it prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.sandbox.info import SandboxInfo, default_data_dir

INFO = SandboxInfo("postgresql://…", "127.0.0.1:7233", "default", None, "somewhere", 17, None)


def test_the_json_line_has_stable_keys() -> None:
    keys = ["database_url", "temporal_address", "namespace", "tenant", "data_dir", "pid", "operator", "scenarios"]
    assert list(INFO.as_json()) == keys
    assert SandboxInfo.from_json(INFO.as_json()) == INFO


def test_the_environment_moves_the_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert default_data_dir().name == "sandbox"
    assert default_data_dir().is_absolute()
    monkeypatch.setenv("RUNDESK_DATA_DIR", str(tmp_path))
    assert default_data_dir() == tmp_path
