"""Chips on the clipboard: a form of our own that keeps their origin, and plain text that shows placeholders."""

from __future__ import annotations

import json
from dataclasses import dataclass

from PySide6.QtCore import QMimeData

from app.domain.chips import HOLE
from app.domain.placeholders import REDACTED

MIME_TYPE = "application/x-rundesk-chips"


@dataclass(frozen=True, slots=True)
class Clipping:
    """A piece of an editor's text: a hole for each chip, and the JSON pointers where their values are stored."""

    text: str
    origins: tuple[str, ...] = ()


def put_on(data: QMimeData, clipping: Clipping, document: str) -> None:
    """Add a clipping.

    Args:
        data: What goes to the clipboard; its plain text is left alone.
        clipping: The piece.
        document: Names the one opened document in which these origins mean anything.
    """
    content = {"document": document, "text": clipping.text, "origins": clipping.origins}
    data.setData(MIME_TYPE, json.dumps(content).encode())


def take_from(data: QMimeData, document: str) -> Clipping | None:
    """Return the clipping if there is one of the same opened document."""
    if not data.hasFormat(MIME_TYPE):
        return None
    try:
        content = json.loads(bytes(data.data(MIME_TYPE).data()))
        if content["document"] != document:
            return None
        clipping = Clipping(str(content["text"]), tuple(map(str, content["origins"])))
    except (ValueError, KeyError, TypeError):  # another program may offer anything under this name
        return None
    return clipping if clipping.text.count(HOLE) == len(clipping.origins) else None


def plain(text: str) -> str:
    """Return the text for other programs: a placeholder for each chip, never a value."""
    return text.replace(HOLE, json.dumps(REDACTED))
