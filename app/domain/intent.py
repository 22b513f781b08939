"""What an operator set out to do, as it is written down before its first effect, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.launching import AuditNote, RunNote
from app.domain.operator import Operator
from app.domain.run import RunKey


class IntentKind(StrEnum):
    """Which act."""

    START = "start"
    REPLAY = "replay"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Intent:
    """One act of one operator. It holds who, what and why, never a payload.

    ``run_id`` is the run to cancel, or the new run of a launch, whose id is the request id. ``notes`` and ``audit`` are
    the rows that belong to the act; their ids derive from ``request_id``, so writing them again changes nothing.
    """

    request_id: UUID
    kind: IntentKind
    tenant: UUID
    run_id: UUID
    operator: Operator | None
    reason: str | None
    at: datetime
    source_run: UUID | None = None
    notes: tuple[RunNote, ...] = ()
    audit: AuditNote | None = None

    @property
    def key(self) -> RunKey:
        """The run that the act is about."""
        return RunKey(self.tenant, self.run_id)


class MissingAct(StrEnum):
    """What an unfinished act still lacks."""

    NOTHING = "nothing"
    START = "start"
    CANCEL = "cancel"
    CLOSE = "close"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class IntentFinding:
    """What both sides say of an unfinished act.

    ``code`` names what ``message`` says, for a translated sentence. ``missing`` is the one act that is left:
    ``NOTHING`` when it is complete or came to nothing, ``CLOSE`` while a canceled execution has not closed yet,
    ``ANSWER`` while a side is silent.
    """

    intent: Intent
    code: str
    message: str
    missing: MissingAct = MissingAct.NOTHING
    status: str | None = None

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing left to do or to learn."""
        return self.missing is MissingAct.NOTHING

    @property
    def is_offered(self) -> bool:
        """Whether an operator's word can complete it now."""
        return self.missing in {MissingAct.START, MissingAct.CANCEL}
