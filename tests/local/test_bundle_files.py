"""A bundle's archive and its JSON: what is written is what is read again, and every byte is under hash or seal."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.domain import json_text
from app.domain.bundle import BUNDLE_SCHEMA, BUNDLE_VERSION, BundledFile, BundleManifest
from app.domain.diagnosis.codes import Source
from app.domain.diagnosis.finding import Evidence
from app.domain.run import NOTHING_MASKED
from app.local.bundle.archive_writer import MANIFEST, bundle_at
from app.local.bundle.seal import END_RECORD_BYTES, SEAL, SEAL_BYTES
from app.local.bundle.typed_json import UnfitJson, decode, encode

NOW = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)


def manifest(*files: BundledFile) -> BundleManifest:
    return BundleManifest(
        BUNDLE_SCHEMA, BUNDLE_VERSION, "0.1.0", NOW, None, "Sandbox", "en", "UTC", (), files, NOTHING_MASKED
    )


@pytest.mark.asyncio
async def test_a_sealed_bundle_is_there_whole_with_the_hash_of_each_file(tmp_path: Path) -> None:
    path = tmp_path / "a.rundesk.zip"
    async with bundle_at(path) as writer:
        described = await writer.put("report.html", b"<p>hello</p>")
        await writer.seal(manifest(described))
    content = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["report.html", MANIFEST]
        assert hashlib.sha256(archive.read("report.html")).hexdigest() == described.sha256
        assert decode(BundleManifest, json_text.parse(archive.read(MANIFEST).decode())) == manifest(described)
        seal = SEAL.fullmatch(archive.comment)
    assert seal is not None
    before_end = content[: -END_RECORD_BYTES - SEAL_BYTES]
    assert hashlib.sha256(before_end).hexdigest() == seal.group(1).decode()


@pytest.mark.asyncio
async def test_a_bundle_that_is_not_sealed_leaves_nothing_behind(tmp_path: Path) -> None:
    async with bundle_at(tmp_path / "a.rundesk.zip") as writer:
        await writer.put("report.html", b"half")
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - nothing else runs on this loop


@pytest.mark.asyncio
async def test_a_place_that_cannot_be_written_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        async with bundle_at(tmp_path / "nowhere" / "a.rundesk.zip"):
            raise AssertionError


def test_what_may_be_text_or_a_time_keeps_its_kind() -> None:
    params = (("when", NOW), ("text", NOW.isoformat()), ("share", 1.5), ("count", 3))
    evidence = Evidence(Source.POSTGRES, "{when} {text} {share} {count}", None, params)
    assert decode(Evidence, json_text.parse(json_text.dump(encode(evidence)))) == evidence


def test_a_value_of_another_shape_is_refused_with_its_place() -> None:
    with pytest.raises(UnfitJson, match="/files/0/bytes: a whole number"):
        decode(BundleManifest, encode(manifest()) | {"files": [{"path": "a", "bytes": "1", "sha256": ""}]})  # type: ignore[operator]
