"""Drafts as files: what is kept comes back, atomically, for the owner only; what is damaged stays and is told."""

from __future__ import annotations

import stat
import sys
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from app.domain.errors import Misconfigured
from app.domain.launching import PatchOperation
from app.domain.start_draft import DraftOrigin, KeptDraft
from app.local.start_drafts import DraftFiles

pytestmark = pytest.mark.asyncio
TENANT, WORKFLOW = UUID(int=1), UUID(int=2)
DRAFT = KeptDraft(
    version=2,
    origin=DraftOrigin(uuid4(), "hash"),
    patch=(
        PatchOperation("add", ("a", "/~"), '{"n": 1.50, "kept": \ufffc}', (("secret", "0"),)),
        PatchOperation("remove", ("b",)),
    ),
    omitted=("/password",),
)


@pytest.fixture
def drafts(tmp_path: Path) -> DraftFiles:
    return DraftFiles(tmp_path / "made by the first draft")


def files(tmp_path: Path) -> list[Path]:
    return [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("draft", [DRAFT, KeptDraft(text='{\n  "ü": 12345678901234567890.10\n}'), KeptDraft()])
async def test_what_is_kept_comes_back(drafts: DraftFiles, tmp_path: Path, draft: KeptDraft) -> None:
    await drafts.write(TENANT, WORKFLOW, KeptDraft(text="{}"))
    await drafts.write(TENANT, WORKFLOW, draft)
    assert await drafts.read(TENANT, WORKFLOW) == draft
    assert await drafts.read(TENANT, UUID(int=3)) is None
    (file,) = files(tmp_path)
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_removing_is_idempotent(drafts: DraftFiles, tmp_path: Path) -> None:
    await drafts.write(TENANT, WORKFLOW, DRAFT)
    await drafts.remove(TENANT, WORKFLOW)
    await drafts.remove(TENANT, WORKFLOW)
    assert files(tmp_path) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 2}', '{"format": 1}', '{"format": 1, "origin": 7}'])
async def test_a_damaged_draft_is_told_and_left(drafts: DraftFiles, tmp_path: Path, text: str) -> None:
    await drafts.write(TENANT, WORKFLOW, DRAFT)
    (file,) = files(tmp_path)
    file.write_text(text)
    with pytest.raises(Misconfigured) as caught:
        await drafts.read(TENANT, WORKFLOW)
    assert caught.value.code == "draft.damaged"
    assert file.read_text() == text


async def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    with pytest.raises(Misconfigured) as caught:
        await DraftFiles(tmp_path / "file").write(TENANT, WORKFLOW, DRAFT)
    assert caught.value.code == "draft.file"
