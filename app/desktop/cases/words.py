"""What is said of cases."""

from __future__ import annotations

from app.desktop.shell.state_look import StateKind
from app.desktop.shell.words import QT_TRANSLATE_NOOP, translate
from app.domain.case import CaseSeverity

_SEVERITIES: dict[CaseSeverity, tuple[StateKind, str]] = {
    CaseSeverity.LOW: (StateKind.CANCELED, QT_TRANSLATE_NOOP("Cases", "Low")),
    CaseSeverity.NORMAL: (StateKind.RUNNING, QT_TRANSLATE_NOOP("Cases", "Normal")),
    CaseSeverity.HIGH: (StateKind.WAITING, QT_TRANSLATE_NOOP("Cases", "High")),
    CaseSeverity.CRITICAL: (StateKind.STUCK, QT_TRANSLATE_NOOP("Cases", "Critical")),
}


def severity_text(severity: CaseSeverity) -> str:
    """Return a severity in the current language."""
    return translate("Cases", _SEVERITIES[severity][1])


def severity_kind(severity: CaseSeverity) -> StateKind:
    """Return whose icon and colour a severity has."""
    return _SEVERITIES[severity][0]
