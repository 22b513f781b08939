"""Icons of outcomes: a state is never shown by colour alone (look.md)."""

from __future__ import annotations

from app.domain.timeline import Outcome

ICONS: dict[Outcome, str] = {
    Outcome.RUNNING: "▶",
    Outcome.SUCCEEDED: "✓",
    Outcome.FAILED: "✕",
    Outcome.WAITING: "◷",
    Outcome.CANCELED: "■",
    Outcome.UNKNOWN: "?",
}
