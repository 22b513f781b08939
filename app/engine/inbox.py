"""Signals that have arrived and nobody has consumed yet. Survives a continue-as-new (fault F3 of the reference)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from app.temporal.contract import HUMAN_TASK_COMPLETED


@dataclass(frozen=True, slots=True)
class EventSignal:
    """A normalised event signal."""

    event_id: str | None
    event_name: str
    correlation_key: str | None
    payload: dict[str, Any]
    received_at: str


@dataclass(frozen=True, slots=True)
class HumanTaskSignal:
    """A normalised response to a human task."""

    task_id: str
    event_name: str
    payload: dict[str, Any]


@dataclass(slots=True)
class Inbox:
    """Pending signals, oldest first, and the quota flag."""

    events: list[EventSignal] = field(default_factory=list)
    human_tasks: list[HumanTaskSignal] = field(default_factory=list)
    quota_resumed: bool = False

    def put_event(self, content: Any, received_at: str) -> None:
        """Keep an event signal, normalised as the contract says."""
        fields = content if isinstance(content, dict) else {}
        self.events.append(
            EventSignal(
                event_id=_text(fields.get("eventId")),
                event_name=_text(fields.get("eventName")) or "",
                correlation_key=_text(fields.get("correlationKey")),
                payload=_object(fields.get("payload")),
                received_at=_text(fields.get("receivedAt")) or received_at,
            )
        )

    def put_human_task(self, content: Any) -> None:
        """Keep a human task's response, normalised as the contract says."""
        fields = content if isinstance(content, dict) else {}
        self.human_tasks.append(
            HumanTaskSignal(
                task_id=_text(fields.get("taskId")) or "",
                event_name=_text(fields.get("eventName")) or HUMAN_TASK_COMPLETED,
                payload=_object(fields.get("payload")),
            )
        )

    def first_event(self, matches: Callable[[EventSignal], bool]) -> EventSignal | None:
        """Return the oldest matching event, leaving it where it is."""
        return next((signal for signal in self.events if matches(signal)), None)

    def first_response(self, task_id: str) -> HumanTaskSignal | None:
        """Return the oldest response to a task, leaving it where it is."""
        return next((signal for signal in self.human_tasks if signal.task_id == task_id), None)

    def as_json(self) -> dict[str, Any]:
        """Return everything pending, for the checkpoint."""
        return {
            "events": [asdict(signal) for signal in self.events],
            "humanTasks": [asdict(signal) for signal in self.human_tasks],
            "quotaResumed": self.quota_resumed,
        }

    def prepend(self, document: dict[str, Any]) -> None:
        """Put the signals of a checkpoint before those that have arrived meanwhile."""
        self.events[:0] = [EventSignal(**signal) for signal in document["events"]]
        self.human_tasks[:0] = [HumanTaskSignal(**signal) for signal in document["humanTasks"]]
        self.quota_resumed = self.quota_resumed or bool(document["quotaResumed"])


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
