"""The product's limit on what a start or replay may send."""

from __future__ import annotations

from app.domain.errors import InvalidInput
from app.domain.launching import MAX_PAYLOAD_BYTES


def check_payload_size(compact: str) -> None:
    """Raise InvalidInput when the compact JSON text exceeds the limit, in UTF-8 bytes (runtime.md 4.4 step 2)."""
    size = len(compact.encode())
    if size > MAX_PAYLOAD_BYTES:
        raise InvalidInput(
            "payload.too_large",
            f"The payload has {size // 1024} KiB and a run accepts {MAX_PAYLOAD_BYTES // 1024} KiB. Make it smaller.",
            bytes=size,
            limit=MAX_PAYLOAD_BYTES,
        )
