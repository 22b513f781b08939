"""A report of a 200-step run in every format, beside the same report as JSON: the least that can be written."""

from __future__ import annotations

import time
from dataclasses import replace
from statistics import median
from uuid import UUID

import pytest

from app.bootstrap.reports import REPORT_FORMATS, render_report
from app.domain.run import RedactedDocument
from app.domain.triage import TriageReport
from tests.domain.samples import a_failed_invocation, a_log, a_row, a_step, an_invocation, at
from tests.rendering.reports import ERROR, a_report

STEPS = 200
ROUNDS = 5
ALLOWED_SECONDS = 1.0


def a_long_report() -> TriageReport:
    """Return the report of a run of 200 steps, each with a call and its documents, the last one failed."""
    last = STEPS - 1
    document = RedactedDocument(
        {"ticket": "T-1", "lines": [{"amount": number, "text": "Grüße" * 4} for number in range(20)]}
    )
    steps = tuple(
        replace(a_step(number, status="FAILED" if number == last else "SUCCEEDED"), step_id=UUID(int=number + 1))
        for number in range(STEPS)
    )
    calls = tuple(
        replace(
            a_failed_invocation(number) if number == last else an_invocation(number),
            invocation_id=UUID(int=5000 + number),
            input=document,
            output=document,
        )
        for number in range(STEPS)
    )
    logs = tuple(
        a_log(f"Step {number}", log_id=UUID(int=9000 + number), created_at=at(number)) for number in range(400)
    )
    error = replace(ERROR, step_path=f"root.steps[{last}]")
    return a_report(row=a_row(status="FAILED"), steps=steps, invocations=calls, logs=logs, error=error)


@pytest.mark.benchmark
def test_a_report_of_200_steps_in_every_format() -> None:
    report = a_long_report()
    taken = {form: _seconds(report, form) for form in REPORT_FORMATS}
    for form, seconds in taken.items():
        print(f"report of {STEPS} steps as {form}: {seconds * 1000:.0f} ms, {seconds / taken['json']:.1f} times JSON")
    assert max(taken.values()) < ALLOWED_SECONDS


def _seconds(report: TriageReport, form: str) -> float:
    """Return the median of some rounds; the first one, which imports the renderer, is reported by itself."""
    began = time.perf_counter()
    render_report(report, form, "de", "Europe/Berlin")
    print(f"first report as {form}, with its imports: {(time.perf_counter() - began) * 1000:.0f} ms")
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        render_report(report, form, "de", "Europe/Berlin")
        rounds.append(time.perf_counter() - began)
    return median(rounds)
