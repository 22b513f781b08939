"""The seal of a bundle: SHA-256 of the whole archive before its end record, in the archive's comment."""

from __future__ import annotations

import hashlib
import re
import struct
from typing import IO

END_RECORD_BYTES = 22
"""Size of a ZIP archive's end record without its comment (APPNOTE 4.3.16)."""
END_RECORD_SIGNATURE = b"PK\x05\x06"
SEAL = re.compile(rb"rundesk-bundle sha256:([0-9a-f]{64})")
SEAL_BYTES = len("rundesk-bundle sha256:") + 64


class SealedFile:
    """A file being written that cannot be sought in, so that everything in it is hashed in order.

    It holds back as many bytes as an end record has, because the seal becomes part of that record.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hashing = hashlib.sha256()
        self._held = b""
        self._given_up = False

    def give_up(self) -> None:
        """Drop whatever is still written: the archive closes itself, and nobody will keep it."""
        self._given_up = True

    def write(self, content: bytes, /) -> int:
        """Take bytes; the last few are written later."""
        if self._given_up:
            return len(content)
        whole = self._held + bytes(content)
        ready = whole[:-END_RECORD_BYTES]
        self._held = whole[-END_RECORD_BYTES:]
        self._hashing.update(ready)
        self._file.write(ready)
        return len(content)

    def flush(self) -> None:
        """Let what is written reach the file."""
        if not self._given_up:
            self._file.flush()

    def close(self) -> None:
        """Let what is written reach the file; whoever opened that closes it."""
        self.flush()

    def seal(self) -> None:
        """Write the end record with the seal, once the archive is closed."""
        comment = seal_of(self._hashing.hexdigest())
        self._file.write(self._held[:-2] + struct.pack("<H", len(comment)) + comment)
        self._held = b""


def seal_of(digest: str) -> bytes:
    """Return the comment for a digest."""
    return f"rundesk-bundle sha256:{digest}".encode()
