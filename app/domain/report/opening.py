"""The first minute of a report: what happened, to whom, since when, why, its impact, what was done and is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from app.domain.diagnosis.codes import Severity
from app.domain.diagnosis.finding import Diagnosis
from app.domain.report.blocks import Block, Bullets, Cell, Fact, Facts, Paragraph, Style, plain
from app.domain.report.cause import cause_advice, cause_title, circumstances, faults, further_findings, proof, remedies
from app.domain.report.headline import headline, is_open, newest_open_wait, one_line, run_length
from app.domain.report.surroundings import PersonalAct, WorkflowRecord
from app.domain.report.words import Joined, Said, Word, count, joined, say
from app.domain.run import EffectiveState, InvocationStatus, StepStatus, Wait, WaitType
from app.domain.triage import CasePart, RunAccount

_NOTHING_ASKED = say("Nothing.")
_DONE = frozenset({EffectiveState.SUCCEEDED, EffectiveState.CANCELED, EffectiveState.CANCELING})
_FAILED = frozenset({EffectiveState.FAILED, EffectiveState.TERMINATED, EffectiveState.TIMED_OUT})
_LATEST_ACTS = 5
_EXPORT = "workflow_run_export"
"""Taking a report along changes nothing about the run."""


def run_opening(account: RunAccount, case: CasePart | None = None) -> Iterator[Block]:
    """Yield the answers of one run and the facts that prove its cause."""
    yield Paragraph(headline(account), Style.STRONG)
    rows = [
        Fact(say("Affected"), plain(_affected(account, case))),
        Fact(say("Since"), plain(_since(account))),
        Fact(say("Cause"), plain(_cause(account))),
        Fact(say("Impact"), plain(_impact(account))),
        Fact(say("Done so far"), plain(_done(account, case))),
        Fact(say("Asked of you"), Cell(asked(account, case), Style.STRONG)),
    ]
    yield Facts(tuple(rows))
    known = tuple(_proof(account))
    if known:
        yield Paragraph(say("What proves it"), Style.MUTED)
        yield Bullets(known)
    around = tuple(circumstances(account))
    if around:
        yield Paragraph(say("What else is known"), Style.MUTED)
        yield Bullets(around, Style.MUTED)


def cause_in_short(account: RunAccount) -> Word:
    """Return the cause for a list: the diagnosis, else the error, else nothing."""
    diagnosis, error = account.diagnosis, account.inspection.error
    if diagnosis is not None and diagnosis.cause is not None:
        return cause_title(diagnosis)
    return one_line(error.message) if error else None


def since(account: RunAccount) -> datetime:
    """Return since when it has been so: the trouble's beginning, the end, the error, the open wait or the start."""
    row, diagnosis = account.row, account.diagnosis
    if diagnosis is not None and diagnosis.since is not None and is_open(row):
        return diagnosis.since
    if row.completed_at is not None:
        return row.completed_at
    error, wait = account.inspection.error, newest_open_wait(account.inspection)
    if error is not None and error.at is not None:
        return error.at
    return wait.created_at if wait else row.started_at


def asked(account: RunAccount, case: CasePart | None = None) -> Word:
    """Return what the reader is asked to do; the operator's own words come first."""
    if case is not None and case.asked:
        return case.asked
    diagnosis = account.diagnosis
    if account.chain is not None and account.chain.recovered_by is not None and account.row.state in _FAILED:
        return say("Nothing: run {run} has done the work since.", run=str(account.chain.recovered_by))
    advice = None if diagnosis is None else cause_advice(diagnosis) or _joined(remedies(diagnosis))
    return advice or _asked_by_state(account)


def _joined(words: Iterable[Word]) -> Word:
    """Return the words in a row, or None for none."""
    told = tuple(word for word in words if word is not None)
    return Joined(told) if told else None


def _asked_by_state(account: RunAccount) -> Word:
    row = account.row
    if row.state in _FAILED:
        return _asked_after_failure(account)
    if row.state is EffectiveState.CANCELED:
        return say("Nothing, unless its work is still needed: then replay it.")
    if row.state is EffectiveState.UNKNOWN:
        return say("Find out what the status means; this console does not know it.")
    wait = newest_open_wait(account.inspection)
    return _NOTHING_ASKED if wait is None or row.state in _DONE else _asked_of_the_awaited(wait)


