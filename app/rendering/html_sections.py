"""The sections of the HTML report, in the order in which a reader needs them."""

from __future__ import annotations

from app.domain import json_text
from app.domain.durations import spoken_duration
from app.domain.run import Invocation, JsonValue, LogEntry, RunDetail, RunInspection, RunLink, Step, Wait
from app.domain.triage import TriageReport
from app.rendering.markup import Markup, element, join
from app.rendering.moments import readable
from app.rendering.state_words import status_badge

MAX_DOCUMENT_CHARACTERS = 100_000
"""Longer documents are cut in HTML, and say so; the JSON report has them whole."""


def error_section(inspection: RunInspection) -> Markup:
    """Return the error that explains the run, or nothing when it has none."""
    error = inspection.error
    if error is None:
        return Markup()
    facts = [
        ("Code", error.code),
        ("Category", error.category),
        ("Step", error.step_path),
        ("Action", error.action_id),
        ("At", readable(error.at) if error.at else None),
        ("Attempts", str(error.attempts) if error.attempts else None),
        ("Found in", {"invocation": "the action's record", "step": "the step", "run": "the run"}.get(error.source)),
        ("Stored text", error.technical),
    ]
    return element(
        "section",
        element("h2", "Error"),
        element("pre", error.message),
        _facts([(name, value) for name, value in facts if value]),
        id="error",
        class_="trouble",
    )


def summary_section(inspection: RunInspection) -> Markup:
    """Return what the run row says."""
    run, row = inspection.run, inspection.run.row
    length = (
        f"{spoken_duration(row.age_seconds)} so far"
        if row.completed_at is None
        else spoken_duration((row.completed_at - row.started_at).total_seconds())
    )
    facts: list[tuple[str, str | Markup]] = [
        ("Run", _mono(str(row.key.run_id))),
        ("Tenant", _mono(str(row.key.tenant)) if row.key.tenant else "unassigned"),
        ("Workflow", f"{row.workflow_name or 'unknown'}, version {row.workflow_version}"),
        ("Status", status_badge(row.status)),
        ("Started", readable(row.started_at)),
        ("Completed", readable(row.completed_at)),
        ("Length", length),
        ("Step", row.node_path or "—"),
        ("Engine", row.engine or "none recorded"),
        ("Input", f"{run.input_bytes:,} bytes, {len(run.input.masked)} masked"),
    ]
    return element("section", element("h2", "Summary"), _facts(facts), id="summary")


def steps_section(inspection: RunInspection) -> Markup:
    """Return every step row."""
    head = ("Step", "Path", "Status", "Pass", "Started", "Length", "Error")
    rows = [_step_row(step) for step in inspection.steps]
    return _table_section("steps", f"Steps ({len(rows)})", head, rows, "No step has run.")


def waits_section(inspection: RunInspection) -> Markup:
    """Return every wait."""
    head = ("Waits for", "Path", "Status", "Since", "Until", "Resolved", "Payload")
    rows = [_wait_row(wait) for wait in inspection.waits]
    return _table_section("waits", f"Waits ({len(rows)})", head, rows, "The run has not waited for anything.")


def provenance_section(run: RunDetail) -> Markup:
    """Return where the run came from and what came of it."""
    row = run.row
    facts: list[tuple[str, str | Markup]] = [
        ("Trigger", row.trigger_type or ("replay" if row.replay_of else "started by hand or by another run")),
        ("Event", row.event_type or "—"),
        ("Replay of", _link(run.source_run) if run.source_run else str(row.replay_of) if row.replay_of else "—"),
        ("Reason", run.replay_reason or "—"),
        ("Replays", join([element("div", _link(link)) for link in run.replays]) if run.replays else "none"),
        ("Parent run", _mono(str(run.parent_run_id)) if run.parent_run_id else "—"),
        ("Temporal workflow id", _mono(run.temporal_workflow_id) if run.temporal_workflow_id else "none recorded"),
        ("Temporal run id", _mono(run.temporal_run_id) if run.temporal_run_id else "none recorded"),
        ("Definition hash", _mono(run.definition_hash) if run.definition_hash else "none recorded"),
    ]
    if run.trigger_metadata is not None:
        facts.append(("Trigger metadata", _document(run.trigger_metadata)))
    return element("section", element("h2", "Provenance"), _facts(facts), id="provenance")


def environment_section(report: TriageReport) -> Markup:
    """Return what Temporal said when the report was made."""
    environment = report.environment
    facts: list[tuple[str, str | Markup]] = []
    if environment.problem:
        facts.append(("Temporal", environment.problem))
    elif environment.execution is None:
        facts.append(("Temporal", "does not know the execution"))
    if environment.execution is not None:
        execution = environment.execution
        facts += [
            ("Execution", execution.status.replace("_", " ")),
            ("Task queue", execution.task_queue),
            ("Started", readable(execution.started_at)),
            ("Closed", readable(execution.closed_at)),
            ("History", f"{execution.history_length:,} events"),
        ]
    if environment.queue is not None:
        facts.append(("Workers listed", ", ".join(environment.queue.pollers) or "none"))
        facts.append(("Last seen", readable(environment.queue.last_access)))
    return element("section", element("h2", "Environment"), _facts(facts), id="environment")


