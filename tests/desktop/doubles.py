"""Small stand-ins for the pieces of a Console that the list needs, and rows to show; no server, no clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid5

from app.domain.diagnosis.codes import Cause, Severity, Source, Verdict
from app.domain.diagnosis.finding import Diagnosis, Evidence
from app.domain.diagnosis.troubles import TroubleGroup, Troubles, Unstarted, find_troubles, group_troubles
from app.domain.errors import NotFound
from app.domain.intent import IntentFinding
from app.domain.keyset import decode_cursor, encode_cursor
from app.domain.operator import Operator
from app.domain.replay_chain import FamilyRun, ReplayChain, ReplayFamily, build_chain
from app.domain.run import (
    EffectiveState,
    OpenWait,
    RedactedDocument,
    RunDetail,
    RunInspection,
    RunKey,
    RunRow,
)
from app.domain.run_query import RunFilter, RunPage, RunQuery, RunSort, StuckRuns, TenantChoice, WorkflowChoice
from app.services.inspect_run import ExecutionView
from app.services.ports import EnvironmentHealth, SideHealth
from app.services.watching import Interest, WatchUpdate

TENANT = UUID("0b0e5d0c-0000-4000-8000-000000000001")
OTHER_TENANT = UUID("0b0e5d0c-0000-4000-8000-000000000002")
NOW = datetime(2026, 11, 23, 14, 33, 19, tzinfo=UTC)
_SPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
OPERATOR = Operator(TENANT, uuid5(_SPACE, "dana"), "Dana Reyes", "dana@example.com", ("Admin",), frozenset({"admin"}))
_STATES = {
    "RUNNING": EffectiveState.EXECUTING,
    "WAITING": EffectiveState.WAITING_QUOTA,
    "SUCCEEDED": EffectiveState.SUCCEEDED,
    "FAILED": EffectiveState.FAILED,
    "CANCELED": EffectiveState.CANCELED,
}


def make_row(number: int, status: str = "SUCCEEDED", **changes: Any) -> RunRow:
    """Return the row of run ``number``: it started that many minutes before NOW."""
    started = NOW - timedelta(minutes=number)
    ended = started + timedelta(seconds=2.4) if status in ("SUCCEEDED", "FAILED", "CANCELED") else None
    row = RunRow(
        key=RunKey(TENANT, uuid5(_SPACE, f"run {number}")),
        workflow_id=uuid5(_SPACE, "ticket triage"),
        workflow_name="Ticket triage",
        workflow_version=4,
        status=status,
        engine="temporal",
        trigger_type=None,
        event_type=None,
        node_path=None,
        started_at=started,
        updated_at=ended or started,
        completed_at=ended,
        age_seconds=(NOW - started).total_seconds(),
        has_steps=True,
        stuck=False,
        state=_STATES[status],
        open_wait=None,
        replay_of=None,
        error_text=None,
    )
    return replace(row, **changes)


def stuck_row(number: int, **changes: Any) -> RunRow:
    """Return a run that never began a step."""
    return make_row(number, "RUNNING", stuck=True, has_steps=False, state=EffectiveState.QUEUED, **changes)


def waiting_row(number: int, **changes: Any) -> RunRow:
    """Return a run that waits for an event."""
    wait = OpenWait("event", "TICKET_REPLIED", NOW + timedelta(days=2), NOW)
    return make_row(number, "RUNNING", state=EffectiveState.WAITING_EVENT, open_wait=wait, **changes)


def matches(row: RunRow, terms: RunFilter) -> bool:
    """Say whether a row is listed by a filter."""
    return all(
        (
            not terms.statuses or row.status in terms.statuses,
            terms.workflow_id is None or row.workflow_id == terms.workflow_id,
            not terms.text or str(row.key.run_id).startswith(terms.text),
            terms.started_from is None or row.started_at >= terms.started_from,
            terms.started_to is None or row.started_at <= terms.started_to,
            not terms.stuck_only or row.stuck,
            not terms.open_wait_only or row.open_wait is not None,
            not terms.replays_only or row.replay_of is not None,
            terms.run_ids is None or row.key.run_id in terms.run_ids,
        )
    )


def sort_key(sort: RunSort) -> Callable[[RunRow], tuple[float, int]]:
    """Return the key that brings rows into a sort order."""

    def key(row: RunRow) -> tuple[float, int]:
        moment = (row.started_at if "started" in sort else row.updated_at).timestamp()
        return (-moment if sort.endswith("desc") else moment, -row.key.run_id.int)

    return key


@dataclass
class Rows:
    """The rows behind the doubles; change ``rows`` to let something happen, set ``error`` to fail."""

    rows: list[RunRow] = field(default_factory=list)
    error: Exception | None = None
    queries: list[RunQuery] = field(default_factory=list)
    pause: asyncio.Event | None = None

    def page_of(self, query: RunQuery) -> RunPage:
        """Answer a query."""
        if self.error is not None:
            raise self.error
        matching = sorted((r for r in self.rows if matches(r, query.filter)), key=sort_key(query.sort))
        counted = [r for r in self.rows if matches(r, query.filter.without_status())]
        counts: dict[str, int] = {}
        for row in counted:
            counts[row.status] = counts.get(row.status, 0) + 1
        if query.after is not None:
            moment, run_id = decode_cursor(query.after, query.sort)
            edge = make_row(0, started_at=moment, updated_at=moment, key=RunKey(TENANT, run_id))
            matching = [r for r in matching if sort_key(query.sort)(r) > sort_key(query.sort)(edge)]
        rows, rest = matching[: query.limit], matching[query.limit :]
        cursor = None
        if rest:
            last = rows[-1]
            value = last.started_at if "started" in query.sort else last.updated_at
            cursor = encode_cursor(query.sort, value, last.key.run_id)
        return RunPage(tuple(rows), cursor, tuple(counts.items()), NOW)

    def stuck(self) -> StuckRuns:
        """Answer which rows are stuck."""
        found = sorted((row for row in self.rows if row.stuck), key=lambda row: row.started_at)
        return StuckRuns(tuple(found), len(found), found[0].age_seconds if found else 0.0, NOW)


class FakeBrowse:
    """Stands in for BrowseRuns."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def page(self, query: RunQuery) -> RunPage:
        self._rows.queries.append(query)
        if self._rows.pause is not None:
            await self._rows.pause.wait()
        return self._rows.page_of(query)

    async def tenants(self) -> tuple[TenantChoice, ...]:
        return (TenantChoice(TENANT, "Harbor Managed IT"),)

    async def workflows(self, _tenant: UUID | None) -> tuple[WorkflowChoice, ...]:
        names = sorted({(row.workflow_name or "", row.workflow_id) for row in self._rows.rows})
        return tuple(WorkflowChoice(identity, name, 1, False, None) for name, identity in names)


