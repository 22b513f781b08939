"""How two versions of a workflow differ, step by step: added, removed, moved, changed, and in what.

What is compared is what is stored; what is shown comes from the redacted copies. So a masked value that differs is
said to differ, and never shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from app.domain import json_text
from app.domain.json_pointer import pointer
from app.domain.run import JsonValue

BRANCHES = ("then", "else", "body", "try", "catch")
"""Members of a step that hold steps (runtime.md 6.1)."""

_OUTSIDE_IGNORED = ("steps", "version")
"""Members of a definition that are told otherwise, or always differ."""


class StepChangeKind(StrEnum):
    """What happened to a step; ``workflow`` are members of the definition outside its steps."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    CHANGED = "changed"
    WORKFLOW = "workflow"


@dataclass(frozen=True, slots=True)
class MemberChange:
    """A member that differs: its pointer below the step, and both sides as redacted JSON text, None where missing."""

    pointer: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class StepChange:
    """One difference of two versions; ``step_id`` is "" for the workflow itself.

    ``before_path`` and ``after_path`` are step paths (``root.steps[0]``), None on the side that lacks the step.
    """

    kind: StepChangeKind
    step_id: str
    name: str | None
    step_type: str | None
    before_path: str | None
    after_path: str | None
    members: tuple[MemberChange, ...] = ()


class _Sides(Enum):
    BEFORE = auto()
    AFTER = auto()
    BOTH = auto()


@dataclass(frozen=True, slots=True)
class _Step:
    """A step with its place; ``block`` is the enclosing step's id and the branch, ("", "steps") at the top."""

    path: str
    block: tuple[str, str]
    stored: Mapping[str, JsonValue]
    shown: JsonValue


def definition_difference(
    before: JsonValue, after: JsonValue, shown_before: JsonValue, shown_after: JsonValue
) -> tuple[StepChange, ...]:
    """Compare two definitions.

    Args:
        before: The older definition as stored.
        after: The newer one as stored.
        shown_before: The older one redacted.
        shown_after: The newer one redacted.

    Returns:
        Differences outside the steps first, then steps in the order of the newer version, removed ones last. Steps
        belong together by their id, which is unique in a published version. A step that only slid along because of
        others before it has not moved.
    """
    old, new = _steps_of(before, shown_before), _steps_of(after, shown_after)
    moved = _moved(old, new)
    outside = _members(_without(before, _OUTSIDE_IGNORED), _without(after, _OUTSIDE_IGNORED), shown_before, shown_after)
    changes = [StepChange(StepChangeKind.WORKFLOW, "", None, None, None, None, outside)] if outside else []
    for step_id, step in new.items():
        if step_id not in old:
            changes.append(_change(StepChangeKind.ADDED, step_id, None, step))
            continue
        earlier = old[step_id]
        members = _members(
            _without(earlier.stored, BRANCHES), _without(step.stored, BRANCHES), earlier.shown, step.shown
        )
        if members or step_id in moved:
            kind = StepChangeKind.CHANGED if members else StepChangeKind.MOVED
            changes.append(_change(kind, step_id, earlier, step, members))
    changes += [
        _change(StepChangeKind.REMOVED, step_id, step, None) for step_id, step in old.items() if step_id not in new
    ]
    return tuple(changes)


def _change(
    kind: StepChangeKind, step_id: str, old: _Step | None, new: _Step | None, members: tuple[MemberChange, ...] = ()
) -> StepChange:
    labelled = new or old
    shown = labelled.shown if labelled is not None and isinstance(labelled.shown, dict) else {}
    name, step_type = shown.get("name"), shown.get("type")
    return StepChange(
        kind,
        step_id,
        name if isinstance(name, str) else None,
        step_type if isinstance(step_type, str) else None,
        None if old is None else old.path,
        None if new is None else new.path,
        members,
    )


