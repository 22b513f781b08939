"""Where this desktop keeps what it must remember between two starts: journals, drafts, what was acknowledged."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import platformdirs

DIRECTORY_VARIABLE = "RUNDESK_STATE_DIR"
"""Environment variable that moves the directory, for tests and portable installations."""


def state_directory(environment: Mapping[str, str]) -> Path:
    """Return the user's state directory of Rundesk; it may not exist yet."""
    chosen = environment.get(DIRECTORY_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    return platformdirs.user_state_path("rundesk", appauthor=False)
