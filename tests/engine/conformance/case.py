"""What a conformance case is: a definition, what happens to its run, and what must be true afterwards."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.engine.bench import Row

if TYPE_CHECKING:
    from tests.engine.conformance.acts import Act

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@dataclass(frozen=True)
class Kind:
    """Stands in an expectation for any value of a kind."""

    name: str

    def accepts(self, value: Any) -> bool:
        if self.name == "instant":
            return isinstance(value, datetime) or (isinstance(value, str) and _INSTANT.fullmatch(value) is not None)
        if self.name == "uuid":
            return isinstance(value, UUID) or (isinstance(value, str) and str(UUID(value)) == value)
        return value is not None


INSTANT, UUID_TEXT, SOMETHING = Kind("instant"), Kind("uuid"), Kind("something")


@dataclass(frozen=True)
class Containing:
    """Stands for a text that contains another, whatever the case of letters."""

    part: str

    def accepts(self, value: Any) -> bool:
        return isinstance(value, str) and self.part.lower() in value.lower()


@dataclass(frozen=True)
class Exactly:
    """An object that has these members and no other."""

    members: Mapping[str, Any]


@dataclass(frozen=True)
class Expected:
    """What must be true of a run that has ended.

    Objects are compared member by member, further ones do not matter, unless wrapped in :class:`Exactly`; ``vars``
    is always exact. None means that the case is about something else. Beside all this every case must satisfy the
    truths of ``judge.py``.
    """

    ends: str = "SUCCEEDED"
    steps: Sequence[str] | None = None
    """Step ids in the order of their rows, ``"id FAILED"`` where the row is not SUCCEEDED."""
    vars: Mapping[str, Any] | None = None
    scopes: Mapping[str, Any] | None = None
    run: Mapping[str, Any] | None = None
    failure: Mapping[str, Any] | None = None
    """``type`` without its prefix, ``message``, and members of the first detail, of the Temporal failure."""
    step_errors: Mapping[str, Any] | None = None
    waits: Sequence[Mapping[str, Any]] | None = None
    invocations: Sequence[Mapping[str, Any]] | None = None
    logs: Sequence[Mapping[str, Any]] | None = None
    tasks: Sequence[Mapping[str, Any]] | None = None
    events: Sequence[Mapping[str, Any]] | None = None
    children: Sequence[Expected] | None = None
    executions: int | None = None


@dataclass(frozen=True)
class Case:
    """One line of the table. ``rule`` says what the contract asks, with its section or fault."""

    id: str
    rule: str
    steps: list[Row]
    expect: Expected
    payload: Any = field(default_factory=dict)
    children: Mapping[str, list[Row]] = field(default_factory=dict)
    acts: Sequence[Act] = ()
    """What happens to the run once it has been started, one after another."""
    before: Sequence[Act] = ()
    """What happens to the database before the run is started."""
    row: Mapping[str, Any] = field(default_factory=dict)
    """Columns of the run's row that differ from an ordinary launch."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Members of the definition beside the usual ones."""
