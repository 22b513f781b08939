"""Why a run does not go on, or ended as it did: the diagnosis and its proof as words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from app.domain.diagnosis.codes import Cause, Source
from app.domain.diagnosis.finding import Diagnosis, Params
from app.domain.diagnosis.known_faults import fault
from app.domain.execution import ExecutionStatus, QueueFacts
from app.domain.report.cause_wordings import CAUSE_WORDINGS
from app.domain.report.headline import absent_workers, is_open, present_workers
from app.domain.report.states import execution_word
from app.domain.report.words import Said, Word, count, joined, listed, say
from app.domain.triage import RunAccount

_GENERIC_TEXTS = "F19"
_SPANS = frozenset({"seconds", "limit"})
_SOURCES: dict[Source, Said] = {
    Source.POSTGRES: say("Postgres"),
    Source.TEMPORAL: say("Temporal"),
    Source.HISTORY: say("Temporal's history"),
    Source.QUEUE: say("Temporal's task queue"),
    Source.QUERY: say("the workflow's own answer"),
}


def cause_title(diagnosis: Diagnosis) -> Word:
    """Return what holds the run up with its code; None where nothing does."""
    if diagnosis.cause is None or diagnosis.kind is None:
        return None
    title, _ = CAUSE_WORDINGS[diagnosis.cause, diagnosis.kind]
    return say("{code}: {title}", code=str(diagnosis.cause), title=_filled(title, diagnosis.params))


def causes_by_code(diagnoses: Iterable[Diagnosis]) -> Iterator[Word]:
    """Yield each cause that holds runs up, the most frequent first, with an example where it does so to several."""
    by_code: dict[Cause, list[Diagnosis]] = {}
    for diagnosis in diagnoses:
        if diagnosis.cause is not None:
            by_code.setdefault(diagnosis.cause, []).append(diagnosis)
    for cause, found in sorted(by_code.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        if len(found) == 1:
            yield cause_title(found[0])
        else:
            title, _ = CAUSE_WORDINGS[cause, found[0].kind or ""]
            example = _filled(title, found[0].params)
            yield say("{code}: {n} runs, such as: {title}", code=str(cause), n=len(found), title=example)


def cause_advice(diagnosis: Diagnosis) -> Word:
    """Return what to do about it; None where nothing is to be done."""
    if diagnosis.cause is None or diagnosis.kind is None:
        return None
    _, advice = CAUSE_WORDINGS[diagnosis.cause, diagnosis.kind]
    return _filled(advice, diagnosis.params) if advice else None


def proof(diagnosis: Diagnosis) -> Iterator[Word]:
    """Yield the facts that prove the diagnosis, each with where it stands and when it was so."""
    for fact in diagnosis.evidence:
        words = Said(fact.wording, tuple(_words(fact.params)))
        if fact.at is None:
            yield say("{source}: {fact}", source=_SOURCES[fact.source], fact=words)
        else:
            yield say("{source}, {at}: {fact}", source=_SOURCES[fact.source], at=fact.at, fact=words)


def further_findings(diagnosis: Diagnosis) -> Iterator[Word]:
    """Yield the other causes that hold too."""
    for finding in diagnosis.further:
        title, _ = CAUSE_WORDINGS[finding.cause, finding.kind]
        yield say("{code}: {title}", code=str(finding.cause), title=_filled(title, finding.params))


def faults(diagnosis: Diagnosis) -> Iterator[Word]:
    """Yield the known faults of the engine that are proved on the run, and what each means."""
    for fault_id in _told(diagnosis):
        known = fault(fault_id)
        yield say(
            "Known fault {id} of the engine: {title} {meaning}",
            id=fault_id,
            title=say(known.title),
            meaning=say(known.meaning),
        )


def remedies(diagnosis: Diagnosis) -> Iterator[Word]:
    """Yield what to do about the known faults."""
    for fault_id in _told(diagnosis):
        yield say(fault(fault_id).remedy)


def _told(diagnosis: Diagnosis) -> Iterator[str]:
    """Yield the faults that are news to the reader; a report shows the true error where the row's text is generic."""
    return (fault_id for fault_id in diagnosis.known_faults if fault_id != _GENERIC_TEXTS)


def circumstances(account: RunAccount) -> Iterator[Word]:
    """Yield what a reader should know besides the cause: what Temporal said, and what limits the report."""
    yield from _temporal_facts(account)
    yield from _queue_facts(account)
    yield from _row_facts(account)


def _filled(wording: str, params: Params) -> Said:
    return Said(wording, tuple(_words(params)))


def _words(params: Params) -> Iterator[tuple[str, Word]]:
    for name, value in params:
        if isinstance(value, float) or (name in _SPANS and isinstance(value, int)):
            yield name, timedelta(seconds=value) if name in _SPANS else f"{value:g}"
        else:
            yield name, value


def _temporal_facts(account: RunAccount) -> Iterator[Word]:
    environment = account.environment
    execution = environment.execution
    if environment.problem is not None:
        yield say("Temporal could not be asked: {problem}", problem=environment.problem)
    elif execution is None:
        yield say("Temporal does not know the execution: it was never started, or its history is past retention.")
    elif execution.status is ExecutionStatus.RUNNING:
        events = count(execution.history_length, "1 event", "{n} events")
        yield say("Temporal: the execution is running, with {events} so far.", events=events)
    else:
        yield say("Temporal: the execution has ended ({outcome}).", outcome=execution_word(execution.status))


def _queue_facts(account: RunAccount) -> Iterator[Word]:
    queue = account.environment.queue
    if queue is None or not is_open(account.row):
        return
    absent = absent_workers(queue, account)
    if absent is not None:
        yield say("Workers: {fact}.", fact=absent)
    elif queue.accesses:
        yield say("Workers: {fact}.", fact=present_workers(queue, account))
    else:
        yield _listed_workers(queue)


def _listed_workers(queue: QueueFacts) -> Word:
    """Return what is listed; Temporal lists a stopped poller for about five minutes, so that proves nothing."""
    return count(
        len(queue.pollers),
        "1 worker is listed for the task queue {queue}; one that stopped stays listed for about 5 min.",
        "{n} workers are listed for the task queue {queue}; one that stopped stays listed for about 5 min.",
        queue=queue.task_queue,
    )


def _row_facts(account: RunAccount) -> Iterator[Word]:
    inspection, run = account.inspection, account.inspection.run
    if run.legacy_note:
        yield say(run.legacy_note)
    if run.source_run is not None:
        yield say("This run is a replay of {run}.", run=str(run.source_run.run_id))
    if run.replays:
        ended = listed(tuple(joined(str(link.run_id)[:8], link.status) for link in run.replays))
        yield count(
            len(run.replays),
            "It has been replayed once: {ended}.",
            "It has been replayed {n} times: {ended}.",
            ended=ended,
        )
    if run.damaged_paths:
        yield say(
            "The stored input itself holds placeholders instead of values, at {paths}.",
            paths=", ".join(run.damaged_paths),
        )
    if inspection.redaction_closed:
        yield say("The tenant's redaction rules could not be read, so every document and text is hidden.")
    if inspection.restricted:
        yield say("Whoever made this report lacks workflow:manage, so inputs and outputs of actions are hidden.")
