"""Drafts of starts as files: one per tenant and workflow, readable by their owner only, written atomically.

What may be in them is decided before (:mod:`app.domain.start_draft`): the operator's own words, never a masked value.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from app.domain.errors import Misconfigured
from app.domain.launching import PatchOperation
from app.domain.start_draft import DraftOrigin, KeptDraft

FORMAT = 1
T = TypeVar("T")


class DraftFiles:
    """Implements :class:`app.services.start_ports.DraftStore`.

    Args:
        directory: Where the drafts lie; made when the first one is kept.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def read(self, tenant: UUID, workflow_id: UUID) -> KeptDraft | None:
        """Return the draft, or None. Misconfigured when it is there and cannot be used."""
        return await self._touch(self._path(tenant, workflow_id), _read)

    async def write(self, tenant: UUID, workflow_id: UUID, draft: KeptDraft) -> None:
        """Keep a draft in place of an earlier one. Misconfigured when it cannot be written."""
        await self._touch(self._path(tenant, workflow_id), lambda path: _write(path, draft_text(draft)))

    async def remove(self, tenant: UUID, workflow_id: UUID) -> None:
        """Forget the draft, if there is one. Misconfigured when it cannot be removed."""
        await self._touch(self._path(tenant, workflow_id), lambda path: path.unlink(missing_ok=True))

    def _path(self, tenant: UUID, workflow_id: UUID) -> Path:
        return self._directory / str(tenant) / f"{workflow_id}.json"

    async def _touch(self, path: Path, act: Callable[[Path], T]) -> T:
        """Act on a file off the loop."""
        try:
            return await asyncio.to_thread(act, path)
        except OSError as error:
            reason = error.strerror or str(error)
            raise Misconfigured(
                "draft.file",
                f"The draft of this start could not be kept or read at {path}: {reason}. Starting works without it.",
                path=str(path),
                reason=reason,
            ) from error


def draft_text(draft: KeptDraft) -> str:
    """Return a draft as the text of its file."""
    origin = draft.origin
    document = {
        "format": FORMAT,
        "version": draft.version,
        "text": draft.text,
        "origin": None if origin is None else {"run_id": str(origin.run_id), "input_hash": origin.input_hash},
        "patch": [
            {"op": step.op, "path": step.path, "value_text": step.value_text, "origins": step.origins}
            for step in draft.patch
        ],
        "omitted": draft.omitted,
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def read_draft(text: str) -> KeptDraft:
    """Return the draft of :func:`draft_text`. ValueError for anything else."""
    document = json.loads(text)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError("not a draft of this format")
    try:
        return _draft_of(document)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a draft") from error


def _draft_of(document: dict[str, Any]) -> KeptDraft:
    origin = document["origin"]
    return KeptDraft(
        version=document["version"],
        text=document["text"],
        origin=None if origin is None else DraftOrigin(UUID(origin["run_id"]), origin["input_hash"]),
        patch=tuple(
            PatchOperation(step["op"], tuple(step["path"]), step["value_text"], tuple(map(tuple, step["origins"])))
            for step in document["patch"]
        ),
        omitted=tuple(document["omitted"]),
    )


def _read(path: Path) -> KeptDraft | None:
    try:
        return read_draft(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise Misconfigured(
            "draft.damaged",
            f"The draft {path} cannot be read and was left as it is. Remove the file to be rid of this message.",
            path=str(path),
        ) from error


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # mkstemp creates the file with mode 0600; replacing within one directory is atomic.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
