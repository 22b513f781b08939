"""The triage report as one self-contained HTML file: no script, nothing loaded, readable on screen and paper."""

from __future__ import annotations

from app.domain.triage import TriageReport
from app.rendering.html_generations import generations_section
from app.rendering.html_sections import (
    environment_section,
    error_section,
    input_section,
    invocations_section,
    logs_section,
    provenance_section,
    steps_section,
    summary_section,
    waits_section,
)
from app.rendering.markup import Markup, element, join
from app.rendering.moments import readable
from app.rendering.report_style import STYLE
from app.rendering.state_words import state_badge, stuck_badge
from app.rendering.timeline_svg import render_timeline

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Browsers must not load or run anything, whatever a payload managed to say."""


def render_html(report: TriageReport) -> bytes:
    """Return the report as a UTF-8 HTML document."""
    page = element("html", _head(report), _body(report), lang="en")
    return f"<!DOCTYPE html>\n{page}\n".encode()


def _head(report: TriageReport) -> Markup:
    row = report.inspection.run.row
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"Run {row.key.run_id}: {row.workflow_name or 'workflow'} {row.status}"),
        element("style", Markup(STYLE)),
    )


def _body(report: TriageReport) -> Markup:
    inspection = report.inspection
    sections = [
        _title(report),
        error_section(inspection),
        summary_section(inspection),
        element("section", element("h2", "Timeline"), render_timeline(report.timeline), id="timeline"),
        steps_section(inspection),
        waits_section(inspection),
        provenance_section(inspection.run),
        generations_section(report.chain),
        environment_section(report),
        input_section(inspection.run),
        invocations_section(inspection),
        logs_section(inspection),
        _foot(report),
    ]
    return element("body", element("main", join(sections)))


def _title(report: TriageReport) -> Markup:
    row = report.inspection.run.row
    facts = [element("li", fact) for fact in report.evidence]
    return element(
        "header",
        element("h1", row.workflow_name or "Workflow", " ", stuck_badge() if row.stuck else state_badge(row.state)),
        element("p", report.headline, class_="headline"),
        element("ul", join(facts), class_="muted") if facts else Markup(),
        id="headline",
    )


def _foot(report: TriageReport) -> Markup:
    return element(
        "footer",
        f"Read at {readable(report.generated_at)} by the database's clock. All times are UTC. "
        f"Masked values are shown as placeholders. {report.schema}",
    )
