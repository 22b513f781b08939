"""The report as HTML and JSON: complete, self-contained, and safe with hostile data."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from html.parser import HTMLParser
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.execution import ExecutionFacts, ExecutionStatus, QueueFacts
from app.domain.json_text import parse
from app.domain.replay_chain import FamilyRun, ReplayChain, Replayer, ReplayFamily, build_chain
from app.domain.run import RedactedDocument, RunError, RunLink
from app.domain.triage import EnvironmentFacts, TriageReport, build_report
from app.rendering.html_report import render_html
from app.rendering.html_sections import MAX_DOCUMENT_CHARACTERS
from app.rendering.json_report import render_json
from app.rendering.timeline_svg import MAX_ROWS
from tests.domain.samples import (
    START,
    a_detail,
    a_failed_invocation,
    a_log,
    a_row,
    a_step,
    a_wait,
    an_inspection,
    an_invocation,
    at,
)

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&lt;\x00\x1b[31m\u202e\ud800"
VOID = {"meta", "br", "hr", "rect", "line", "path"}


def a_report(**changes: Any) -> TriageReport:
    environment = changes.pop(
        "environment",
        EnvironmentFacts(
            ExecutionFacts("wf-1", "first-1", ExecutionStatus.FAILED, "queue-1", START, at(3), 30),
            QueueFacts("queue-1", ("1@host",), at(1)),
        ),
    )
    row = changes.pop("row", a_row(status="FAILED"))
    base = {
        "steps": (a_step(0), a_step(1, status="FAILED", error={"message": "Activity task failed"})),
        "waits": (a_wait(0, status="RESOLVED", resolved_at=at(1)),),
        "invocations": (an_invocation(0), a_failed_invocation(1)),
        "error": RunError("Charge refused", "invocation", code="CARD", step_path="root.steps[1]", at=at(2)),
    }
    return build_report(an_inspection(row, **{**base, **changes}), environment)


def hostile_report() -> TriageReport:
    """Return a report in which every text that data can reach is hostile."""

    def poison(thing: Any) -> Any:
        changed = {
            field.name: HOSTILE
            for field in fields(thing)
            if isinstance(getattr(thing, field.name), str) and field.name not in {"state"}
        }
        return replace(thing, **changed)

    document = {HOSTILE: [HOSTILE, {"x": HOSTILE}]}
    row = poison(a_row(state=a_row().state))
    link = RunLink(UUID(int=1), HOSTILE, START, None, HOSTILE)
    run = poison(a_detail(row))
    run = replace(
        run, row=row, input=RedactedDocument(document), trigger_metadata=document, replays=(link,), source_run=link
    )
    execution = ExecutionFacts(HOSTILE, HOSTILE, ExecutionStatus.RUNNING, HOSTILE, START, None, 3)
    return build_report(
        an_inspection(
            None,
            run=replace(run, damaged_paths=(HOSTILE,), legacy_note=HOSTILE),
            steps=(replace(poison(a_step(0)), error=document), replace(poison(a_step(1)), error=document)),
            waits=(replace(poison(a_wait(0)), payload=document),),
            invocations=(
                replace(
                    poison(a_failed_invocation(0)),
                    error=document,
                    input=RedactedDocument(document),
                    output=RedactedDocument(HOSTILE),
                ),
            ),
            logs=(replace(poison(a_log()), context=document),),
            error=poison(RunError("m", "step", "c", "d", "e", "f", technical="g")),
        ),
        EnvironmentFacts(execution, QueueFacts(HOSTILE, (HOSTILE,), None), HOSTILE),
        a_chain(row.key.run_id, reason=HOSTILE, replayer=Replayer(HOSTILE, HOSTILE), status=HOSTILE),
    )


def a_chain(asked_for: UUID, **replay: Any) -> ReplayChain:
    """Return a failed run with a replay of these fields."""
    original = FamilyRun(asked_for, 1, "FAILED", START, at(1))
    base = FamilyRun(UUID(int=7), 1, "SUCCEEDED", at(2), at(3), asked_for, True, "again", Replayer("Dana", "d@x.test"))
    return build_chain(ReplayFamily(asked_for, (original, replace(base, **replay))))


class Page(HTMLParser):
    """Collects tags, attributes and text, and checks that elements are nested properly."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.ids: list[str] = []
        self._open: list[str] = []
        self.feed(page.decode())
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_says_everything_in_the_right_order():
    page = Page(render_html(a_report()))
    assert page.ids[0] == "headline"
    wanted = ["error", "summary", "timeline", "steps", "waits", "provenance", "environment", "input", "invocations"]
    assert [name for name in page.ids if name in {*wanted, "logs"}] == [*wanted, "logs"]
    for words in (
        "“Ticket triage” failed at step “Step 1” after 2 s: Charge refused.",
        "Charge refused",
        "CARD",
        "root.steps[1]",
        "payments.charge@1",
        "CUSTOMER_REPLIED",
        "Run started",
        "[REDACTED]",
        "22222222-2222-4222-8222-222222222222",
        "2026-11-23 06:00:02.000 UTC",
        "All times are UTC",
    ):
        assert words in page.text, words


