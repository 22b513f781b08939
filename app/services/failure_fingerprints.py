"""Which failures are the same failure, since when, and is it known already?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.domain.errors import InvalidInput, Misconfigured
from app.domain.failure_fingerprint import Fingerprint, FingerprintNote, fingerprints_of, is_web_link
from app.domain.redaction import Redactor
from app.domain.redaction_policy import BUILT_IN_RULES
from app.domain.run_query import TenantChoice
from app.services.fingerprint_ports import FailureReader, FingerprintNotes

DEFAULT_WINDOW = timedelta(days=7)
LONGEST_WINDOW = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class FingerprintReport:
    """The failures of a window.

    Attributes:
        fingerprints: The most frequent first.
        since: Where the window begins, by the database's clock.
        read_at: Where it ends.
        counted: Failed runs that were counted.
        cut: The window holds more than were counted: numbers are at least these.
        notes_problem: Why the notes could not be read.
    """

    fingerprints: tuple[Fingerprint, ...]
    since: datetime
    read_at: datetime
    counted: int
    cut: bool = False
    notes_problem: Misconfigured | None = None


def _now() -> datetime:
    return datetime.now(UTC)


class FailureFingerprints:
    """Groups failures and keeps what is known of them.

    Args:
        reader: Counts them.
        notes: What is known.
        now: This computer's clock, for when a note was made.
    """

    def __init__(self, reader: FailureReader, notes: FingerprintNotes, now: Callable[[], datetime] = _now) -> None:
        self._reader = reader
        self._notes = notes
        self._now = now

    async def find(self, tenants: Sequence[TenantChoice], within: timedelta = DEFAULT_WINDOW) -> FingerprintReport:
        """Return the failures of these tenants, at least one, of runs started within this time before now.

        Raises:
            InvalidInput: A window that is not between a moment and :data:`LONGEST_WINDOW`.
            EnvironmentFailure: Postgres does not answer.
        """
        if not timedelta() < within <= LONGEST_WINDOW:
            raise InvalidInput(
                "fingerprints.window",
                f"Failures are looked for within at most {LONGEST_WINDOW.days} days before now.",
                days=LONGEST_WINDOW.days,
            )
        facts = [await self._reader.failures(choice.tenant, within) for choice in tenants]
        notes, problem = await self._known()
        read_at = max(each.read_at for each in facts)
        return FingerprintReport(
            fingerprints=fingerprints_of(
                (group for each in facts for group in each.groups),
                {choice.tenant: choice.name for choice in tenants},
                notes,
            ),
            since=read_at - within,
            read_at=read_at,
            counted=sum(each.counted for each in facts),
            cut=any(each.cut for each in facts),
            notes_problem=problem,
        )

    async def note(self, identity: str, text: str, link: str = "") -> FingerprintNote | None:
        """Keep what is known of a failure; without text and link the note is removed.

        Credentials in the text are replaced.

        Raises:
            InvalidInput: The link is no address of the web.
            Misconfigured: The note could not be kept.
        """
        text, link = text.strip(), link.strip()
        if link and not is_web_link(link):
            raise InvalidInput(
                "fingerprints.link",
                "A link begins with https:// or http://, names a host, and holds neither a user nor spaces.",
            )
        note = None
        if text or link:
            clean = Redactor(BUILT_IN_RULES)
            note = FingerprintNote(clean.text(text) or "", clean.text(link) or "", self._now())
        await self._notes.write(identity, note)
        return note

    async def _known(self) -> tuple[Mapping[str, FingerprintNote], Misconfigured | None]:
        try:
            return await self._notes.read(), None
        except Misconfigured as error:
            return {}, error
