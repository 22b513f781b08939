"""Which renderer makes which format of a report; renderers are heavy and imported when they are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.errors import Misconfigured

if TYPE_CHECKING:
    from app.domain.batch_ledger import BatchLedger
    from app.domain.triage import TriageReport

REPORT_FORMATS = ("html", "pdf", "md", "json", "csv", "xlsx")
"""Formats of one file; a bundle is made by a service of its own."""


def render_report(report: TriageReport, format_name: str, language: str = "en", zone: str = "UTC") -> bytes:
    """Return the report as the bytes of a file.

    Args:
        report: What was read.
        format_name: One of :data:`REPORT_FORMATS`.
        language: ``en`` or ``de``.
        zone: A name of the time zone database; the times of JSON, CSV and XLSX are UTC all the same.

    Raises:
        Misconfigured: no such format, language or zone.
    """
    from app.domain.report.voice import voice_for

    voice = voice_for(language, zone)
    if format_name == "json":
        from app.rendering.json_report import render_json

        return render_json(report, voice)
    if format_name in {"csv", "xlsx"}:
        from app.rendering.table_report import render_csv, render_xlsx

        return render_csv(report, voice) if format_name == "csv" else render_xlsx(report, voice)
    from app.domain.report.compose import document_of

    document = document_of(report)
    if format_name == "html":
        from app.rendering.html_report import render_html

        return render_html(document, voice)
    if format_name == "md":
        from app.rendering.markdown_report import render_markdown

        return render_markdown(document, voice)
    if format_name == "pdf":
        from app.local.resources import resource_path
        from app.rendering.pdf.report import render_pdf

        return render_pdf(document, voice, resource_path("fonts"))
    formats = ", ".join(REPORT_FORMATS)
    raise Misconfigured("report.format", f"Reports have no format {format_name!r}. Choose one of: {formats}.")


def render_ledger(ledger: BatchLedger, format_name: str) -> bytes:
    """Return the ledger of a batch as the bytes of a file, ``csv`` or ``json``."""
    from app.rendering.ledger_export import ledger_csv, ledger_json

    return ledger_json(ledger) if format_name == "json" else ledger_csv(ledger)
