"""S08: what became of the event a run waits for.

Forms, most telling first: ``null_key`` can never match; ``never_signalled`` was recorded and not sent; ``filtered_out``
was sent and refused by a filter; ``arrived_early`` came before the wait opened; ``near_miss`` differs in name or key;
``overdue``; and, OK, ``nothing_arrived``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from app.domain.diagnosis.codes import Act, Cause, Severity, Source
from app.domain.diagnosis.facts import EventFacts, RunFacts, WaitFacts
from app.domain.diagnosis.finding import Evidence, Finding, from_row, from_temporal, moment
from app.domain.diagnosis.states import is_waiting_for
from app.domain.durations import spoken_duration
from app.domain.repair_rules import event_fails_run
from app.domain.run import WaitType

_DELIVERY = "Deliver the event to this run, or cancel it."
_NO_DELIVERY = (
    "Cancel the run and replay it. No event can be delivered: the reference worker fails a run whose wait without a "
    "timeout gets one (F1)."
)


def event_wait(facts: RunFacts) -> Finding | None:
    """S08: an event wait, with what is known of its event."""
    execution, wait = facts.temporal.execution, facts.row.wait
    if execution is None or not execution.is_open or wait is None or not is_waiting_for(facts.row, WaitType.EVENT):
        return None
    for judge in (_null_key, _undelivered, _filtered_out, _arrived_early, _overdue, _near_miss):
        finding = judge(facts, wait)
        if finding is not None:
            fatal = event_fails_run(facts.row.semantics_version, wait.timeout_at)
            return _without_delivery(finding) if fatal else finding
    return _nothing_arrived(facts, wait)


def _without_delivery(finding: Finding) -> Finding:
    """Return the finding with another way out than an event, which the repair would refuse."""
    return replace(finding, actions=(Act.CANCEL, Act.REPLAY), advice=_NO_DELIVERY)


def unanswered(facts: RunFacts, wait: WaitFacts) -> tuple[EventFacts, ...]:
    """Return the matching events recorded since the wait opened, long enough ago to have been signalled."""
    return tuple(
        event
        for event in facts.row.events
        if event.same_name
        and event.same_key
        and event.created_at >= wait.created_at
        and facts.now - event.created_at > facts.limits.signal_grace
    )


def _null_key(facts: RunFacts, wait: WaitFacts) -> Finding | None:
    if wait.has_key:
        return None
    return _finding(
        "null_key",
        Severity.TROUBLE if wait.timeout_at is None else Severity.WATCH,
        "Waits for an event without a correlation key: no recorded event can ever match it.",
        (_wait_evidence(wait), from_row("The wait's key is null", wait.created_at)),
        "Deliver the event to this run directly, or cancel it.",
        "The correlation key evaluated to null; event routing compares keys by equality (F27).",
    )


def _undelivered(facts: RunFacts, wait: WaitFacts) -> Finding | None:
    """Prove that a recorded event was not signalled: the whole history lacks it.

    A delivery's error alone proves nothing: it may come from a launch, after this run had been signalled (F25).
    """
    events = [event for event in unanswered(facts, wait) if _is_absent(facts, event)]
    if not events:
        return None
    event = next((each for each in events if each.rejected_by is None), events[0])
    return _finding(
        "never_signalled",
        Severity.TROUBLE,
        f"Event {event.event_name} was recorded {_span(wait, event)} after the wait opened, but never reached the run.",
        (_wait_evidence(wait), _event_evidence(event), *_absence_evidence(facts, event)),
        _DELIVERY,
        "Delivery of the event failed or stopped at another run's stale wait (F24).",
        ("event", event.event_name),
        ("seconds", _seconds(wait, event)),
    )


def _filtered_out(facts: RunFacts, wait: WaitFacts) -> Finding | None:
    refused = [event for event in unanswered(facts, wait) if event.rejected_by is not None]
    if not refused:
        return None
    event = refused[-1]
    return _finding(
        "filtered_out",
        Severity.WATCH,
        f"Event {event.event_name} arrived, but the wait's filter {event.rejected_by} refused it.",
        (
            _wait_evidence(wait),
            _event_evidence(event),
            from_row("The payload fails the filter {filter}", event.created_at, filter=event.rejected_by or ""),
            *_presence_evidence(facts, event),
        ),
        "The run waits for another event. If this one should have counted, deliver it corrected, or cancel the run.",
        "Compare the filter with what the event's payload really holds.",
        ("event", event.event_name),
        ("filter", event.rejected_by or ""),
    )


def _arrived_early(facts: RunFacts, wait: WaitFacts) -> Finding | None:
    early = [
        event
        for event in facts.row.events
        if event.same_name
        and event.same_key
        and not event.consumed
        and event.rejected_by is None
        and facts.row.started_at <= event.created_at < wait.created_at
    ]
    if not early:
        return None
    event = max(early, key=lambda each: each.created_at)
    return _finding(
        "arrived_early",
        Severity.TROUBLE,
        f"Event {event.event_name} arrived {_span(wait, event)} before this wait opened; it is not delivered again.",
        (_wait_evidence(wait), _event_evidence(event)),
        _DELIVERY,
        "Events reach only waits that are already open (W24): let the definition wait before it causes the event.",
        ("event", event.event_name),
        ("seconds", _seconds(wait, event)),
    )


def _overdue(facts: RunFacts, wait: WaitFacts) -> Finding | None:
    if wait.timeout_at is None or facts.now - wait.timeout_at <= facts.limits.overdue_after:
        return None
    return _finding(
        "overdue",
        Severity.TROUBLE,
        f"The wait timed out at {moment(wait.timeout_at)}, and the run has not gone on.",
        (_wait_evidence(wait), from_row("The wait is due at {due}", wait.timeout_at, due=wait.timeout_at)),
        "The timer should have fired. Look at the worker and the workflow task.",
        "An event wait is overdue although its execution is open.",
        ("due", wait.timeout_at),
    )


def _near_miss(facts: RunFacts, wait: WaitFacts) -> Finding | None:
    near = [event for event in _near(facts, wait) if event.similar]
    if not near:
        return None
    event = near[-1]
    how = "a correlation key that is spelled otherwise" if event.same_name else "a name that is spelled otherwise"
    return _finding(
        "near_miss",
        Severity.WATCH,
        f"Nothing that matches has arrived, but event {event.event_name} came with {how}.",
        (_wait_evidence(wait), *map(_event_evidence, near)),
        "Compare the event's key and name with what the run waits for.",
        "The definition's correlation key or event name does not fit what is sent.",
        ("event", event.event_name),
    )


def _near(facts: RunFacts, wait: WaitFacts) -> list[EventFacts]:
    """Return events since the wait opened that have its name or its key, oldest first."""
    events = (event for event in facts.row.events if event.same_name != event.same_key)
    return sorted((e for e in events if e.created_at >= wait.created_at), key=lambda event: event.created_at)


def _nothing_arrived(facts: RunFacts, wait: WaitFacts) -> Finding | None:
    if any(event.same_name and event.same_key and event.created_at >= wait.created_at for event in facts.row.events):
        return None  # one is on its way, or what became of it cannot be proved
    return _finding(
        "nothing_arrived",
        Severity.OK,
        f"Waiting for event {wait.event_name}; nothing that matches has arrived.",
        (
            _wait_evidence(wait),
            from_row("No matching event since the wait opened", facts.now),
            *map(_event_evidence, _near(facts, wait)[-3:]),
        ),
        "",
        "",
        ("event", wait.event_name or ""),
    )


def _finding(
    kind: str,
    severity: Severity,
    title: str,
    evidence: Sequence[Evidence],
    advice: str,
    engineering: str,
    *params: tuple[str, str | float | datetime],
) -> Finding:
    actions = () if severity is Severity.OK else (Act.DELIVER_EVENT, Act.CANCEL)
    return Finding(Cause.EVENT_WAIT, kind, severity, title, tuple(evidence), actions, advice, engineering, params)


def _is_present(facts: RunFacts, event: EventFacts) -> bool:
    tail = facts.temporal.tail
    return tail is not None and any(signal.event_id == str(event.event_id) for signal in tail.signals)


def _is_absent(facts: RunFacts, event: EventFacts) -> bool:
    tail = facts.temporal.tail
    return tail is not None and tail.complete and not _is_present(facts, event)


def _absence_evidence(facts: RunFacts, event: EventFacts) -> tuple[Evidence, ...]:
    found: list[Evidence] = []
    if event.failed:
        found.append(from_row("The event row holds a delivery error", event.created_at))
    if _is_absent(facts, event):
        found.append(
            from_temporal(
                "No signal with event id {event} in the execution's history",
                facts.temporal.asked_at,
                Source.HISTORY,
                event=str(event.event_id),
            )
        )
    return tuple(found)


def _presence_evidence(facts: RunFacts, event: EventFacts) -> tuple[Evidence, ...]:
    tail = facts.temporal.tail
    seen = [] if tail is None else [signal for signal in tail.signals if signal.event_id == str(event.event_id)]
    return tuple(from_temporal("The signal is in the history", signal.at, Source.HISTORY) for signal in seen[:1])


def _wait_evidence(wait: WaitFacts) -> Evidence:
    event, step = str(wait.event_name), wait.step_path
    if wait.key is None:
        return from_row("event wait WAITING for {event} at {step}", wait.created_at, event=event, step=step)
    return from_row(
        "event wait WAITING for {event} with key {key} at {step}",
        wait.created_at,
        event=event,
        key=wait.key,
        step=step,
    )


def _event_evidence(event: EventFacts) -> Evidence:
    name, event_id = event.event_name, str(event.event_id)
    if event.key is None:
        return from_row("Event {event} recorded as {id}", event.created_at, event=name, id=event_id)
    return from_row(
        "Event {event} with key {key} recorded as {id}", event.created_at, event=name, key=event.key, id=event_id
    )


def _span(wait: WaitFacts, event: EventFacts) -> str:
    return spoken_duration(_seconds(wait, event))


def _seconds(wait: WaitFacts, event: EventFacts) -> float:
    return abs((event.created_at - wait.created_at).total_seconds())
