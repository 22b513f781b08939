"""Where a run is: an explicit stack of frames that survives a continue-as-new as plain JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, TypeAlias


@dataclass(slots=True)
class BlockFrame:
    """Executes the steps of one block; ``next`` is the index of the step to take."""

    block: str
    next: int = 0


@dataclass(slots=True)
class LoopFrame:
    """A ``control.forEach`` under way. What it shadowed is kept, to be restored on leaving, however that happens."""

    path: str
    items: list[Any]
    index: int = 0
    shadowed: Any = None
    shadows: bool = False


@dataclass(slots=True)
class TryFrame:
    """The try branch of a ``control.tryCatch`` under way; gone once the catch branch begins."""

    path: str


Frame: TypeAlias = BlockFrame | LoopFrame | TryFrame

_KINDS: dict[str, type[BlockFrame] | type[LoopFrame] | type[TryFrame]] = {
    "block": BlockFrame,
    "loop": LoopFrame,
    "try": TryFrame,
}


def frames_to_json(frames: list[Frame]) -> list[dict[str, Any]]:
    """Return the stack for the checkpoint, outermost first."""
    names = {kind: name for name, kind in _KINDS.items()}
    return [{"kind": names[type(frame)], **asdict(frame)} for frame in frames]


def frames_from_json(documents: list[dict[str, Any]]) -> list[Frame]:
    """Read what :func:`frames_to_json` wrote."""
    return [
        _KINDS[document["kind"]](**{key: value for key, value in document.items() if key != "kind"})
        for document in documents
    ]
