"""The JSON document and the text of ``rundesk replay --check``. The keys are a promise.

A part that could not be found out is ``{"not_known": {"code", "message"}}`` in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from app.cli.answer import with_place
from app.cli.documents import instant
from app.cli.documents import run_link as link_document
from app.cli.text import fields, local_time, section, table
from app.domain.definition_difference import StepChange
from app.domain.headroom import Headroom, QuotaUnknown
from app.domain.payload_schema import SchemaCheck, SchemaState
from app.domain.replay_preview import NotKnown, Part, ReplayPreview, VersionPreview
from app.domain.run import JsonValue, RunLink
from app.domain.side_effects import ForetoldAction, SideEffectForecast

T = TypeVar("T")
_QUOTA_UNKNOWN = {
    QuotaUnknown.NO_COUNTER: "no step was counted in this period yet, so neither period nor limit is known",
    QuotaUnknown.UNREADABLE: "the step counters are missing here, or this login may not read them",
}


def document(preview: ReplayPreview, refusals: tuple[tuple[str, str], ...]) -> JsonValue:
    """Return the whole preview; ``refusals`` are code and message of what a replay would be refused for now."""
    return {
        "run_id": str(preview.source.run_id),
        "status": preview.source_status,
        "source_active": preview.source_active,
        "sendable": not refusals,
        "refusals": [{"code": code, "message": message, **_place(preview, code)} for code, message in refusals],
        "version": _part(preview.version, _version),
        "schema": _part(preview.schema, lambda check: _schema(check, refuses=preview.schema_refuses)),
        "headroom": _part(preview.headroom, _headroom),
        "forecast": _part(preview.forecast, _forecast),
        "replays": _part(preview.replays, lambda replays: [link_document(link) for link in replays]),
    }


def text(preview: ReplayPreview, refusals: tuple[tuple[str, str], ...]) -> str:
    """Return the same for people."""
    reasons = [with_place(message, _place(preview, code)) for code, message in refusals]
    summary = fields(
        (
            ("Run", f"{preview.source.run_id}  {preview.source_status}"),
            ("Version", _told(preview.version, _version_line)),
            ("Schema", "not checked" if _is_refused(preview.schema) else _told(preview.schema, _schema_line)),
            ("Gates", _told(preview.headroom, _gates_line)),
            ("Step quota", _told(preview.headroom, _quota_line)),
            ("Would be refused", "; ".join(reasons) or None),
        )
    )
    return "".join(
        (
            summary,
            section("Differences of the versions", _listed(preview.version, _difference_table)),
            section("Breaks the schema", _listed(preview.schema, _fault_table)),
            section("What would happen again", _told(preview.forecast, _forecast_table)),
            section("Replays so far", _told(preview.replays, _replay_table)),
        )
    )


def _part(part: Part[T], written: Callable[[T], JsonValue]) -> JsonValue:
    if isinstance(part, NotKnown):
        return {"not_known": {"code": part.code, "message": part.reason}}
    return written(part)


def _told(part: Part[T], told: Callable[[T], str]) -> str:
    return f"not known: {part.reason}" if isinstance(part, NotKnown) else told(part)


def _listed(part: Part[T], listed: Callable[[T], str]) -> str:
    """Return a table of a part, nothing where the summary has said already that the part is not known."""
    return "" if isinstance(part, NotKnown) else listed(part)


def _is_refused(part: Part[T]) -> bool:
    """Say whether a part is not known because of a rule, which the refusals tell."""
    return isinstance(part, NotKnown) and part.is_refusal


def _place(preview: ReplayPreview, code: str) -> dict[str, JsonValue]:
    """Return ``path``, ``line`` and ``column`` of a refusal that is about a place in the operator's edit."""
    if not isinstance(preview.schema, NotKnown) or preview.schema.code != code:
        return {}
    places = {name: value for name, value in preview.schema.params if name in {"path", "line", "column"}}
    return {name: value for name, value in places.items() if isinstance(value, str | int)}


def _version(version: VersionPreview) -> JsonValue:
    return {
        "own": version.own,
        "latest": version.latest,
        "chosen": version.chosen,
        "own_exists": version.own_exists,
        "chosen_exists": version.chosen_exists,
        "differences": [_difference(change) for change in version.differences],
    }


def _difference(change: StepChange) -> JsonValue:
    return {
        "kind": str(change.kind),
        "step_id": change.step_id,
        "name": change.name,
        "type": change.step_type,
        "before_path": change.before_path,
        "after_path": change.after_path,
        "members": [
            {"path": member.pointer, "before": member.before, "after": member.after} for member in change.members
        ],
    }


