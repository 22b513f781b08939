"""The walls between the rooms, as ``pyproject.toml`` declares them."""

from __future__ import annotations

import subprocess
import sys

from tests.architecture.source_tree import ROOT

CHECK = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def test_the_walls_hold() -> None:
    """In a process of its own: import-linter configures logging and thereby mutes every logger that exists."""
    command = [sys.executable, "-c", CHECK, "--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "kept, 0 broken" in answer.stdout
