"""Icon, word and colour class of states in reports: a state is never shown by colour alone (look.md)."""

from __future__ import annotations

from app.domain.run import EffectiveState
from app.domain.timeline import Outcome
from app.rendering.markup import Markup, element

_ICONS: dict[str, str] = {
    Outcome.RUNNING: "▶",
    Outcome.SUCCEEDED: "✓",
    Outcome.FAILED: "✕",
    Outcome.WAITING: "◷",
    Outcome.CANCELED: "■",
    Outcome.UNKNOWN: "?",
}
_OUTCOME_OF_STATE: dict[EffectiveState, Outcome] = {
    EffectiveState.QUEUED: Outcome.WAITING,
    EffectiveState.EXECUTING: Outcome.RUNNING,
    EffectiveState.RETRYING: Outcome.RUNNING,
    EffectiveState.WAITING_EVENT: Outcome.WAITING,
    EffectiveState.WAITING_TIME: Outcome.WAITING,
    EffectiveState.WAITING_HUMAN: Outcome.WAITING,
    EffectiveState.WAITING_QUOTA: Outcome.WAITING,
    EffectiveState.WAITING_CHILD: Outcome.WAITING,
    EffectiveState.FAILING: Outcome.FAILED,
    EffectiveState.CANCELING: Outcome.CANCELED,
    EffectiveState.SUCCEEDED: Outcome.SUCCEEDED,
    EffectiveState.FAILED: Outcome.FAILED,
    EffectiveState.CANCELED: Outcome.CANCELED,
    EffectiveState.TERMINATED: Outcome.FAILED,
    EffectiveState.TIMED_OUT: Outcome.FAILED,
    EffectiveState.UNKNOWN: Outcome.UNKNOWN,
}
_OUTCOME_OF_STATUS: dict[str, Outcome] = {
    "STARTED": Outcome.RUNNING,
    "RUNNING": Outcome.RUNNING,
    "SUCCEEDED": Outcome.SUCCEEDED,
    "RESOLVED": Outcome.SUCCEEDED,
    "FAILED": Outcome.FAILED,
    "WAITING": Outcome.WAITING,
    "RETRY_SCHEDULED": Outcome.WAITING,
    "CANCELED": Outcome.CANCELED,
}


def icon(outcome: Outcome) -> str:
    """Return the icon of an outcome."""
    return _ICONS[outcome]


def state_badge(state: EffectiveState) -> Markup:
    """Return icon and words of what a run is doing."""
    outcome = _OUTCOME_OF_STATE.get(state, Outcome.UNKNOWN)
    return _badge(outcome, state.replace("_", " ").capitalize())


def stuck_badge() -> Markup:
    """Return the badge of a stuck run."""
    return element("span", "▲ Stuck", class_="state failed")


def status_badge(status: str) -> Markup:
    """Return icon and word of a stored status; statuses are open vocabularies, unknown ones are shown as they are."""
    return _badge(_OUTCOME_OF_STATUS.get(status, Outcome.UNKNOWN), status.replace("_", " ").capitalize())


def _badge(outcome: Outcome, word: str) -> Markup:
    return element("span", f"{icon(outcome)} {word}", class_=f"state {outcome}")
