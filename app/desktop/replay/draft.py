"""What the operator has prepared in the replay dialog, and what still stands between it and the send. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from app.desktop.replay.preview_state import PreviewState
from app.domain.payload_edit import EditState, PayloadAssessment, remaining_damage
from app.domain.run import ACTIVE_STATUSES
from app.services.reason import is_reason
from app.services.replay_run import Acceptance, ReplayForm

BACKGROUND_CHARACTERS = 64 * 1024
"""Longer texts are assessed off the UI thread."""


class Blocker(StrEnum):
    """Why a replay cannot be sent yet, in the order in which the operator should deal with it."""

    LOADING = "loading"
    SENDING = "sending"
    NOT_PERMITTED = "not_permitted"
    CHECKING = "checking"
    BROKEN_FOLD = "broken_fold"
    INVALID = "invalid"
    REFUSED = "refused"
    DAMAGED = "damaged"
    VERSION = "version"
    SCHEMA = "schema"
    SOURCE_ACTIVE = "source_active"
    GATE = "gate"
    REASON = "reason"


@dataclass(frozen=True, slots=True)
class Draft:
    """The dialog's whole state.

    ``assessment`` is None while the text is being checked; ``broken_fold_line`` is the line of a folded string that was
    changed in part. ``damage_typed`` is what was typed to send a damaged input as it is, ``active_typed`` what was
    typed to start a second run beside an active source. ``refusal`` says why the operator may not replay at all.
    ``source_status`` is the run's stored status, newest known, and ``source_completed`` whether it has an end time
    (runtime.md F39).
    """

    source_status: str
    form: ReplayForm | None = None
    assessment: PayloadAssessment | None = None
    broken_fold_line: int | None = None
    reason: str = ""
    active_typed: str = ""
    damage_typed: str = ""
    sending: bool = False
    refusal: str | None = None
    source_completed: bool = True
    preview: PreviewState = field(default_factory=PreviewState)

    @property
    def source_active(self) -> bool:
        """Whether the source run is still under way, so that a replay would work beside it."""
        return self.source_status in ACTIVE_STATUSES or not self.source_completed

    @property
    def accepts(self) -> frozenset[Acceptance]:
        """What the operator was shown and confirmed."""
        confirmed = {
            Acceptance.ACTIVE_SOURCE: self.source_active and self._is_confirmed(self.active_typed),
            Acceptance.DAMAGED_INPUT: bool(self.remaining_damage) and self._damage_accepted,
        }
        return frozenset(danger for danger, holds in confirmed.items() if holds)

    @property
    def beginning(self) -> str:
        """The first eight characters of the run's id, which are typed to confirm; empty before it is known."""
        return "" if self.form is None else str(self.form.source.key.run_id)[:8]

    @property
    def _damage_accepted(self) -> bool:
        return self._is_confirmed(self.damage_typed)

    def _is_confirmed(self, typed: str) -> bool:
        return bool(self.beginning) and typed.strip().lower() == self.beginning

    @property
    def edited(self) -> bool:
        """Whether the payload differs as JSON from the original."""
        return self.assessment is not None and self.assessment.state is EditState.EDITED

    @property
    def touched(self) -> bool:
        """Whether closing would lose something the operator typed."""
        clean = self.assessment is not None and self.assessment.state is EditState.PRISTINE
        return self.form is not None and (not clean or bool(self.reason.strip()))

    @property
    def remaining_damage(self) -> tuple[str, ...]:
        """Pointers at which the stored input holds a placeholder that no edit replaces."""
        if self.form is None:
            return ()
        patch = () if self.assessment is None else self.assessment.patch
        return remaining_damage(self.form.source.damaged_paths, patch)

    def blocker(self) -> Blocker | None:
        """Return the first thing in the way, or None when the replay can be sent."""
        if self.form is None:
            return Blocker.LOADING
        checks = (
            (Blocker.SENDING, self.sending),
            (Blocker.NOT_PERMITTED, self.refusal is not None),
            (Blocker.BROKEN_FOLD, self.broken_fold_line is not None),
            (Blocker.CHECKING, self.assessment is None),
            (Blocker.INVALID, self._is(EditState.INVALID)),
            (Blocker.REFUSED, self._is(EditState.REFUSED)),
            (Blocker.DAMAGED, bool(self.remaining_damage) and not self._damage_accepted),
            (Blocker.VERSION, self.preview.awaits_version or self.preview.version_missing),
            (Blocker.SCHEMA, self.preview.schema_refuses),
            (Blocker.SOURCE_ACTIVE, self.source_active and not self._is_confirmed(self.active_typed)),
            (Blocker.GATE, self.preview.closed_gate is not None),
            (Blocker.REASON, not is_reason(self.reason)),
        )
        return next((blocker for blocker, holds in checks if holds), None)

    def _is(self, state: EditState) -> bool:
        return self.assessment is not None and self.assessment.state is state
