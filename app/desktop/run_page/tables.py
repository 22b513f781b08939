"""What the tables of steps, waits, logs and documents show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor, QIcon

from app.desktop.run_page.keyed_table import Cell, Column, KeyedTableModel
from app.desktop.shell.icons import state_icon
from app.desktop.shell.state_look import StateKind, StateLook, state_colour, status_look
from app.desktop.shell.theme import Theme
from app.desktop.shell.times import age_text, exact_utc, local_time, short_time, took_text
from app.domain.run import Invocation, LogEntry, RunInspection, Step, Wait, WaitType

_LEVELS = {"ERROR": StateKind.FAILED, "WARN": StateKind.WAITING, "WARNING": StateKind.WAITING}
_STALE_MOMENT = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class DocumentKind(StrEnum):
    """What a document of a run is."""

    RUN_INPUT = "run_input"
    TRIGGER = "trigger"
    INPUT = "input"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One document of a run; ``size`` in bytes, None when not known."""

    kind: DocumentKind
    size: int | None
    invocation: Invocation | None = None

    @property
    def key(self) -> tuple[DocumentKind, UUID | None]:
        """What identifies the document."""
        return self.kind, None if self.invocation is None else self.invocation.invocation_id


class InspectionTables(QObject):
    """The models of a run's tables, merged from inspections.

    Args:
        theme: Colours and fonts.
        parent: The owning object.
    """

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._read_at = _STALE_MOMENT
        self._names: dict[str, str] = {}
        self._icons: dict[StateKind, tuple[QIcon, QColor]] = {}
        self.steps: KeyedTableModel[Step] = KeyedTableModel(lambda step: step.step_id, self)
        self.waits: KeyedTableModel[Wait] = KeyedTableModel(lambda wait: wait.wait_id, self)
        self.logs: KeyedTableModel[LogEntry] = KeyedTableModel(lambda entry: entry.log_id, self)
        self.documents: KeyedTableModel[DocumentRow] = KeyedTableModel(lambda row: row.key, self)
        theme.changed.connect(self.retranslate)
        self.retranslate()

    def merge(self, inspection: RunInspection) -> None:
        """Show what an inspection holds, keeping what did not change."""
        self._read_at = inspection.read_at
        self._names = {step.step_path: step.name or step.definition_step_id for step in inspection.steps}
        self.steps.merge(inspection.steps)
        self.waits.merge(inspection.waits)
        self.logs.merge(inspection.logs)
        self.documents.merge(document_rows(inspection))

    def retranslate(self) -> None:
        """Make columns anew, in the current language and colours."""
        self._icons.clear()
        self.steps.set_columns(self._step_columns())
        self.waits.set_columns(self._wait_columns())
        self.logs.set_columns(self._log_columns())
        self.documents.set_columns(self._document_columns())

    def _step_columns(self) -> tuple[Column[Step], ...]:
        return (
            Column(self.tr("Step"), lambda step: Cell(_indented(step), tip=step.step_path)),
            Column(self.tr("State"), self._step_state),
            Column(self.tr("Pass"), lambda step: Cell(str(step.attempt)), right=True),
            Column(self.tr("Started"), lambda step: self._moment(step.started_at), right=True),
            Column(self.tr("Took"), self._step_took, right=True),
            Column(self.tr("Error"), lambda step: Cell(_message(step))),
        )

    def _wait_columns(self) -> tuple[Column[Wait], ...]:
        return (
            Column(self.tr("Waits for"), self._wait_for),
            Column(self.tr("State"), lambda wait: self._state(status_look(wait.status))),
            Column(self.tr("Step"), lambda wait: Cell(self._names.get(wait.step_path, wait.step_path), wait.step_path)),
            Column(self.tr("Key"), lambda wait: Cell(wait.key or "", font=self._theme.mono())),
            Column(self.tr("Since"), lambda wait: self._moment(wait.created_at), right=True),
            Column(self.tr("Until"), lambda wait: self._moment(wait.timeout_at), right=True),
            Column(self.tr("Ended"), lambda wait: self._moment(wait.resolved_at), right=True),
        )

    def _log_columns(self) -> tuple[Column[LogEntry], ...]:
        return (
            Column(self.tr("Time"), lambda entry: self._moment(entry.created_at)),
            Column(self.tr("Level"), self._level),
            Column(self.tr("Message"), lambda entry: Cell(entry.message)),
            Column(self.tr("Step"), lambda entry: Cell(self._names.get(entry.step_path or "", entry.step_path or ""))),
            Column(self.tr("Source"), lambda entry: Cell(entry.source or "")),
        )

    def _document_columns(self) -> tuple[Column[DocumentRow], ...]:
        return (
            Column(self.tr("Document"), lambda row: Cell(self._document_title(row))),
            Column(self.tr("Size"), lambda row: Cell(size_text(row.size)), right=True),
        )

    def _document_title(self, row: DocumentRow) -> str:
        if row.kind is DocumentKind.RUN_INPUT:
            return self.tr("Run input")
        if row.kind is DocumentKind.TRIGGER:
            return self.tr("Trigger")
        invocation = row.invocation
        if invocation is None:
            return ""
        step = self._names.get(invocation.step_path, invocation.action_id)
        text = self.tr("{step}: input") if row.kind is DocumentKind.INPUT else self.tr("{step}: output")
        return text.format(step=step)

    def _step_state(self, step: Step) -> Cell:
        if step.swallowed_error:
            return self._state(StateLook(StateKind.WAITING, self.tr("Error swallowed")))
        return self._state(status_look(step.status))

    def _step_took(self, step: Step) -> Cell:
        if step.duration_ms is not None:
            return Cell(took_text(step.duration_ms), font=self._theme.figures())
        end = step.completed_at or self._read_at
        seconds = max((end - step.started_at).total_seconds(), 0.0)
        text = took_text(seconds * 1000) if step.completed_at else age_text(seconds)
        return Cell(text, font=self._theme.figures())

    def _wait_for(self, wait: Wait) -> Cell:
        words: dict[str, str] = {
            WaitType.EVENT: self.tr("Event {name}").format(name=wait.event_name or ""),
            WaitType.TIME: self.tr("A time"),
            WaitType.HUMAN: self.tr("A person"),
            WaitType.QUOTA: self.tr("Quota"),
        }
        return Cell(words.get(wait.wait_type, wait.wait_type))

    def _level(self, entry: LogEntry) -> Cell:
        kind = _LEVELS.get(entry.level.upper())
        colour = None if kind is None else QColor(state_colour(self._theme.tokens, kind))
        return Cell(entry.level, colour=colour)

    def _state(self, look: StateLook) -> Cell:
        icon, colour = self._icon(look.kind)
        return Cell(look.word, colour=colour, icon=icon)

    def _icon(self, kind: StateKind) -> tuple[QIcon, QColor]:
        if kind not in self._icons:
            colour = state_colour(self._theme.tokens, kind)
            self._icons[kind] = (state_icon(kind, colour, 12), QColor(colour))
        return self._icons[kind]

    def _moment(self, at: datetime | None) -> Cell:
        if at is None:
            return Cell("")
        tip = f"{local_time(at)}\n{exact_utc(at)}"
        return Cell(short_time(at, self._read_at), tip=tip, font=self._theme.figures())


def document_rows(inspection: RunInspection) -> tuple[DocumentRow, ...]:
    """Return the documents of a run: input, trigger, then those of each invocation."""
    rows = [DocumentRow(DocumentKind.RUN_INPUT, inspection.run.input_bytes)]
    if inspection.run.trigger_metadata is not None:
        rows.append(DocumentRow(DocumentKind.TRIGGER, None))
    for invocation in inspection.invocations:
        rows.append(DocumentRow(DocumentKind.INPUT, invocation.input_bytes, invocation))
        if invocation.completed_at is not None:
            rows.append(DocumentRow(DocumentKind.OUTPUT, invocation.output_bytes, invocation))
    return tuple(rows)


def size_text(size: int | None) -> str:
    """Return a size in words."""
    if size is None:
        return ""
    if size < 1024:
        return f"{size} B"
    return f"{size / 1024:.0f} KiB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MiB"


def _indented(step: Step) -> str:
    depth = max(step.step_path.count("steps[") - 1, 0)
    return "    " * min(depth, 8) + (step.name or step.definition_step_id)


def _message(step: Step) -> str:
    message = step.error.get("message") if isinstance(step.error, dict) else None
    return " ".join(message.split()) if isinstance(message, str) else ""
