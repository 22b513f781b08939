"""Runs the command line as a program, as its users do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SECONDS = 90


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


def rundesk(*argv: str, environment: Mapping[str, str] | None = None, given: str | None = None) -> Said:
    """Run ``python -m app`` to its end; ``given`` is its standard input."""
    done = subprocess.run(
        [sys.executable, "-m", "app", *argv],
        env={**os.environ, **(environment or {})},
        input=given,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)
