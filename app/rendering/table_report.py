"""The report as CSV and XLSX: one row a run; the workbook also has the steps, waits, calls and log of told runs.

Texts stay texts: nothing that comes from a run is taken for a formula, a link or a number. Times are UTC.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import xlsxwriter

from app.domain.diagnosis.finding import Diagnosis
from app.domain.report.appendix import RULE_WORDS
from app.domain.report.cause import cause_title
from app.domain.report.opening import cause_in_short
from app.domain.report.states import STATE_WORDS
from app.domain.report.voice import Voice
from app.domain.report.words import Said, say
from app.domain.run import RunRow
from app.domain.triage import RunAccount, TriageReport
from app.rendering.moments import iso
from app.rendering.visible import visible

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet would take for a formula; such a text begins with an apostrophe in CSV."""
_LONGEST_CELL = 32_000
"""A cell of XLSX holds 32,767 characters."""

Value: TypeAlias = "str | int | float | None"


@dataclass(frozen=True, slots=True)
class _Listed:
    """A run as a row: with the account it is told by, or the diagnosis it was listed with."""

    row: RunRow
    account: RunAccount | None
    diagnosis: Diagnosis | None


@dataclass(frozen=True, slots=True)
class _Sheet:
    name: Said
    columns: tuple[str, ...]
    rows: Iterable[tuple[Value, ...]]


RUN_COLUMNS = (
    "run_id",
    "tenant",
    "workflow",
    "workflow_id",
    "version",
    "status",
    "state",
    "cause",
    "explanation",
    "trigger",
    "event_type",
    "started_at",
    "updated_at",
    "completed_at",
    "duration_seconds",
    "place",
    "replay_of",
)


def render_csv(report: TriageReport, voice: Voice) -> bytes:
    """Return one row per run under a header, in UTF-8 with a byte order mark, as spreadsheets expect it."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow(RUN_COLUMNS)
    for listed in _listed(report):
        writer.writerow([_csv_cell(value) for value in _run_row(listed, voice)])
    return ("\ufeff" + lines.getvalue()).encode(errors="replace")


def render_xlsx(report: TriageReport, voice: Voice) -> bytes:
    """Return a workbook: the runs, and for runs that are told whole their steps, waits, calls and log."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"title": voice.text(say("Workflow runs")), "comments": report.schema})
        head = book.add_format({"bold": True, "bottom": 1})
        for sheet in _sheets(report, voice):
            _write_sheet(book, sheet, head, voice)
    return file.getvalue()


def _write_sheet(book: xlsxwriter.Workbook, sheet: _Sheet, head: object, voice: Voice) -> None:
    page = book.add_worksheet(voice.text(sheet.name)[:31])
    page.write_row(0, 0, sheet.columns, head)
    widths = [len(column) for column in sheet.columns]
    last = 0
    for last, values in enumerate(sheet.rows, start=1):
        for place, value in enumerate(values):
            if isinstance(value, (int, float)):
                page.write_number(last, place, value)
            elif value:
                text = _cell_text(value)
                page.write_string(last, place, text)
                widths[place] = max(widths[place], min(len(text), 60))
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, max(last, 1), len(sheet.columns) - 1)
    for place, width in enumerate(widths):
        page.set_column(place, place, width + 2)


def _sheets(report: TriageReport, voice: Voice) -> Iterable[_Sheet]:
    yield _Sheet(say("Runs"), RUN_COLUMNS, [_run_row(listed, voice) for listed in _listed(report)])
    if report.accounts:
        yield _Sheet(say("Steps"), _STEP_COLUMNS, _of_accounts(report, _step_rows))
        yield _Sheet(say("Waits"), _WAIT_COLUMNS, _of_accounts(report, _wait_rows))
        yield _Sheet(say("Action calls"), _CALL_COLUMNS, _of_accounts(report, _call_rows))
        yield _Sheet(say("Log"), _LOG_COLUMNS, _of_accounts(report, _log_rows))
        masked = [(voice.text(RULE_WORDS[rule]), number) for rule, number in report.masked.counts]
        yield _Sheet(say("What was masked"), ("rule", "masked"), masked)
    if report.listing is not None:
        about: list[tuple[Value, ...]] = [("total", report.listing.total), ("listed", len(report.listing.rows))]
        yield _Sheet(say("The filter"), ("name", "value"), [*about, *report.listing.terms])


