"""The runs of one batch as table columns, filtered by group and text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from app.desktop.batch.words import Group, entry_look, entry_text, group_of, item_text, verdict_look
from app.desktop.run_page.keyed_table import Cell, Column, KeyedTableModel
from app.desktop.shell.icons import state_icon
from app.desktop.shell.state_look import StateLook, state_colour, status_look
from app.desktop.shell.theme import Theme
from app.desktop.shell.times import exact_utc, local_time
from app.desktop.shell.words import translate
from app.domain.batch import PlanItem
from app.domain.batch_ledger import BatchLedger, BatchState, EntryState, LedgerEntry

_ICON_PX = 12


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One run: what the plan says of it, and what became of it."""

    item: PlanItem
    entry: LedgerEntry

    @property
    def run_to_open(self) -> UUID:
        """The run that is of interest: the replay once there is one, else the run itself."""
        return self.entry.new_run_id or self.entry.run_id


class BatchRows:
    """Holds the rows of one batch and shows those that are asked for in a table model.

    Args:
        theme: Fonts and colours.
        parent: Owns the model.
    """

    def __init__(self, theme: Theme, parent: QObject) -> None:
        self._theme = theme
        self.model: KeyedTableModel[BatchRow] = KeyedTableModel(lambda row: row.entry.run_id, parent)
        self._rows: tuple[BatchRow, ...] = ()
        self._planned = True
        self._group = Group.ALL
        self._text = ""
        self._looks: dict[StateLook, Cell] = {}
        self.retranslate()

    @property
    def planned(self) -> bool:
        """Whether nothing was sent yet, so that rows stand for verdicts and not for outcomes."""
        return self._planned

    @property
    def counts(self) -> Counter[Group]:
        """How many runs each group has, whatever is shown."""
        counted = Counter(group_of(row.item, row.entry, planned=self._planned) for row in self._rows)
        counted[Group.ALL] = len(self._rows)
        return counted

    def show(self, ledger: BatchLedger) -> None:
        """Show a newer reading of the batch, or another batch."""
        planned = ledger.progress.state is BatchState.PLANNED
        rows = map(BatchRow, ledger.plan.items, ledger.entries)
        # A plan keeps its order; of a ledger, what is not acted on stands last.
        self._rows = tuple(sorted(rows, key=lambda row: row.entry.state is EntryState.LEFT_OUT))
        if planned != self._planned:
            self._planned, self._group = planned, Group.ALL
            self.retranslate()
        self._refill()

    def filter(self, group: Group, text: str) -> None:
        """Show the runs of a group whose id, workflow or reason holds the text."""
        self._group, self._text = group, text.strip().lower()
        self._refill()

    def retranslate(self) -> None:
        """Put columns and texts in the current language and look."""
        self._looks.clear()
        self.model.set_columns(self._plan_columns() if self._planned else self._ledger_columns())

    def _refill(self) -> None:
        self.model.merge(tuple(self._wanted()))

    def _wanted(self) -> Iterable[BatchRow]:
        for row in self._rows:
            in_group = self._group is Group.ALL or self._group is group_of(row.item, row.entry, planned=self._planned)
            if in_group and (not self._text or self._text in self._searched(row)):
                yield row

    def _searched(self, row: BatchRow) -> str:
        said = item_text(row.item) if self._planned else entry_text(row.item, row.entry)
        ids = (row.entry.run_id, row.entry.new_run_id or "")
        return " ".join((*map(str, ids), row.item.workflow_name or "", said)).lower()

    def _plan_columns(self) -> tuple[Column[BatchRow], ...]:
        return (
            self._run_column(),
            self._workflow_column(),
            Column(translate("BatchRows", "State"), lambda row: self._looked(_status(row.item))),
            Column(translate("BatchRows", "Verdict"), lambda row: self._looked(verdict_look(row.item.verdict))),
            Column(translate("BatchRows", "Why"), lambda row: Cell(item_text(row.item), _item_tip(row.item))),
        )

    def _ledger_columns(self) -> tuple[Column[BatchRow], ...]:
        return (
            self._run_column(),
            self._workflow_column(),
            Column(translate("BatchRows", "New run"), lambda row: self._id(row.entry.new_run_id)),
            Column(translate("BatchRows", "Outcome"), lambda row: self._looked(entry_look(row.entry.state))),
            Column(translate("BatchRows", "Why"), lambda row: Cell(entry_text(row.item, row.entry), _entry_tip(row))),
        )

    def _run_column(self) -> Column[BatchRow]:
        return Column(translate("BatchRows", "Run"), lambda row: self._id(row.entry.run_id))

    def _workflow_column(self) -> Column[BatchRow]:
        return Column(translate("BatchRows", "Workflow"), lambda row: Cell(row.item.workflow_name or ""))

    def _id(self, run_id: UUID | None) -> Cell:
        return Cell("") if run_id is None else Cell(str(run_id)[:8], str(run_id), font=self._theme.mono())

    def _looked(self, look: StateLook | None) -> Cell:
        if look is None:
            return Cell("")
        if look not in self._looks:  # a cell is asked for once per role, and drawing an icon takes time
            colour = state_colour(self._theme.tokens, look.kind)
            icon = state_icon(look.kind, colour, _ICON_PX)
            self._looks[look] = Cell(look.word, colour=QColor(colour), icon=icon)
        return self._looks[look]


def _status(item: PlanItem) -> StateLook | None:
    return None if item.status is None else status_look(item.status)


def _item_tip(item: PlanItem) -> str:
    return "\n".join(concern.message for concern in item.concerns)


def _entry_tip(row: BatchRow) -> str:
    lines = [row.entry.message or _item_tip(row.item)]
    if row.entry.sent_at is not None:
        lines.append(translate("BatchRows", "Sent {time}").format(time=_moment(row.entry.sent_at)))
    if row.entry.ended_at is not None:
        lines.append(translate("BatchRows", "End seen {time}").format(time=_moment(row.entry.ended_at)))
    return "\n".join(line for line in lines if line)


def _moment(moment: datetime) -> str:
    return f"{local_time(moment)} ({exact_utc(moment)})"
