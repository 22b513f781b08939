"""Where a Temporal history becomes something to show: payloads, failures and texts through a run's redactor.

A history holds whole scopes as activity arguments, resolved secrets included, and failures that quote them: there is no
payload codec (runtime.md 2.7, F41). The redactor must have learned from the run's rows first
(``RunReader.history_border``); what it hides there, it then hides here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain import json_text
from app.domain.placeholders import REDACTED, hidden_document
from app.domain.redaction import Redactor
from app.domain.run import JsonValue, RedactedDocument, RedactionTally

JSON_ENCODING = "json/plain"
NULL_ENCODING = "binary/null"


@dataclass(frozen=True, slots=True)
class HistoryFailure:
    """A failure of a history, redacted; ``details`` are those of an application failure."""

    message: str
    failure_type: str | None = None
    source: str | None = None
    details: tuple[JsonValue, ...] = ()
    cause: HistoryFailure | None = None


class HistoryBorder:
    """Shows what a run's history holds.

    Args:
        redactor: The run's own, which has learned from its rows.
        learned: False when those were too large to learn from; texts of failures, which may repeat them, are then
            hidden.
    """

    def __init__(self, redactor: Redactor, *, learned: bool = True) -> None:
        self._redactor = redactor
        self._learned = learned

    def payload(self, metadata: Mapping[str, bytes], data: bytes) -> RedactedDocument:
        """Return a payload as a document; one in another encoding than JSON is hidden whole.

        The tenant's pointers do not apply, since they address a run's input and not a scope around it; the values that
        they hide there have been learned and are hidden wherever they stand.
        """
        encoding = metadata.get("encoding", b"").decode(errors="replace")
        if encoding == NULL_ENCODING:
            return RedactedDocument(None)
        if encoding != JSON_ENCODING:
            return _hidden()
        try:
            value = json_text.parse(data.decode())
        except (UnicodeDecodeError, json_text.JsonTextError):
            return _hidden()
        return self._redactor.document(value, pointers=False)

    @property
    def tally(self) -> RedactionTally:
        """How often each rule has masked something of this run so far."""
        return self._redactor.tally

    def learn(self, metadata: Mapping[str, bytes], data: bytes) -> None:
        """Remember what a payload hides; whoever shows many of them learns from all of them first."""
        if metadata.get("encoding", b"") == JSON_ENCODING.encode():
            self._learn(data)

    def failure_text(self, raw: str) -> str:
        """Return the message of a failure, which may repeat what was too large to learn from."""
        return (self._redactor.text(raw) or "") if self._learned else REDACTED

    def payloads(self, payloads: Sequence[tuple[Mapping[str, bytes], bytes]]) -> tuple[RedactedDocument, ...]:
        """Return several payloads, as (metadata, data), each learned from before any is shown."""
        for metadata, data in payloads:
            self.learn(metadata, data)
        return tuple(self.payload(metadata, data) for metadata, data in payloads)

    def failure(self, failure: HistoryFailure) -> HistoryFailure:
        """Return a failure and its causes with every text and detail redacted."""
        return HistoryFailure(
            message=self.failure_text(failure.message),
            failure_type=self._redactor.text(failure.failure_type),
            source=self._redactor.text(failure.source),
            details=tuple(self._redactor.value(detail, pointers=False) for detail in failure.details),
            cause=None if failure.cause is None else self.failure(failure.cause),
        )

    def text(self, raw: str | None) -> str | None:
        """Return a text of the history: a reason, an identity, a signal's name, a memo."""
        return self._redactor.text(raw)

    def _learn(self, data: bytes) -> None:
        try:
            self._redactor.learn(json_text.parse(data.decode()))
        except (UnicodeDecodeError, json_text.JsonTextError):
            return  # such a payload is hidden whole


def _hidden() -> RedactedDocument:
    return RedactedDocument(hidden_document(), ("",))