class FakeWatch:
    """Stands in for WatchRuns: publishes what the test tells it to, on the I/O thread."""

    def __init__(self) -> None:
        self.interest: Callable[[], Interest] | None = None
        self.publish: Callable[[WatchUpdate], None] | None = None

    async def watch(self, interest: Callable[[], Interest], publish: Callable[[WatchUpdate], None]) -> None:
        self.interest, self.publish = interest, publish
        await asyncio.Event().wait()


class FakeOperators:
    """Stands in for OperatorDirectory."""

    async def find(self, tenant: UUID, who: str) -> Operator:
        if who != OPERATOR.email:
            raise NotFound("operator.unknown", f"Nobody called {who} works in this tenant.")
        return replace(OPERATOR, tenant=tenant)


def health(*, workers: int | None = 1, temporal: str | None = None) -> EnvironmentHealth:
    """Return what the environment check answers."""
    return EnvironmentHealth(
        SideHealth(True, 3.0), SideHealth(temporal is None, 2.0 if temporal is None else None, temporal), workers, NOW
    )


def diagnosed(
    row: RunRow, cause: Cause | None = Cause.NO_WORKER, kind: str = "no_pollers", **changes: Any
) -> Diagnosis:
    """Return what a diagnosis says of a row; S01 unless told otherwise."""
    found = Diagnosis(
        key=row.key,
        workflow_name=row.workflow_name,
        status=row.status,
        state=row.state,
        verdict=Verdict.AGREE,
        severity=Severity.OK if cause is None else Severity.TROUBLE,
        title="As the domain says it.",
        evidence=(
            Evidence(Source.POSTGRES, "No step row exists", NOW),
            Evidence(Source.TEMPORAL, "The execution is running", row.started_at),
            Evidence(Source.QUEUE, "workflow-runtime-v2 has no workflow poller", NOW),
        ),
        cause=cause,
        kind=None if cause is None else kind,
        since=row.started_at,
        params=(("queue", "workflow-runtime-v2"), ("contract_queue", "workflow-runtime-v2")),
        unstarted_since=None if row.has_steps else row.started_at,
    )
    return replace(found, **changes)


