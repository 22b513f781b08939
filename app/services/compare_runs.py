"""Where do two runs part, and in what?"""

from __future__ import annotations

from dataclasses import replace

from app.domain.errors import InvalidInput, NotFound, RuleViolation, RundeskError
from app.domain.operator import Operator
from app.domain.replay_preview import NotKnown
from app.domain.run import RunInspection, RunKey, RunRow, RunStatus
from app.domain.run_comparison import DefinitionChanges, RunComparison, compare_runs
from app.domain.run_query import RunFilter, RunPage, RunQuery, RunSort
from app.domain.viewing import for_viewer
from app.services.ports import RunReader
from app.services.preview_ports import PreviewReader


class CompareRuns:
    """Compares two runs of a tenant.

    Args:
        reader: Reads both, already redacted.
        versions: Says how two versions of a workflow differ.
    """

    def __init__(self, reader: RunReader, versions: PreviewReader) -> None:
        self._reader = reader
        self._versions = versions

    async def compare(self, first: RunKey, second: RunKey, viewer: Operator | None = None) -> RunComparison:
        """Return what differs, as the viewer may see it; nobody has the least rights.

        Raises:
            NotFound: A run does not exist.
            InvalidInput: Both are the same run, or they are of two tenants, whose secrets are hidden by other rules.
        """
        if first == second:
            raise InvalidInput(
                "compare.same", "A run does not differ from itself. Name another one to compare it with."
            )
        if first.tenant != second.tenant:
            raise InvalidInput(
                "compare.tenants", "The runs belong to two tenants. Only runs of one tenant can be compared."
            )
        one, other = [for_viewer(await self._reader.inspect(key, documents=True), viewer) for key in (first, second)]
        return compare_runs(one, other, await self._definition(one, other))

    async def last_success(self, key: RunKey) -> RunKey:
        """Return the newest run of the same workflow that succeeded: of those before this run, else of all.

        NotFound (the run; no such success).
        """
        rows = await self._reader.rows(key.tenant, (key.run_id,))
        if not rows:
            raise NotFound("run.not_found", f"There is no run {key.run_id} in this tenant.", run_id=str(key.run_id))
        (row,) = rows
        succeeded = RunFilter(statuses=(RunStatus.SUCCEEDED,), workflow_id=row.workflow_id)
        for terms in (replace(succeeded, started_to=row.started_at), succeeded):
            found = [each for each in (await self._newest(key, terms)).rows if each.key != key]
            if found:
                return found[0].key
        raise NotFound(
            "compare.no_success",
            f"No run of {row.workflow_name or row.workflow_id} has succeeded yet, so there is none to compare with.",
            workflow=row.workflow_name or str(row.workflow_id),
        )

    async def _newest(self, key: RunKey, terms: RunFilter) -> RunPage:
        return await self._reader.page(RunQuery(key.tenant, terms, RunSort.STARTED_DESC, 2))

    async def _definition(self, first: RunInspection, second: RunInspection) -> DefinitionChanges:
        one, other = first.run.row, second.run.row
        if one.workflow_id != other.workflow_id:
            return NotKnown("compare.workflows", "The runs are of two workflows, whose definitions are not compared.")
        if one.workflow_version == other.workflow_version:
            return ()
        return await self._between(one, other)

    async def _between(self, one: RunRow, other: RunRow) -> DefinitionChanges:
        try:
            versions = await self._versions.versions(one.key, other.workflow_version)
        except RundeskError as error:
            return NotKnown(error.code, error.message, tuple(error.params.items()), isinstance(error, RuleViolation))
        if not (versions.own_exists and versions.chosen_exists):
            return NotKnown("compare.version_gone", "One of the two versions is no longer stored.")
        return versions.differences
