"""What a viewer without ``manage`` or ``admin`` is not shown (runtime.md 5.1, mechanism C).

Inputs and outputs of actions are hidden whole, and of their errors only category, code, place and time are left. It
comes on top of masking, never in its place.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from app.domain.operator import Operator, Right
from app.domain.placeholders import HIDDEN_KEY, hidden_document
from app.domain.run import Invocation, JsonValue, RedactedDocument, RunInspection

LEFT_OF_ERRORS = ("category", "code", "nodePath", "at")


def sees_invocations(viewer: Operator | None, tenant: UUID | None) -> bool:
    """Say whether inputs, outputs and errors of this tenant's actions may be shown to whoever looks.

    Nobody known has the least rights, and rights of one tenant mean nothing in another.
    """
    return viewer is not None and viewer.tenant == tenant and viewer.may(Right.MANAGE)


def hidden() -> RedactedDocument:
    """Return what stands for a document that the viewer may not see."""
    return RedactedDocument(hidden_document(), ("",))


def for_viewer(inspection: RunInspection, viewer: Operator | None) -> RunInspection:
    """Return the inspection as this viewer may see it."""
    if sees_invocations(viewer, inspection.run.row.key.tenant):
        return inspection
    invocations = tuple(_restricted(invocation) for invocation in inspection.invocations)
    return replace(inspection, invocations=invocations, restricted=True)


def _restricted(invocation: Invocation) -> Invocation:
    return replace(
        invocation,
        input=None if invocation.input is None else _restricted_document(invocation.input),
        output=None if invocation.output is None else _restricted_document(invocation.output),
        error=_restricted_error(invocation.error),
    )


def _restricted_document(document: RedactedDocument) -> RedactedDocument:
    return document if document.value is None else hidden()


def _restricted_error(error: JsonValue) -> JsonValue:
    if error is None:
        return None
    left = {name: error[name] for name in LEFT_OF_ERRORS if name in error} if isinstance(error, dict) else {}
    return {HIDDEN_KEY: True, **left}
