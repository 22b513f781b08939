"""Stand-ins for the services behind the cancel dialog."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.domain.cancellation import (
    CancelPreview,
    CancelProgress,
    CancelWay,
    ClosedParts,
    OpenAction,
    OpenParts,
    TemporalWord,
)
from app.domain.execution import ExecutionStatus
from app.domain.run import RunKey
from app.services.cancel_run import CancelCommand, CancelOutcome
from app.services.close_row import CloseRowCommand
from app.services.follow_cancel import FollowedCancel
from tests.desktop.identities import NOW, REPLAY, RUN


@dataclass
class FakeCancel:
    """Stands in for CancelRun."""

    error: Exception | None = None
    accepted: bool = True
    commands: list[CancelCommand] = field(default_factory=list)

    async def cancel(self, command: CancelCommand) -> CancelOutcome:
        self.commands.append(command)
        if self.error is not None:
            raise self.error
        if self.accepted:
            return CancelOutcome(command.key, True, True, "CANCELED", "The run is canceled.")
        return CancelOutcome(command.key, True, False, "SUCCEEDED", "The run ended before the cancel took effect.")


@dataclass
class FakeCancelPreview:
    """Stands in for PreviewCancel."""

    look_at: CancelPreview = field(
        default_factory=lambda: CancelPreview(
            "RUNNING",
            TemporalWord.OPEN,
            None,
            OpenParts(
                waits=("human",),
                steps=("root.steps[2]",),
                tasks=1,
                actions=(OpenAction(RUN, "email.send", "root.steps[2]", NOW),),
                children=(REPLAY,),
            ),
            CancelWay.CANCEL,
        )
    )
    error: Exception | None = None

    async def look(self, _key: RunKey) -> CancelPreview:
        if self.error is not None:
            raise self.error
        return self.look_at


@dataclass
class FakeFollow:
    """Stands in for FollowCancel; each call answers with the next progress, the last one for ever."""

    steps: list[dict[str, Any]] = field(
        default_factory=lambda: [{"closed_as": ExecutionStatus.CANCELED, "closed_at": NOW}]
    )
    followed: list[FollowedCancel] = field(default_factory=list)

    async def follow(self, cancel: FollowedCancel, _seconds: float, _tell: object = None) -> CancelProgress:
        self.followed.append(cancel)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        return CancelProgress(cancel.requested_at, cancel.accepted_at, **step)


@dataclass
class FakeCloseRow:
    """Stands in for CloseRow."""

    commands: list[CloseRowCommand] = field(default_factory=list)

    async def close(self, command: CloseRowCommand) -> ClosedParts:
        self.commands.append(command)
        return ClosedParts(runs=(command.key.run_id,), steps=1)
