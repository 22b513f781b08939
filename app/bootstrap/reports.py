"""Which renderer makes which format of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.domain.triage import TriageReport


def render_report(report: TriageReport, format_name: str) -> bytes:
    """Return the report as the bytes of a file, ``html`` or ``json``."""
    if format_name == "json":
        from app.rendering.json_report import render_json

        return render_json(report)
    from app.rendering.html_report import render_html

    return render_html(report)