def test_the_page_is_self_contained_and_runs_nothing():
    source = render_html(a_report()).decode()
    page = Page(source.encode())
    assert not {"script", "link", "iframe", "object", "embed", "img", "form", "base"} & set(page.tags)
    assert not re.search(r"url\((?!#)|@import|https?:|javascript:", source)
    assert "prefers-color-scheme: dark" in source
    assert "@media print" in source
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes


def test_hostile_data_stays_text():
    page = Page(render_html(hostile_report()))
    assert not {"script", "img"} & set(page.tags)
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert "alert(1)" in page.text
    for character in "\x00\x1b\u202e\ud800":
        assert character not in page.text


def test_hostile_data_survives_in_json_as_data():
    report = hostile_report()
    clean = replace(report, headline="h")
    text = render_json(clean).decode("utf-8", "strict")
    assert json.loads(text)["summary"]["workflow_name"].startswith("</script>")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_gives_a_page_and_a_document(one, other):
    report = a_report(
        error=RunError(one, "step", technical=other),
        logs=(a_log(one, context={other: one}),),
        steps=(a_step(0, name=other or None),),
    )
    page = Page(render_html(report))
    assert "script" not in page.tags
    json.loads(render_json(report))


def test_the_timeline_is_well_formed_and_labelled():
    source = render_html(a_report()).decode()
    drawing = ET.fromstring(re.search(r"<svg.*?</svg>", source, re.DOTALL).group())  # noqa: S314
    words = [text.text for text in drawing.iter("text")]
    assert "Step 0" in words
    assert "waits: CUSTOMER_REPLIED" in words
    assert any(bar.get("fill") == "url(#stripes)" for bar in drawing.iter("rect"))
    width = float(drawing.get("viewBox").split()[2])
    for bar in drawing.iter("rect"):
        assert 0 <= float(bar.get("x")) <= float(bar.get("x")) + float(bar.get("width")) <= width


def test_a_long_timeline_is_cut_and_says_so():
    steps = tuple(replace(a_step(number), step_id=UUID(int=number + 1)) for number in range(MAX_ROWS + 50))
    page = Page(render_html(a_report(steps=steps, invocations=(), waits=())))
    assert "50 more entries are not drawn" in page.text
    assert f"Steps ({MAX_ROWS + 50})" in page.text


def test_idle_stretches_and_loops_are_written_out():
    path = "root.steps[1].body.steps[0]"
    steps = (
        a_step(0),
        *(replace(a_step(5000 + number, step_path=path), step_id=UUID(int=number + 1)) for number in range(3)),
    )
    page = Page(render_html(a_report(steps=steps, invocations=(), waits=())))
    assert "idle 1 h 23 min" in page.text
    assert "(3 passes)" in page.text


def test_a_long_document_is_cut_in_html_and_whole_in_json():
    long = RedactedDocument({"text": "x" * (MAX_DOCUMENT_CHARACTERS + 5000)})
    report = a_report(run=a_detail(a_row(), input=long))
    assert "Cut after 100,000 of" in Page(render_html(report)).text
    assert json.loads(render_json(report))["summary"]["input"] == long.value


