"""The parts that follow the opening: timeline, waits and events, origin, environment, definition and log."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.replay_chain import MAX_FAMILY, MAX_GENERATIONS, Generation, PayloadOrigin, ReplayChain
from app.domain.report.blocks import (
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Figure,
    Paragraph,
    Section,
    Style,
    Table,
    mono,
    plain,
)
from app.domain.report.documents import brief, document
from app.domain.report.opening import act_name
from app.domain.report.states import execution_word, stored_status
from app.domain.report.surroundings import DefinitionExcerpt, EventFact
from app.domain.report.words import Joined, Said, Word, count, joined, say
from app.domain.run import LogEntry, Wait
from app.domain.triage import RunAccount

SHOWN_LOGS = 30
MOST_WAITS = 60
_LOUD = frozenset({"WARN", "WARNING", "ERROR", "FATAL"})


def timeline_part(account: RunAccount, prefix: str = "") -> Section:
    """Return the picture of the run's steps and waits over time."""
    drawn = account.timeline.entries
    block = Figure(account.timeline) if drawn else Paragraph(say("No step has run."), Style.MUTED)
    return Section(f"{prefix}timeline", say("Timeline"), (block,))


def waits_part(account: RunAccount, prefix: str = "") -> Section | None:
    """Return what the run waited for and the events that came; None when there were neither."""
    waits, around = account.inspection.waits, account.surroundings
    if not waits and not around.events:
        return None
    blocks: list[Block] = []
    if waits:
        blocks.append(Table(_WAIT_COLUMNS, tuple(_wait_row(wait) for wait in waits[-MOST_WAITS:])))
        if len(waits) > MOST_WAITS:
            left = say("{n} earlier waits are left out here; the JSON report has them.", n=len(waits) - MOST_WAITS)
            blocks.append(Paragraph(left, Style.MUTED))
    if around.events:
        blocks.append(Paragraph(say("Events that it matched, or that have the name and key of one of its waits")))
        blocks.append(Table(_EVENT_COLUMNS, tuple(_event_row(event) for event in around.events)))
    elif any(wait.event_name for wait in waits):
        blocks.append(Paragraph(say("No event with the name and key of one of its waits is recorded."), Style.MUTED))
    if around.events_cut:
        blocks.append(Paragraph(say("There are more events than are listed here."), Style.MUTED))
    return Section(f"{prefix}waits", say("Waits and events"), tuple(blocks))


_WAIT_COLUMNS = (
    Column(say("Waits for"), 2.2),
    Column(say("Status"), 1.3),
    Column(say("Path"), 2.0),
    Column(say("Since"), 2.0),
    Column(say("Until"), 2.0),
    Column(say("Resolved"), 2.0),
)
_EVENT_COLUMNS = (
    Column(say("Event"), 2.2),
    Column(say("Key"), 2.0),
    Column(say("Recorded"), 2.0),
    Column(say("This run"), 1.3),
    Column(say("Error"), 2.4),
    Column(say("Event id"), 2.6),
)
_WAIT_TYPES: dict[str, Said] = {
    "event": say("event"),
    "time": say("time"),
    "human": say("person"),
    "quota": say("quota"),
}


def _wait_row(wait: Wait) -> tuple[Cell, ...]:
    kind: Word = _WAIT_TYPES.get(wait.wait_type, wait.wait_type)
    what = kind if wait.event_name is None else say("{type} {event}", type=kind, event=wait.event_name)
    if wait.key is not None:
        what = say("{what}, key {key}", what=what, key=wait.key)
    return (
        plain(what),
        stored_status(wait.status),
        mono(wait.step_path),
        Cell(wait.created_at, Style.TIME),
        Cell(wait.timeout_at, Style.TIME),
        Cell(wait.resolved_at, Style.TIME),
    )


def _event_row(event: EventFact) -> tuple[Cell, ...]:
    return (
        plain(event.event_name),
        mono(event.correlation_key),
        Cell(event.created_at, Style.TIME),
        plain(say("matched") if event.matched else say("not matched")),
        plain(event.error),
        mono(str(event.event_id)),
    )


