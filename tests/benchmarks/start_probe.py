"""How long a window takes from the start of its process to the first painted row, in a process of its own.

Usage: ``python -m tests.benchmarks.start_probe MODE BEGAN DATABASE_URL TEMPORAL_ADDRESS NAMESPACE``

``minimal`` is a small PySide6 window that imports the same libraries and shows one query; ``rundesk`` is the app;
``visit`` is the app too, but its window is closed at the first row and the process ends as the app does. BEGAN is
the caller's ``time.time()`` just before it started this process. Prints the seconds since then.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

from app.__main__ import leave
from app.cli.rooms import ConnectionFlags


def report(began: float) -> None:
    """Print the seconds since the process was started and end it."""
    print(time.time() - began, flush=True)
    os._exit(0)


def minimal(began: float, url: str) -> None:
    """Show one query in a table as plainly as these libraries allow."""
    import asyncio

    import qasync  # noqa: F401
    import temporalio.client  # noqa: F401
    from PySide6.QtCore import QEvent, QObject, QStringListModel
    from PySide6.QtWidgets import QApplication, QListView
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    class FirstPaint(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                report(began)
            return False

    async def rows() -> list[str]:
        engine = create_async_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
        async with engine.connect() as connection:
            found = await connection.execute(
                text("SELECT run_id::text || ' ' || status FROM workflow_runs ORDER BY started_at DESC LIMIT 50")
            )
            return list(found.scalars())

    application = QApplication([])
    view = QListView()
    view.setModel(QStringListModel(asyncio.run(rows())))
    watcher = FirstPaint()
    view.viewport().installEventFilter(watcher)
    view.show()
    application.exec()


def rundesk(flags: ConnectionFlags, at_first_row: Callable[[], None]) -> int:
    """Show the app's window exactly as the command line does, watching for the first painted row."""
    from PySide6.QtCore import QEvent, QObject
    from PySide6.QtWidgets import QApplication, QTableView

    from app import bootstrap
    from app.desktop.shell import application as shell_application

    class FirstRow(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                table: Any = watched.parent()
                if isinstance(table, QTableView) and table.objectName() == "runs.table" and table.model().rowCount():
                    at_first_row()
            return False

    make = shell_application.make_application
    watcher = FirstRow()

    def watched_application(argv: list[str]) -> QApplication:
        application = make(argv)
        application.installEventFilter(watcher)
        return application

    shell_application.make_application = watched_application
    return bootstrap.run_desktop(flags)


def main() -> None:
    """Measure one mode."""
    mode, began, url, address, namespace = sys.argv[1:6]
    flags = ConnectionFlags(database_url=url, temporal_address=address, namespace=namespace)
    if mode == "minimal":
        minimal(float(began), url)
    elif mode == "rundesk":
        rundesk(flags, lambda: report(float(began)))
    else:
        from PySide6.QtWidgets import QApplication

        leave(rundesk(flags, QApplication.closeAllWindows))


if __name__ == "__main__":
    main()