def _asked_of_the_awaited(wait: Wait) -> Word:
    if wait.wait_type == WaitType.EVENT:
        if wait.key is None:
            return say("Nothing, if event {event} is still expected.", event=wait.event_name)
        return say("Nothing, if event {event} with key {key} is still expected.", event=wait.event_name, key=wait.key)
    if wait.wait_type == WaitType.HUMAN:
        return say("Complete the task in the product; the run goes on by itself then.")
    return _NOTHING_ASKED


def _asked_after_failure(account: RunAccount) -> Word:
    error = account.inspection.error
    if error is None:
        return say("Find out from the worker's log why it failed; then replay it if its work is still needed.")
    if error.category == "launch":
        return say("Mend why it could not be started, then start it again: nothing of it has run.")
    if error.action_id is None:
        return say("Mend what the error names, then replay the run.")
    begin = say("Mend what action {action} complains about, then replay the run.", action=error.action_id)
    again = _calls_done(account)
    if not again:
        return begin
    repeat = count(
        again,
        "A replay begins at the first step: 1 action call that succeeded is made again.",
        "A replay begins at the first step: {n} action calls that succeeded are made again.",
    )
    return joined(begin, repeat)


def _affected(account: RunAccount, case: CasePart | None) -> Word:
    row, around = account.row, account.surroundings
    tenant: Word = around.tenant_name or (str(row.key.tenant) if row.key.tenant else say("no tenant (unassigned)"))
    workflow = say("workflow “{name}” version {version}", name=row.workflow_name, version=str(row.workflow_version))
    parts: list[Word] = [tenant]
    if case is not None and case.customer:
        parts.append(say("customer {customer}", customer=case.customer))
    return Joined((*parts, workflow), ", ")


def _since(account: RunAccount) -> Word:
    begin, now = since(account), account.inspection.read_at
    return say("{at} ({span} before this report)", at=begin, span=max(now - begin, timedelta(0)))


def _cause(account: RunAccount) -> Word:
    diagnosis, error = account.diagnosis, account.inspection.error
    own = _error_words(account) if error is not None else _ignored_words(account)
    named = () if diagnosis is None else (cause_title(diagnosis), *faults(diagnosis))
    whole = _joined((own, *named) if account.row.state in _FAILED or error is None else (*named, own))
    if whole is not None:
        return whole
    if diagnosis is None and is_open(account.row):
        return say("Not diagnosed: {problem}", problem=account.environment.problem)
    if account.row.state is EffectiveState.SUCCEEDED:
        return say("None: it succeeded.")
    return say("None: nothing is wrong.") if is_open(account.row) else say("No error is recorded.")


def _error_words(account: RunAccount) -> Word:
    error = account.inspection.error
    if error is None:
        return None
    message = one_line(error.message)
    if error.action_id is None:
        return message if error.code is None else say("{code}: {message}", code=error.code, message=message)
    if error.code is None:
        return say("Action {action} failed: {message}", action=error.action_id, message=message)
    return say(
        "Action {action} failed with {code}: {message}", action=error.action_id, code=error.code, message=message
    )


def _ignored_words(account: RunAccount) -> Word:
    """Return the first failure that its step ignored, if any."""
    paths = {step.step_path for step in account.inspection.steps if step.swallowed_error}
    failed = [one for one in account.inspection.invocations if one.status == InvocationStatus.FAILED]
    first = next((one for one in failed if one.step_path in paths), None)
    if first is None or first.error_message is None:
        return None
    return say("Ignored failure of {action}: {message}", action=first.action_id, message=one_line(first.error_message))


def _impact(account: RunAccount) -> Word:
    return _joined((_impact_on_run(account), _impact_on_workflow(account)))


def _impact_on_run(account: RunAccount) -> Word:
    row = account.row
    done = sum(step.status == StepStatus.SUCCEEDED for step in account.inspection.steps)
    if row.state in _FAILED or row.state is EffectiveState.CANCELED:
        if not done:
            return say("The run is over, and none of its steps was done.")
        return count(
            done,
            "The run is over. 1 step was done; what follows it was not.",
            "The run is over. {n} steps were done; what follows them was not.",
        )
    if row.state is EffectiveState.SUCCEEDED:
        return (
            say("None known: all that was to be done is done.")
            if not _ignored(account)
            else say("The run went on, but what the ignored failures should have done is missing.")
        )
    if account.diagnosis is not None and account.diagnosis.severity is Severity.TROUBLE:
        return say("The run stands still; what comes next in it does not happen until this is mended.")
    return say("The run has taken {span} so far.", span=run_length(row))


