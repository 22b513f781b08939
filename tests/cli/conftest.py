"""The command line on the demo's servers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.sandbox.info import SandboxInfo
from tests.cli.command_line import Said, rundesk

Ask = Callable[..., Said]


@pytest.fixture(scope="session")
def info(demo) -> SandboxInfo:
    """How to reach the demo."""
    return demo.info


@pytest.fixture(scope="session")
def connected(info: SandboxInfo) -> tuple[str, ...]:
    """The flags that lead to the demo, without an operator."""
    return (
        "--database-url",
        info.database_url,
        "--temporal-address",
        info.temporal_address,
        "--temporal-namespace",
        info.namespace,
    )


@pytest.fixture(scope="session")
def ask(info: SandboxInfo, connected: tuple[str, ...]) -> Ask:
    """Runs a command against the demo as its administrator; with ``--json`` unless ``plain``."""

    def run(*argv: str, plain: bool = False, operator: str | None = info.operator, given: str = "") -> Said:
        form = () if plain else ("--json",)
        return rundesk(*argv, *connected, "--operator", operator or "", *form, given=given)

    return run
