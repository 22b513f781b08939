"""The journal of intents: one small file for each act under way, for this user's eyes only.

On the disk before the act's first effect, gone when its end is certain. Beside it lies a lock that the operating
system frees when the process ends, however it ends: what lies there unlocked was left by a crash. Intents are kept by
place, so that those of one installation are never settled on another. An operator waits while one is written, so the
files are spares (:class:`app.local.spare_files.SpareFiles`).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from app.domain.errors import JournalUnusable
from app.domain.intent import Intent
from app.local.file_lock import FileLock
from app.local.intent_codec import as_document, as_intent
from app.local.spare_files import SpareFiles, flush_directory, is_blank

T = TypeVar("T")
Argument = TypeVar("Argument")

_INTENT = ".json"
_LOCK = ".lock"


class FileIntentJournal:
    """Implements :class:`app.services.intent_ports.IntentJournal`.

    Args:
        directory: The user's state directory.
        place: Which database and Temporal the acts are on, in words and without a password.
    """

    def __init__(self, directory: Path, place: str) -> None:
        self._directory = directory / "intents" / hashlib.sha256(place.encode()).hexdigest()[:16]
        self._spares = SpareFiles(self._directory)
        self._held: dict[UUID, FileLock] = {}

    async def begin(self, intent: Intent) -> None:
        """Hold the intent and write it down. JournalUnusable: then nothing must be done."""
        await self._on_disk(self._begin, intent)

    async def finish(self, request_id: UUID) -> None:
        """Delete an intent, unless another process holds it.

        Nothing waits for the disk here: an intent that a power cut brings back is found finished, and deleted again.
        """
        with self._told():
            if request_id in self._held or self._take(request_id):
                self._finish(request_id)

    async def let_go(self, request_id: UUID) -> None:
        """Keep the intent on the disk without holding it."""
        lock = self._held.pop(request_id, None)
        if lock is not None:
            lock.release()

    async def unfinished(self) -> tuple[Intent, ...]:
        """Return the intents that no living process holds, oldest first."""
        found = await self._on_disk(self._left_behind, self._directory)
        return tuple(sorted(found, key=lambda intent: (intent.at, intent.request_id)))

    @asynccontextmanager
    async def hold(self, request_id: UUID) -> AsyncIterator[bool]:
        """Hold an intent while the block runs, unless somebody else does or it is gone."""
        if not await self._on_disk(self._take, request_id):
            yield False
            return
        try:
            yield True
        finally:
            await self.let_go(request_id)

    def _begin(self, intent: Intent) -> None:
        if not self._directory.is_dir():
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if intent.request_id not in self._held:
            lock = FileLock.try_take(self._path(intent.request_id, _LOCK))
            if lock is None:
                return  # another process works on the same request: the intent is on the disk already
            self._held[intent.request_id] = lock
        path = self._path(intent.request_id, _INTENT)
        if path.exists():
            self._replace(path, _text_of(intent))
        else:
            self._spares.fill(path, _text_of(intent))

    def _replace(self, path: Path, content: bytes) -> None:
        """Write it anew; until that is on the disk, the old one stays."""
        handle, temporary = tempfile.mkstemp(dir=self._directory, suffix=".part")  # mkstemp makes mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
        flush_directory(self._directory)

    def _finish(self, request_id: UUID) -> None:
        self._spares.give_back(self._path(request_id, _INTENT))
        lock = self._held.pop(request_id)
        if sys.platform == "win32":  # where an open file cannot be deleted
            lock.release()
        with suppress(PermissionError):
            self._path(request_id, _LOCK).unlink(missing_ok=True)
        lock.release()

    def _take(self, request_id: UUID) -> bool:
        if not self._path(request_id, _INTENT).exists():
            return False
        lock = FileLock.try_take(self._path(request_id, _LOCK))
        if lock is not None:
            self._held[request_id] = lock
        return lock is not None

    def _left_behind(self, directory: Path) -> list[Intent]:
        if not directory.is_dir():
            return []
        for spare in self._spares.used():
            if (intent := _read(spare)) is not None:
                spare.replace(self._path(intent.request_id, _INTENT))
        return [intent for path in directory.glob(f"*{_INTENT}") if (intent := self._read_unheld(path)) is not None]

    def _read_unheld(self, path: Path) -> Intent | None:
        lock = FileLock.try_take(path.with_suffix(_LOCK))
        if lock is None:
            return None
        try:
            intent = _read(path)
            if intent is None:
                self._spares.give_back(path)
        except FileNotFoundError:  # finished between the listing and the lock
            intent = None
        finally:
            lock.release()
        if intent is None:
            path.with_suffix(_LOCK).unlink(missing_ok=True)
        return intent

    def _path(self, request_id: UUID, suffix: str) -> Path:
        return self._directory / f"{request_id}{suffix}"

    async def _on_disk(self, work: Callable[[Argument], T], argument: Argument) -> T:
        with self._told():
            return await asyncio.to_thread(work, argument)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in words what the operating system refuses."""
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error)
            raise JournalUnusable(
                "intent.journal",
                f"What you set out to do could not be written down in {self._directory}: {reason}. "
                "Without that a crash could leave it half done, so nothing was done. Make room there, then try again.",
                path=str(self._directory),
                reason=reason,
            ) from error


def _text_of(intent: Intent) -> bytes:
    """Return the document and its digest, a line each: half a write is never taken for another act."""
    document = json.dumps(as_document(intent), ensure_ascii=False, default=str).encode()
    return b"%b\n%b\n" % (document, _digest(document))


def _digest(document: bytes) -> bytes:
    return hashlib.sha256(document).hexdigest().encode()


def _intent_in(content: bytes) -> Intent:
    """Return the intent that was written. ValueError, KeyError or TypeError for what is none."""
    document, _, digest = content.strip().partition(b"\n")
    if digest and digest != _digest(document):  # the first version wrote none
        raise ValueError("the digest is another")
    return as_intent(json.loads(document))


def _read(path: Path) -> Intent | None:
    """Return the intent of a file; None when the crash came before it was written."""
    content = path.read_bytes()
    if is_blank(content):
        return None
    try:
        return _intent_in(content)
    except (ValueError, KeyError, TypeError) as error:
        raise JournalUnusable(
            "intent.damaged",
            f"The note of an unfinished action in {path} cannot be understood and was left as it is. "
            "Move it away to go on; the run it was about shows what happened.",
            path=str(path),
        ) from error
