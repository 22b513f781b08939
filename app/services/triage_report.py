"""Hand over what is known about runs, so that somebody without access can act."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from app.domain.diagnosis.finding import Diagnosis
from app.domain.errors import EnvironmentFailure, InvalidInput, TemporalUnavailable
from app.domain.execution import QueueFacts
from app.domain.operator import Operator, Right
from app.domain.replay_chain import build_chain
from app.domain.report.blocks import Section
from app.domain.report.headline import place_of
from app.domain.report.surroundings import RunSurroundings
from app.domain.run import ACTIVE_STATUSES, RunInspection, RunKey
from app.domain.run_query import MAX_PAGE_SIZE, RunPage, RunQuery
from app.domain.triage import CasePart, EnvironmentFacts, RunAccount, RunListing, TriageReport, account_of, report_of
from app.domain.viewing import for_viewer
from app.services.diagnose_runs import DiagnoseRuns
from app.services.export_audit import Export, ExportAudit, ExportRecorded
from app.services.ports import ExecutionGateway, RunReader
from app.services.report_ports import ReportReader, ServerVersions

MOST_RUNS = 50
"""Runs that one report tells whole."""
MOST_LISTED = 5000
"""Rows that a report of a list reads."""

Progress = Callable[[int, int], None]
"""Told how many runs of how many were read."""


@dataclass(frozen=True, slots=True)
class ReportSources:
    """Where reports read and note what left; ``versions`` and ``diagnose`` None leave those parts out."""

    reader: RunReader
    gateway: ExecutionGateway
    surroundings: ReportReader
    audit: ExportAudit
    diagnose: DiagnoseRuns | None = None
    versions: ServerVersions | None = None


class TriageReports:
    """Makes triage reports and notes in the audit that they left.

    Args:
        sources: Both sides; a side that does not answer is part of the report, except the rows themselves.
    """

    def __init__(self, sources: ReportSources) -> None:
        self._sources = sources

    async def report(
        self,
        keys: Sequence[RunKey],
        viewer: Operator | None = None,
        *,
        case: CasePart | None = None,
        further: tuple[Section, ...] = (),
        progress: Progress | None = None,
    ) -> TriageReport:
        """Return the report of these runs, with what its maker may see; nobody has the least rights.

        Args:
            keys: The runs, at most :data:`MOST_RUNS`, each told once.
            viewer: Who makes the report.
            case: The case that it is of.
            further: Parts of other makers, such as comparisons.
            progress: Told after each run.

        Raises:
            NotFound: A run does not exist in its tenant.
            InvalidInput: No run, or too many; a case needs one too.
            DatabaseUnavailable: Postgres does not answer.
        """
        wanted = tuple(dict.fromkeys(keys))
        if not 0 < len(wanted) <= MOST_RUNS:
            raise InvalidInput(
                "report.runs",
                f"A report tells of 1 to {MOST_RUNS} runs, not of {len(wanted)}. List more of them with a filter.",
                limit=MOST_RUNS,
                runs=len(wanted),
            )
        versions = await self._temporal_version()
        diagnoses = await self._diagnoses(wanted)
        accounts: list[RunAccount] = []
        for key in wanted:
            accounts.append(await self._account(key, viewer, diagnoses.get(key), versions))
            if progress is not None:
                progress(len(accounts), len(wanted))
        return report_of(*accounts, case=case, further=further)

    async def listing(
        self,
        query: RunQuery,
        terms: tuple[tuple[str, str], ...] = (),
        *,
        limit: int = MOST_LISTED,
        progress: Progress | None = None,
    ) -> TriageReport:
        """Return the report of a filtered list: at most ``limit`` rows of ``query``, those that are open diagnosed.

        Args:
            query: Tenant, filter and order; its own limit and cursor are not used.
            terms: The filter in words, name and value.
            limit: Most rows.
            progress: Told after each page.
        """
        page = await self._page(query, None, limit)
        rows, read_at = list(page.rows), page.read_at
        total = _matching(page.counts, query.filter.statuses)
        while page.next is not None and len(rows) < limit:
            if progress is not None:
                progress(len(rows), min(total, limit))
            page = await self._page(query, page.next, limit - len(rows))
            rows += page.rows
        found = await self._diagnoses([row.key for row in rows if row.status in ACTIVE_STATUSES])
        listing = RunListing(tuple(rows), max(total, len(rows)), terms, tuple(found.values()))
        return TriageReport((), read_at, listing=listing)

    async def note_export(
        self, report: TriageReport, form: str, operator: Operator | None, request_id: UUID | None = None
    ) -> ExportRecorded:
        """Write into the audit that the report leaves, before it does; a login that may not is an answer, not an error.

        Args:
            report: What leaves.
            form: As what: ``html``, ``pdf``, ``md``, ``json``, ``csv`` or ``xlsx``.
            operator: Who takes it, or nobody known.
            request_id: Makes repeating it a no-op.

        Raises:
            DatabaseUnavailable: Nothing was recorded because Postgres does not answer.
        """
        request = request_id or uuid4()
        answer = ExportRecorded(recorded=True)
        for tenant, run_ids in _by_tenant(report.keys()).items():
            export = Export(request, run_ids, form, report.masked.total)
            of_tenant = await self._sources.audit.record(tenant, export, operator)
            answer = answer if of_tenant.recorded else of_tenant
        return answer

    async def _page(self, query: RunQuery, after: str | None, left: int) -> RunPage:
        return await self._sources.reader.page(
            RunQuery(query.tenant, query.filter, query.sort, min(MAX_PAGE_SIZE, left), after)
        )

    async def _account(
        self, key: RunKey, viewer: Operator | None, diagnosis: Diagnosis | None, version: str | None
    ) -> RunAccount:
        reader = self._sources.reader
        inspection = for_viewer(await reader.inspect(key, documents=True), viewer)
        chain = build_chain(await reader.replay_family(key))
        environment = await self._environment(key.run_id, version)
        return account_of(inspection, environment, diagnosis, chain, await self._surroundings(inspection, viewer))

    async def _surroundings(self, inspection: RunInspection, viewer: Operator | None) -> RunSurroundings:
        key = inspection.run.row.key
        may = viewer is not None and viewer.tenant == key.tenant and viewer.may(Right.ADMIN)
        return await self._sources.surroundings.surroundings(key, place_of(inspection), acts=may)

    async def _environment(self, run_id: UUID, version: str | None) -> EnvironmentFacts:
        try:
            execution = await self._sources.gateway.describe(run_id)
        except TemporalUnavailable as error:
            return EnvironmentFacts(problem=error.message)
        return EnvironmentFacts(execution, await self._queue(), temporal_version=version)

    async def _queue(self) -> QueueFacts | None:
        try:
            return await self._sources.gateway.queue()
        except TemporalUnavailable:
            return None  # unknown pollers; what Temporal has already said of the execution stays true

    async def _temporal_version(self) -> str | None:
        if self._sources.versions is None:
            return None
        try:
            return (await self._sources.versions.namespace()).version
        except EnvironmentFailure:
            return None  # each run's own question says that Temporal does not answer

    async def _diagnoses(self, keys: Iterable[RunKey]) -> Mapping[RunKey, Diagnosis]:
        if self._sources.diagnose is None:
            return {}
        found: dict[RunKey, Diagnosis] = {}
        for tenant, run_ids in _by_tenant(keys).items():
            report = await self._sources.diagnose.runs(tenant, run_ids)
            found |= {diagnosis.key: diagnosis for diagnosis in report.runs}
        return found


def _matching(counts: tuple[tuple[str, int], ...], statuses: tuple[str, ...]) -> int:
    """Return how many runs match; a page's counts ignore the status term."""
    return sum(number for status, number in counts if not statuses or status in statuses)


def _by_tenant(keys: Iterable[RunKey]) -> Mapping[UUID | None, tuple[UUID, ...]]:
    found: dict[UUID | None, tuple[UUID, ...]] = {}
    for key in keys:
        found[key.tenant] = (*found.get(key.tenant, ()), key.run_id)
    return found
