"""What is known of failures: one private, versioned file a place, written whole or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from app.domain.errors import Misconfigured
from app.domain.failure_fingerprint import FingerprintNote
from app.local.whole_file import write_whole

FORMAT = 1
T = TypeVar("T")


class FingerprintNoteFile:
    """Implements :class:`app.services.fingerprint_ports.FingerprintNotes`.

    Args:
        directory: The user's state directory.
        place: Which database and Temporal the failures are of, in words and without a password.
    """

    def __init__(self, directory: Path, place: str) -> None:
        self._path = directory / "fingerprints" / f"{hashlib.sha256(place.encode()).hexdigest()[:16]}.json"

    async def read(self) -> Mapping[str, FingerprintNote]:
        """Return every note by its fingerprint. Misconfigured."""
        return await self._touch(_read)

    async def write(self, identity: str, note: FingerprintNote | None) -> None:
        """Keep a note in place of an earlier one; None removes it. Misconfigured."""
        await self._touch(lambda path: _change(path, identity, note))

    async def _touch(self, act: Callable[[Path], T]) -> T:
        """Act on the file off the loop."""
        try:
            return await asyncio.to_thread(act, self._path)
        except OSError as error:
            reason = error.strerror or str(error)
            raise Misconfigured(
                "fingerprints.file",
                f"What is known of failures could not be kept or read at {self._path}: {reason}.",
                path=str(self._path),
                reason=reason,
            ) from error


def _read(path: Path) -> dict[str, FingerprintNote]:
    try:
        return _notes_of(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Misconfigured(
            "fingerprints.damaged",
            f"The notes in {path} cannot be read and were left as they are: damaged, or of a newer Rundesk. Move the "
            "file away to begin anew.",
            path=str(path),
        ) from error


def _notes_of(document: dict[str, Any]) -> dict[str, FingerprintNote]:
    if document["format"] != FORMAT:
        raise ValueError("another format")
    return {
        str(identity): FingerprintNote(
            str(one["text"]), str(one["link"]), datetime.fromisoformat(one["at"]), bool(one["known"])
        )
        for identity, one in document["notes"].items()
    }


def _change(path: Path, identity: str, note: FingerprintNote | None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    notes = _read(path)
    notes.pop(identity, None)
    if note is not None:
        notes[identity] = note
    document = {
        "format": FORMAT,
        "notes": {
            name: {"text": one.text, "link": one.link, "at": one.at.isoformat(), "known": one.known}
            for name, one in notes.items()
        },
    }
    write_whole(path, json.dumps(document, ensure_ascii=False, indent=1).encode())
