"""Drives the page of cases, and adds runs to cases from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any
from uuid import UUID

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu, QWidget

from app.desktop.cases.autosave import Autosave
from app.desktop.cases.view import CasesPage
from app.desktop.shell.context import DesktopContext
from app.desktop.shell.error_text import error_text
from app.desktop.shell.words import translate
from app.domain.case import Case
from app.domain.errors import RundeskError
from app.domain.run import RunInspection, RunKey, RunRow
from app.services.case_ports import CaseShelf

_OFFERED = 8
"""Cases, the last changed ones, that a run can be added to from the menu."""


class CasesController(QObject):
    """Joins the page with the service. ``page_wanted`` asks the window to show it.

    Args:
        context: The desktop's surroundings.
        page: What shows the cases.
        window: What menus belong to.
        parent: The owning object.
    """

    page_wanted = Signal()

    def __init__(
        self, context: DesktopContext, page: CasesPage, window: Callable[[], QWidget], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._page = page
        self._window = window
        self._cases: tuple[Case, ...] = ()
        self._shown: UUID | None = None
        self._removed: Case | None = None
        self._run: RunRow | None = None
        self._selected: tuple[RunRow, ...] = ()
        self.comparison: Callable[[], tuple[RunKey, RunKey] | None] = lambda: None
        self.autosave = Autosave(context, self)
        self.autosave.stood.connect(page.saved.setText)
        self.autosave.failed.connect(page.show_problem)
        self.autosave.kept.connect(self._kept)
        page.case_chosen.connect(self._choose)
        page.undo_wanted.connect(self.undo)
        page.editor.edited.connect(self._edited)
        bind = context.commands.bind
        bind("cases.show", self.show)
        bind("case.new", lambda: self._act("open case", self._new(())))
        bind("case.remove", self.remove)
        bind("case.add_run", lambda: self._offer(() if self._run is None else (self._run,)))
        bind("case.add_selected", lambda: self._offer(self._selected))
        bind("case.add_comparison", lambda: self._offer((), comparison=self.comparison()))
        self._allow()

    def show(self) -> None:
        """Show the page and read the cases."""
        self.page_wanted.emit()
        self._act("read cases", self._read())

    def run_shown(self, inspection: RunInspection | None) -> None:
        """Take over which run the run page shows."""
        self._run = None if inspection is None else inspection.run.row
        self._allow()

    def runs_selected(self, rows: Sequence[RunRow]) -> None:
        """Take over which runs are selected in the list."""
        self._selected = tuple(rows)
        self._allow()

    def remove(self) -> None:
        """Remove the case that is shown; it can be brought back until another is removed."""
        case = self._page.editor.case()
        if case is not None and self._shown == case.case_id:
            self._act("remove case", self._remove(case))

    def undo(self) -> None:
        """Bring the removed case back."""
        if (case := self._removed) is not None:
            self._removed = None
            self._page.show_removed(None)
            self._act("bring case back", self._bring_back(case))

    def stop(self) -> None:
        """Wait for no more keys; :meth:`settle` has kept what was typed."""
        self.autosave.stop()

    async def settle(self) -> None:
        """Keep what was typed, before everything is ended."""
        await self.autosave.flush()

    def _act(self, name: str, coroutine: Coroutine[Any, Any, None]) -> None:
        self._context.tasks.spawn(name, coroutine, self._failed)

    def _failed(self, error: RundeskError) -> None:
        self._page.show_problem(error_text(error))

    async def _read(self) -> None:
        await self.autosave.flush()
        shelf: CaseShelf = await self._context.bridge.call(self._context.console.cases.shelf)
        self._page.show_problem("")
        self._page.show_damaged(shelf.damaged)
        self._take(shelf.cases)

    def _take(self, cases: Sequence[Case], shown: UUID | None = None) -> None:
        """Show these cases, and of them the one that is named, or was shown, or was changed last."""
        self._cases = tuple(cases)
        ids = [case.case_id for case in cases]
        wanted = shown or self._shown
        self._shown = wanted if wanted in ids else next(iter(ids), None)
        self._page.show_cases(self._cases, self._shown)
        self._show_editor()
        self._allow()

    def _show_editor(self) -> None:
        case = self._case(self._shown)
        if case is not None and self.autosave.clean:
            self._page.editor.show_case(case)
            operator = self._context.operator
            self._page.editor.notes.author = None if operator is None else operator.display_name

    def _case(self, case_id: UUID | None) -> Case | None:
        return next((case for case in self._cases if case.case_id == case_id), None)

    def _choose(self, case_id: UUID) -> None:
        if case_id != self._shown:
            self._act("show case", self._switch(case_id))

    async def _switch(self, case_id: UUID) -> None:
        await self.autosave.flush()
        self._shown = case_id
        self._show_editor()
        self._allow()

    def _edited(self) -> None:
        case = self._page.editor.case()
        if case is not None:
            self.autosave.edited(case)

    def _kept(self, case: Case) -> None:
        """Show the kept case in the list; what is typed meanwhile stays in the editor."""
        self._cases = tuple(case if each.case_id == case.case_id else each for each in self._cases)
        self._page.show_cases(self._cases, self._shown)

    async def _new(self, rows: Sequence[RunRow], comparison: tuple[RunKey, RunKey] | None = None) -> None:
        cases = self._context.console.cases
        await self.autosave.flush()
        title = rows[0].workflow_name if rows and rows[0].workflow_name else translate("Cases", "New case")
        made: Case = await self._context.bridge.call(lambda: cases.open(title, rows))
        if comparison is not None:
            await self._context.bridge.call(lambda: cases.add_comparison(made.case_id, *comparison))
        self._shown = made.case_id
        self.page_wanted.emit()
        await self._read()
        self._page.editor.title.setFocus()
        self._page.editor.title.selectAll()

    async def _remove(self, case: Case) -> None:
        await self.autosave.flush()
        cases = self._context.console.cases
        await self._context.bridge.call(lambda: cases.remove(case.case_id))
        self._removed = case
        self._page.show_removed(case)
        await self._read()

    async def _bring_back(self, case: Case) -> None:
        cases = self._context.console.cases
        await self._context.bridge.call(lambda: cases.keep(case))
        self._shown = case.case_id
        await self._read()

    def _offer(self, rows: Sequence[RunRow], comparison: tuple[RunKey, RunKey] | None = None) -> None:
        if rows or comparison is not None:
            self._act("offer cases", self._offer_cases(tuple(rows), comparison))

    async def _offer_cases(self, rows: tuple[RunRow, ...], comparison: tuple[RunKey, RunKey] | None) -> None:
        shelf: CaseShelf = await self._context.bridge.call(self._context.console.cases.shelf)
        menu = QMenu(self._window())
        menu.setObjectName("case.menu")
        fresh = menu.addAction(translate("Cases", "New case"))
        fresh.setObjectName("case.menu.new")
        fresh.triggered.connect(lambda _on=False: self._act("open case", self._new(rows, comparison)))
        if shelf.cases:
            menu.addSeparator()
        for case in shelf.cases[:_OFFERED]:
            action = menu.addAction(case.title.strip() or translate("Cases", "Untitled case"))
            action.setObjectName(f"case.menu.{case.case_id}")
            action.triggered.connect(
                lambda _on=False, to=case: self._act("add to case", self._add(to, rows, comparison))
            )
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(QCursor.pos())

    async def _add(self, case: Case, rows: tuple[RunRow, ...], comparison: tuple[RunKey, RunKey] | None) -> None:
        cases = self._context.console.cases
        await self.autosave.flush()
        try:
            if rows:
                await self._context.bridge.call(lambda: cases.add_runs(case.case_id, rows))
            if comparison is not None:
                await self._context.bridge.call(lambda: cases.add_comparison(case.case_id, *comparison))
        except RundeskError as error:
            self._context.notify.failure(error)
            return
        text = translate("Cases", "Added to the case “{title}”.")
        self._context.notify.success(text.format(title=case.title.strip() or translate("Cases", "Untitled case")))
        await self._read()

    def _allow(self) -> None:
        allow = self._context.commands.set_allowed
        allow("case.add_run", None if self._run is not None else translate("Run", "No run is shown."))
        allow("case.add_selected", None if self._selected else translate("Cases", "No run is selected in the list."))
        allow("case.remove", None if self._shown is not None else translate("Cases", "No case is shown."))
