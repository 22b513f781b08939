"""Writing a file so that it is either there whole or not at all."""

from __future__ import annotations

from app.local.whole_file import write_whole

__all__ = ["write_whole"]
