"""What was seen is kept by place and tenant, bounded, for its owner only, and a damaged file is no obstacle."""

from __future__ import annotations

import stat
import sys
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from app.domain.diagnosis.codes import Cause, Severity
from app.domain.diagnosis.troubles import Acknowledgement
from app.domain.errors import Misconfigured
from app.local import acknowledgements
from app.local.acknowledgements import AcknowledgementFiles

pytestmark = pytest.mark.asyncio

TENANT = uuid4()
SEEN = {
    UUID(int=1): Acknowledgement(Cause.NO_WORKER, Severity.TROUBLE),
    UUID(int=2): Acknowledgement(None, Severity.TROUBLE),
    UUID(int=3): Acknowledgement(Cause.CANNOT_VERIFY, Severity.WATCH),
}


def the_file(directory: Path) -> Path:
    (file,) = (path for path in directory.rglob("*") if path.is_file())
    return file


async def test_what_was_seen_is_read_again_by_another_start_but_not_elsewhere(tmp_path: Path) -> None:
    await AcknowledgementFiles(tmp_path, "here").write(TENANT, SEEN)
    assert await AcknowledgementFiles(tmp_path, "here").read(TENANT) == SEEN
    assert await AcknowledgementFiles(tmp_path, "here").read(None) == {}
    assert await AcknowledgementFiles(tmp_path, "there").read(TENANT) == {}
    file = the_file(tmp_path)
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_the_newest_are_kept_when_there_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acknowledgements, "MOST", 2)
    files = AcknowledgementFiles(tmp_path, "here")
    await files.write(TENANT, SEEN)
    assert list(await files.read(TENANT)) == [UUID(int=2), UUID(int=3)]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"seen": [["x", "S01", "trouble"]]}', '{"seen": [["", "S99"]]}'])
async def test_a_file_that_cannot_be_understood_holds_nothing(tmp_path: Path, text: str) -> None:
    files = AcknowledgementFiles(tmp_path, "here")
    await files.write(TENANT, SEEN)
    the_file(tmp_path).write_text(text, "utf-8")
    assert await files.read(TENANT) == {}


async def test_a_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "acknowledged").write_text("in the way", "utf-8")
    with pytest.raises(Misconfigured) as refused:
        await AcknowledgementFiles(tmp_path, "here").write(TENANT, SEEN)
    assert refused.value.code == "acknowledged.file"
