"""Learns a run's secrets from its raw documents before anything of it is shown.

Resolved secrets stand in clear in invocation documents (runtime.md F41) and come back in messages and errors. Whoever
shows a part of a run learns from the same documents, so that one surface never shows what another hides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.errors import NotFound
from app.domain.redaction import Redactor
from app.domain.run import InvocationStatus, JsonValue, RunKey
from app.domain.secret_places import secret_places, values_at
from app.postgres.database import Database
from app.postgres.redaction_border import RunBorder, document_text, read_document, redaction_policy
from app.postgres.replay_ancestors import read_ancestor_inputs
from app.postgres.run_children import (
    read_definition,
    read_invocation_documents,
    read_invocations,
    read_logs,
    read_waits,
)
from app.postgres.run_predicates import REPLAY_OF, as_run_id, is_run
from app.postgres.sql_types import AnyRow
from app.postgres.tables import workflow_runs

LEARNING_BUDGET_BYTES = 1024 * 1024
"""How much of a run's invocation documents is read to learn secrets when nobody asked to see them."""


async def read_run_row(connection: AsyncConnection, key: RunKey) -> AnyRow:
    """Return what :func:`read_border` needs of a run's row, ``raw``. NotFound."""
    runs = workflow_runs.c
    query = select(
        runs.workflow_id,
        runs.workflow_version,
        document_text(runs.input_json).label("input"),
        document_text(runs.trigger_metadata_json).label("trigger_metadata"),
        document_text(runs.error_json).label("error"),
        runs.trigger_metadata_json[REPLAY_OF].astext.label("replay_of"),
    ).where(*is_run(key))
    row: AnyRow | None = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound("run.not_found", f"There is no run {key.run_id} in this tenant.", run_id=str(key.run_id))
    return row


async def read_run_border(database: Database, connection: AsyncConnection, key: RunKey) -> RunBorder:
    """Return the border of a run of which nothing was read yet. NotFound."""
    return await read_border(database, connection, key, await read_run_row(connection, key))


async def read_border(database: Database, connection: AsyncConnection, key: RunKey, raw: AnyRow) -> RunBorder:
    """Return the border of a run whose invocations are not shown; ``raw`` as for :func:`learned_border`."""
    invocations = await read_invocations(database, connection, key)
    texts = await read_invocation_documents(connection, key, within_learning_budget(invocations))
    redactor = Redactor(await redaction_policy(database, connection, key.tenant))
    waits, logs = await read_waits(connection, key), await read_logs(connection, key)
    further = await further_documents(connection, key, raw, waits, logs)
    definition = await read_definition(connection, key.tenant, raw.workflow_id, raw.workflow_version)
    redactor.learn_values(*resolved_secrets(definition, invocations, texts))
    return learned_border(redactor, raw, invocations, texts, further)


def resolved_secrets(
    definition: JsonValue, invocations: Sequence[AnyRow], texts: Mapping[UUID, AnyRow]
) -> Iterator[JsonValue]:
    """Yield what stands in the invocations' inputs where the definition asked for a ``$secret``."""
    places = secret_places(definition)
    for row in invocations:
        if row.step_path in places and row.invocation_id in texts:
            yield from values_at(read_document(texts[row.invocation_id].input), places[row.step_path])


async def further_documents(
    connection: AsyncConnection, key: RunKey, raw: AnyRow, waits: Sequence[AnyRow], logs: Sequence[AnyRow]
) -> list[str | None]:
    """Return what else a run's secrets stand in: its waits, its logs, and the inputs that its own was copied from."""
    ancestors = await read_ancestor_inputs(connection, key.tenant, {key.run_id: as_run_id(raw.replay_of)})
    return [*(wait.payload for wait in waits), *(log.context for log in logs), *ancestors[key.run_id]]


def within_learning_budget(invocations: Sequence[AnyRow]) -> list[UUID]:
    """Return the invocations whose documents are read for learning: failed ones first, then the smallest."""
    chosen: list[UUID] = []
    left = LEARNING_BUDGET_BYTES
    for row in sorted(invocations, key=lambda row: (row.status != InvocationStatus.FAILED, _bytes(row))):
        left -= _bytes(row)
        if left < 0:
            break
        chosen.append(row.invocation_id)
    return chosen


def learned_border(
    redactor: Redactor,
    raw: AnyRow,
    invocations: Sequence[AnyRow],
    texts: Mapping[UUID, AnyRow],
    further: Iterable[str | None],
) -> RunBorder:
    """Return a border that has learned from the run's own documents and from those of its invocations.

    Args:
        redactor: A new redactor of the tenant's policy.
        raw: The run's row with the texts ``input``, ``trigger_metadata``, ``error`` and ``replay_of``.
        invocations: Every invocation row of the run.
        texts: Input and output texts of the invocations that were read.
        further: Other documents of the run, as :func:`further_documents` returns them.
    """
    redactor.learn(read_document(raw.input), read_document(raw.trigger_metadata), read_document(raw.error))
    for documents in texts.values():
        redactor.learn(read_document(documents.input), read_document(documents.output))
    redactor.learn(*map(read_document, further))
    failed = {row.invocation_id for row in invocations if row.status == InvocationStatus.FAILED}
    return RunBorder(redactor, learned=failed <= texts.keys())


def _bytes(row: AnyRow) -> int:
    size: int = row.input_bytes + row.output_bytes
    return size
