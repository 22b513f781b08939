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
class ChippedText:
    """JSON text with a :data:`app.domain.chips.HOLE` for each masked value, and where each of these is stored.

    ``origins`` are decoded pointer segments into the stored document, in the order of the holes. A masked value goes
    wherever its hole goes.
    """

    text: str
    origins: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class GivenPatch:
    """RFC 6902 operations in order, the same for however many runs; each is judged against the run it meets."""

    operations: tuple[PatchOperation, ...]


PayloadEdit: TypeAlias = EditedText | ChippedText | GivenPatch
