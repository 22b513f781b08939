"""A workflow definition as frozen dataclasses: what the interpreter executes.

Blocks are addressed by path: ``root`` holds the top-level steps, ``root.steps[2].then`` a branch. A step's path is
its block's path plus ``.steps[i]``. Expressions stay texts; they are compiled when they are first evaluated, so a
faulty expression in a branch never taken harms nobody, as in the product.
Shapes: ``runtime.md`` section 6.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

ROOT_BLOCK = "root"


@dataclass(frozen=True, slots=True)
class Expression:
    """The text of an ``{"$expr": …}`` object."""

    source: str


@dataclass(frozen=True, slots=True)
class SecretReference:
    """The name of a tenant secret, ``{"$secret": NAME}``; resolved only inside the activity that hands it on."""

    name: str


MappingValue: TypeAlias = "Expression | SecretReference | MappedObject | MappedList | Literal"
"""A mapping value: expression, secret, or literals walked recursively."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A JSON scalar."""

    value: None | bool | int | float | str


@dataclass(frozen=True, slots=True)
class MappedObject:
    """An object whose values are mapping values."""

    members: tuple[tuple[str, MappingValue], ...]


@dataclass(frozen=True, slots=True)
class MappedList:
    """An array of mapping values."""

    elements: tuple[MappingValue, ...]


Assignments: TypeAlias = tuple[tuple[str, Expression], ...]
"""Target path and expression, in the order of the document."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """``retry`` of a step. Milliseconds; ``retry_on`` empty means every category."""

    max_attempts: int
    backoff_ms: int
    multiplier: float = 2.0
    jitter: bool = True
    max_delay_ms: int | None = None
    retry_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What every step has. ``path`` is its place, ``id`` the author's name for it."""

    id: str
    type: str
    path: str


@dataclass(frozen=True, slots=True)
class IfStep(Step):
    """``control.if``; the branches are blocks at ``<path>.then`` and ``<path>.else``."""

    condition: Expression


@dataclass(frozen=True, slots=True)
class ForEachStep(Step):
    """``control.forEach``; sequential. The body is the block at ``<path>.body``."""

    items: Expression
    item_variable: str
    continue_on_error: bool


@dataclass(frozen=True, slots=True)
class TryCatchStep(Step):
    """``control.tryCatch``; blocks at ``<path>.try`` and ``<path>.catch``."""

    capture_as: str | None


@dataclass(frozen=True, slots=True)
class ReturnStep(Step):
    """``control.return``: the run ends SUCCEEDED."""


@dataclass(frozen=True, slots=True)
class GuardedStep(Step):
    """A step whose author says how often to try it and whether the run goes on when it fails for good."""

    retry: RetryPolicy | None
    continue_on_error: bool


@dataclass(frozen=True, slots=True)
class CallWorkflowStep(GuardedStep):
    """``control.callWorkflow``: executes a version of a workflow as a child run and waits for its end."""

    workflow_id: str
    workflow_version: int
    input_mapping: Assignments
    output_mapping: Assignments


@dataclass(frozen=True, slots=True)
class NodeStep(GuardedStep):
    """What every step that is not ``control.*`` has."""

    name: str | None


@dataclass(frozen=True, slots=True)
class StateSetStep(NodeStep):
    """``state.set``: writes ``meta.state``."""

    state: str


@dataclass(frozen=True, slots=True)
class AssignStep(NodeStep):
    """``transform.assign``."""

    assign: Assignments


@dataclass(frozen=True, slots=True)
class ActionStep(NodeStep):
    """``action.call``."""

    action_id: str
    version: int
    input_mapping: MappedObject
    save_as: str | None
    idempotency_key: Expression | None


@dataclass(frozen=True, slots=True)
class EventFilter:
    """One filter of ``event.wait``; ``has_value`` tells a null from none."""

    path: str
    op: str
    value: Any = None
    has_value: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the filter as the wait row shows it."""
        return {"path": self.path, "op": self.op, **({"value": self.value} if self.has_value else {})}


@dataclass(frozen=True, slots=True)
class EventWaitStep(NodeStep):
    """``event.wait``; ``timeout_ms`` None waits for ever."""

    event_name: str
    correlation_key: Expression
    filters: tuple[EventFilter, ...]
    timeout_ms: int | None
    assign: Assignments


@dataclass(frozen=True, slots=True)
class TimeWaitStep(NodeStep):
    """``time.wait``: exactly one of ``duration_ms`` and ``until``."""

    mode: str
    duration_ms: int | None
    until: Expression | None
    assign: Assignments


@dataclass(frozen=True, slots=True)
class HumanTaskStep(NodeStep):
    """``human.task``."""

    task_type: str
    title: Expression
    description: Expression | None
    context_data: tuple[tuple[str, Expression], ...]
    assign: Assignments


@dataclass(frozen=True, slots=True)
class Definition:
    """A parsed definition. ``blocks`` holds every block by its path; an absent ``else`` is an empty block."""

    id: str
    version: int
    name: str
    payload_schema_ref: str
    blocks: dict[str, tuple[Step, ...]] = field(default_factory=dict)

    def step_at(self, path: str) -> Step:
        """Return the step at a path such as ``root.steps[2].then.steps[0]``."""
        block, _, index = path.rpartition(".steps[")
        return self.blocks[block][int(index.removesuffix("]"))]
