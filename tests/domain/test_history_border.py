"""What comes out of a Temporal history passes the run's own engine."""

from __future__ import annotations

import json

from app.domain.history_border import HistoryBorder, HistoryFailure
from app.domain.redaction import RedactionPolicy, Redactor

JSON = {"encoding": b"json/plain"}
SECRET = "sk-live-0123456789abcdef"


def border(**policy: object) -> HistoryBorder:
    redactor = Redactor(RedactionPolicy(**policy))  # type: ignore[arg-type]
    redactor.learn({"apiKey": SECRET, "note": "the pointer's value"})
    return HistoryBorder(redactor)


def test_a_scope_shows_no_value_that_the_run_hides() -> None:
    scope = {"payload": {"note": "the pointer's value"}, "vars": [f"Bearer {SECRET}"], "n": 12345678901234567890123}
    shown = border(pointers=("/note",)).payload(JSON, json.dumps(scope).encode())
    assert shown.value == {"payload": {"note": "[REDACTED]"}, "vars": ["[REDACTED]"], "n": 12345678901234567890123}
    assert shown.masked == ("/payload/note", "/vars/0")


def test_payloads_learn_from_one_another() -> None:
    first, second = ({"password": "hunter22-hunter22"}, {"said": "it was hunter22-hunter22"})
    _, shown = border().payloads([(JSON, json.dumps(first).encode()), (JSON, json.dumps(second).encode())])
    assert shown.value == {"said": "[REDACTED]"}


def test_what_cannot_be_read_is_hidden_whole() -> None:
    for metadata, data in (({"encoding": b"binary/encrypted"}, b"\x00"), (JSON, b"{"), (JSON, b"\xff"), ({}, b"{}")):
        assert border().payload(metadata, data).value == {"redacted": True}
    assert border().payload({"encoding": b"binary/null"}, b"").value is None
    assert border(closed=True).payload(JSON, b'{"a": 1}').value == {"redacted": True}


def test_failures_and_their_causes_pass_too() -> None:
    cause = HistoryFailure(f"refused for {SECRET}", "ActionError", details=({"token": "t", "n": 1},))
    shown = border().failure(HistoryFailure("Activity task failed", cause=cause))
    assert shown.cause == HistoryFailure(
        "refused for [REDACTED]", "ActionError", details=({"token": "[REDACTED]", "n": 1},)
    )
    assert border(closed=True).failure(cause).message == "[REDACTED]"
    assert HistoryBorder(Redactor(RedactionPolicy()), learned=False).failure(cause).message == "[REDACTED]"
    assert border().text(f"canceled by {SECRET}") == "canceled by [REDACTED]"