def test_an_empty_run_has_friendly_sections():
    row = a_row(status="RUNNING", completed_at=None, has_steps=False, stuck=True)
    report = a_report(
        row=row,
        steps=(),
        waits=(),
        invocations=(),
        logs=(),
        error=None,
        environment=EnvironmentFacts(problem="No answer."),
    )
    page = Page(render_html(report))
    assert "▲ Stuck" in page.text
    assert "No step has run." in page.text
    assert "Temporal could not be asked: No answer." in page.text
    assert "error" not in page.ids


def test_the_json_has_its_documented_keys():
    document = json.loads(render_json(a_report()))
    assert list(document) == [
        *("schema", "generated_at", "headline", "evidence", "summary", "error", "steps", "waits", "invocations"),
        *("logs", "provenance", "environment", "redaction"),
    ]
    assert document["schema"] == "rundesk.triage/1"
    assert document["generated_at"] == "2026-11-23T06:02:00.000Z"
    assert document["summary"]["status"] == "FAILED"
    assert document["summary"]["duration_ms"] == 2000
    assert document["summary"]["input"] == {"ticketId": "T-1", "apiKey": "[REDACTED]"}
    assert document["error"]["message"] == "Charge refused"
    assert document["steps"][1]["error"] == {"message": "Activity task failed"}
    assert document["waits"][0]["event_name"] == "CUSTOMER_REPLIED"
    assert document["invocations"][1]["error"]["code"] == "CARD"
    assert document["logs"][0]["message"] == "Run started"
    assert document["provenance"]["temporal_workflow_id"] == "workflow-1"
    assert document["environment"]["execution"]["status"] == "failed"
    assert document["environment"]["queue"]["pollers"] == ["1@host"]
    assert document["redaction"] == {
        "closed": False,
        "restricted": False,
        "masked_in_input": ["/apiKey"],
        "damaged_in_input": [],
    }


def test_provenance_is_told_both_ways():
    source = RunLink(UUID(int=1), "FAILED", START, at(1), "first try")
    later = RunLink(UUID(int=2), "SUCCEEDED", at(5), None)
    run = a_detail(a_row(replay_of=UUID(int=1)), source_run=source, replays=(later,), replay_reason="ticket 48213")
    report = a_report(run=run)
    told = json.loads(render_json(report))["provenance"]
    assert told["replay_of"] == str(UUID(int=1))
    assert told["replay_reason"] == "ticket 48213"
    assert told["source_run"]["status"] == "FAILED"
    assert told["replays"][0]["completed_at"] is None
    text = Page(render_html(report)).text
    assert "ticket 48213" in text
    assert str(UUID(int=2)) in text


def test_numbers_keep_their_digits_in_json():
    number = "123456789012345678901234567890.10"
    run = a_detail(a_row(), input=RedactedDocument(parse(f'{{"n": {number}}}')))
    assert f'"n": {number}' in render_json(a_report(run=run)).decode()


@pytest.mark.parametrize("status", ["SUCCEEDED", "PONDERING"])
def test_states_have_icon_and_word(status):
    text = Page(render_html(a_report(row=a_row(status=status), error=None))).text
    assert ("✓ Succeeded" if status == "SUCCEEDED" else "? Pondering") in text


def test_generations_say_who_why_and_which_run_recovered() -> None:
    row = a_row(status="FAILED")
    report = replace(a_report(row=row), chain=a_chain(row.key.run_id))
    html = render_html(report).decode()
    assert "Recovered by run 00000000-0000-0000-0000-000000000007" in html
    assert "Dana (d@x.test)" in html
    chain = json.loads(render_json(report))["provenance"]["chain"]
    assert chain["recovered_by"] == str(UUID(int=7))
    assert [entry["payload"] for entry in chain["generations"]] == ["original", "verbatim"]
    assert chain["generations"][1]["replayed_by"] == {"name": "Dana", "email": "d@x.test"}


def test_a_run_without_family_has_no_generations() -> None:
    assert 'id="generations"' not in render_html(a_report()).decode()