def origin_part(account: RunAccount, prefix: str = "") -> Section:
    """Return where the run came from, its replays, and what people did to it."""
    run, row, chain = account.inspection.run, account.row, account.chain
    facts = [
        Fact(say("Trigger"), plain(_trigger(account))),
        Fact(say("Event"), mono(row.event_type)),
        Fact(say("Replay of"), mono(str(row.replay_of) if row.replay_of else None)),
        Fact(say("Reason"), plain(run.replay_reason)),
        Fact(say("Parent run"), mono(str(run.parent_run_id) if run.parent_run_id else None)),
        Fact(say("Definition hash"), mono(run.definition_hash)),
    ]
    blocks: list[Block] = [Facts(tuple(fact for fact in facts if fact.value.word is not None))]
    if chain is not None and chain.has_story:
        blocks += [Paragraph(note) for note in _chain_notes(chain)]
        blocks.append(Table(_CHAIN_COLUMNS, tuple(_chain_row(entry, chain) for entry in chain.generations)))
    acts = account.surroundings.acts
    if acts:
        rows = tuple(
            (Cell(act.at, Style.TIME), plain(act.who), plain(act_name(act.operation)), plain(act.reason))
            for act in acts
        )
        blocks.append(Table(_ACT_COLUMNS, rows))
    elif acts is None:
        blocks.append(Paragraph(say("Who did what is not shown: it takes workflow:admin to see it."), Style.MUTED))
    return Section(f"{prefix}origin", say("Where it comes from"), tuple(blocks))


_CHAIN_COLUMNS = (
    Column(say("Run"), 2.8),
    Column(say("Outcome"), 1.4),
    Column(say("Payload"), 1.1),
    Column(say("Version"), 0.9),
    Column(say("Started"), 2.0),
    Column(say("Replayed by"), 1.8),
    Column(say("Reason"), 2.4),
)
_ACT_COLUMNS = (Column(say("When"), 1.6), Column(say("Who"), 1.6), Column(say("What"), 1.6), Column(say("Reason"), 3.2))
_ORIGINS: dict[PayloadOrigin, Said] = {
    PayloadOrigin.ORIGINAL: say("original"),
    PayloadOrigin.VERBATIM: say("unchanged"),
    PayloadOrigin.EDITED: say("edited"),
    PayloadOrigin.UNKNOWN: say("not known"),
}


def _trigger(account: RunAccount) -> Word:
    row = account.row
    if row.trigger_type is not None:
        return row.trigger_type
    return say("a replay") if row.replay_of else say("started by hand or by another run")


def _chain_row(entry: Generation, chain: ReplayChain) -> tuple[Cell, ...]:
    run = entry.run
    name: Word = "→ " * entry.depth + str(run.run_id)
    is_replay = run.origin is not PayloadOrigin.ORIGINAL
    who: Word = (
        joined(run.replayer.name, f"({run.replayer.email})")
        if run.replayer
        else say("not known")
        if is_replay
        else None
    )
    return (
        mono(joined(name, say("(this run)")) if run.run_id == chain.asked_for else name),
        stored_status(run.status),
        plain(_ORIGINS[run.origin]),
        plain(str(run.workflow_version)),
        Cell(run.started_at, Style.TIME),
        plain(who),
        plain(run.reason),
    )


def _chain_notes(chain: ReplayChain) -> Iterator[Word]:
    if chain.recovered_by is not None:
        yield say("Recovered by run {run}, which succeeded.", run=str(chain.recovered_by))
    elif chain.awaits_recovery:
        yield say("Not recovered: no replay has succeeded.")
    if chain.origin_missing is not None:
        yield say(
            "The earliest run shown replayed {run}, which is not in this tenant any more.",
            run=str(chain.origin_missing),
        )
    if chain.truncated:
        yield say(
            "There are more: at most {generations} generations each way and {runs} runs are read.",
            generations=MAX_GENERATIONS,
            runs=MAX_FAMILY,
        )


def environment_part(account: RunAccount, app_version: str, prefix: str = "") -> Section:
    """Return versions, queue and pollers at the time of reading."""
    environment, around, run = account.environment, account.surroundings, account.inspection.run
    facts = [
        Fact(say("Workflow version"), plain(_version(account))),
        Fact(say("Semantics"), mono(run.runtime_semantics_version)),
        Fact(say("Engine"), mono(account.row.engine)),
        Fact(say("Postgres"), mono(around.database_version)),
        Fact(say("Temporal"), mono(environment.temporal_version)),
        Fact(say("Rundesk"), mono(app_version)),
        *_execution_facts(account),
        *_queue_facts(account),
    ]
    blocks: tuple[Block, ...] = (Facts(tuple(fact for fact in facts if fact.value.word is not None)),)
    return Section(f"{prefix}environment", say("Environment at the time of this report"), blocks)


