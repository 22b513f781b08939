"""JSON pointers (RFC 6901): the one way in which this project names a place in a document."""

from __future__ import annotations

from collections.abc import Iterable


def escape(segment: str) -> str:
    """Return one pointer segment with ``~`` and ``/`` escaped."""
    if "~" in segment or "/" in segment:
        return segment.replace("~", "~0").replace("/", "~1")
    return segment


def pointer(segments: Iterable[str]) -> str:
    """Return the pointer of decoded segments; no segments are the root, the empty string."""
    return "".join("/" + escape(segment) for segment in segments)


def split_pointer(text: str) -> tuple[str, ...]:
    """Return the decoded segments of a pointer.

    Raises:
        ValueError: When the text is neither empty nor begins with a slash.
    """
    if not text:
        return ()
    if not text.startswith("/"):
        raise ValueError("a JSON pointer is empty or begins with a slash")
    return tuple(segment.replace("~1", "/").replace("~0", "~") for segment in text[1:].split("/"))
