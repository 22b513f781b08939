"""Pictures a real view, offscreen, on live data: the same session, window and dialogs that an operator sees."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from app.bootstrap.connection import Connection, attached
from app.bootstrap.shot_catalogue import SHOT_VIEWS, BatchKey
from app.cli.answer import ExitCode
from app.cli.main import run_loop, say
from app.cli.rooms import ConnectionFlags, ShotRequest
from app.domain.errors import Misconfigured

if TYPE_CHECKING:
    from app.domain.run import RunKey

_PATTERN = re.compile(r"(?P<name>[a-z]+)(?::(?P<run>.+))?")
_RUN_VIEWS = frozenset({name.partition(":")[0] for name, _ in SHOT_VIEWS if ":" in name})
BATCH_VIEWS = frozenset({"batches", "batch"})
"""Views of batches: what they show lies in the journal of this computer."""
_PLAIN_VIEWS = frozenset({name for name, _ in SHOT_VIEWS if ":" not in name})


@dataclass(frozen=True, slots=True)
class ShotView:
    """A view to picture: its name and, where it needs one, the run or the batch."""

    name: str
    run_id: UUID | None

    @classmethod
    def parse(cls, text: str) -> ShotView:
        """Read ``runs`` or ``run:RUN_ID``.

        Raises:
            Misconfigured: no such view, or a run id that is missing, superfluous or none.
        """
        match = _PATTERN.fullmatch(text)
        name, run = (match["name"], match["run"]) if match else ("", None)
        if name in _PLAIN_VIEWS and run is None:
            return cls(name, None)
        if name in _RUN_VIEWS and run is not None:
            try:
                return cls(name, UUID(run))
            except ValueError:
                what = "batch" if name in BATCH_VIEWS else "run"
                raise Misconfigured("shot.run", f"{run} is not a {what} id (a UUID).") from None
        names = ", ".join(name for name, _ in SHOT_VIEWS)
        raise Misconfigured("shot.view", f"There is no view {text}. Views are {names}.")


def run_shot(flags: ConnectionFlags, request: ShotRequest) -> int:
    """Render one view and write it as PNG.

    Raises:
        Misconfigured: no such view, or the file cannot be written.
        RundeskError: the view's data cannot be had.
    """
    view = ShotView.parse(request.view)
    if not request.out.absolute().parent.is_dir():
        raise Misconfigured("shot.file", f"{request.out} cannot be written: its directory does not exist.")
    connection = attached(flags, os.environ)
    shown = run_loop(_find(connection, view))
    if shown is not None:
        connection = replace(connection, tenant=None if shown.tenant is None else str(shown.tenant))
    # Before QApplication: a shot needs no display, and the user's own choice of platform is for the window.
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory() as folder:
        return _photograph(connection, request, view, shown, Path(folder))


async def _find(connection: Connection, view: ShotView) -> RunKey | BatchKey | None:
    """Make sure that tenant, run and batch exist, so that a refusal is told here and not by a window nobody sees."""
    from app.bootstrap.services import open_session
    from app.cli import scope

    async with open_session(connection) as session:
        if view.run_id is None:
            await scope.tenant_of(session)
            return None
        if view.name in BATCH_VIEWS:
            ledger = await session.console.batch_runs.ledger(view.run_id)
            return BatchKey(ledger.plan.order.scope.tenant, view.run_id)
        key = await scope.key_of(session, view.run_id)
        await session.console.inspect.open(key)
        return key


def _photograph(
    connection: Connection, request: ShotRequest, view: ShotView, shown: RunKey | BatchKey | None, folder: Path
) -> int:
    from PySide6.QtCore import QSettings, qInstallMessageHandler

    from app.bootstrap.opening import opening_of, window_kind
    from app.bootstrap.photographer import Photographer
    from app.desktop.shell.application import make_application
    from app.desktop.shell.preferences import Preferences, PreferenceStore
    from app.desktop.shell.session import DesktopSession

    # The offscreen platform complains that it ignores a window's smallest size; what else Qt says is told.
    qInstallMessageHandler(lambda _kind, _context, text: None if "propagateSizeHints" in text else say(text))
    application = make_application(sys.argv[:1])
    store = PreferenceStore(QSettings(str(folder / "look.ini"), QSettings.Format.IniFormat))
    store.save(
        Preferences(
            theme="dark" if request.theme == "dark" else "light", language=request.language, reduced_motion=True
        )
    )
    session = DesktopSession(
        application,
        opening_of(connection, ConnectionFlags()),
        sandbox=False,
        kind=window_kind(connection),
        store=store,
    )
    photographer = Photographer(view.name, shown, request.size, finished=session.quit)
    session.ready.connect(photographer.begin)
    photographer.limit_time()
    session.begin()
    application.exec()
    session.close()
    if photographer.picture is None:
        say(photographer.problem)
        return ExitCode.FAILED
    if not photographer.picture.save(str(request.out), "PNG"):
        raise Misconfigured("shot.file", f"{request.out} cannot be written.", path=str(request.out))
    return ExitCode.OK
