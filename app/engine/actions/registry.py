"""What an action is, and where the engine finds it by id and version."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain.run import RunKey
from app.engine.definition_fields import Fields
from app.engine.failures import Category, StepFailure
from app.postgres.projection_store import DataStore

UNKNOWN_ACTION = "UNKNOWN_ACTION"


@dataclass(frozen=True, slots=True)
class ActionContext:
    """What a handler may use besides its input. ``attempt`` counts the attempts at this invocation, from 1.

    ``log`` writes a line into the run's log; ``invocation_id`` stays the same over all attempts.
    """

    run: RunKey
    step_path: str
    invocation_id: UUID
    attempt: int
    store: DataStore
    log: Callable[[str, dict[str, Any]], Awaitable[None]]

    def tenant(self) -> UUID:
        """Return the run's tenant.

        Raises:
            StepFailure: The run has none, so nothing can be stored on a tenant's behalf.
        """
        if self.run.tenant is None:
            raise StepFailure(Category.VALIDATION, "This action needs a run that belongs to a tenant")
        return self.run.tenant


@dataclass(frozen=True, slots=True)
class Action:
    """One action.

    Attributes:
        read: Reads the input strictly and returns what ``handle`` gets; errors name the path. It runs before any
            invocation row exists.
        handle: Does the work and returns JSON. Raises :class:`StepFailure` for what the definition may handle.
        side_effectful: It changes something outside the run.
        repeatable: Doing it twice does no harm, so an attempt with an unknown outcome may be made again.
    """

    id: str
    version: int
    description: str
    side_effectful: bool
    repeatable: bool
    read: Callable[[Fields], Any]
    handle: Callable[[ActionContext, Any], Awaitable[Any]]


class ActionRegistry:
    """Actions by id and version."""

    def __init__(self, actions: Iterable[Action]) -> None:
        self._actions = {(action.id, action.version): action for action in actions}

    def find(self, action_id: str, version: int) -> Action:
        """Return an action.

        Raises:
            StepFailure: Nobody registered it; category ValidationError.
        """
        action = self._actions.get((action_id, version))
        if action is None:
            raise StepFailure(
                Category.VALIDATION, f"This worker has no action {action_id} version {version}", UNKNOWN_ACTION
            )
        return action

    def all(self) -> tuple[Action, ...]:
        """Return every action, by id."""
        return tuple(self._actions[key] for key in sorted(self._actions))
