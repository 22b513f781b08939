"""Where the files shipped beside the code are."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_PLACES = (_PACKAGE / "_resources", _PACKAGE.parent / "resources")
"""In a wheel the files are inside the package, in a checkout beside it."""


def resource_path(*parts: str) -> Path:
    """Return the path of a shipped file; the path in the checkout when it exists nowhere."""
    candidates = [place.joinpath(*parts) for place in _PLACES]
    return next((path for path in candidates if path.exists()), candidates[-1])
