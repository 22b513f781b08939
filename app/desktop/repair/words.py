"""What the repairs are called, what they mean, and how a planned write is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.desktop.shell.words import QT_TRANSLATE_NOOP, translate
from app.domain import json_text
from app.domain.repair import PlannedWrite, RepairAction
from app.domain.run import JsonValue

_MOST_RECORDS = 3
"""Records that are named; of more only the number is said."""
_UUID_LENGTH = 36


@dataclass(frozen=True, slots=True)
class RepairTexts:
    """Source texts of one repair, marked for translation."""

    title: str
    meaning: str
    confirm: str
    unfit: str


REPAIRS: dict[RepairAction, RepairTexts] = {
    RepairAction.COMPLETE_LAUNCH: RepairTexts(
        QT_TRANSLATE_NOOP("Repair", "Complete launch"),
        QT_TRANSLATE_NOOP(
            "Repair",
            "The run was recorded, but its execution was never started. It is started now, under the same run id and "
            "with the recorded payload. Doing this twice starts it once.",
        ),
        QT_TRANSLATE_NOOP("Repair", "Start it now"),
        QT_TRANSLATE_NOOP("Repair", "Only a RUNNING run of Temporal that has no step yet can be launched to the end."),
    ),
    RepairAction.FAIL_LAUNCH: RepairTexts(
        QT_TRANSLATE_NOOP("Repair", "Mark as failed launch"),
        QT_TRANSLATE_NOOP(
            "Repair",
            "The run was recorded, but Temporal knows no execution of it. It is marked FAILED; a replay can do its "
            "work afterwards.",
        ),
        QT_TRANSLATE_NOOP("Repair", "Mark as failed"),
        QT_TRANSLATE_NOOP("Repair", "Only a RUNNING run of Temporal that has no step yet can be a failed launch."),
    ),
    RepairAction.PROJECT_CLOSE: RepairTexts(
        QT_TRANSLATE_NOOP("Repair", "Take over the execution's end"),
        QT_TRANSLATE_NOOP(
            "Repair",
            "The execution has closed, but its rows still look open. They take the end that the engine would have "
            "written.",
        ),
        QT_TRANSLATE_NOOP("Repair", "Take over the end"),
        QT_TRANSLATE_NOOP("Repair", "The row has ended, or it is not Temporal's."),
    ),
    RepairAction.RELEASE_HUMAN_TASK: RepairTexts(
        QT_TRANSLATE_NOOP("Repair", "Release human task"),
        QT_TRANSLATE_NOOP(
            "Repair",
            "The run waits for a person. Completing the task in the product's inbox does not reach it; this response "
            "does, and completes the task.",
        ),
        QT_TRANSLATE_NOOP("Repair", "Send response"),
        QT_TRANSLATE_NOOP("Repair", "The run waits for no person."),
    ),
    RepairAction.DELIVER_EVENT: RepairTexts(
        QT_TRANSLATE_NOOP("Repair", "Deliver event"),
        QT_TRANSLATE_NOOP(
            "Repair",
            "The run waits for an event that it missed. The event goes to this run alone, under the wait's own key, "
            "and is recorded.",
        ),
        QT_TRANSLATE_NOOP("Repair", "Deliver event"),
        QT_TRANSLATE_NOOP("Repair", "The run waits for no event."),
    ),
}

_TARGETS: dict[str, str] = {
    "temporal": QT_TRANSLATE_NOOP("Repair", "Temporal"),
    "workflow_runs": QT_TRANSLATE_NOOP("Repair", "Run"),
    "workflow_run_steps": QT_TRANSLATE_NOOP("Repair", "Step"),
    "workflow_run_waits": QT_TRANSLATE_NOOP("Repair", "Wait"),
    "workflow_tasks": QT_TRANSLATE_NOOP("Repair", "Human task"),
    "workflow_task_history": QT_TRANSLATE_NOOP("Repair", "History of the task"),
    "workflow_runtime_events": QT_TRANSLATE_NOOP("Repair", "Event"),
    "workflow_run_logs": QT_TRANSLATE_NOOP("Repair", "Run log"),
    "audit_logs": QT_TRANSLATE_NOOP("Repair", "Audit"),
}
_CAUTIONS: frozenset[str] = frozenset(
    {
        QT_TRANSLATE_NOOP("Repair", "The execution exists already, so nothing is started: only its ids are stored."),
        QT_TRANSLATE_NOOP(
            "Repair", "The execution runs already, so nothing is started: the row is reopened and follows it."
        ),
        QT_TRANSLATE_NOOP(
            "Repair",
            "An action that was under way when the execution ended may still finish: its effect is real.",
        ),
        QT_TRANSLATE_NOOP("Repair", "The response is sent without a check against the form."),
        QT_TRANSLATE_NOOP("Repair", "No worker answers, so it is not verified that the execution still waits there."),
        QT_TRANSLATE_NOOP(
            "Repair", "The wait has no key: no event of the product's can ever match it, only this signal."
        ),
    }
)
"""The cautions of the services; the sentence itself is the key."""
_PHRASES: frozenset[str] = frozenset(
    {
        QT_TRANSLATE_NOOP("Repair", "start execution"),
        QT_TRANSLATE_NOOP("Repair", "signal event"),
        QT_TRANSLATE_NOOP("Repair", "signal human task"),
        QT_TRANSLATE_NOOP("Repair", "as Temporal answers"),
        QT_TRANSLATE_NOOP("Repair", "now"),
    }
)
"""What a plan says in words where a row or a value would stand; the phrase itself is the key."""


@dataclass(frozen=True, slots=True)
class WriteLine:
    """One line of a plan: what is written (``place``), and the new values, one a line."""

    place: str
    values: str


def write_lines(writes: tuple[PlannedWrite, ...]) -> Iterator[WriteLine]:
    """Yield the writes as lines; several with equal values are one."""
    groups: dict[tuple[str, str], list[str]] = {}
    for write in writes:
        groups.setdefault((write.target, _values(write.changes)), []).append(_short(write.record))
    for (target, values), records in groups.items():
        source = _TARGETS.get(target)
        name = target if source is None else translate("Repair", source)
        yield WriteLine(f"{name} · {_records(records)}", values)


def caution_text(caution: str) -> str:
    """Return a caution in the current language."""
    return translate("Repair", caution) if caution in _CAUTIONS else caution


def _records(records: list[str]) -> str:
    if len(records) <= _MOST_RECORDS:
        return ", ".join(records)
    return translate("Repair", "{count} rows").format(count=len(records))


def _short(record: str) -> str:
    return record[:8] if len(record) == _UUID_LENGTH and record.count("-") == 4 else _phrase(record)


def _phrase(text: str) -> str:
    return translate("Repair", text) if text in _PHRASES else text


def _values(changes: dict[str, JsonValue]) -> str:
    return "\n".join(f"{name} → {_value(value)}" for name, value in changes.items())


def _value(value: JsonValue) -> str:
    return _phrase(value) if isinstance(value, str) else json_text.dump(value)
