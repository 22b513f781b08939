"""The forms in which an operator hands over a changed payload."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from app.domain.launching import PatchOperation


@dataclass(frozen=True, slots=True)
class EditedText:
    """The redacted document as edited JSON text: a placeholder left at its own place keeps the stored value."""

    text: str


@dataclass(frozen=True, slots=True)
class GivenPatch:
    """RFC 6902 operations in order, the same for however many runs; each is judged against the run it meets."""

    operations: tuple[PatchOperation, ...]


PayloadEdit: TypeAlias = EditedText | GivenPatch
