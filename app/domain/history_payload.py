"""Payloads of a Temporal history as they leave the console: decoded, redacted, encoded again, so that they still load.

A payload that cannot be decoded may hold anything. A placeholder stands in its place, says so in its own metadata, and
is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain import json_text
from app.domain.history_border import JSON_ENCODING, NULL_ENCODING, HistoryBorder
from app.domain.placeholders import REDACTED, hidden_document

REPLACED_KEY = "rundesk-replaced"
"""Metadata of a placeholder: why the payload itself is not here."""
RESTRICTED = "not shown to whoever made this bundle"
MOST_REMEMBERED = 4096
LONGEST_REMEMBERED = 2048

_HIDDEN = json_text.dump(hidden_document()).encode()
_ENCODING = "encoding"


@dataclass(frozen=True, slots=True)
class ShownPayload:
    """A payload fit to leave. ``replaced``: it could not be decoded, so that a placeholder stands in its place."""

    metadata: Mapping[str, bytes]
    data: bytes
    replaced: bool = False


class HistoryPayloads:
    """Payloads and texts of one run's history.

    What was found harmless is remembered, because histories repeat themselves; what was masked is looked at again, so
    that it is counted each time.

    Args:
        border: Has learned from the run's rows and from all of the history.
        restricted: Whether whoever asks may not see what actions were given and returned, of which histories consist.
    """

    def __init__(self, border: HistoryBorder, *, restricted: bool = False) -> None:
        self._border = border
        self._restricted = restricted
        self._plain_data: dict[bytes, bytes] = {}
        self._plain_texts: set[str] = set()

    def payload(self, metadata: Mapping[str, bytes], data: bytes) -> ShownPayload:
        """Return a payload as it may leave."""
        encoding = metadata.get(_ENCODING, b"").decode(errors="replace")
        if self._restricted:
            return _placeholder(RESTRICTED, replaced=False)
        if encoding == NULL_ENCODING and not data:
            return ShownPayload({_ENCODING: NULL_ENCODING.encode()}, b"")
        if encoding != JSON_ENCODING:
            return _placeholder(f"encoding {self.text(encoding) or 'unknown'}")
        known = self._plain_data.get(data)
        if known is None:
            shown = self._json(metadata, data)
            if shown is None:
                return _placeholder("no readable JSON")
            known = shown
        return ShownPayload({name: self._metadata(value) for name, value in metadata.items()}, known)

    def text(self, raw: str) -> str:
        """Return a text of the history."""
        if raw in self._plain_texts:
            return raw
        shown = self._border.text(raw) or ""
        if shown == raw and len(raw) <= LONGEST_REMEMBERED:
            if len(self._plain_texts) >= MOST_REMEMBERED:
                self._plain_texts.clear()
            self._plain_texts.add(raw)
        return shown

    def failure_text(self, raw: str) -> str:
        """Return the message of a failure."""
        return self._border.failure_text(raw)

    def _json(self, metadata: Mapping[str, bytes], data: bytes) -> bytes | None:
        """Return the redacted data, None for what is no JSON."""
        try:
            json_text.parse(data.decode())
        except (UnicodeDecodeError, json_text.JsonTextError):
            return None
        document = self._border.payload(metadata, data)
        shown = json_text.dump(document.value).encode()
        if not document.masked and len(data) <= LONGEST_REMEMBERED:
            if len(self._plain_data) >= MOST_REMEMBERED:
                self._plain_data.clear()
            self._plain_data[data] = shown
        return shown

    def _metadata(self, value: bytes) -> bytes:
        try:
            return self.text(value.decode()).encode()
        except UnicodeDecodeError:
            return REDACTED.encode()


def _placeholder(reason: str, *, replaced: bool = True) -> ShownPayload:
    metadata = {_ENCODING: JSON_ENCODING.encode(), REPLACED_KEY: reason.encode()}
    return ShownPayload(metadata, _HIDDEN, replaced=replaced)
