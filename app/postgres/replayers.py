"""Who made a replay: the audit row of the replay, and the person whom its user id belongs to.

Two statements, not a join: hosted installations shard people and keep the audit table whole (database.md 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.replay_chain import Replayer
from app.postgres.database import Database
from app.postgres.run_predicates import as_run_id
from app.postgres.tables import audit_logs, users

REPLAY_OPERATION = "workflow_run_replay"
REPLAYED_RUN = "replayedRunId"
"""Key of ``changed_data`` that names the new run; the row's record is the source (database.md 7)."""


async def read_replayers(
    database: Database, connection: AsyncConnection, tenant: UUID | None, sources: Mapping[UUID, UUID]
) -> dict[UUID, Replayer]:
    """Return who made each replay, as far as the audit says; empty when the login may not read the audit.

    Args:
        database: Knows what the login may read.
        connection: A reading transaction.
        tenant: Of all these runs; runs without a tenant have no audit.
        sources: Replay to the run it copied.
    """
    if tenant is None or not sources or not (await database.capabilities(connection)).can_read_audit:
        return {}
    audit = audit_logs.c
    made = audit.changed_data[REPLAYED_RUN].astext
    query = select(made.label("replay"), audit.user_id).where(
        audit.tenant == tenant,
        audit.table_name == "workflow_runs",
        audit.record_id.in_({str(source) for source in sources.values()}),
        audit.operation == REPLAY_OPERATION,
        made.in_(map(str, sources)),
    )
    acting = {UUID(row.replay): as_run_id(row.user_id) for row in await connection.execute(query)}
    people = await read_people(connection, tenant, {user for user in acting.values() if user is not None})
    return {replay: people[user] for replay, user in acting.items() if user in people}


async def read_people(connection: AsyncConnection, tenant: UUID, user_ids: Iterable[UUID]) -> dict[UUID, Replayer]:
    """Return who these users are, as they are known in the tenant now; unknown ones are left out."""
    full_name = func.concat_ws(" ", func.nullif(users.c.first_name, ""), func.nullif(users.c.last_name, ""))
    query = select(users.c.user_id, users.c.email, full_name.label("name")).where(
        users.c.tenant == tenant, users.c.user_id.in_(user_ids)
    )
    return {row.user_id: Replayer(row.name or row.email, row.email) for row in await connection.execute(query)}
