"""The columns of the run list and the words in their cells."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import IntEnum

from app.desktop.shell.state_look import run_look
from app.desktop.shell.times import age_text, exact_utc, short_time
from app.desktop.shell.words import QT_TRANSLATE_NOOP, translate
from app.domain.run import EffectiveState, OpenWait, RunRow, WaitType
from app.domain.run_query import RunSort

SHORT_ID_LENGTH = 8
REPLAY_MARK = "\u21ba"
"""A circling arrow behind the workflow of a run that replays another."""


class Column(IntEnum):
    """Columns from left to right."""

    RUN = 0
    WORKFLOW = 1
    STATE = 2
    WHY = 3
    AGE = 4
    STARTED = 5
    UPDATED = 6


HEADERS: dict[Column, str] = {
    Column.RUN: QT_TRANSLATE_NOOP("RunColumns", "Run"),
    Column.WORKFLOW: QT_TRANSLATE_NOOP("RunColumns", "Workflow"),
    Column.STATE: QT_TRANSLATE_NOOP("RunColumns", "State"),
    Column.WHY: QT_TRANSLATE_NOOP("RunColumns", "Why"),
    Column.AGE: QT_TRANSLATE_NOOP("RunColumns", "Age"),
    Column.STARTED: QT_TRANSLATE_NOOP("RunColumns", "Started"),
    Column.UPDATED: QT_TRANSLATE_NOOP("RunColumns", "Updated"),
}

HEADER_TOOLTIPS: dict[Column, str] = {
    Column.AGE: QT_TRANSLATE_NOOP("RunColumns", "Age of a run that goes on, duration of one that has ended"),
    Column.STARTED: QT_TRANSLATE_NOOP("RunColumns", "Local time of the start; click to sort"),
    Column.UPDATED: QT_TRANSLATE_NOOP("RunColumns", "Local time of the last change; click to sort"),
}

RIGHT_ALIGNED = frozenset({Column.AGE, Column.STARTED, Column.UPDATED})

SORTS: dict[Column, tuple[RunSort, RunSort]] = {
    Column.STARTED: (RunSort.STARTED_DESC, RunSort.STARTED_ASC),
    Column.UPDATED: (RunSort.UPDATED_DESC, RunSort.UPDATED_ASC),
}
"""Sort orders by column: newest first, oldest first."""


def short_id(row: RunRow) -> str:
    """Return the first eight characters of the run's id."""
    return str(row.key.run_id)[:SHORT_ID_LENGTH]


def cell_text(row: RunRow, column: Column) -> str:
    """Return what a cell shows. "Now" is the row's own moment: its start plus its age by the database's clock."""
    return _TEXTS[column](row)


def cell_tooltip(row: RunRow, column: Column) -> str:
    """Return what hovering a cell shows: whole ids, exact UTC, whole messages; "" for none."""
    return _TOOLTIPS[column](row)


def workflow_text(row: RunRow) -> str:
    """Return the workflow's name, or that it is gone."""
    return row.workflow_name or translate("RunColumns", "Deleted workflow")


def duration_seconds(row: RunRow) -> float:
    """Return the age of a run that goes on, the duration of one that has ended, in seconds."""
    if row.completed_at is None:
        return row.age_seconds
    return (row.completed_at - row.started_at).total_seconds()


def why_text(row: RunRow) -> str:
    """Return one line on why the run is where it is; "" where the state says it all."""
    if row.stuck:
        return translate("RunColumns", "No step has begun")
    if row.error_text:
        return row.error_text
    if row.completed_at is None:
        return _wait_text(row, row.open_wait) if row.open_wait is not None else _work_text(row)
    return _origin_text(row)


def read_at(row: RunRow) -> datetime:
    """Return the moment of the database's clock at which the row was read."""
    return row.started_at + timedelta(seconds=row.age_seconds)


def _work_text(row: RunRow) -> str:
    if row.state is EffectiveState.QUEUED:
        return translate("RunColumns", "Not picked up by a worker yet")
    if row.node_path:
        return translate("RunColumns", "At {path}").format(path=row.node_path)
    return _origin_text(row)


def _origin_text(row: RunRow) -> str:
    if row.replay_of is None:
        return ""
    return translate("RunColumns", "Replay of {run}").format(run=str(row.replay_of)[:SHORT_ID_LENGTH])


def _workflow_cell(row: RunRow) -> str:
    """Return the workflow, marked when the run is a replay: its state alone would look like an original's."""
    return workflow_text(row) if row.replay_of is None else f"{workflow_text(row)} {REPLAY_MARK}"


def _workflow_tooltip(row: RunRow) -> str:
    version = translate("RunColumns", "{workflow}, version {version}").format(
        workflow=workflow_text(row), version=row.workflow_version
    )
    return "\n".join(line for line in (version, _origin_text(row)) if line)


def _state_tooltip(row: RunRow) -> str:
    return translate("RunColumns", "{state} (stored as {status})").format(state=run_look(row).word, status=row.status)


def _end_tooltip(row: RunRow) -> str:
    if row.completed_at is None:
        return ""
    return translate("RunColumns", "Ended {time}").format(time=exact_utc(row.completed_at))


def _wait_text(row: RunRow, wait: OpenWait) -> str:
    until = None if wait.timeout_at is None else short_time(wait.timeout_at, read_at(row))
    match wait.wait_type:
        case WaitType.EVENT if until is not None:
            return translate("RunColumns", "{event} until {time}").format(event=wait.event_name, time=until)
        case WaitType.EVENT:
            return translate("RunColumns", "Event {event}").format(event=wait.event_name)
        case WaitType.TIME if until is not None:
            return translate("RunColumns", "Until {time}").format(time=until)
        case other if other in _WAITS:
            return translate("RunColumns", _WAITS[other])
        case other:
            return translate("RunColumns", "Waits ({type})").format(type=other)


_WAITS: dict[str, str] = {
    WaitType.HUMAN: QT_TRANSLATE_NOOP("RunColumns", "Waits for a person"),
    WaitType.QUOTA: QT_TRANSLATE_NOOP("RunColumns", "Step quota used up"),
    "retry": QT_TRANSLATE_NOOP("RunColumns", "Another attempt is due"),  # written by the removed database engine only
}

_TEXTS: dict[Column, Callable[[RunRow], str]] = {
    Column.RUN: short_id,
    Column.WORKFLOW: _workflow_cell,
    Column.STATE: lambda row: run_look(row).word,
    Column.WHY: why_text,
    Column.AGE: lambda row: age_text(duration_seconds(row)),
    Column.STARTED: lambda row: short_time(row.started_at, read_at(row)),
    Column.UPDATED: lambda row: short_time(row.updated_at, read_at(row)),
}

_TOOLTIPS: dict[Column, Callable[[RunRow], str]] = {
    Column.RUN: lambda row: str(row.key.run_id),
    Column.WORKFLOW: _workflow_tooltip,
    Column.STATE: _state_tooltip,
    Column.WHY: why_text,
    Column.AGE: _end_tooltip,
    Column.STARTED: lambda row: exact_utc(row.started_at),
    Column.UPDATED: lambda row: exact_utc(row.updated_at),
}