def input_section(run: RunDetail) -> Markup:
    """Return the redacted input."""
    return element("section", element("h2", "Input"), _document(run.input.value), id="input")


def invocations_section(inspection: RunInspection) -> Markup:
    """Return every action call with its documents."""
    calls = [_call(invocation) for invocation in inspection.invocations]
    body = join(calls) if calls else element("p", "No action was called.", class_="empty")
    return element("section", element("h2", f"Action calls ({len(calls)})"), body, id="invocations")


def logs_section(inspection: RunInspection) -> Markup:
    """Return the run log."""
    head = ("Time", "Level", "Message", "Source", "Context")
    rows = [_log_row(entry) for entry in inspection.logs]
    return _table_section("logs", f"Log ({len(rows)})", head, rows, "The run has no log entries.")


def _step_row(step: Step) -> Markup:
    status = status_badge(step.status)
    if step.swallowed_error:
        status = join([status, element("div", "failure ignored", class_="failed")])
    return _row(
        step.name or step.definition_step_id,
        _mono(step.step_path),
        status,
        str(step.attempt),
        element("td", readable(step.started_at), class_="time"),
        element("td", _length(step), class_="number"),
        _document(step.error) if step.error is not None else "",
    )


def _length(step: Step) -> str:
    if step.duration_ms is not None:
        return spoken_duration(step.duration_ms / 1000)
    if step.completed_at is None:
        return "open"
    return spoken_duration((step.completed_at - step.started_at).total_seconds())


def _wait_row(wait: Wait) -> Markup:
    what = f"{wait.wait_type}: {wait.event_name}" if wait.event_name else wait.wait_type
    key = element("div", "key ", _mono(wait.key), class_="muted") if wait.key else Markup()
    return _row(
        join([element("div", what), key]),
        _mono(wait.step_path),
        status_badge(wait.status),
        element("td", readable(wait.created_at), class_="time"),
        element("td", readable(wait.timeout_at), class_="time"),
        element("td", readable(wait.resolved_at), class_="time"),
        _document(wait.payload) if wait.payload is not None else "",
    )


def _call(invocation: Invocation) -> Markup:
    title = element(
        "p",
        _mono(f"{invocation.action_id}@{invocation.action_version}"),
        " ",
        status_badge(invocation.status),
        element("span", f" {invocation.step_path}, attempt {invocation.attempt}", class_="muted"),
    )
    facts: list[tuple[str, str | Markup]] = [
        ("From", readable(invocation.started_at or invocation.created_at)),
        ("To", readable(invocation.completed_at)),
    ]
    if invocation.error_message:
        facts.append(("Message", invocation.error_message))
    if invocation.error is not None:
        facts.append(("Error", _document(invocation.error)))
    if invocation.input is not None:
        facts.append((f"Input ({invocation.input_bytes:,} bytes)", _document(invocation.input.value)))
    if invocation.output is not None:
        facts.append((f"Output ({invocation.output_bytes:,} bytes)", _document(invocation.output.value)))
    return element("div", title, _facts(facts), class_="calls")


def _log_row(entry: LogEntry) -> Markup:
    return _row(
        element("td", readable(entry.created_at), class_="time"),
        entry.level,
        entry.message,
        entry.source or "—",
        _document(entry.context) if entry.context is not None else "",
    )


def _link(link: RunLink) -> Markup:
    reason = f", because: {link.reason}" if link.reason else ""
    return join(
        [
            _mono(str(link.run_id)),
            element("span", " "),
            status_badge(link.status),
            element("span", f" started {readable(link.started_at)}{reason}", class_="muted"),
        ]
    )


def _table_section(name: str, title: str, head: tuple[str, ...], rows: list[Markup], empty: str) -> Markup:
    if not rows:
        return element("section", element("h2", title), element("p", empty, class_="empty"), id=name)
    header = element("tr", join([element("th", cell, scope="col") for cell in head]))
    table = element("table", element("thead", header), element("tbody", join(rows)))
    return element("section", element("h2", title), table, id=name)


def _row(*cells: str) -> Markup:
    return element("tr", join(_cell(cell) for cell in cells))


def _cell(content: str) -> Markup:
    """Return a table cell; content that is one already stays as it is."""
    return content if isinstance(content, Markup) and content.startswith("<td") else element("td", content)


def _facts(facts: list[tuple[str, str]] | list[tuple[str, str | Markup]]) -> Markup:
    return element("dl", join([join([element("dt", name), element("dd", value)]) for name, value in facts]))


def _mono(value: str) -> Markup:
    return element("code", value)


def _document(value: JsonValue) -> Markup:
    written = json_text.dump(value, indent=2)
    if len(written) <= MAX_DOCUMENT_CHARACTERS:
        return element("pre", written)
    note = f"Cut after {MAX_DOCUMENT_CHARACTERS:,} of {len(written):,} characters; the JSON report has all of it."
    return join([element("pre", written[:MAX_DOCUMENT_CHARACTERS]), element("p", note, class_="muted")])
