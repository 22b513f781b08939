"""Reports for tests of renderers: a plain failed run, and one in which every text that data can reach is hostile."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any
from uuid import UUID

from app.domain.execution import ExecutionFacts, ExecutionStatus, QueueFacts
from app.domain.replay_chain import FamilyRun, ReplayChain, Replayer, ReplayFamily, build_chain
from app.domain.report.surroundings import DefinitionExcerpt, EventFact, PersonalAct, RunSurroundings, WorkflowRecord
from app.domain.run import MaskRule, RedactedDocument, RedactionTally, RunError, RunLink
from app.domain.triage import CaseAttempt, CaseNote, CasePart, EnvironmentFacts, TriageReport, account_of, report_of
from tests.domain.samples import (
    START,
    a_detail,
    a_failed_invocation,
    a_log,
    a_row,
    a_step,
    a_wait,
    an_inspection,
    an_invocation,
    at,
)

HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&lt; **bold** [x](http://evil) |cell| `code` @all"
    " #1\n# heading\n- item ```\n<a href=x>\x00\x1b[31m\u202e\u200b\ud800"
)
ERROR = RunError("Charge refused", "invocation", code="CARD", step_path="root.steps[1]", action_id="pay", at=at(2))


def a_report(case: CasePart | None = None, **changes: Any) -> TriageReport:
    """Return the report of a failed run; changes are its inspection's, and ``row``, ``environment``, ``chain``."""
    environment = changes.pop(
        "environment",
        EnvironmentFacts(
            ExecutionFacts("wf-1", "first-1", ExecutionStatus.FAILED, "queue-1", START, at(3), 30),
            QueueFacts("queue-1", ("1@host",), at(1)),
            temporal_version="1.32.0",
        ),
    )
    chain, around = changes.pop("chain", None), changes.pop("surroundings", some_surroundings())
    row = changes.pop("row", a_row(status="FAILED"))
    base = {
        "steps": (a_step(0), a_step(1, status="FAILED", error={"message": "Activity task failed"})),
        "waits": (a_wait(0, status="RESOLVED", resolved_at=at(1)),),
        "invocations": (an_invocation(0), a_failed_invocation(1, action_id="pay")),
        "error": ERROR,
        "masked": RedactionTally(((MaskRule.KEY, 2),)),
    }
    inspection = an_inspection(row, **{**base, **changes})
    return report_of(account_of(inspection, environment, None, chain, around), case=case)


def some_surroundings(text: str = "Harbor") -> RunSurroundings:
    """Return surroundings whose texts are all this one."""
    event = EventFact(UUID(int=5), text, text, at(1), at(2), matched=True, error=text)
    return RunSurroundings(
        tenant_name=text,
        database_version="18.6",
        newest_version=5,
        definition=DefinitionExcerpt("root.steps[1]", RedactedDocument([{"id": text}]), 0, 3),
        record=WorkflowRecord(START, 7, 3, 0, 1, 2, at(0), at(2), at(1)),
        events=(event,),
        acts=(PersonalAct(at(3), "workflow_run_cancel", text, text),),
    )


def hostile_report() -> TriageReport:
    """Return a report in which every text that data can reach is hostile."""

    def poison(thing: Any) -> Any:
        kept = {"state", "source"} if isinstance(thing, RunError) else {"state"}
        names = [field.name for field in fields(thing) if field.name not in kept]
        return replace(thing, **{name: HOSTILE for name in names if isinstance(getattr(thing, name), str)})

    document = {HOSTILE: [HOSTILE, {"x": HOSTILE}]}
    row = poison(a_row(state=a_row(status="FAILED").state))
    link = RunLink(UUID(int=1), HOSTILE, START, None, HOSTILE)
    run = replace(
        poison(a_detail(row)),
        row=row,
        input=RedactedDocument(document),
        trigger_metadata=document,
        replays=(link,),
        source_run=link,
        damaged_paths=(HOSTILE,),
        legacy_note=HOSTILE,
    )
    call = replace(
        poison(a_failed_invocation(0)),
        error=document,
        input=RedactedDocument(document),
        output=RedactedDocument(HOSTILE),
    )
    case = CasePart(
        *[HOSTILE] * 4, (CaseNote(at(1), HOSTILE, HOSTILE),), (CaseAttempt(at(1), HOSTILE, HOSTILE),), HOSTILE
    )
    return a_report(
        case,
        row=None,
        run=run,
        steps=(replace(poison(a_step(0)), error=document), replace(poison(a_step(1)), error=document)),
        waits=(replace(poison(a_wait(0)), payload=document),),
        invocations=(call,),
        logs=(replace(poison(a_log()), context=document),),
        error=poison(RunError("m", "step", "c", "d", "e", "f", technical="g")),
        environment=EnvironmentFacts(
            ExecutionFacts(HOSTILE, HOSTILE, ExecutionStatus.RUNNING, HOSTILE, START, None, 3),
            QueueFacts(HOSTILE, (HOSTILE,), None),
            HOSTILE,
            HOSTILE,
        ),
        chain=a_chain(row.key.run_id, reason=HOSTILE, replayer=Replayer(HOSTILE, HOSTILE), status=HOSTILE),
        surroundings=some_surroundings(HOSTILE),
    )


def a_chain(asked_for: UUID, **replay: Any) -> ReplayChain:
    """Return a failed run with a replay of these fields."""
    original = FamilyRun(asked_for, 1, "FAILED", START, at(1))
    base = FamilyRun(UUID(int=7), 1, "SUCCEEDED", at(2), at(3), asked_for, True, "again", Replayer("Dana", "d@x.test"))
    return build_chain(ReplayFamily(asked_for, (original, replace(base, **replay))))
