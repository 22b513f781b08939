"""Who and when: the ids, the operator and the moment that the desktop's samples share."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid5

from app.domain.operator import Operator

TENANT = UUID("0b0e5d0c-0000-4000-8000-000000000001")
NOW = datetime(2026, 11, 23, 14, 33, 19, tzinfo=UTC)
RUN = UUID("e80b2c5a-41c7-4d0b-9a3e-0f6b6f6d2c11")
REPLAY = UUID("1d45f7bb-7c11-4b52-8d3a-55a1c0a6a001")
SPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
OPERATOR = Operator(TENANT, uuid5(SPACE, "dana"), "Dana Reyes", "dana@example.com", ("Admin",), frozenset({"admin"}))
