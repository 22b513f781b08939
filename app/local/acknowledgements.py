"""What the operator has seen of runs in trouble, one small file per tenant, kept by place and written atomically."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from app.domain.diagnosis.codes import Cause, Severity
from app.domain.diagnosis.troubles import Acknowledgement
from app.domain.errors import Misconfigured

FORMAT = 1
MOST = 5000
"""Acknowledgements kept per tenant, the newest ones."""
T = TypeVar("T")


class AcknowledgementFiles:
    """Implements :class:`app.services.trouble_ports.AcknowledgementStore`.

    Args:
        directory: The user's state directory.
        place: Which database and Temporal the runs are of, in words and without a password.
    """

    def __init__(self, directory: Path, place: str) -> None:
        self._directory = directory / "acknowledged" / hashlib.sha256(place.encode()).hexdigest()[:16]

    async def read(self, tenant: UUID | None) -> Mapping[UUID, Acknowledgement]:
        """Return what was seen, by run id, oldest first; a file that cannot be understood holds nothing."""
        return await self._touch(tenant, _read)

    async def write(self, tenant: UUID | None, seen: Mapping[UUID, Acknowledgement]) -> None:
        """Keep this in place of what was there; the newest ones when it is too much."""
        kept = dict(islice(seen.items(), max(0, len(seen) - MOST), None))
        await self._touch(tenant, lambda path: _write(path, kept))

    async def _touch(self, tenant: UUID | None, act: Callable[[Path], T]) -> T:
        """Act on the tenant's file off the loop."""
        path = self._directory / f"{tenant or 'unassigned'}.json"
        try:
            return await asyncio.to_thread(act, path)
        except OSError as error:
            reason = error.strerror or str(error)
            raise Misconfigured(
                "acknowledged.file",
                f"What you have seen could not be kept at {path}: {reason}. It stays hidden until Rundesk ends.",
                path=str(path),
                reason=reason,
            ) from error


def _read(path: Path) -> dict[UUID, Acknowledgement]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return {
            UUID(run_id): Acknowledgement(None if cause is None else Cause(cause), Severity(severity))
            for run_id, cause, severity in document["seen"]
        }
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError):
        return {}  # damaged, or a newer Rundesk's: what is shown again can be acknowledged again


def _write(path: Path, seen: Mapping[UUID, Acknowledgement]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    document = {"format": FORMAT, "seen": [[str(run_id), each.cause, each.severity] for run_id, each in seen.items()]}
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")  # mkstemp makes mode 0600
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(document, file)
    Path(temporary).replace(path)
