"""Batches in words and looks: verdicts, outcomes, states and concerns, each with its icon, colour and sentence."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from PySide6.QtCore import QLocale

from app.desktop.shell.error_text import coded_text
from app.desktop.shell.state_look import StateKind, StateLook
from app.desktop.shell.times import age_text
from app.desktop.shell.words import QT_TRANSLATE_NOOP, translate
from app.domain.batch import BatchAction, Concern, ConcernCode, PlanItem, Verdict
from app.domain.batch_ledger import BatchProgress, BatchState, EntryState, LedgerEntry, WaitingFor

_VERDICTS: dict[Verdict, tuple[StateKind, str]] = {
    Verdict.ELIGIBLE: (StateKind.SUCCEEDED, QT_TRANSLATE_NOOP("Batch", "Eligible")),
    Verdict.NEEDS_DECISION: (StateKind.WAITING, QT_TRANSLATE_NOOP("Batch", "Needs a decision")),
    Verdict.BLOCKED: (StateKind.FAILED, QT_TRANSLATE_NOOP("Batch", "Blocked")),
}

_ENTRIES: dict[EntryState, tuple[StateKind, str]] = {
    EntryState.LEFT_OUT: (StateKind.CANCELED, QT_TRANSLATE_NOOP("Batch", "Left out")),
    EntryState.PENDING: (StateKind.WAITING, QT_TRANSLATE_NOOP("Batch", "Not sent yet")),
    EntryState.SENDING: (StateKind.RUNNING, QT_TRANSLATE_NOOP("Batch", "Being sent")),
    EntryState.UNDER_WAY: (StateKind.RUNNING, QT_TRANSLATE_NOOP("Batch", "Under way")),
    EntryState.RECOVERED: (StateKind.SUCCEEDED, QT_TRANSLATE_NOOP("Batch", "Recovered")),
    EntryState.NOT_RECOVERED: (StateKind.FAILED, QT_TRANSLATE_NOOP("Batch", "Not recovered")),
    EntryState.CANCELED: (StateKind.SUCCEEDED, QT_TRANSLATE_NOOP("Batch", "Canceled")),
    EntryState.REFUSED: (StateKind.FAILED, QT_TRANSLATE_NOOP("Batch", "Refused")),
    EntryState.FAILED: (StateKind.FAILED, QT_TRANSLATE_NOOP("Batch", "Launch failed")),
}

_STATES: dict[BatchState, tuple[StateKind, str]] = {
    BatchState.PLANNED: (StateKind.WAITING, QT_TRANSLATE_NOOP("Batch", "Planned")),
    BatchState.RUNNING: (StateKind.RUNNING, QT_TRANSLATE_NOOP("Batch", "Running")),
    BatchState.PAUSED: (StateKind.WAITING, QT_TRANSLATE_NOOP("Batch", "Paused")),
    BatchState.STOPPED: (StateKind.STUCK, QT_TRANSLATE_NOOP("Batch", "Stopped by itself")),
    BatchState.INTERRUPTED: (StateKind.STUCK, QT_TRANSLATE_NOOP("Batch", "Interrupted")),
    BatchState.ABORTED: (StateKind.CANCELED, QT_TRANSLATE_NOOP("Batch", "Aborted")),
    BatchState.FINISHED: (StateKind.SUCCEEDED, QT_TRANSLATE_NOOP("Batch", "Finished")),
}

_FINISHED_BADLY = (StateKind.STUCK, QT_TRANSLATE_NOOP("Batch", "Finished with failures"))

CONCERN_TITLES: dict[str, str] = {
    ConcernCode.ALREADY_RECOVERED: QT_TRANSLATE_NOOP("Batch", "A replay has already succeeded"),
    ConcernCode.REPLAY_UNDER_WAY: QT_TRANSLATE_NOOP("Batch", "A replay is under way"),
    ConcernCode.ALREADY_REPLAYED: QT_TRANSLATE_NOOP("Batch", "Replayed before, without success"),
    ConcernCode.ACTIVE_SOURCE: QT_TRANSLATE_NOOP("Batch", "The run itself still goes on"),
    ConcernCode.SOURCE_SUCCEEDED: QT_TRANSLATE_NOOP("Batch", "The run itself has succeeded"),
    ConcernCode.DAMAGED_INPUT: QT_TRANSLATE_NOOP("Batch", "Damaged input: a placeholder instead of a value"),
    ConcernCode.PATCH_ON_MASKED: QT_TRANSLATE_NOOP("Batch", "The patch replaces a hidden value"),
    ConcernCode.UNKNOWN_RUN: QT_TRANSLATE_NOOP("Batch", "There is no such run"),
    ConcernCode.OTHER_TENANT: QT_TRANSLATE_NOOP("Batch", "The run belongs to another tenant"),
    ConcernCode.OTHER_BATCH: QT_TRANSLATE_NOOP("Batch", "Another unfinished batch holds it"),
    ConcernCode.ALREADY_ENDED: QT_TRANSLATE_NOOP("Batch", "Already ended, nothing to cancel"),
    ConcernCode.VERSION_MISSING: QT_TRANSLATE_NOOP("Batch", "Its workflow version is gone"),
    ConcernCode.WORKFLOW_PAUSED: QT_TRANSLATE_NOOP("Batch", "The workflow is paused"),
    ConcernCode.PATCH_TARGET_MISSING: QT_TRANSLATE_NOOP("Batch", "The patch does not fit the input"),
    ConcernCode.SCHEMA_MISMATCH: QT_TRANSLATE_NOOP("Batch", "The input does not fit the workflow's schema"),
    ConcernCode.PAYLOAD_TOO_LARGE: QT_TRANSLATE_NOOP("Batch", "The patched input is too large"),
}
"""What a concern is called where runs are counted by it; source texts of context "Batch"."""

_WAITING: dict[WaitingFor, str] = {
    WaitingFor.RATE: QT_TRANSLATE_NOOP("Batch", "Keeps the pace you set."),
    WaitingFor.TENANT_LIMIT: QT_TRANSLATE_NOOP(
        "Batch", "Waits for the tenant's start limit; a share of it stays free for people."
    ),
    WaitingFor.CONCURRENCY: QT_TRANSLATE_NOOP("Batch", "Waits for a free place: the workflows' limits are reached."),
    WaitingFor.AT_ONCE: QT_TRANSLATE_NOOP("Batch", "Waits until some of its runs have ended."),
    WaitingFor.CANARY: QT_TRANSLATE_NOOP("Batch", "Waits for the first runs to end before it sends the others."),
    WaitingFor.SERVERS: QT_TRANSLATE_NOOP(
        "Batch", "The servers do not answer. The batch tries again by itself; nothing is lost and nothing sent twice."
    ),
    WaitingFor.ENDS: QT_TRANSLATE_NOOP("Batch", "Everything is sent. Waits for the runs to end."),
}


class Group(StrEnum):
    """What a plan or a ledger is filtered by."""

    ALL = "all"
    ELIGIBLE = "eligible"
    NEEDS_DECISION = "needs_decision"
    BLOCKED = "blocked"
    OPEN = "open"
    UNDER_WAY = "under_way"
    GOOD = "good"
    BAD = "bad"
    LEFT_OUT = "left_out"


PLAN_GROUPS = (Group.ALL, Group.ELIGIBLE, Group.NEEDS_DECISION, Group.BLOCKED)
LEDGER_GROUPS = (Group.ALL, Group.OPEN, Group.UNDER_WAY, Group.GOOD, Group.BAD, Group.LEFT_OUT)
_GROUP_OF_STATE: dict[EntryState, Group] = {
    EntryState.LEFT_OUT: Group.LEFT_OUT,
    EntryState.PENDING: Group.OPEN,
    EntryState.SENDING: Group.UNDER_WAY,
    EntryState.UNDER_WAY: Group.UNDER_WAY,
    EntryState.RECOVERED: Group.GOOD,
    EntryState.CANCELED: Group.GOOD,
    EntryState.NOT_RECOVERED: Group.BAD,
    EntryState.REFUSED: Group.BAD,
    EntryState.FAILED: Group.BAD,
}


def group_of(item: PlanItem, entry: LedgerEntry, *, planned: bool) -> Group:
    """Return the group of one run: by its verdict while the batch is a plan, by its outcome afterwards."""
    return Group(str(item.verdict)) if planned else _GROUP_OF_STATE[entry.state]


def group_look(group: Group, action: BatchAction) -> StateLook:
    """Return how a group looks on its chip."""
    good = _ENTRIES[EntryState.RECOVERED if action is BatchAction.REPLAY else EntryState.CANCELED]
    found = {
        Group.ALL: (StateKind.UNKNOWN, QT_TRANSLATE_NOOP("Batch", "All")),
        Group.ELIGIBLE: _VERDICTS[Verdict.ELIGIBLE],
        Group.NEEDS_DECISION: _VERDICTS[Verdict.NEEDS_DECISION],
        Group.BLOCKED: _VERDICTS[Verdict.BLOCKED],
        Group.OPEN: _ENTRIES[EntryState.PENDING],
        Group.UNDER_WAY: _ENTRIES[EntryState.UNDER_WAY],
        Group.GOOD: good,
        Group.BAD: (StateKind.FAILED, QT_TRANSLATE_NOOP("Batch", "Failed or refused")),
        Group.LEFT_OUT: _ENTRIES[EntryState.LEFT_OUT],
    }[group]
    return _look(found)


def verdict_look(verdict: Verdict) -> StateLook:
    """Return how a verdict looks."""
    return _look(_VERDICTS[verdict])


def entry_look(state: EntryState) -> StateLook:
    """Return how the outcome of one run looks."""
    return _look(_ENTRIES[state])


def batch_look(progress: BatchProgress) -> StateLook:
    """Return how the state of a batch looks; one that has ended with failures does not look well."""
    if progress.state is BatchState.FINISHED and progress.bad:
        return _look(_FINISHED_BADLY)
    return _look(_STATES[progress.state])


def concern_title(code: str) -> str:
    """Return what a concern is called, its code where it is newer than this window."""
    return translate("Batch", CONCERN_TITLES[code]) if code in CONCERN_TITLES else code


def concern_text(concern: Concern) -> str:
    """Return a concern in one line: its name and the place in the input that it is about."""
    if concern.code not in CONCERN_TITLES:
        return concern.message
    title = concern_title(concern.code)
    return title if concern.path is None else f"{title}: {concern.path or '/'}"


def item_text(item: PlanItem) -> str:
    """Return why a run is not simply eligible, "" when it is."""
    first = item.main_concern
    if first is None:
        return ""
    others = len(item.concerns) - 1
    return concern_text(first) if not others else f"{concern_text(first)} (+{others})"


def entry_text(item: PlanItem, entry: LedgerEntry) -> str:
    """Return why a run's outcome is what it is, "" when there is nothing to say."""
    if entry.state is EntryState.LEFT_OUT and entry.code == item.code:
        return item_text(item)
    if entry.code in CONCERN_TITLES:
        return concern_title(entry.code)
    # The outcome beside it says that the replay ended badly; what went wrong in it is what the line has room for.
    said = entry.message or ""
    reason = said.removeprefix(f"The replay ended as {entry.status}: ")
    return reason if reason != said else coded_text(entry.code, said)


