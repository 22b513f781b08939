"""Ids of the demo data: derived from names, so that seeding twice makes the same rows."""

from __future__ import annotations

from typing import Final
from uuid import UUID, uuid5

_DEMO: Final = UUID("6f1d8a52-0f53-4c0c-9b0a-7a3d2c5e9b11")


def demo_id(kind: str, name: str) -> UUID:
    """Return the id of a demo thing, for example ``demo_id("user", "maria.ortiz")``."""
    return uuid5(_DEMO, f"{kind}:{name}")


TENANT: Final = demo_id("tenant", "harbor-managed-it")
TENANT_NAME: Final = "Harbor Managed IT"
OPERATOR_EMAIL: Final = "maria.ortiz@harbor-it.example"
"""The demo's administrator, who acts when nobody else is named."""
ADMINISTRATOR: Final = demo_id("user", OPERATOR_EMAIL)
