"""Drives the page of failures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from app.bridge import SpawnedTask
from app.desktop.fingerprints.view import FingerprintsPage
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.error_text import error_text
from app.desktop.shell.words import translate
from app.domain.errors import RundeskError
from app.domain.failure_fingerprint import Fingerprint, is_web_link
from app.domain.run_query import TenantChoice
from app.services.failure_fingerprints import FingerprintReport


class FingerprintsController(QObject):
    """Joins the page with the service. ``page_wanted`` asks the window to show it.

    ``runs_wanted`` carries the ids of runs of the window's tenant that the list is to be narrowed to.

    Args:
        context: The desktop's surroundings.
        page: What shows the failures.
        parent: The owning object.
    """

    page_wanted = Signal()
    runs_wanted = Signal(object)

    def __init__(self, context: DesktopContext, page: FingerprintsPage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._page = page
        self._reading: SpawnedTask | None = None
        context.commands.bind("fingerprints.show", self.show)
        page.scope_changed.connect(self.read)
        page.detail.note_wanted.connect(self._keep)
        page.detail.runs_wanted.connect(self._list_runs)
        page.detail.link_wanted.connect(_open_in_browser)

    def show(self) -> None:
        """Show the page and count."""
        self.page_wanted.emit()
        self.read()

    def read(self) -> None:
        """Count anew."""
        self.forget()
        self._page.show_loading()
        self._reading = self._context.tasks.spawn("count failures", self._read())

    def forget(self) -> None:
        """Wait for no answer any more."""
        if self._reading is not None:
            self._reading.cancel()

    async def _read(self) -> None:
        page, console = self._page, self._context.console
        tenant, every = self._context.tenant, page.every_tenant.isChecked()
        within = timedelta(days=page.window_days)

        async def count() -> FingerprintReport:
            choices = await console.browse.tenants()
            return await console.fingerprints.find(_chosen(choices, tenant, every=every), within)

        try:
            report = await self._context.bridge.call(count)
        except RundeskError as error:
            page.show_failure(error_text(error))
            return
        problem = report.notes_problem
        page.show_report(report, "" if problem is None else error_text(problem))

    def _keep(self, text: str, link: str) -> None:
        found = self._page.detail.found
        if found is not None:
            self._page.detail.show_saving(saving=True)
            self._context.tasks.spawn("keep note", self._save(found.identity, text, link))

    async def _save(self, identity: str, text: str, link: str) -> None:
        service = self._context.console.fingerprints
        try:
            await self._context.bridge.call(lambda: service.note(identity, text, link))
        except RundeskError as error:
            self._page.detail.show_saving(saving=False, problem=error_text(error))
            return
        self._page.detail.show_saving(saving=False)
        self.read()

    def _list_runs(self, found: Fingerprint) -> None:
        mine = tuple(key.run_id for key in found.runs if key.tenant == self._context.tenant)
        if not mine:
            self._context.notify.info(
                translate(
                    "Fingerprints", "These runs are of other tenants. Choose one of them at the top to list them."
                )
            )
            return
        self.runs_wanted.emit(mine)


def _chosen(choices: Sequence[TenantChoice], tenant: UUID | None, *, every: bool) -> list[TenantChoice]:
    """Return the tenants whose failures are counted; at least the one that is looked at, whatever it is called."""
    chosen = [choice for choice in choices if every or choice.tenant == tenant]
    return chosen or [TenantChoice(tenant, "")]


def _open_in_browser(address: str) -> None:
    if is_web_link(address):
        QDesktopServices.openUrl(QUrl(address, QUrl.ParsingMode.StrictMode))
