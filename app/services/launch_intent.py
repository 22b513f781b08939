"""A launch or a cancel as it is written down before its first effect."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from app.domain.intent import Intent, IntentKind
from app.domain.launching import LaunchOrder
from app.services.ports import ActionRecord

if TYPE_CHECKING:
    from app.services.cancel_run import CancelCommand

_REPLAY_OF = "replayOfRunId"


def launch_intent(order: LaunchOrder, record: ActionRecord | None) -> Intent | None:
    """Return what a launch is about, without its payload; None for a run of a batch, whose own journal covers it."""
    if record is not None and record.audit is not None and "batch" in record.audit.details:
        return None
    metadata = order.trigger_metadata or {}
    source, reason = metadata.get(_REPLAY_OF), metadata.get("reason")
    return Intent(
        request_id=order.request_id,
        kind=IntentKind.START if source is None else IntentKind.REPLAY,
        tenant=order.tenant,
        run_id=order.request_id,
        operator=None if record is None else record.operator,
        reason=None if reason is None else str(reason),
        at=datetime.now(UTC),
        source_run=None if source is None else UUID(str(source)),
        notes=() if record is None else record.notes,
        audit=None if record is None else record.audit,
    )


def cancel_intent(command: CancelCommand, tenant: UUID, record: ActionRecord) -> Intent:
    """Return what a cancel is about."""
    return Intent(
        request_id=command.request_id,
        kind=IntentKind.CANCEL,
        tenant=tenant,
        run_id=command.key.run_id,
        operator=command.operator,
        reason=command.reason.strip(),
        at=datetime.now(UTC),
        notes=record.notes,
        audit=record.audit,
    )


def record_of(intent: Intent) -> ActionRecord:
    """Return the log and audit rows of an intent: in the name of whom it was, with the ids that they already have."""
    return ActionRecord(intent.request_id, intent.operator, intent.notes, intent.audit)