def waiting_text(progress: BatchProgress) -> str:
    """Return what a running batch waits for, "" while it sends."""
    waiting = progress.waiting_for
    return "" if waiting is None else translate("Batch", _WAITING[waiting])


def standstill_text(progress: BatchProgress) -> str:
    """Return why a batch stands still and what that means, "" while it runs or when there is nothing to say."""
    meanings = {
        BatchState.INTERRUPTED: translate(
            "Batch",
            "Rundesk ended while this batch ran. The journal knows what was sent; resumed, it sends nothing twice.",
        ),
        BatchState.STOPPED: translate(
            "Batch", "Resume when you have seen why; failures up to now are then no longer counted."
        ),
        BatchState.PAUSED: translate(
            "Batch", "Nothing more is sent until you resume it. What was under way has gone on by itself."
        ),
    }
    said = "" if progress.state is BatchState.RUNNING else _stop_text(progress)
    return f"{said} {meanings.get(progress.state, '')}".strip()


def _stop_text(progress: BatchProgress) -> str:
    """Return what made a batch stop, or what keeps its ends from being known."""
    locale = QLocale()
    if progress.code == "batch.failure_rate":
        text = translate("Batch", "Too many runs ended badly, {bad} of {done} up to now, so nothing more was sent.")
    elif progress.code == "batch.canary":
        text = translate("Batch", "The first runs did not all end well, so no other was sent.")
    else:
        text = coded_text(progress.code, progress.message).replace("{", "{{").replace("}", "}}")
    return text.format(bad=locale.toString(progress.bad), done=locale.toString(progress.done))


