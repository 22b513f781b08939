"""Writes a bundle: one ZIP archive in one pass, its files hashed as they are written, and a seal over all of it.

The seal is the SHA-256 of everything before the archive's end record, kept in the archive's comment. The manifest
proves the files; the seal proves what is around them. It shows damage, not who made the bundle.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
import zipfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import IO

from app.domain import json_text
from app.domain.bundle import BundledFile, BundleManifest
from app.domain.run import NOTHING_MASKED, RedactionTally
from app.local.bundle.seal import SealedFile
from app.local.bundle.typed_json import encode

MANIFEST = "manifest.json"
_MOMENT = (1980, 1, 1, 0, 0, 0)
"""Times of files say nothing here, and equal bundles are equal bytes."""
_ROWS_AT_ONCE = 200
_LEVEL = 6


class ZipBundleWriter:
    """Implements :class:`app.services.bundle_ports.BundleWriter` on a file that is open for writing.

    Packing is work for the processor: it happens in threads, so that the loop stays free.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._sealed = SealedFile(file)
        self._archive = zipfile.ZipFile(self._sealed, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
        self.complete = False

    async def put(self, path: str, content: bytes, masked: RedactionTally = NOTHING_MASKED) -> BundledFile:
        """Write a file of these bytes."""
        return await asyncio.to_thread(self._write, path, (content,), masked)

    async def put_object(self, path: str, value: object, masked: RedactionTally = NOTHING_MASKED) -> BundledFile:
        """Write a domain object as JSON."""
        return await asyncio.to_thread(self._write, path, _object_text(value), masked)

    async def put_rows(self, path: str, rows: Iterable[object], masked: RedactionTally = NOTHING_MASKED) -> BundledFile:
        """Write domain objects as a JSON array, one after the other."""
        return await asyncio.to_thread(self._write, path, _array_text(rows), masked)

    async def put_text(self, path: str, pieces: AsyncIterator[str]) -> BundledFile:
        """Write a file as its pieces arrive."""
        member = _Member(path, self._archive.open(_entry(path), "w"))
        try:
            async for piece in pieces:
                await asyncio.to_thread(member.add, piece.encode(errors="replace"))
        finally:
            member.close()
        return member.described(NOTHING_MASKED)

    async def seal(self, manifest: BundleManifest) -> None:
        """Write the manifest and close the archive."""
        await self.put_object(MANIFEST, manifest)
        await asyncio.to_thread(self._close)
        self.complete = True

    def abandon(self) -> None:
        """Let go of an archive that will not be sealed."""
        self._sealed.give_up()
        self._archive.close()

    def _close(self) -> None:
        self._archive.close()
        self._sealed.seal()

    def _write(self, path: str, pieces: Iterable[bytes], masked: RedactionTally) -> BundledFile:
        member = _Member(path, self._archive.open(_entry(path), "w"))
        try:
            for content in pieces:
                member.add(content)
        finally:
            member.close()
        return member.described(masked)


class _Member:
    """A file of the archive while it is written."""

    def __init__(self, path: str, file: IO[bytes]) -> None:
        self._path = path
        self._file = file
        self._hashing = hashlib.sha256()
        self._size = 0

    def add(self, content: bytes) -> None:
        self._hashing.update(content)
        self._file.write(content)
        self._size += len(content)

    def close(self) -> None:
        self._file.close()

    def described(self, masked: RedactionTally) -> BundledFile:
        return BundledFile(self._path, self._size, self._hashing.hexdigest(), masked)


@asynccontextmanager
async def bundle_at(path: Path) -> AsyncIterator[ZipBundleWriter]:
    """Write a bundle beside its place and move it there once it is sealed.

    Raises:
        OSError: The place cannot be written.
    """
    part, file = await asyncio.to_thread(_begin, path)
    writer = ZipBundleWriter(file)
    try:
        yield writer
    finally:
        if not writer.complete:
            writer.abandon()
        await asyncio.to_thread(_end, part, file, path if writer.complete else None)


def _begin(path: Path) -> tuple[Path, IO[bytes]]:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    return Path(name), os.fdopen(handle, "wb")


def _end(part: Path, file: IO[bytes], path: Path | None) -> None:
    """Close what was written and move it to its place, or remove it."""
    try:
        with file:
            if path is not None:
                file.flush()
                os.fsync(file.fileno())
        if path is not None:
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _entry(path: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, _MOMENT)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o100644 << 16
    entry.create_system = 3
    return entry


def _object_text(value: object) -> Iterator[bytes]:
    yield (json_text.dump(encode(value), indent=1) + "\n").encode(errors="replace")


def _array_text(rows: Iterable[object]) -> Iterator[bytes]:
    """Yield an array with one row on a line; a line is what a person and ``grep`` can read."""
    lead = "[\n"
    left = iter(rows)
    while chunk := list(islice(left, _ROWS_AT_ONCE)):
        lines = ",\n".join(json_text.dump(encode(row)) for row in chunk)
        yield (lead + lines).encode(errors="replace")
        lead = ",\n"
    yield b"[]\n" if lead == "[\n" else b"\n]\n"
