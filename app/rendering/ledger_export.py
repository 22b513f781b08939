"""The ledger of a batch as the bytes of a CSV or JSON file. It holds no payload, and no values of the patch."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

from app.domain.batch_ledger import BatchLedger, LedgerEntry
from app.domain.batch_patch import shown_patch

COLUMNS = (
    "batch_id",
    "batch",
    "action",
    "run_id",
    "workflow",
    "outcome",
    "new_run_id",
    "status",
    "code",
    "message",
    "sent_at",
    "ended_at",
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def ledger_csv(ledger: BatchLedger) -> bytes:
    """Return one row per run under a header, in UTF-8 with a byte order mark, as spreadsheets expect it.

    A text that a spreadsheet would take for a formula begins with an apostrophe; CR, LF, comma and quote are quoted.
    """
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in _rows(ledger):
        writer.writerow([_cell(row[column]) for column in COLUMNS])
    return ("\ufeff" + lines.getvalue()).encode()


def ledger_json(ledger: BatchLedger) -> bytes:
    """Return the batch, its counts and its rows as indented JSON."""
    order, progress = ledger.plan.order, ledger.progress
    document = {
        "batch_id": str(order.batch_id),
        "name": order.name,
        "action": str(order.action),
        "reason": order.reason,
        "patch": list(shown_patch(order.patch)),
        "tenant": str(order.scope.tenant),
        "planned_at": _instant(ledger.plan.planned_at),
        "state": str(progress.state),
        "code": progress.code,
        "message": progress.message,
        "counts": {str(state): number for state, number in progress.counts},
        "row_count": len(ledger.entries),
        "rows": [{key: row[key] for key in COLUMNS[3:]} for row in _rows(ledger)],
    }
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def _rows(ledger: BatchLedger) -> list[dict[str, str | None]]:
    return [_row(ledger, entry) for entry in ledger.entries]


def _row(ledger: BatchLedger, entry: LedgerEntry) -> dict[str, str | None]:
    order = ledger.plan.order
    return {
        "batch_id": str(order.batch_id),
        "batch": order.name,
        "action": str(order.action),
        "run_id": str(entry.run_id),
        "workflow": entry.workflow_name,
        "outcome": str(entry.state),
        "new_run_id": None if entry.new_run_id is None else str(entry.new_run_id),
        "status": entry.status,
        "code": entry.code,
        "message": entry.message,
        "sent_at": _instant(entry.sent_at),
        "ended_at": _instant(entry.ended_at),
    }


def _cell(text: str | None) -> str:
    if text is None:
        return ""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _instant(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
