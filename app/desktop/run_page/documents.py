"""Documents of invocations, read when they are looked at and kept while the run is open."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from app.desktop.shell.context import DesktopContext
from app.desktop.shell.error_text import error_text
from app.domain.errors import RundeskError
from app.domain.run import Invocation, RunKey
from app.services.ports import InvocationDocuments

KEPT = 32
"""Invocations whose documents stay in memory."""


@dataclass(frozen=True, slots=True)
class DocumentState:
    """Either documents, or a problem in words, or (both None) still being read."""

    documents: InvocationDocuments | None = None
    problem: str | None = None


class DocumentStore(QObject):
    """Asks for each invocation's documents once per state of the invocation.

    Args:
        context: The desktop's surroundings.
        parent: The owning object.
    """

    changed = Signal(object)

    def __init__(self, context: DesktopContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._key: RunKey | None = None
        self._known: OrderedDict[tuple[UUID, str, int], DocumentState] = OrderedDict()

    def open(self, key: RunKey | None) -> None:
        """Forget the documents of another run."""
        if key != self._key:
            self._key = key
            self._known.clear()

    def state(self, invocation: Invocation) -> DocumentState:
        """Return what is known of an invocation's documents and begin reading them when nothing is."""
        version = _version(invocation)
        known = self._known.get(version)
        if known is None:
            known = self._known[version] = DocumentState()
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
            if self._key is not None:
                name = f"read documents {invocation.invocation_id}"
                self._context.tasks.spawn(name, self._read(self._key, invocation))
        return known

    def forget_problem(self, invocation: Invocation) -> None:
        """Let a failed read be tried anew."""
        self._known.pop(_version(invocation), None)
        self.changed.emit(invocation.invocation_id)

    async def _read(self, key: RunKey, invocation: Invocation) -> None:
        try:
            viewer = self._context.operator
            documents = await self._context.bridge.call(
                lambda: self._context.console.inspect.documents(key, invocation.invocation_id, viewer)
            )
            state = DocumentState(documents)
        except RundeskError as error:
            state = DocumentState(problem=error_text(error))
        if key == self._key:
            self._known[_version(invocation)] = state
            self.changed.emit(invocation.invocation_id)


def _version(invocation: Invocation) -> tuple[UUID, str, int]:
    """Return what changes when the documents may have changed."""
    return invocation.invocation_id, invocation.status, invocation.output_bytes