def wish_text(wish: BatchState | None) -> str:
    """Return what was asked of a running batch and has not happened yet, "" when nothing was."""
    if wish is BatchState.PAUSED:
        return translate("Batch", "Pausing: what is being sent is brought to its end first.")
    if wish is BatchState.ABORTED:
        return translate("Batch", "Aborting: what is being sent is brought to its end first.")
    return ""


def end_text(progress: BatchProgress) -> str:
    """Return how a session of a batch ended, for a notice."""
    if progress.state is BatchState.STOPPED:
        text = translate("Batch", "Batch “{name}” has stopped at {stand}.")
    elif progress.bad:
        text = translate("Batch", "Batch “{name}” has finished: {stand}, {bad} of them badly.")
    else:
        text = translate("Batch", "Batch “{name}” has finished: {stand}, all of them well.")
    return text.format(name=progress.name, stand=stand_text(progress), bad=QLocale().toString(progress.bad))


def stand_text(progress: BatchProgress) -> str:
    """Return how far a batch is: "212 of 500"."""
    locale = QLocale()
    return translate("Batch", "{done} of {total}").format(
        done=locale.toString(progress.done), total=locale.toString(progress.total)
    )


def pace_text(progress: BatchProgress) -> str:
    """Return rate and time left of a running batch, as far as they are known."""
    parts = []
    if progress.per_minute is not None:
        parts.append(translate("Batch", "{number} a minute").format(number=round(progress.per_minute)))
    if progress.seconds_left:
        left = age_text(progress.seconds_left)
        parts.append(translate("Batch", "about {time} until all are sent").format(time=left))
    return " · ".join(parts)


