"""Which renderer makes which format of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.domain.batch_ledger import BatchLedger
    from app.domain.triage import TriageReport


def render_report(report: TriageReport, format_name: str) -> bytes:
    """Return the report as the bytes of a file, ``html`` or ``json``."""
    if format_name == "json":
        from app.rendering.json_report import render_json

        return render_json(report)
    from app.rendering.html_report import render_html

    return render_html(report)


def render_ledger(ledger: BatchLedger, format_name: str) -> bytes:
    """Return the ledger of a batch as the bytes of a file, ``csv`` or ``json``."""
    from app.rendering.ledger_export import ledger_csv, ledger_json

    return ledger_json(ledger) if format_name == "json" else ledger_csv(ledger)
