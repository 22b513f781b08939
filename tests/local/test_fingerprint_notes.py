"""What is known of failures: it comes back, privately, and a file that cannot be read is never written over."""

from __future__ import annotations

import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain.errors import Misconfigured
from app.domain.failure_fingerprint import FingerprintNote
from app.local.fingerprint_notes import FingerprintNoteFile

pytestmark = pytest.mark.asyncio
NOTE = FingerprintNote("Bekannt, wird behoben.", "https://tracker.example/T-1", datetime(2026, 11, 23, tzinfo=UTC))


def the_file(tmp_path: Path) -> Path:
    (file,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    return file


async def test_notes_come_back_and_can_be_removed(tmp_path: Path) -> None:
    notes = FingerprintNoteFile(tmp_path, "sandbox")
    assert await notes.read() == {}
    await notes.write("a" * 16, NOTE)
    await notes.write("b" * 16, NOTE)
    await notes.write("a" * 16, None)
    assert await FingerprintNoteFile(tmp_path, "sandbox").read() == {"b" * 16: NOTE}
    assert await FingerprintNoteFile(tmp_path, "production").read() == {}
    if sys.platform != "win32":
        assert stat.S_IMODE(the_file(tmp_path).stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "[]", '{"format": 2, "notes": {}}', '{"format": 1, "notes": {"a": {}}}'])
async def test_a_file_that_cannot_be_read_is_told_and_left(tmp_path: Path, text: str) -> None:
    notes = FingerprintNoteFile(tmp_path, "sandbox")
    await notes.write("a" * 16, NOTE)
    file = the_file(tmp_path)
    file.write_text(text)
    for act in (notes.read(), notes.write("b" * 16, NOTE)):
        with pytest.raises(Misconfigured) as caught:
            await act
        assert caught.value.code == "fingerprints.damaged"
    assert file.read_text() == text


async def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    (tmp_path / "fingerprints").write_text("no directory")
    with pytest.raises(Misconfigured) as caught:
        await FingerprintNoteFile(tmp_path, "sandbox").write("a" * 16, NOTE)
    assert caught.value.code == "fingerprints.file"
