"""What the sandbox says while it starts, in the operator's language; a step unknown here is shown as it was said."""

from __future__ import annotations

import re

from app.desktop.shell.words import QT_TRANSLATE_NOOP, translate

_STEPS: frozenset[str] = frozenset(
    {
        QT_TRANSLATE_NOOP("SandboxSteps", "Starting Temporal"),
        QT_TRANSLATE_NOOP("SandboxSteps", "Starting Postgres"),
        QT_TRANSLATE_NOOP("SandboxSteps", "Creating the database"),
        QT_TRANSLATE_NOOP("SandboxSteps", "Starting the worker"),
        QT_TRANSLATE_NOOP("SandboxSteps", "Creating the demo tenant"),
        QT_TRANSLATE_NOOP("SandboxSteps", "Running {number} demo workflows"),
        QT_TRANSLATE_NOOP("SandboxSteps", "Replying, approving, canceling, replaying"),
        QT_TRANSLATE_NOOP("SandboxSteps", "Using the running sandbox"),
        QT_TRANSLATE_NOOP("SandboxSteps", "Waiting for another start"),
    }
)
_NUMBER = re.compile(r"\d+")


def step_text(said: str) -> str:
    """Return a step in the current language."""
    number = _NUMBER.search(said)
    source = said if number is None else said.replace(number.group(), "{number}", 1)
    if source not in _STEPS:
        return said
    shown = translate("SandboxSteps", source)
    return shown if number is None else shown.format(number=number.group())