def _ignored(account: RunAccount) -> int:
    return sum(step.swallowed_error for step in account.inspection.steps)


def _impact_on_workflow(account: RunAccount) -> Word:
    record = account.surroundings.record
    if record is None or record.total <= 1:
        return None if record is None else say("It is the only run of this workflow since {since}.", since=record.since)
    return Joined(tuple(_record_words(record)))


def _record_words(record: WorkflowRecord) -> Iterator[Word]:
    yield say(
        "Of {total} runs of this workflow since {since}, {failed} failed, {active} are active, {succeeded} succeeded "
        "and {canceled} were canceled.",
        total=record.total,
        since=record.since,
        failed=record.failed,
        active=record.active,
        succeeded=record.succeeded,
        canceled=record.canceled,
    )
    if record.same_place > 1:
        yield say(
            "{n} of them failed at the same place, first at {first}, last at {last}.",
            n=record.same_place,
            first=record.first_there,
            last=record.last_there,
        )
    if record.last_success is not None:
        yield say("The last success ended at {at}.", at=record.last_success)
    else:
        yield say("None of them succeeded.")


def _done(account: RunAccount, case: CasePart | None) -> Word:
    tried = [] if case is None else [_attempt_words(each.what, each.outcome) for each in case.attempts]
    acts = account.surroundings.acts
    done = [act for act in acts or () if act.operation != _EXPORT]
    shown = [_act_words(act) for act in done[-_LATEST_ACTS:]]
    replays = [
        say("Replayed as {run}, which is {status}.", run=str(link.run_id), status=link.status)
        for link in account.inspection.run.replays
    ]
    words = tuple(tried + (shown or replays))
    if words:
        return Joined(words)
    return say("Nothing is recorded.") if acts is not None else say("Nothing that this report's maker may see.")


def _attempt_words(what: str, outcome: str | None) -> Said:
    return say("{what}: {outcome}.", what=what, outcome=outcome) if outcome else say("{what}.", what=what)


def _act_words(act: PersonalAct) -> Word:
    who: Word = act.who or say("somebody")
    if act.reason is None:
        return say("{who}: {act} at {at}.", who=who, act=act_name(act.operation), at=act.at)
    return say("{who}: {act} at {at} (“{reason}”).", who=who, act=act_name(act.operation), at=act.at, reason=act.reason)


def act_name(operation: str) -> Word:
    """Return what somebody did, as words; an operation that is not known is shown as it is stored."""
    return _ACTS.get(operation, operation)


_ACTS: dict[str, Said] = {
    "workflow_run_start": say("started it"),
    "workflow_run_cancel": say("canceled it"),
    "workflow_run_replay": say("replayed it"),
    "workflow_run_resume": say("resumed it"),
    "workflow_run_repair": say("repaired it"),
    "workflow_run_release_task": say("released its task"),
    "workflow_run_deliver_event": say("delivered an event to it"),
    "workflow_run_finalize_stranded": say("finalized it"),
    "workflow_run_export": say("exported a report of it"),
}


def _proof(account: RunAccount) -> Iterator[Word]:
    diagnosis, error = account.diagnosis, account.inspection.error
    if error is not None and error.at is not None and error.step_path is not None:
        yield say("Postgres, {at}: the error stands at {path}.", at=error.at, path=error.step_path)
    if diagnosis is not None and _says_more(diagnosis):
        yield from proof(diagnosis)
        for also in further_findings(diagnosis):
            yield say("Also: {finding}", finding=also)


def _says_more(diagnosis: Diagnosis) -> bool:
    return diagnosis.cause is not None or bool(diagnosis.known_faults) or bool(diagnosis.further)


def _calls_done(account: RunAccount) -> int:
    return sum(one.status == InvocationStatus.SUCCEEDED for one in account.inspection.invocations)
