"""How a state looks: always an icon, a word and a colour together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.desktop.shell.tokens import Tokens
from app.desktop.shell.words import QT_TRANSLATE_NOOP, translate
from app.domain.run import EffectiveState, RunRow, RunStatus, StepStatus, WaitStatus


class StateKind(StrEnum):
    """The seven looks. Each has one icon and one colour."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STUCK = "stuck"
    WAITING = "waiting"
    CANCELED = "canceled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class StateLook:
    """A look and its word, translated."""

    kind: StateKind
    word: str


_STUCK = (StateKind.STUCK, QT_TRANSLATE_NOOP("State", "Stuck"))
_QUOTA_PAUSE = (StateKind.WAITING, QT_TRANSLATE_NOOP("State", "Quota pause"))
_UNKNOWN = (StateKind.UNKNOWN, QT_TRANSLATE_NOOP("State", "Unknown"))

_EFFECTIVE: dict[str, tuple[StateKind, str]] = {
    EffectiveState.QUEUED: (StateKind.RUNNING, QT_TRANSLATE_NOOP("State", "Queued")),
    EffectiveState.EXECUTING: (StateKind.RUNNING, QT_TRANSLATE_NOOP("State", "Running")),
    EffectiveState.WAITING_EVENT: (StateKind.WAITING, QT_TRANSLATE_NOOP("State", "Waiting")),
    EffectiveState.WAITING_TIME: (StateKind.WAITING, QT_TRANSLATE_NOOP("State", "Waiting")),
    EffectiveState.WAITING_HUMAN: (StateKind.WAITING, QT_TRANSLATE_NOOP("State", "Waiting")),
    EffectiveState.WAITING_QUOTA: (StateKind.WAITING, QT_TRANSLATE_NOOP("State", "Waiting")),
    EffectiveState.WAITING_CHILD: (StateKind.WAITING, QT_TRANSLATE_NOOP("State", "Waiting")),
    EffectiveState.RETRYING: (StateKind.WAITING, QT_TRANSLATE_NOOP("State", "Trying again")),
    EffectiveState.FAILING: (StateKind.FAILED, QT_TRANSLATE_NOOP("State", "Failing")),
    EffectiveState.CANCELING: (StateKind.CANCELED, QT_TRANSLATE_NOOP("State", "Canceling")),
    EffectiveState.SUCCEEDED: (StateKind.SUCCEEDED, QT_TRANSLATE_NOOP("State", "Succeeded")),
    EffectiveState.FAILED: (StateKind.FAILED, QT_TRANSLATE_NOOP("State", "Failed")),
    EffectiveState.CANCELED: (StateKind.CANCELED, QT_TRANSLATE_NOOP("State", "Canceled")),
    EffectiveState.TERMINATED: (StateKind.FAILED, QT_TRANSLATE_NOOP("State", "Terminated")),
    EffectiveState.TIMED_OUT: (StateKind.FAILED, QT_TRANSLATE_NOOP("State", "Timed out")),
    EffectiveState.UNKNOWN: _UNKNOWN,
}

_STATUSES: dict[str, tuple[StateKind, str]] = {
    RunStatus.RUNNING: (StateKind.RUNNING, QT_TRANSLATE_NOOP("State", "Running")),
    RunStatus.WAITING: (StateKind.WAITING, QT_TRANSLATE_NOOP("State", "Waiting")),
    RunStatus.SUCCEEDED: (StateKind.SUCCEEDED, QT_TRANSLATE_NOOP("State", "Succeeded")),
    RunStatus.FAILED: (StateKind.FAILED, QT_TRANSLATE_NOOP("State", "Failed")),
    RunStatus.CANCELED: (StateKind.CANCELED, QT_TRANSLATE_NOOP("State", "Canceled")),
    StepStatus.STARTED: (StateKind.RUNNING, QT_TRANSLATE_NOOP("State", "Started")),
    StepStatus.RETRY_SCHEDULED: (StateKind.WAITING, QT_TRANSLATE_NOOP("State", "Another attempt is due")),
    WaitStatus.RESOLVED: (StateKind.SUCCEEDED, QT_TRANSLATE_NOOP("State", "Resolved")),
}


def run_look(row: RunRow) -> StateLook:
    """Return how a run looks: stuck first, then what it is really doing."""
    if row.stuck:
        return _look(_STUCK)
    return _look(_EFFECTIVE.get(row.state, _UNKNOWN))


def effective_look(state: EffectiveState) -> StateLook:
    """Return how an effective state looks."""
    return _look(_EFFECTIVE.get(state, _UNKNOWN))


def run_looks() -> tuple[StateLook, ...]:
    """Return every look a run can have, for measuring."""
    return tuple(_look(found) for found in (_STUCK, *_EFFECTIVE.values()))


def status_look(status: str) -> StateLook:
    """Return how a stored status word of a run, step, wait or invocation looks; unknown words are shown as stored."""
    found = _STATUSES.get(status)
    return StateLook(StateKind.UNKNOWN, status) if found is None else _look(found)


def run_status_look(status: str) -> StateLook:
    """Return how a run's stored status looks in filters: WAITING there means a quota pause and nothing else."""
    return _look(_QUOTA_PAUSE) if status == RunStatus.WAITING else status_look(status)


def state_colour(tokens: Tokens, kind: StateKind) -> str:
    """Return the foreground colour of a look."""
    return {
        StateKind.RUNNING: tokens.running,
        StateKind.SUCCEEDED: tokens.succeeded,
        StateKind.FAILED: tokens.failed,
        StateKind.STUCK: tokens.failed,
        StateKind.WAITING: tokens.waiting,
        StateKind.CANCELED: tokens.canceled,
        StateKind.UNKNOWN: tokens.canceled,
    }[kind]


def _look(found: tuple[StateKind, str]) -> StateLook:
    kind, word = found
    return StateLook(kind, translate("State", word))
