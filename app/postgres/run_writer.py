"""The run writer port on Postgres: each method is one transaction that carries the tenant."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.domain.launching import LaunchOrder
from app.domain.redaction import Redactor
from app.domain.run import RunKey
from app.postgres.action_records import write_record
from app.postgres.database import Database
from app.postgres.launch_admission import admit_launch
from app.postgres.launch_outcome import confirm_launch, fail_launch
from app.postgres.recent_rules import RecentRules
from app.postgres.redaction_border import redaction_policy
from app.postgres.replay_source import read_replay_source, read_replay_sources
from app.postgres.run_cancel import cancel_run
from app.services.ports import ActionRecord, AdmittedLaunch, BeforeEffect, ReplaySource


class PostgresRunWriter:
    """Implements :class:`app.services.ports.RunWriter`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._recent = RecentRules()

    async def admit(self, order: LaunchOrder, before_effect: BeforeEffect | None = None) -> AdmittedLaunch:
        """Check the gates and insert row and "Run started" log under the launch locks.

        GateClosed, NotFound (workflow, version, source), InvalidInput (payload), ActionRefused (source changed).
        """
        return await admit_launch(self._database, order, self._recent, before_effect)

    async def confirm_launch(
        self, key: RunKey, workflow_id: str, first_run_id: str | None, record: ActionRecord | None
    ) -> str:
        """Store the Temporal ids where they are missing, write the record, return the row's status. NotFound."""
        return await confirm_launch(self._database, key, workflow_id, first_run_id, record, self._recent)

    async def fail_launch(self, key: RunKey, message: str, details: dict[str, object]) -> bool:
        """Write FAILED with stage ``launch``, only while the row is RUNNING without steps. Say whether it was."""
        return await fail_launch(self._database, key, message, details)

    async def replay_source(self, key: RunKey, *, redacted: bool = True) -> ReplaySource:
        """Return what a replay copies. NotFound."""
        return await read_replay_source(self._database, key, redacted=redacted)

    async def replay_sources(self, tenant: UUID, run_ids: Sequence[UUID]) -> tuple[ReplaySource, ...]:
        """Return what replays of these runs copy, inputs hidden; only of runs whose input is whole."""
        return await read_replay_sources(self._database, tenant, run_ids)

    async def cancel(self, key: RunKey, record: ActionRecord) -> bool:
        """Write CANCELED on run and open waits, guarded by an active status; False when it had ended meanwhile."""
        return await cancel_run(self._database, key, record)

    async def record(self, tenant: UUID, record: ActionRecord) -> None:
        """Write logs and audit alone."""
        async with self._database.writing(tenant) as connection:
            redactor = Redactor(await redaction_policy(self._database, connection, tenant))
            await write_record(connection, tenant, record, redactor)
