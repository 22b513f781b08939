"""States as a report shows them: a word and an outcome, which renderers turn into icon and colour."""

from __future__ import annotations

from app.domain.execution import ExecutionStatus
from app.domain.report.blocks import Cell, state
from app.domain.report.words import Said, say
from app.domain.run import EffectiveState
from app.domain.timeline import Outcome

STATE_WORDS: dict[EffectiveState, tuple[Said, Outcome]] = {
    EffectiveState.QUEUED: (say("Queued"), Outcome.WAITING),
    EffectiveState.EXECUTING: (say("Executing"), Outcome.RUNNING),
    EffectiveState.RETRYING: (say("Between attempts"), Outcome.RUNNING),
    EffectiveState.WAITING_EVENT: (say("Waiting for an event"), Outcome.WAITING),
    EffectiveState.WAITING_TIME: (say("Waiting for a time"), Outcome.WAITING),
    EffectiveState.WAITING_HUMAN: (say("Waiting for a person"), Outcome.WAITING),
    EffectiveState.WAITING_QUOTA: (say("Paused by the quota"), Outcome.WAITING),
    EffectiveState.WAITING_CHILD: (say("Waiting for a child run"), Outcome.WAITING),
    EffectiveState.FAILING: (say("Failing"), Outcome.FAILED),
    EffectiveState.CANCELING: (say("Canceling"), Outcome.CANCELED),
    EffectiveState.SUCCEEDED: (say("Succeeded"), Outcome.SUCCEEDED),
    EffectiveState.FAILED: (say("Failed"), Outcome.FAILED),
    EffectiveState.CANCELED: (say("Canceled"), Outcome.CANCELED),
    EffectiveState.TERMINATED: (say("Terminated"), Outcome.FAILED),
    EffectiveState.TIMED_OUT: (say("Timed out"), Outcome.FAILED),
    EffectiveState.UNKNOWN: (say("Unknown"), Outcome.UNKNOWN),
}
_STATUS_WORDS: dict[str, tuple[Said, Outcome]] = {
    "STARTED": (say("Started"), Outcome.RUNNING),
    "RUNNING": (say("Running"), Outcome.RUNNING),
    "SUCCEEDED": (say("Succeeded"), Outcome.SUCCEEDED),
    "RESOLVED": (say("Resolved"), Outcome.SUCCEEDED),
    "FAILED": (say("Failed"), Outcome.FAILED),
    "WAITING": (say("Waiting"), Outcome.WAITING),
    "RETRY_SCHEDULED": (say("Next attempt scheduled"), Outcome.WAITING),
    "CANCELED": (say("Canceled"), Outcome.CANCELED),
}


_EXECUTIONS: dict[ExecutionStatus, Said] = {
    ExecutionStatus.RUNNING: say("running"),
    ExecutionStatus.COMPLETED: say("completed"),
    ExecutionStatus.FAILED: say("failed"),
    ExecutionStatus.CANCELED: say("canceled"),
    ExecutionStatus.TERMINATED: say("terminated"),
    ExecutionStatus.CONTINUED_AS_NEW: say("continued as new"),
    ExecutionStatus.TIMED_OUT: say("timed out"),
}


def execution_word(status: ExecutionStatus) -> Said:
    """Return how Temporal says that an execution stands."""
    return _EXECUTIONS[status]


def run_state(effective: EffectiveState) -> Cell:
    """Return what a run is really doing."""
    return state(*STATE_WORDS[effective])


def stored_status(status: str) -> Cell:
    """Return a stored status; statuses are open vocabularies, unknown ones are shown as they are."""
    known = _STATUS_WORDS.get(status)
    return state(*known) if known else state(status.replace("_", " ").capitalize(), Outcome.UNKNOWN)


def stuck_state() -> Cell:
    """Return the state of a run that has begun no step past the threshold."""
    return state(say("Stuck"), Outcome.FAILED)
