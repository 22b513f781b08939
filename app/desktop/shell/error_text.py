"""Errors of the tree as translated sentences: by their code, with the error's own English sentence as a fallback."""

from __future__ import annotations

from app.desktop.shell.words import QT_TRANSLATE_NOOP, translate
from app.domain.errors import RundeskError

_TEXTS: dict[str, str] = {
    "launch.paused": QT_TRANSLATE_NOOP(
        "Errors", "{workflow} is paused, so nothing was started. Unpause it in the workflow designer, then try again."
    ),
    "launch.concurrency": QT_TRANSLATE_NOOP(
        "Errors",
        "{workflow} already has {active} active runs and allows {limit}, so nothing was started. "
        "Try again when one has ended.",
    ),
    "launch.rate": QT_TRANSLATE_NOOP(
        "Errors",
        "This tenant started {started} runs in the last minute and allows {limit}, so nothing was started. "
        "Try again in a minute.",
    ),
    "operator.not_permitted": QT_TRANSLATE_NOOP(
        "Errors",
        "{operator} may not do this: the right workflow:{right} is missing. "
        "Ask an administrator of this tenant to grant it.",
    ),
}


def error_text(error: RundeskError) -> str:
    """Return the operator's sentence for an error, in the current language where its code is known."""
    source = _TEXTS.get(error.code)
    if source is None:
        return error.message
    try:
        return translate("Errors", source).format(**error.params)
    except (KeyError, IndexError, ValueError):
        return error.message


def error_details(error: RundeskError) -> str:
    """Return what unfolds under the sentence: the code and, when translated, the original words."""
    lines = [error.code]
    if error_text(error) != error.message:
        lines.append(error.message)
    if error.__cause__ is not None:
        lines.append(type(error.__cause__).__name__)
    return "\n".join(lines)
