"""Environment variables of the removed engine switch: ignored in every combination, reported once.

They once chose between two engines and two task queues, which is how runs came to be created that nothing
executed. This is the only module that names them.
"""

from __future__ import annotations

from collections.abc import Mapping

IGNORED_VARIABLES: tuple[str, ...] = (
    "WORKFLOW_RUNTIME_V2_ENABLE_TEMPORAL_POLLING",
    "WORKFLOW_RUNTIME_V2_ENABLE_DB_POLLING",
    "WORKFLOW_RUNTIME_V2_TEMPORAL_TASK_QUEUE",
)


def ignored_names(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the set variables that have no effect."""
    return tuple(name for name in IGNORED_VARIABLES if name in environment)


def ignored_notice(environment: Mapping[str, str]) -> str | None:
    """Return one sentence naming the set variables that have no effect, or None when none is set."""
    names = ignored_names(environment)
    if not names:
        return None
    verb = "has" if len(names) == 1 else "have"
    return f"{', '.join(names)} {verb} no effect: the engine and its task queue are fixed."