def _schema(check: SchemaCheck, *, refuses: bool) -> JsonValue:
    return {
        "state": str(check.state),
        "version": check.version,
        "refuses": refuses,
        "fault_count": check.fault_count,
        "faults": [
            {"path": fault.path, "keyword": fault.keyword, "constraint": fault.constraint, "message": fault.message}
            for fault in check.faults
        ],
        "unchecked": list(check.unchecked),
        "reason": check.reason,
    }


def _headroom(room: Headroom) -> JsonValue:
    closed, quota = room.refusal, room.quota
    return {
        "read_at": instant(room.read_at),
        "open": closed is None,
        "closed": None if closed is None else {"code": closed.code, "message": closed.message},
        "paused": room.gates.is_paused,
        "concurrency": {
            "active": room.gates.active_runs,
            "limit": room.gates.concurrency_limit or None,
            "left": room.concurrency_left,
        },
        "rate": {
            "started": room.gates.starts_in_window,
            "limit": room.gates.starts_per_minute,
            "left": room.rate_left,
        },
        "quota": {"not_known": None if room.quota_unknown is None else str(room.quota_unknown)}
        if quota is None
        else {
            "period_start": instant(quota.period_start),
            "period_end": instant(quota.period_end),
            "used": quota.used,
            "limit": quota.limit,
            "left": quota.left,
            "tier": quota.tier,
        },
    }


def _forecast(forecast: SideEffectForecast) -> JsonValue:
    return {
        "totals": {str(word): number for word, number in forecast.totals.items()},
        "actions": [_foretold(action) for action in forecast.actions],
    }


def _foretold(action: ForetoldAction) -> JsonValue:
    return {
        "foretold": str(action.foretold),
        "action_id": action.use.action_id,
        "action_version": action.use.action_version,
        "step_path": action.use.step_path,
        "status": action.use.status,
        "count": action.use.count,
        "authored_key": action.use.authored_key,
        "in_child": action.use.in_child,
        "note": action.note,
    }


def _version_line(version: VersionPreview) -> str:
    latest = "none is published" if version.latest is None else f"{version.latest} is the latest"
    missing = "" if version.chosen_exists else ", and does not exist"
    return f"{version.chosen} would run; {version.own} is the run's own, {latest}{missing}"


def _schema_line(check: SchemaCheck) -> str:
    places = "1 place" if check.fault_count == 1 else f"{check.fault_count} places"
    verdict = {
        SchemaState.FITS: "the payload fits",
        SchemaState.FAULTY: f"the payload breaks it in {places}",
        SchemaState.NO_SCHEMA: "this version has none, so nothing was checked",
        SchemaState.CANNOT_CHECK: f"cannot check: {check.reason}",
    }[check.state]
    return f"{verdict} (not checked: {', '.join(check.unchecked)})" if check.unchecked else verdict


def _gates_line(room: Headroom) -> str:
    gates = room.gates
    return ", ".join(
        (
            "paused" if gates.is_paused else "not paused",
            f"{gates.active_runs} of {gates.concurrency_limit or 'any number of'} active runs",
            f"{gates.starts_in_window} of {gates.starts_per_minute or 'any number of'} starts in the last minute",
        )
    )


def _quota_line(room: Headroom) -> str:
    quota = room.quota
    if quota is None:
        return f"not known: {_QUOTA_UNKNOWN[room.quota_unknown or QuotaUnknown.NO_COUNTER]}"
    limit = "no limit" if quota.limit is None else f"of {quota.limit}"
    return f"{quota.used} steps used, {limit}, until {local_time(quota.period_end)}"


def _difference_table(version: VersionPreview) -> str:
    if not version.differences:
        return ""
    return table(("KIND", "STEP", "WHERE", "WHAT"), _difference_rows(version), None)


def _difference_rows(version: VersionPreview) -> Iterator[tuple[str, str, str, str]]:
    for change in version.differences:
        where = change.after_path or change.before_path or ""
        yield str(change.kind), change.name or change.step_id, where, ", ".join(m.pointer for m in change.members)


def _fault_table(check: SchemaCheck) -> str:
    rows = [(fault.path or "/", fault.message) for fault in check.faults]
    return table(("WHERE", "RULE"), rows, None) if rows else ""


def _forecast_table(forecast: SideEffectForecast) -> str:
    rows = [
        (str(action.foretold), action.use.action_id, str(action.use.count), action.use.step_path, action.note)
        for action in forecast.actions
    ]
    return (
        table(("OUTCOME", "ACTION", ">TIMES", "STEP", "NOTE"), rows, None) if rows else "nothing: no action was called"
    )


def _replay_table(replays: tuple[RunLink, ...]) -> str:
    rows = [(str(link.run_id), link.status, local_time(link.started_at), link.reason or "") for link in replays]
    return table(("RUN", "STATUS", "STARTED", "REASON"), rows, None) if rows else ""
