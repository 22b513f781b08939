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
from app.bootstrap.shot_catalogue import SHOT_VIEWS
from app.cli.answer import ExitCode
from app.cli.main import run_loop, say
from app.cli.rooms import ConnectionFlags, ShotRequest
from app.domain.errors import Misconfigured

if TYPE_CHECKING:
    from app.domain.run import RunKey

_PATTERN = re.compile(r"(?P<name>[a-z]+)(?::(?P<run>.+))?")
_RUN_VIEWS = frozenset({name.partition(":")[0] for name, _ in SHOT_VIEWS if ":" in name})
_PLAIN_VIEWS = frozenset({name for name, _ in SHOT_VIEWS if ":" not in name})


@dataclass(frozen=True, slots=True)
class ShotView:
    """A view to picture: its name and, where it needs one, the run."""

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
                raise Misconfigured("shot.run", f"{run} is not a run id (a UUID).") from None
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
    key = run_loop(_find(connection, view))
    if key is not None:
        connection = replace(connection, tenant=None if key.tenant is None else str(key.tenant))
    # Before QApplication: a shot needs no display, and the user's own choice of platform is for the window.
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory() as folder:
        return _photograph(connection, request, view, key, Path(folder))


async def _find(connection: Connection, view: ShotView) -> RunKey | None:
    """Make sure that both tenant and run exist, so that a refusal is told here and not by a window nobody sees."""
    from app.bootstrap.services import open_session
    from app.cli import scope

    async with open_session(connection) as session:
        if view.run_id is None:
            await scope.tenant_of(session)
            return None
        key = await scope.key_of(session, view.run_id)
        await session.console.inspect.open(key)
        return key


def _photograph(connection: Connection, request: ShotRequest, view: ShotView, key: RunKey | None, folder: Path) -> int:
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
    photographer = Photographer(view.name, key, request.size, finished=session.quit)
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