def _listed(report: TriageReport) -> Iterable[_Listed]:
    for account in report.accounts:
        yield _Listed(account.row, account, account.diagnosis)
    if report.listing is not None:
        found = {diagnosis.key: diagnosis for diagnosis in report.listing.diagnoses}
        for row in report.listing.rows:
            yield _Listed(row, None, found.get(row.key))


def _run_row(listed: _Listed, voice: Voice) -> tuple[Value, ...]:
    row, diagnosis = listed.row, listed.diagnosis
    explained = cause_title(diagnosis) if diagnosis is not None else None
    if explained is None:
        explained = row.error_text if listed.account is None else cause_in_short(listed.account)
    return (
        str(row.key.run_id),
        str(row.key.tenant) if row.key.tenant else None,
        row.workflow_name,
        str(row.workflow_id),
        row.workflow_version,
        row.status,
        voice.text(STATE_WORDS[row.state][0]),
        str(diagnosis.cause) if diagnosis is not None and diagnosis.cause is not None else None,
        voice.text(explained) if explained is not None else None,
        row.trigger_type,
        row.event_type,
        iso(row.started_at),
        iso(row.updated_at),
        iso(row.completed_at),
        round(_seconds(row), 3),
        row.node_path,
        str(row.replay_of) if row.replay_of else None,
    )


def _seconds(row: RunRow) -> float:
    return row.age_seconds if row.completed_at is None else (row.completed_at - row.started_at).total_seconds()


def _of_accounts(
    report: TriageReport, rows_of: Callable[[RunAccount], Iterable[tuple[Value, ...]]]
) -> Iterable[tuple[Value, ...]]:
    for account in report.accounts:
        for values in rows_of(account):
            yield (str(account.row.key.run_id), *values)


_STEP_COLUMNS = ("run_id", "step", "type", "path", "status", "pass", "started_at", "completed_at", "duration_ms")
_WAIT_COLUMNS = ("run_id", "type", "status", "event", "key", "path", "created_at", "timeout_at", "resolved_at")
_CALL_COLUMNS = (
    "run_id",
    "action",
    "version",
    "status",
    "attempt",
    "path",
    "started_at",
    "completed_at",
    "message",
    "input_bytes",
    "output_bytes",
)
_LOG_COLUMNS = ("run_id", "created_at", "level", "message", "path", "source", "event", "key")


def _step_rows(account: RunAccount) -> Iterable[tuple[Value, ...]]:
    for step in account.inspection.steps:
        name = step.name or step.definition_step_id
        began, ended = iso(step.started_at), iso(step.completed_at)
        yield name, step.step_type, step.step_path, step.status, step.attempt, began, ended, step.duration_ms


def _wait_rows(account: RunAccount) -> Iterable[tuple[Value, ...]]:
    for wait in account.inspection.waits:
        yield (
            *(wait.wait_type, wait.status, wait.event_name, wait.key, wait.step_path),
            *(iso(wait.created_at), iso(wait.timeout_at), iso(wait.resolved_at)),
        )


def _call_rows(account: RunAccount) -> Iterable[tuple[Value, ...]]:
    for call in account.inspection.invocations:
        yield (
            *(call.action_id, call.action_version, call.status, call.attempt, call.step_path),
            *(iso(call.started_at or call.created_at), iso(call.completed_at), call.error_message),
            *(call.input_bytes, call.output_bytes),
        )


def _log_rows(account: RunAccount) -> Iterable[tuple[Value, ...]]:
    for entry in account.inspection.logs:
        yield (
            *(iso(entry.created_at), entry.level, entry.message, entry.step_path, entry.source),
            *(entry.event_name, entry.correlation_key),
        )


def _csv_cell(value: Value) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    text = visible(value)
    return f"'{text}" if any(form.lstrip(" ").startswith(FORMULA_STARTS) for form in (value, text)) else text


def _cell_text(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= _LONGEST_CELL else shown[: _LONGEST_CELL - 1] + "…"
