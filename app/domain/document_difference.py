"""How two documents of different runs differ, for people: hidden on both sides wherever one of them hides.

Two masks are equal whatever they hide. So a difference there is neither shown nor denied; how many places that are is
part of the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.domain import json_text
from app.domain.failure_shape import same_but_for_ids_and_times
from app.domain.json_pointer import pointer, split_pointer
from app.domain.payload_difference import Difference, compare
from app.domain.placeholders import REDACTED
from app.domain.run import JsonValue, RedactedDocument

MOST_CHANGES = 200
"""Changes of a document that are told; the rest is counted."""
LONGEST_TEXT = 4000
"""Characters of one side of a change."""


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A place that differs, with both sides as redacted JSON text; None where a side has nothing there.

    ``incidental``: the sides differ in nothing but ids and times, as any two runs do.
    """

    pointer: str
    first: str | None
    second: str | None
    incidental: bool = False


@dataclass(frozen=True, slots=True)
class DocumentDifference:
    """What differs between two documents.

    Attributes:
        changes: In reading order, at most :data:`MOST_CHANGES`.
        more: Changes beyond those.
        masked: Places that are hidden on a side and therefore were not compared.
        unknown: The documents could not be compared: the viewer may not see them, or they were not read.
    """

    changes: tuple[ValueChange, ...] = ()
    more: int = 0
    masked: int = 0
    unknown: bool = False

    @property
    def matters(self) -> bool:
        """Whether more than ids and times differ."""
        return self.more > 0 or any(not change.incidental for change in self.changes)


NO_DIFFERENCE = DocumentDifference()
UNKNOWN_DIFFERENCE = DocumentDifference(unknown=True)


def document_difference(first: RedactedDocument | None, second: RedactedDocument | None) -> DocumentDifference:
    """Compare two redacted documents; None was not read."""
    if first is None or second is None:
        return UNKNOWN_DIFFERENCE if first is not second else NO_DIFFERENCE
    if first.masked == ("",) or second.masked == ("",):
        return UNKNOWN_DIFFERENCE
    hidden = sorted({*first.masked, *second.masked})
    one, other = (_hiding(document.value, hidden) for document in (first, second))
    found = list(_told(compare(one, other)))
    return DocumentDifference(
        tuple(_change(difference) for difference in found[:MOST_CHANGES]),
        max(0, len(found) - MOST_CHANGES),
        len(hidden),
    )


def text_difference(first: str | None, second: str | None) -> bool:
    """Say whether two texts differ in more than ids and times."""
    if first is None or second is None:
        return first != second
    return not same_but_for_ids_and_times(first, second)


def _hiding(value: JsonValue, pointers: Iterable[str]) -> JsonValue:
    """Return the value with a placeholder at each of these places that it has."""
    for each in pointers:
        value = _masked_at(value, split_pointer(each))
    return value


def _masked_at(value: JsonValue, path: tuple[str, ...]) -> JsonValue:
    if not path:
        return REDACTED
    head, rest = path[0], path[1:]
    if isinstance(value, dict) and head in value:
        return {**value, head: _masked_at(value[head], rest)}
    if isinstance(value, list) and head.isdecimal() and int(head) < len(value):
        place = int(head)
        return [*value[:place], _masked_at(value[place], rest), *value[place + 1 :]]
    return value


def _told(differences: Iterable[Difference]) -> Iterator[Difference]:
    """Yield the differences; an array that grew or shrank is told by what lies between its equal begin and end."""
    for difference in differences:
        before, after = difference.before, difference.after
        if difference.op == "replace" and isinstance(before, list) and isinstance(after, list):
            yield from _elements(before, after, difference.path)
        else:
            yield difference


def _elements(before: list[JsonValue], after: list[JsonValue], path: tuple[str, ...]) -> Iterator[Difference]:
    shorter = min(len(before), len(after))
    start = next((at for at in range(shorter) if not json_text.equal(before[at], after[at])), shorter)
    end = 0
    while end < shorter - start and json_text.equal(before[-1 - end], after[-1 - end]):
        end += 1
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    for at in range(min(len(old), len(new))):
        below = (*path, str(start + at))
        for inner in compare(old[at], new[at]):
            yield Difference(inner.op, (*below, *inner.path), inner.before, inner.after)
    for at in range(len(new), len(old)):
        yield Difference("remove", (*path, str(start + at)), before=old[at])
    for at in range(len(old), len(new)):
        yield Difference("add", (*path, str(start + at)), after=new[at])


def _change(difference: Difference) -> ValueChange:
    first = None if difference.op == "add" else json_text.dump(difference.before)
    second = None if difference.op == "remove" else json_text.dump(difference.after)
    incidental = first is not None and second is not None and same_but_for_ids_and_times(first, second)
    return ValueChange(pointer(difference.path), _cut(first), _cut(second), incidental)


def _cut(text: str | None) -> str | None:
    return text if text is None or len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
