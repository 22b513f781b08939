"""Which stored input a replay copies: the run's own, or that of an ancestor when its own is damaged."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from app.domain.errors import ActionRefused
from app.domain.run import RunKey
from app.services.ports import ReplaySource, RunWriter


async def read_source(writer: RunWriter, key: RunKey, input_of: UUID | None, *, redacted: bool = True) -> ReplaySource:
    """Return the source of a replay.

    Args:
        writer: The projection.
        key: The run that is replayed; version, event and provenance stay its own.
        input_of: The ancestor whose input is copied instead; None for the run's own.
        redacted: Whether the input will be looked at.

    Raises:
        NotFound: No such run.
        ActionRefused: ``input_of`` is not the ancestor that the run's replay may fall back on.
    """
    source = await writer.replay_source(key, redacted=redacted)
    if input_of is None:
        return source
    if input_of != source.whole_ancestor:
        raise ActionRefused(
            "replay.not_an_ancestor",
            f"The input of run {input_of} cannot stand in for that of run {key.run_id}: only for a damaged input, and "
            "only the nearest whole one that it was copied from.",
            run_id=str(key.run_id),
            input_of=str(input_of),
        )
    ancestor = await writer.replay_source(RunKey(key.tenant, input_of), redacted=redacted)
    return replace(
        source,
        redacted=ancestor.redacted,
        input_hash=ancestor.input_hash,
        damaged_paths=ancestor.damaged_paths,
        input_of=input_of,
    )
