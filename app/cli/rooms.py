"""What the command line needs from the rest of the house, as types; :mod:`app.bootstrap` provides it.

The command line knows services and domain only. Everything else (servers, windows, files of this desktop, rendering)
is reached through :class:`Rooms`, so that parsing and printing can be read and tested alone.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from app.domain.batch_ledger import BatchLedger
    from app.domain.triage import TriageReport
    from app.services.console import Console


@dataclass(frozen=True, slots=True)
class ConnectionFlags:
    """The connection options as typed; None where the flag was not given."""

    database_url: str | None = None
    temporal_address: str | None = None
    namespace: str | None = None
    tenant: str | None = None
    operator: str | None = None
    data_dir: Path | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """An open connection: the services, and the tenant and operator in force, as text still to be looked up.

    ``unverified_may_act`` says whether an operator whom the database login does not prove may write (rulings.md).
    ``render_report`` turns a report into the bytes of a format, in a language and a time zone; ``write_file`` replaces
    a file whole or not at all. ``render_ledger`` turns the ledger of a batch into ``csv`` or ``json``. ``repair_mode``
    says whether the profile allows the repairs that are off by default.
    """

    console: Console
    tenant: str | None
    operator: str | None
    unverified_may_act: bool
    render_report: Callable[[TriageReport, str, str, str], bytes]
    write_file: Callable[[Path, bytes], None]
    render_ledger: Callable[[BatchLedger, str], bytes]
    repair_mode: bool = False


@dataclass(frozen=True, slots=True)
class ShotRequest:
    """A picture to take: ``view`` as in ``--list``, ``theme`` light or dark, ``size`` in logical pixels."""

    view: str
    out: Path
    theme: str
    language: str
    size: tuple[int, int]


@dataclass(frozen=True, slots=True)
class SandboxRequest:
    """How to start the sandbox; ``data_dir`` None means the user's data directory."""

    data_dir: Path | None
    seed: str
    worker: bool


@dataclass(frozen=True, slots=True)
class WorkerRequest:
    """How to run the worker beside what the settings say; ``health_port`` None leaves the port to them."""

    health_port: int | None = None


class Rooms(Protocol):
    """The composition root as the command line sees it. Every method raises the errors of the error tree."""

    def ignored_notice(self) -> str | None:
        """Return one sentence about environment variables that have no effect, or None."""

    def open_session(self, flags: ConnectionFlags) -> AbstractAsyncContextManager[Session]:
        """Connect as flags, environment, saved profile or a living sandbox say."""

    def run_desktop(self, flags: ConnectionFlags) -> int:
        """Show the window until it is closed; return the exit code."""

    def shot_views(self) -> tuple[tuple[str, str], ...]:
        """Return the names of the views that can be pictured, each with one sentence."""

    def run_shot(self, flags: ConnectionFlags, request: ShotRequest) -> int:
        """Render one view offscreen on live data and write it; return the exit code."""

    async def run_sandbox(
        self, request: SandboxRequest, announce: Callable[[str], None], progress: Callable[[str], None]
    ) -> int:
        """Start the stack, announce one JSON line when ready, and run until a signal; return the exit code."""

    async def run_worker(
        self,
        flags: ConnectionFlags,
        request: WorkerRequest,
        announce: Callable[[str], None] | None,
        progress: Callable[[str], None],
    ) -> int:
        """Run the engine's worker until a signal; return the exit code. Announce one JSON line when asked to."""
