"""Documents of a run in a report: JSON text, cut where a reader would stop; the JSON report has them whole."""

from __future__ import annotations

from app.domain import json_text
from app.domain.report.blocks import Code
from app.domain.report.words import Said
from app.domain.run import JsonValue

MAX_DOCUMENT_CHARACTERS = 8_000
"""Longer documents are cut, and say so."""


def document(value: JsonValue, caption: Said | None = None, limit: int = MAX_DOCUMENT_CHARACTERS) -> Code:
    """Return a redacted document as code."""
    return code(json_text.dump(value, indent=2), caption, limit)


def code(text: str, caption: Said | None = None, limit: int = MAX_DOCUMENT_CHARACTERS) -> Code:
    """Return a text as code, cut when it is longer than ``limit`` characters."""
    if len(text) <= limit:
        return Code(text, caption)
    return Code(text[:limit], caption, whole=len(text))


def brief(value: JsonValue, limit: int = 160) -> str:
    """Return a document on one line for a table's cell, cut when it is long."""
    written = json_text.dump(value)
    return written if len(written) <= limit else written[: limit - 1] + "…"
