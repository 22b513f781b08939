"""Runs the command line: inside the test's process, or as a program where the process itself is what is tested."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from app import bootstrap
from app.cli.main import run

SECONDS = 120


@dataclass(frozen=True, slots=True)
class Said:
    """What a finished command left."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON document on standard output."""
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The error object that ``--json`` prints."""
        return self.document["error"]


def rundesk(*argv: str, given: str = "") -> Said:
    """Run a command through the same door as the program, without the second that a new process takes to import."""
    out, err = io.StringIO(), io.StringIO()
    typed = io.TextIOWrapper(io.BytesIO(given.encode()))
    with redirect_stdout(out), redirect_stderr(err), patch.object(sys, "stdin", typed):
        code = run(argv, bootstrap)
    return Said(code, out.getvalue(), err.getvalue())


def rundesk_process(*argv: str, environment: Mapping[str, str] | None = None) -> Said:
    """Run ``python -m app`` to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "app", *argv],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)