def _version(account: RunAccount) -> Word:
    ran, newest = account.row.workflow_version, account.surroundings.newest_version
    if newest is None or newest == ran:
        return str(ran) if newest is None else say("{version}, the newest", version=str(ran))
    return say("{version}; the newest is {newest}", version=str(ran), newest=str(newest))


def _execution_facts(account: RunAccount) -> Iterator[Fact]:
    environment, run = account.environment, account.inspection.run
    if environment.problem is not None:
        yield Fact(say("Execution"), plain(say("Temporal could not be asked: {problem}", problem=environment.problem)))
    elif environment.execution is None:
        yield Fact(say("Execution"), plain(say("not known to Temporal")))
    yield Fact(say("Temporal workflow id"), mono(run.temporal_workflow_id))
    yield Fact(say("Temporal run id"), mono(run.temporal_run_id))
    execution = environment.execution
    if execution is not None:
        yield Fact(say("Execution"), plain(execution_word(execution.status)))
        yield Fact(say("Task queue"), mono(execution.task_queue))
        yield Fact(say("Started"), Cell(execution.started_at, Style.TIME))
        yield Fact(say("Closed"), Cell(execution.closed_at, Style.TIME))
        yield Fact(say("History"), plain(count(execution.history_length, "1 event", "{n} events")))


def _queue_facts(account: RunAccount) -> Iterator[Fact]:
    queue = account.environment.queue
    if queue is None:
        return
    pollers: Word = Joined(queue.pollers, ", ") if queue.pollers else say("none")
    yield Fact(say("Workers on {queue}", queue=queue.task_queue), mono(pollers))
    yield Fact(say("Last asked for work"), Cell(queue.last_access, Style.TIME))


def definition_part(excerpt: DefinitionExcerpt | None, prefix: str = "") -> Section | None:
    """Return the steps around the failing one as the version that ran defines them."""
    if excerpt is None:
        return None
    blocks: list[Block] = [document(excerpt.steps.value, say("Steps around {path}", path=excerpt.path))]
    if excerpt.before or excerpt.after:
        left = say(
            "{before} steps before and {after} after them in the same block are left out.",
            before=excerpt.before,
            after=excerpt.after,
        )
        blocks.append(Paragraph(left, Style.MUTED))
    return Section(f"{prefix}definition", say("Definition around the step"), tuple(blocks))


def log_part(account: RunAccount, prefix: str = "") -> Section | None:
    """Return the log's warnings and errors and its last lines; None for a run without a log."""
    logs = account.inspection.logs
    if not logs:
        return None
    shown = _excerpt(logs)
    note = count(
        len(logs), "The log has 1 line.", "The log has {n} lines; warnings, errors and the last ones are shown."
    )
    blocks: list[Block] = [Table(_LOG_COLUMNS, tuple(_log_row(entry) for entry in shown))]
    if len(shown) < len(logs):
        blocks.insert(0, Paragraph(note, Style.MUTED))
    return Section(f"{prefix}log", say("Log"), tuple(blocks))


_LOG_COLUMNS = (
    Column(say("Time"), 2.0),
    Column(say("Level"), 0.7),
    Column(say("Message"), 4.0),
    Column(say("Context"), 4.0),
)


def _excerpt(logs: tuple[LogEntry, ...]) -> list[LogEntry]:
    """Return at most :data:`SHOWN_LOGS` entries: loud ones first, filled up with the newest, in the order of time."""
    in_time = sorted(logs, key=lambda entry: entry.created_at)
    loud = [entry for entry in in_time if entry.level.upper() in _LOUD][-SHOWN_LOGS // 2 :]
    chosen = {entry.log_id for entry in loud}
    newest = [entry for entry in in_time if entry.log_id not in chosen][-(SHOWN_LOGS - len(loud)) :]
    chosen |= {entry.log_id for entry in newest}
    return [entry for entry in in_time if entry.log_id in chosen]


def _log_row(entry: LogEntry) -> tuple[Cell, ...]:
    context = "" if entry.context in (None, {}) else brief(entry.context)
    return (Cell(entry.created_at, Style.TIME), plain(entry.level), plain(entry.message), mono(context))