def _moved(old: Mapping[str, _Step], new: Mapping[str, _Step]) -> set[str]:
    """Return the steps that stand in another block, or in another order among those that stayed in their block."""
    staying = [step_id for step_id in new if step_id in old and old[step_id].block == new[step_id].block]
    moved = {step_id for step_id in new if step_id in old} - set(staying)
    for block in {new[step_id].block for step_id in staying}:
        here = {step_id for step_id in staying if new[step_id].block == block}
        was = [step_id for step_id in old if step_id in here]
        now = [step_id for step_id in new if step_id in here]
        moved |= {one for one, other in zip(was, now, strict=True) if one != other}
    return moved


def _steps_of(definition: JsonValue, shown: JsonValue) -> dict[str, _Step]:
    """Return the steps by id; one without a usable id goes by its path."""
    found: dict[str, _Step] = {}
    for step in _walk(_child(definition, "steps")[1], _child(shown, "steps")[1], "root", ("", "steps")):
        step_id = step.stored.get("id")
        named = isinstance(step_id, str) and step_id not in found
        found[str(step_id) if named else step.path] = step
    return found


def _walk(block: JsonValue, shown: JsonValue, path: str, place: tuple[str, str]) -> Iterator[_Step]:
    for index, stored in enumerate(block if isinstance(block, list) else ()):
        if not isinstance(stored, dict):
            continue
        here = f"{path}.steps[{index}]"
        beside = _child(shown, str(index))[1]
        yield _Step(here, place, stored, beside)
        for branch in BRANCHES:
            inside = (str(stored.get("id") or here), branch)
            yield from _walk(stored.get(branch), _child(beside, branch)[1], f"{here}.{branch}", inside)


def _members(
    before: JsonValue, after: JsonValue, shown_before: JsonValue, shown_after: JsonValue
) -> tuple[MemberChange, ...]:
    changes = (_member_change(path, sides, shown_before, shown_after) for path, sides in _differing(before, after, ()))
    return tuple(dict.fromkeys(changes))  # several differences below one mask are one


def _differing(before: JsonValue, after: JsonValue, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], _Sides]]:
    """Yield the paths at which two values differ, with the sides that have something there."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            if key not in after:
                yield (*path, key), _Sides.BEFORE
            elif key not in before:
                yield (*path, key), _Sides.AFTER
            else:
                yield from _differing(before[key], after[key], (*path, key))
    elif not json_text.equal(before, after):
        yield path, _Sides.BOTH


def _member_change(
    path: tuple[str, ...], sides: _Sides, shown_before: JsonValue, shown_after: JsonValue
) -> MemberChange:
    old_path, old = _shown_at(shown_before, path)
    new_path, new = _shown_at(shown_after, path)
    if sides is _Sides.AFTER:
        return MemberChange(pointer(new_path), None, json_text.dump(new))
    if sides is _Sides.BEFORE:
        return MemberChange(pointer(old_path), json_text.dump(old), None)
    shorter = old_path if len(old_path) <= len(new_path) else new_path
    return MemberChange(pointer(shorter), json_text.dump(old), json_text.dump(new))


def _shown_at(document: JsonValue, path: tuple[str, ...]) -> tuple[tuple[str, ...], JsonValue]:
    """Return what the redacted document shows at a path: the value there, or the mask that covers it and its path."""
    for depth, segment in enumerate(path):
        found, below = _child(document, segment)
        if not found:
            return path[:depth], document
        document = below
    return path, document


def _child(value: JsonValue, segment: str) -> tuple[bool, JsonValue]:
    if isinstance(value, dict) and segment in value:
        return True, value[segment]
    if isinstance(value, list) and segment.isdecimal() and int(segment) < len(value):
        return True, value[int(segment)]
    return False, None


def _without(value: JsonValue | Mapping[str, JsonValue], names: tuple[str, ...]) -> JsonValue:
    if not isinstance(value, Mapping):
        return value
    return {key: item for key, item in value.items() if key not in names}