def act_text(action: BatchAction, runs: int, rate: int | None) -> str:
    """Return what starting will do, exactly: "Replay 37 runs at 30 a minute"."""
    number = QLocale().toString(runs)
    texts: Mapping[tuple[BatchAction, bool, bool], str] = {
        (BatchAction.REPLAY, True, False): translate("Batch", "Replay 1 run"),
        (BatchAction.REPLAY, False, False): translate("Batch", "Replay {runs} runs"),
        (BatchAction.REPLAY, True, True): translate("Batch", "Replay 1 run at {rate} a minute"),
        (BatchAction.REPLAY, False, True): translate("Batch", "Replay {runs} runs at {rate} a minute"),
        (BatchAction.CANCEL, True, False): translate("Batch", "Cancel 1 run"),
        (BatchAction.CANCEL, False, False): translate("Batch", "Cancel {runs} runs"),
        (BatchAction.CANCEL, True, True): translate("Batch", "Cancel 1 run at {rate} a minute"),
        (BatchAction.CANCEL, False, True): translate("Batch", "Cancel {runs} runs at {rate} a minute"),
    }
    return texts[action, runs == 1, rate is not None].format(runs=number, rate=rate)


def kind_text(action: BatchAction, runs: int) -> str:
    """Return what a batch is: "Replay of 214 runs"."""
    number = QLocale().toString(runs)
    if action is BatchAction.REPLAY:
        text = translate("Batch", "Replay of 1 run") if runs == 1 else translate("Batch", "Replay of {runs} runs")
    else:
        text = translate("Batch", "Cancel of 1 run") if runs == 1 else translate("Batch", "Cancel of {runs} runs")
    return text.format(runs=number)


def _look(found: tuple[StateKind, str]) -> StateLook:
    kind, word = found
    return StateLook(kind, translate("Batch", word))
