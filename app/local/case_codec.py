"""Triage cases as the text of a file: a versioned JSON document, brought up to date step by step when it is older."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from app.domain.case import Case, CaseAttempt, CaseComparison, CaseEvent, CaseNote, CaseRun, CaseSeverity
from app.domain.run import RunKey

SCHEMA = "rundesk.case"
VERSION = 1

Document: TypeAlias = dict[str, Any]
Upgrades: TypeAlias = Mapping[int, Callable[[Document], Document]]
"""What makes a document of a version one of the next."""

UPGRADES: Upgrades = {}


class UnreadableCase(ValueError):
    """The text holds no case."""


class NewerCase(UnreadableCase):
    """A newer Rundesk wrote it."""


def case_text(case: Case) -> str:
    """Return a case as the text of its file."""
    document = {
        "schema": SCHEMA,
        "version": VERSION,
        "case_id": str(case.case_id),
        "title": case.title,
        "severity": str(case.severity),
        "customer": case.customer,
        "summary": case.summary,
        "asked": case.asked,
        "created_at": case.created_at.isoformat(),
        "updated_at": case.updated_at.isoformat(),
        "notes": [{"at": note.at.isoformat(), "author": note.author, "text": note.text} for note in case.notes],
        "attempts": [{"at": each.at.isoformat(), "what": each.what, "outcome": each.outcome} for each in case.attempts],
        "runs": [_run_document(run) for run in case.runs],
        "events": [
            {"event_id": str(event.event_id), "name": event.name, "added_at": event.added_at.isoformat()}
            for event in case.events
        ],
        "comparisons": [
            {"first": _key_document(each.first), "second": _key_document(each.second), "added_at": _text(each.added_at)}
            for each in case.comparisons
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def read_case(text: str, upgrades: Upgrades = UPGRADES, version: int = VERSION) -> Case:
    """Return the case of :func:`case_text`, also of an earlier version.

    Raises:
        UnreadableCase: It is no case.
        NewerCase: It is of a version after ``version``.
    """
    try:
        return _case_of(_current(json.loads(text), upgrades, version))
    except UnreadableCase:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableCase("not a case") from error


def _current(document: Document, upgrades: Upgrades, version: int) -> Document:
    found = document["version"]
    if document["schema"] != SCHEMA or not isinstance(found, int):
        raise UnreadableCase("not a case")
    if found > version:
        raise NewerCase(f"version {found}")
    for step in range(found, version):
        document = upgrades[step](document)
    return document


def _case_of(document: Document) -> Case:
    return Case(
        case_id=UUID(document["case_id"]),
        title=_string(document["title"]),
        created_at=_moment(document["created_at"]),
        updated_at=_moment(document["updated_at"]),
        severity=CaseSeverity(document["severity"]),
        customer=_string(document["customer"]),
        summary=_string(document["summary"]),
        asked=_string(document["asked"]),
        notes=tuple(
            CaseNote(_moment(one["at"]), _optional(one["author"]), _string(one["text"])) for one in document["notes"]
        ),
        attempts=tuple(
            CaseAttempt(_moment(one["at"]), _string(one["what"]), _optional(one["outcome"]))
            for one in document["attempts"]
        ),
        runs=tuple(map(_run_of, document["runs"])),
        events=tuple(
            CaseEvent(UUID(one["event_id"]), _string(one["name"]), _moment(one["added_at"]))
            for one in document["events"]
        ),
        comparisons=tuple(
            CaseComparison(_key_of(one["first"]), _key_of(one["second"]), _moment(one["added_at"]))
            for one in document["comparisons"]
        ),
    )


def _run_document(run: CaseRun) -> Document:
    return {
        **_key_document(run.key),
        "added_at": _text(run.added_at),
        "workflow": run.workflow,
        "status": run.status,
        "cause": run.cause,
    }


def _run_of(one: Document) -> CaseRun:
    return CaseRun(
        _key_of(one),
        _moment(one["added_at"]),
        _optional(one["workflow"]),
        _string(one["status"]),
        _optional(one["cause"]),
    )


def _key_document(key: RunKey) -> Document:
    return {"tenant": None if key.tenant is None else str(key.tenant), "run_id": str(key.run_id)}


def _key_of(one: Document) -> RunKey:
    return RunKey(None if one["tenant"] is None else UUID(one["tenant"]), UUID(one["run_id"]))


def _text(moment: datetime) -> str:
    return moment.isoformat()


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise UnreadableCase("a time without zone")
    return moment


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise UnreadableCase("not a text")
    return value


def _optional(value: object) -> str | None:
    return None if value is None else _string(value)
