"""A cancel in words: what it would find, how far it is, what it closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from app.cli import text
from app.domain.cancellation import CancelPreview, CancelProgress, CancelWay, ClosedParts, OpenAction, OpenParts

_WAYS = {
    CancelWay.CANCEL: "Temporal is asked to cancel; then the run is written CANCELED with log and audit.",
    CancelWay.CLOSE_ROW: (
        "Temporal knows no execution, so there is nothing to cancel. The row alone can be closed with --row-only."
    ),
    CancelWay.FAIL_LAUNCH: (
        "The launch was recorded, but its execution never started. Repair it instead: "
        "rundesk repair RUN_ID --action fail-launch, or complete-launch to start it."
    ),
    CancelWay.PROJECT_CLOSE: (
        "The execution has ended already and only its row is open. Let the row take its end: "
        "rundesk repair RUN_ID --action project-close."
    ),
    CancelWay.ENDED: "The run has ended, so there is nothing to cancel.",
    CancelWay.ASK_LATER: "Temporal does not answer, so nothing can be said or done. Try again when it does.",
}


def preview(look: CancelPreview) -> Iterator[str]:
    """Yield the lines that say what would happen."""
    execution = str(look.temporal) if look.execution is None else str(look.execution.status)
    yield f"  row {look.status}, execution {execution.replace('_', ' ')}"
    yield f"  {_WAYS[look.way]}"
    if look.problem is not None:
        yield f"  {look.problem}"
    if look.way in {CancelWay.CANCEL, CancelWay.CLOSE_ROW}:
        yield from (f"  closes {part}" for part in open_parts(look.parts))
        yield from (f"  still runs: {action(one)}" for one in look.parts.actions)


def open_parts(parts: OpenParts) -> Iterator[str]:
    """Yield what is open, one kind a line."""
    for wait_type, number in sorted(Counter(parts.waits).items()):
        yield f"{number} {wait_type} wait{_s(number)}"
    if parts.steps:
        yield f"{len(parts.steps)} started step{_s(len(parts.steps))}: {', '.join(parts.steps)}"
    if parts.tasks:
        yield f"{parts.tasks} human task{_s(parts.tasks)}"
    if parts.children:
        more = " and more" if parts.more_children else ""
        yield f"{len(parts.children)}{more} child run{_s(len(parts.children))}, once their executions have ended"


def progress(made: CancelProgress) -> str:
    """Return the three moments and what is still to be said."""
    end = _end(made)
    moments = f"requested {text.local_time(made.requested_at)} → accepted {text.local_time(made.accepted_at)} → {end}"
    said = [moments, closed(made.closed)]
    if made.still_running:
        said.append(f"Still running after the close: {', '.join(map(action, made.still_running))}.")
    if made.open_children:
        said.append(f"{len(made.open_children)} child execution{_s(len(made.open_children))} still open.")
    if made.unanswered:
        said.append("One of the servers did not answer at the last look.")
    return " ".join(part for part in said if part)


def action(one: OpenAction) -> str:
    """Return an action under way and since when."""
    since = "" if one.started_at is None else f" since {text.local_time(one.started_at)}"
    return f"{one.action_id} at {one.step_path}{since}"


def closed(parts: ClosedParts) -> str:
    """Return what was closed in the projection, "" when nothing was."""
    counts = {"run": len(parts.runs), "step": parts.steps, "wait": parts.waits, "human task": parts.tasks}
    said = [f"{number} {name}{_s(number)}" for name, number in counts.items() if number]
    return f"Closed in the database: {', '.join(said)}." if said else ""


def _end(made: CancelProgress) -> str:
    if made.closed_as is not None:
        when = "" if made.closed_at is None else f" {text.local_time(made.closed_at)}"
        return f"closed{when} as {made.closed_as}."
    if made.forgotten:
        return "no longer known to Temporal."
    return "still open."


def _s(number: int) -> str:
    return "" if number == 1 else "s"
