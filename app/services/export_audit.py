"""Writes down that somebody took a run's data out of the console: one audit row for each run, where the login may."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

from app.domain.errors import DatabaseRefused, DatabaseUnavailable
from app.domain.launching import AuditNote
from app.domain.operator import Operator
from app.services.ports import ActionRecord, RunWriter

OPERATION = "workflow_run_export"
MOST_RUNS_NAMED = 200
"""An export of more runs than these is one row, which says how many there were."""
_READ_ONLY_SERVER = "database.standby"


@dataclass(frozen=True, slots=True)
class Export:
    """What left the console.

    Attributes:
        request_id: Of the operator's act; the rows' ids derive from it, so that recording twice changes nothing.
        run_ids: Whose data it is.
        form: ``html``, ``pdf``, ``md``, ``json``, ``csv``, ``xlsx`` or ``bundle``.
        masked: How many values were masked in it.
    """

    request_id: UUID
    run_ids: tuple[UUID, ...]
    form: str
    masked: int


@dataclass(frozen=True, slots=True)
class ExportRecorded:
    """Whether the audit has it; ``problem`` and its ``code`` say why not."""

    recorded: bool
    problem: str | None = None
    code: str | None = None


class ExportAudit:
    """Records exports.

    Args:
        writer: Writes the rows.
    """

    def __init__(self, writer: RunWriter) -> None:
        self._writer = writer

    async def record(self, tenant: UUID | None, export: Export, operator: Operator | None) -> ExportRecorded:
        """Write the audit rows of an export; a login that may not is an answer, not an error.

        Call it before the file is handed over: what cannot be recorded because the database is away is not exported.

        Raises:
            DatabaseUnavailable: Nothing was recorded because Postgres does not answer.
        """
        if tenant is None:
            return ExportRecorded(False, "Runs without a tenant have no audit.", "export.no_tenant")
        try:
            for record in _records(export, operator):
                await self._writer.record(tenant, record)
        except DatabaseRefused as error:
            return ExportRecorded(False, error.message, error.code)
        except DatabaseUnavailable as error:
            if error.code != _READ_ONLY_SERVER:
                raise
            return ExportRecorded(False, error.message, error.code)
        return ExportRecorded(True)


def _records(export: Export, operator: Operator | None) -> list[ActionRecord]:
    details: dict[str, object] = {"format": export.form, "maskedValues": export.masked, "runs": len(export.run_ids)}
    about = export.run_ids if len(export.run_ids) <= MOST_RUNS_NAMED else (export.request_id,)
    return [
        ActionRecord(uuid5(export.request_id, str(one)), operator, audit=AuditNote(OPERATION, one, {}, details))
        for one in about
    ]