def troubles_of(*diagnoses: Diagnosis, stuck: tuple[RunRow, ...] = (), degraded: tuple[str, ...] = ()) -> Troubles:
    """Return what the watcher would publish of these diagnoses and stuck rows."""
    known = {each.key: each for each in diagnoses}
    begun = {each.key: each.unstarted_since for each in diagnoses if each.unstarted_since is not None}
    begun |= {row.key: row.started_at for row in stuck}
    unstarted = Unstarted(begun, len(begun))
    groups, _ = group_troubles(find_troubles(known, unstarted), {})
    return Troubles(groups, (), degraded, NOW, NOW, known)


class FakeAcknowledge:
    """Stands in for AcknowledgeTroubles: remembers which groups were acknowledged."""

    def __init__(self) -> None:
        self.groups: list[TroubleGroup] = []

    async def acknowledge(self, _tenant: UUID | None, groups: Iterable[TroubleGroup]) -> None:
        self.groups += groups


class FakeIntents:
    """Stands in for SettleIntents: what it finds, and what carrying an act out answers."""

    def __init__(self, *findings: IntentFinding) -> None:
        self.findings = findings
        self.carried_out: list[UUID] = []
        self.error: Exception | None = None

    async def look(self) -> tuple[IntentFinding, ...]:
        return self.findings

    async def carry_out(self, request_id: UUID, _operator: Operator) -> IntentFinding:
        if self.error is not None:
            raise self.error
        self.carried_out.append(request_id)
        (found,) = (finding for finding in self.findings if finding.intent.request_id == request_id)
        return IntentFinding(found.intent, "intent.started_now", "The execution is started.", status="RUNNING")


def make_console(rows: Rows, watch: FakeWatch | None = None) -> Any:
    """Return something with the pieces of a Console that the list and the window need."""
    from tests.desktop.batches import FakeBatches  # which needs the rows of this module

    batches = FakeBatches(rows)
    return SimpleNamespace(
        browse=FakeBrowse(rows),
        inspect=FakeInspect(rows),
        chains=FakeChains(rows),
        watch=watch or FakeWatch(),
        operators=FakeOperators(),
        intents=FakeIntents(),
        acknowledge=FakeAcknowledge(),
        batch_planning=batches,
        batch_runs=batches,
    )


class FakeInspect:
    """Stands in for InspectRun: a run with nothing in it."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def open(self, key: RunKey, *, documents: bool = False, viewer: Operator | None = None) -> RunInspection:
        row = next((row for row in self._rows.rows if row.key == key), None)
        if row is None:
            raise NotFound("run.not_found", f"There is no run {key.run_id}.")
        return make_inspection(row)

    async def execution(self, _key: RunKey) -> ExecutionView:
        return ExecutionView(None)


class FakeChains:
    """Stands in for ReplayChains: every run stands alone."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def of(self, key: RunKey) -> ReplayChain:
        row = next((row for row in self._rows.rows if row.key == key), None)
        if row is None:
            raise NotFound("run.not_found", f"There is no run {key.run_id}.")
        return build_chain(ReplayFamily(key.run_id, (FamilyRun(key.run_id, 4, row.status, NOW, row.completed_at),)))


def make_inspection(row: RunRow) -> RunInspection:
    """Return what the run page shows of a run without steps."""
    detail = RunDetail(
        row=row,
        input=RedactedDocument({}),
        input_bytes=2,
        damaged_paths=(),
        error_json=None,
        trigger_metadata=None,
        trigger_fire_key=None,
        source_payload_schema_ref=None,
        trigger_mapping_applied=False,
        temporal_workflow_id=None,
        temporal_run_id=None,
        definition_hash=None,
        runtime_semantics_version=None,
        parent_run_id=None,
        root_run_id=None,
        snapshot_count=0,
        replay_reason=None,
        replays=(),
        source_run=None,
    )
    return RunInspection(detail, (), (), (), (), None, NOW)
