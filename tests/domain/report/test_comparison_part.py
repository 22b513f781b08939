"""A comparison in a report: where the runs part, in what, and what was not compared."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from app.bootstrap.reports import render_report
from app.domain.report.comparison_part import comparison_part
from app.domain.run import RedactedDocument, RunInspection, RunKey
from app.domain.run_comparison import compare_runs
from app.domain.triage import EnvironmentFacts, account_of, report_of
from tests.domain.samples import TENANT, a_detail, a_failed_invocation, a_row, a_step, an_inspection, an_invocation


def run(number: int, *, fails: bool, amount: int) -> RunInspection:
    status = "FAILED" if fails else "SUCCEEDED"
    row = replace(a_row(status=status), key=RunKey(TENANT, UUID(int=number)))
    call = a_failed_invocation(1) if fails else an_invocation(1)
    given = RedactedDocument({"amount": amount, "apiKey": "[REDACTED]"}, ("/apiKey",))
    return an_inspection(
        None,
        run=a_detail(row, input=given),
        steps=(a_step(0), a_step(1, status=status)),
        invocations=(an_invocation(0), replace(call, input=given)),
    )


def text(first: RunInspection, second: RunInspection, language: str = "en") -> str:
    part = comparison_part(compare_runs(first, second))
    report = report_of(account_of(first, EnvironmentFacts()), further=(part,))
    return render_report(report, "md", language).decode().replace("\\", "")


def test_where_two_runs_part_is_said_with_what_differs() -> None:
    told = text(run(1, fails=True, amount=5), run(2, fails=False, amount=7))
    assert "## Comparison of 00000000 and 00000000" in told
    assert "At step “Step 1” (root.steps[1]): input" in told
    assert "| `/amount` | `5` | `7` |" in told
    assert "masked values were not compared" in told
    assert "✕ Failed: Charge refused." in told


def test_runs_that_went_the_same_way_say_so_in_the_reports_language() -> None:
    same = run(1, fails=False, amount=5)
    assert "Nirgends: Beide nahmen denselben Weg." in text(same, run(2, fails=False, amount=5), "de")
