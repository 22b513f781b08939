"""What counts as a placeholder, and where placeholders are."""

from __future__ import annotations

import pytest

from app.domain.placeholders import find_placeholders, hidden_document, is_placeholder


@pytest.mark.parametrize("value", ["[REDACTED]", "[SECRET:REDACTED]", "***", {"redacted": True}])
def test_placeholders(value):
    assert is_placeholder(value)


@pytest.mark.parametrize(
    "value",
    [
        *("[redacted]", " [REDACTED]", "x [REDACTED]", "****", "**", "", None, True, 1, [], {}),
        *({"redacted": 1}, {"redacted": False}, {"redacted": "true"}, {"redacted": True, "at": 1}, ["[REDACTED]"]),
    ],
)
def test_everything_else_is_data(value):
    assert not is_placeholder(value)


def test_they_are_found_in_document_order():
    document = {"b": "***", "a/b": [1, "[REDACTED]", {"redacted": True}], "c": {"": "[SECRET:REDACTED]"}}
    assert find_placeholders(document) == ("/b", "/a~1b/1", "/a~1b/2", "/c/")
    assert find_placeholders("***") == ("",)
    assert find_placeholders({"a": 1}) == ()


def test_hidden_documents_are_not_shared():
    hidden_document()["redacted"] = False
    assert hidden_document() == {"redacted": True}
