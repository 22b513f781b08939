"""Whatever a secret looks like and wherever it stands in a run: no format of the report holds it, also not encoded."""

from __future__ import annotations

import base64
import re
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.bootstrap.reports import render_report
from app.domain.redaction import RedactionPolicy, Redactor
from app.domain.run import RedactedDocument, RunError
from app.domain.triage import TriageReport
from tests.domain.samples import a_detail, a_failed_invocation, a_log, a_row, a_step, a_wait
from tests.rendering.opened import FORMATS, texts
from tests.rendering.reports import ERROR, a_report
from tests.secret_run import revealed

ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789ÄÖÜßżółć-_.:/+=<>&'\" "
SECRET = st.text(ALPHABET, min_size=12, max_size=40).filter(lambda text: len(set(text.strip())) > 8).map(str.strip)
POLICY = {"workflowRunStudio": {"redactionPointers": ["/customer/note"], "redactionKeyPatterns": ["^iban$"]}}


def report_with(by_key: str, by_pointer: str, by_pattern: str) -> TriageReport:
    """Return a report of a run that holds the secrets in documents, texts, keys of waits, errors and logs."""
    redactor = Redactor(RedactionPolicy.from_settings(POLICY))
    encoded = base64.b64encode(by_key.encode()).decode()
    raw = {"password": by_key, "customer": {"note": by_pointer, "iban": by_pattern}, "list": [f"again {by_pointer}", 1]}
    redactor.learn(raw)
    said = f"refused for {by_key}: {by_pointer} / {by_pattern} ({encoded})"
    told = redactor.text(said) or ""
    given_to = redactor.document({"echo": encoded, "token": by_key, "n": by_pattern}, pointers=False)
    row = a_row(status="FAILED", error_text=told)
    error = {"message": told, "category": "ActionError"}
    return a_report(
        row=None,
        run=a_detail(
            row, input=redactor.document(raw), trigger_metadata=redactor.value({"apiKey": by_key, "why": said})
        ),
        steps=(a_step(0), a_step(1, status="FAILED", error=error)),
        waits=(replace(a_wait(0), key=redactor.text(by_pointer), payload=redactor.value({"seen": f"{by_pattern}!"})),),
        invocations=(
            replace(a_failed_invocation(1, told), error=error, input=given_to, output=RedactedDocument(None)),
        ),
        logs=(a_log(told, level="ERROR", context=redactor.value({"secret": by_key, "said": said})),),
        error=RunError(told, "invocation", step_path=ERROR.step_path, action_id="pay", at=ERROR.at, technical=told),
        masked=redactor.tally,
    )


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(SECRET, SECRET, SECRET)
def test_no_format_holds_a_secret(by_key: str, by_pointer: str, by_pattern: str) -> None:
    report = report_with(by_key, by_pointer, by_pattern)
    secrets = (by_key, by_pointer, by_pattern)
    squeezed = [re.sub(r"\s+", "", secret) for secret in secrets]
    for form in FORMATS:
        for text in texts(form, render_report(report, form)):
            assert revealed(text, secrets) == [], form
            assert revealed(text, squeezed) == [], form
    assert report.masked.total >= 3
