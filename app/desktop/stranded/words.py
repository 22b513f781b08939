"""What is said of stranded rows."""

from __future__ import annotations

from app.desktop.shell.words import QT_TRANSLATE_NOOP, translate
from app.domain.stranded import StrandedFate

_FATES: dict[StrandedFate, str] = {
    StrandedFate.FINALIZE: QT_TRANSLATE_NOOP("Stranded", "becomes CANCELED"),
    StrandedFate.EXECUTING: QT_TRANSLATE_NOOP("Stranded", "stays: Temporal executes it"),
    StrandedFate.ENDED: QT_TRANSLATE_NOOP("Stranded", "stays: its execution has an end of its own"),
    StrandedFate.ELSEWHERE: QT_TRANSLATE_NOOP(
        "Stranded", "stays: it names an execution that this namespace does not know"
    ),
    StrandedFate.UNVERIFIED: QT_TRANSLATE_NOOP("Stranded", "not verified"),
}


def fate_text(fate: StrandedFate) -> str:
    """Return what happens to a row."""
    return translate("Stranded", _FATES[fate])
