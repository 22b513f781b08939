"""The report in every format: complete, self-contained, and safe with hostile data."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.bootstrap.reports import render_report
from app.domain.json_text import parse
from app.domain.report.documents import MAX_DOCUMENT_CHARACTERS
from app.domain.report.timeline_words import MAX_ROWS
from app.domain.run import RedactedDocument, RunError, RunLink
from app.domain.triage import EnvironmentFacts, RunListing, TriageReport
from app.local.resources import resource_path
from app.rendering.markdown_report import escaped
from app.rendering.table_report import FORMULA_STARTS
from tests.domain.samples import START, a_detail, a_log, a_row, a_step, at
from tests.rendering.opened import FORMATS, Page, outline_titles, pdf_text, texts
from tests.rendering.reports import HOSTILE, a_chain, a_report, hostile_report

SCHEMA = json.loads(resource_path("schemas", "rundesk.triage-2.schema.json").read_text("utf-8"))


def html(report: TriageReport, language: str = "en", zone: str = "UTC") -> Page:
    return Page(render_report(report, "html", language, zone))


def document(report: TriageReport) -> dict:
    found = json.loads(render_report(report, "json"))
    jsonschema.validate(found, SCHEMA)
    return found


@pytest.mark.parametrize("form", ["html", "pdf", "md"])
def test_what_why_since_impact_and_next_stand_in_the_first_minute(form: str) -> None:
    content = render_report(a_report(), form)
    whole = {"html": lambda: Page(content).text, "pdf": lambda: pdf_text(content), "md": content.decode}[form]()
    first = re.sub(r"[`*\\]", "", whole)[:1800]
    for words in (
        "failed at step “Step 1” after 2 s: Charge refused.",
        "Harbor, workflow “Ticket triage” version 4",
        "2026-11-23 06:00:02 UTC (1 min 58 s before this report)",
        "Action pay failed with CARD: Charge refused.",
        "The run is over. 1 step was done",
        "2 of them failed at the same place",
        "Harbor: canceled it at 2026-11-23 06:00:03 UTC",
        "Mend what action pay complains about, then replay the run. A replay begins at the first step: 1 action call",
    ):
        assert words.replace("@", "&#64;") in first, words


@pytest.mark.parametrize("form", ["html", "pdf", "md"])
def test_every_part_is_there_in_reading_order(form: str) -> None:
    content = render_report(a_report(chain=a_chain(a_row().key.run_id)), form)
    titles = {
        "html": lambda: re.findall(r"<h2>(.*?)</h2>", content.decode()),
        "pdf": lambda: [title for title in outline_titles(content) if title in _PARTS],
        "md": lambda: re.findall(r"^## (.*)$", content.decode(), re.MULTILINE),
    }[form]()
    assert titles == list(_PARTS)


_PARTS = (
    *("Failing step", "Timeline", "Error chain", "Waits and events", "Where it comes from"),
    *("Environment at the time of this report", "Definition around the step", "Log", "Appendix", "What was masked"),
)


def test_the_page_is_self_contained_and_prints() -> None:
    page = html(a_report())
    assert "script" not in page.tags
    assert not {"link", "iframe", "img", "base", "form"} & set(page.tags)
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes
    assert all(value.startswith("#") for name, value in page.attributes if name == "href")
    assert b"@media print" in render_report(a_report(), "html")
    assert len(page.ids) == len(set(page.ids))


def test_hostile_data_stays_text_in_html() -> None:
    page = html(hostile_report())
    assert not {"script", "img", "a"} & set(page.tags) - {"a"}
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert "alert(1)" in page.text
    assert not set("\x00\x1b\u202e\u200b\ud800") & set(page.text)
    assert "\\u202e" in page.text


def test_hostile_data_stays_text_in_markdown() -> None:
    text = render_report(hostile_report(), "md").decode()
    outside, fence = [], None
    for line in text.split("\n"):
        marks = re.match(r"`{3,}", line)
        if fence is None and marks:
            fence = marks.group()
        elif fence is not None and line == fence:
            fence = None
        elif fence is None:
            outside.append(line)
    assert fence is None
    prose = re.sub(r"`[^`]*`", "", "\n".join(outside))
    assert "<" not in prose
    assert "@all" not in prose
    assert not re.search(r"(?<!\\)\]\(", prose)
    assert not [line for line in outside if line.startswith("# ")][1:]
    assert not set("\x00\x1b\u202e\u200b") & set(text)


@given(st.text(max_size=80))
def test_escaped_text_is_one_line_without_live_markup(text: str) -> None:
    shown = escaped(text)
    assert "\n" not in shown
    assert not re.search(r"(?<!\\)[*`\[\]|<>]", shown.replace("\\\\", ""))


def test_hostile_data_is_drawn_in_the_pdf_and_acts_on_nothing() -> None:
    content = render_report(hostile_report(), "pdf")
    assert "alert(1)" in pdf_text(content)
    assert "\\u202e" in pdf_text(content)
    for action in (b"/JavaScript", b"/JS", b"/URI", b"/Launch", b"/EmbeddedFile", b"/OpenAction"):
        assert action not in content


def test_hostile_data_is_no_formula_in_tables() -> None:
    for start in FORMULA_STARTS:
        report = a_report(row=a_row(status="FAILED", workflow_name=f'{start}HYPERLINK("http://evil";"x")'))
        (row,) = csv.DictReader(io.StringIO(render_report(report, "csv").decode("utf-8-sig"), newline=""))
        assert row["workflow"].startswith("'")
        with zipfile.ZipFile(io.BytesIO(render_report(report, "xlsx"))) as book:
            sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/")]
        assert not any("<f>" in sheet or "hyperlink" in sheet for sheet in sheets)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_gives_a_file_of_every_format(one: str, other: str) -> None:
    report = a_report(
        error=RunError(one, "step", technical=other),
        logs=(a_log(one, context={other: one}),),
        steps=(a_step(0, name=other or None),),
    )
    assert "script" not in html(report).tags
    document(report)
    for form in ("pdf", "md", "csv", "xlsx"):
        assert texts(form, render_report(report, form))


@pytest.mark.parametrize("words", ["Grüße aus Köln", "Zażółć gęślą jaźń", "Съешь же ещё этих булок", "Ελληνικά"])
def test_letters_of_europe_are_drawn_in_the_pdf(words: str) -> None:
    assert words in pdf_text(render_report(a_report(error=RunError(words, "run")), "pdf"))


def test_letters_that_no_font_has_are_spelled_out() -> None:
    assert "\\u8bf7\\u6c42" in pdf_text(render_report(a_report(error=RunError("请求", "run")), "pdf"))


def test_the_pdf_numbers_its_pages() -> None:
    steps = tuple(replace(a_step(number), step_id=UUID(int=number + 1)) for number in range(200))
    content = render_report(a_report(steps=steps), "pdf", "de")
    pages = [" ".join(text.split()) for text in texts("pdf", content)[1:] if "Seite" in text]
    assert "Seite 1 von" in pages[0]
    assert len(pages) > 3


def test_the_timeline_is_well_formed_and_labelled() -> None:
    source = render_report(a_report(), "html").decode()
    drawing = ET.fromstring(re.search(r"<svg.*?</svg>", source, re.DOTALL).group())  # noqa: S314
    words = [text.text for text in drawing.iter("text")]
    assert "Step 0" in words
    assert "waits: CUSTOMER_REPLIED" in words
    assert any(bar.get("fill") == "url(#stripes1)" for bar in drawing.iter("rect"))
    width = float(drawing.get("viewBox").split()[2])
    for bar in drawing.iter("rect"):
        assert 0 <= float(bar.get("x")) <= float(bar.get("x")) + float(bar.get("width")) <= width


def test_a_long_timeline_has_gaps_but_keeps_what_failed() -> None:
    steps = tuple(
        replace(a_step(number, status="FAILED" if number == 90 else "SUCCEEDED"), step_id=UUID(int=number + 1))
        for number in range(250)
    )
    source = render_report(a_report(steps=steps, invocations=(), waits=()), "html").decode()
    drawing = re.search(r"<svg.*?</svg>", source, re.DOTALL).group()
    assert drawing.count("<rect") <= MAX_ROWS + 1
    assert {"Step 0", "Step 90", "Step 249"} <= set(re.findall(r">(Step \d+)<", drawing))
    left_out = sum(int(number) for number in re.findall(r"⋮ (\d+) more entries, which all succeeded", drawing))
    assert left_out + drawing.count("<g><title>Step") == 250
    assert "Steps (250)" in source


def test_idle_stretches_and_loops_are_written_out() -> None:
    path = "root.steps[1].body.steps[0]"
    steps = (
        a_step(0),
        *(replace(a_step(5000 + number, step_path=path), step_id=UUID(int=number + 1)) for number in range(3)),
    )
    page = html(a_report(steps=steps, invocations=(), waits=()))
    assert "idle 1 h 23 min" in page.text
    assert "(3 passes)" in page.text


def test_a_long_document_is_cut_for_readers_and_whole_in_json() -> None:
    long = RedactedDocument({"text": "x" * (MAX_DOCUMENT_CHARACTERS + 5000)})
    report = a_report(run=a_detail(a_row(), input=long))
    assert "Cut after 8,000 of 13,0" in html(report).text
    assert document(report)["runs"][0]["summary"]["input"] == long.value


def test_an_empty_run_has_friendly_sections() -> None:
    row = a_row(status="RUNNING", completed_at=None, has_steps=False, stuck=True)
    empty = {"steps": (), "waits": (), "invocations": (), "logs": (), "error": None}
    page = html(a_report(row=row, environment=EnvironmentFacts(problem="No answer."), **empty))
    assert "✕ Stuck" in page.text
    assert "No step has run." in page.text
    assert "Temporal could not be asked: No answer." in page.text
    assert "errors" not in page.ids


def test_the_json_has_its_documented_keys() -> None:
    found = document(a_report())
    assert list(found) == [
        "schema",
        "generated_at",
        "language",
        "app_version",
        "runs",
        "listing",
        "case",
        "problems",
        "redaction",
    ]
    assert found["schema"] == "rundesk.triage/2" == SCHEMA["properties"]["schema"]["const"]
    assert found["generated_at"] == "2026-11-23T06:02:00.000Z"
    (run,) = found["runs"]
    assert run["summary"]["duration_ms"] == 2000
    assert run["summary"]["input"] == {"ticketId": "T-1", "apiKey": "[REDACTED]"}
    assert run["error"]["message"] == "Charge refused"
    assert run["invocations"][1]["error"]["code"] == "CARD"
    assert run["environment"]["queue"]["pollers"] == ["1@host"]
    assert run["redaction"]["masked_in_input"] == ["/apiKey"]
    assert found["redaction"] == {"key": 2}


def test_hostile_data_survives_in_json_as_data() -> None:
    found = document(hostile_report())
    assert found["runs"][0]["summary"]["workflow_name"].startswith("</script>")
    assert found["case"]["title"].startswith("</script>")


def test_provenance_is_told_both_ways() -> None:
    source = RunLink(UUID(int=1), "FAILED", START, at(1), "first try")
    later = RunLink(UUID(int=2), "SUCCEEDED", at(5), None)
    row = a_row(status="FAILED", replay_of=UUID(int=1))
    run = a_detail(row, source_run=source, replays=(later,), replay_reason="ticket 48213")
    report = a_report(run=run, chain=a_chain(row.key.run_id))
    told = document(report)["runs"][0]["provenance"]
    assert (told["replay_of"], told["replay_reason"]) == (str(UUID(int=1)), "ticket 48213")
    assert [entry["payload"] for entry in told["chain"]["generations"]] == ["original", "verbatim"]
    text = html(report).text
    assert "ticket 48213" in text
    assert f"Recovered by run {UUID(int=7)}" in text
    assert "Dana (d@x.test)" in text
    assert f"Nothing: run {UUID(int=7)} has done the work since." in text


def test_numbers_keep_their_digits_in_json() -> None:
    number = "123456789012345678901234567890.10"
    run = a_detail(a_row(), input=RedactedDocument(parse(f'{{"n": {number}}}')))
    assert f'"n": {number}' in render_report(a_report(run=run), "json").decode()


def test_several_runs_are_told_one_after_the_other() -> None:
    one = a_report()
    other = a_report(
        row=replace(a_row(status="RUNNING", completed_at=None), key=replace(a_row().key, run_id=UUID(int=9))),
        error=None,
    )
    report = replace(one, accounts=(*one.accounts, *other.accounts))
    page = html(report)
    assert "2 workflow runs" in page.text
    assert "Run 1: Ticket triage" in page.text
    assert "Run 2: Ticket triage" in page.text
    assert len(page.ids) == len(set(page.ids))
    assert len(list(csv.DictReader(io.StringIO(render_report(report, "csv").decode("utf-8-sig"))))) == 2


def test_a_list_says_how_many_match_and_by_which_filter() -> None:
    listing = RunListing((a_row(status="FAILED"),), 7, (("status", "FAILED"),))
    report = TriageReport((), at(0), listing=listing)
    text = html(report, "de").text
    assert "7 Läufe entsprechen dem Filter; die ersten 1 sind aufgeführt." in text
    assert "status: FAILED" in text
    found = document(report)["listing"]
    assert (found["total"], found["truncated"], found["filter"]) == (7, True, {"status": "FAILED"})


def test_times_stand_in_the_zone_that_was_asked_for() -> None:
    page = html(a_report(), "de", "Europe/Berlin")
    assert "23.11.2026 07:00:02 MEZ" in page.text
    assert "UTC" not in page.text
    assert render_report(a_report(), "json", "de", "Europe/Berlin").count(b"2026-11-23T06:00:00.000Z") > 0


@pytest.mark.parametrize("status", ["SUCCEEDED", "PONDERING"])
def test_states_have_icon_and_word(status: str) -> None:
    text = html(a_report(row=a_row(status=status), error=None)).text
    assert ("✓ Succeeded" if status == "SUCCEEDED" else "? Pondering") in text


def test_formats_are_the_documented_ones() -> None:
    for form in FORMATS:
        assert render_report(a_report(), form)
    assert HOSTILE
    assert Path(resource_path("fonts", "DejaVu-LICENSE.txt")).is_file()
