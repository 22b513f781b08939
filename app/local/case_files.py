"""Triage cases as files: one JSON document a case, readable by their owner only, written whole or not at all.

A file that cannot be understood is renamed, not removed: it is what is left of somebody's work.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from app.domain.case import Case
from app.domain.errors import Misconfigured, NotFound
from app.local.case_codec import NewerCase, UnreadableCase, case_text, read_case
from app.local.whole_file import write_whole
from app.services.case_ports import CaseShelf, DamagedCase

LARGEST_FILE = 16 * 1024 * 1024
"""Bytes of a case file that is read; what is larger is no case of ours."""
_DAMAGED = ".damaged"
T = TypeVar("T")


class CaseFiles:
    """Implements :class:`app.services.case_ports.CaseStore`.

    Args:
        directory: The user's state directory.
        place: Which database and Temporal the runs are of, in words and without a password.
    """

    def __init__(self, directory: Path, place: str) -> None:
        self._directory = directory / "cases" / hashlib.sha256(place.encode()).hexdigest()[:16]

    async def shelf(self) -> CaseShelf:
        """Return all cases; a damaged file is set aside, never lost, and named."""
        return await _touch(self._directory, _shelf)

    async def read(self, case_id: UUID) -> Case:
        """Return one case. NotFound; Misconfigured when its file is damaged or newer."""
        return await _touch(self._path(case_id), _read)

    async def read_file(self, name: str) -> Case:
        """Return the case in a file of any place; the file is only read. NotFound, Misconfigured."""
        return await _touch(Path(name), lambda path: _read(path.expanduser().absolute()))

    async def write(self, case: Case) -> None:
        """Keep a case in place of what was kept of it. Misconfigured when it cannot be written."""
        await _touch(self._path(case.case_id), lambda path: _write(path, case_text(case)))

    async def remove(self, case_id: UUID) -> None:
        """Forget a case, if it is there."""
        await _touch(self._path(case_id), lambda path: path.unlink(missing_ok=True))

    def _path(self, case_id: UUID) -> Path:
        return self._directory / f"{case_id}.json"


async def _touch(path: Path, act: Callable[[Path], T]) -> T:
    """Act on a file off the loop."""
    try:
        return await asyncio.to_thread(act, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Misconfigured(
            "case.file",
            f"The case at {path} could not be kept or read: {reason}. What you typed stays in the window.",
            path=str(path),
            reason=reason,
        ) from error


def _shelf(directory: Path) -> CaseShelf:
    cases: list[Case] = []
    damaged = [DamagedCase(str(path)) for path in sorted(directory.glob(f"*{_DAMAGED}*"))]
    for path in sorted(directory.glob("*.json")):
        try:
            cases.append(read_case(_content(path)))
        except FileNotFoundError:
            continue  # removed meanwhile by another window
        except NewerCase:
            damaged.append(DamagedCase(str(path), newer=True))
        except UnreadableCase:
            damaged.append(DamagedCase(str(_set_aside(path))))
    cases.sort(key=lambda case: (case.updated_at, str(case.case_id)), reverse=True)
    return CaseShelf(tuple(cases), tuple(damaged))


def _set_aside(path: Path) -> Path:
    """Rename a damaged file so that nothing is ever written over it."""
    number = 1
    while (aside := path.with_name(f"{path.stem}{_DAMAGED}-{number}")).exists():
        number += 1
    return path.rename(aside)


def _read(path: Path) -> Case:
    try:
        return read_case(_content(path))
    except FileNotFoundError as error:
        raise NotFound("case.not_found", f"There is no case at {path}.", path=str(path)) from error
    except NewerCase as error:
        raise Misconfigured(
            "case.newer",
            f"The case {path} was written by a newer Rundesk. It was left as it is; open it with that version.",
            path=str(path),
        ) from error
    except UnreadableCase as error:
        raise Misconfigured(
            "case.damaged",
            f"The file {path} cannot be read as a case and was left as it is.",
            path=str(path),
        ) from error


def _content(path: Path) -> str:
    if path.stat().st_size > LARGEST_FILE:
        raise UnreadableCase("too large")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableCase("not UTF-8") from error


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(path, text.encode())
