"""The preview's parts as the panel's lines: what is known, what it means, and what is not known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from PySide6.QtCore import QObject

from app.desktop.dialog.badge import Tone
from app.desktop.replay.forecast_words import forecast_content
from app.desktop.replay.panel_section import Line, SectionContent
from app.desktop.replay.preview_state import PreviewState, Told
from app.desktop.replay.schema_words import fault_text
from app.desktop.shell.error_text import error_text
from app.desktop.shell.state_look import status_look
from app.desktop.shell.times import exact_utc, local_time, short_time
from app.domain.definition_difference import MemberChange, StepChange, StepChangeKind
from app.domain.errors import RundeskError
from app.domain.headroom import Headroom, QuotaUnknown
from app.domain.payload_schema import SchemaState
from app.domain.replay_preview import VersionPreview
from app.domain.run import RunLink, RunStatus
from app.services.replay_preview import PayloadVerdict

T = TypeVar("T")
MAX_LINES = 20
"""Lines of one section; further ones are counted."""
_MEMBER_CHARACTERS = 120
_MEMBERS_NAMED = 4


class PreviewWords(QObject):
    """Turns the state of the preview into sections."""

    def version(self, state: PreviewState, unfolded: frozenset[str]) -> SectionContent:
        """Which version would run, and how it differs from the run's own.

        A changed step is a link that carries its key; those in ``unfolded`` show what their members were and become.
        """
        return self._told(state.version, lambda version: self._version(version, unfolded))

    def check(self, state: PreviewState, *, sendable: bool) -> SectionContent:
        """Whether the payload fits the version's schema; faults are links to their place."""
        if not sendable:
            return SectionContent(self.tr("Not checked"), lines=(Line(self.tr("This payload cannot be sent yet.")),))
        if state.verdict is None and (isinstance(state.version, RundeskError) or state.version_missing):
            return SectionContent(self.tr("Not known"), lines=(Line(self.tr("There is no version to check against.")),))
        if state.verdict is None:
            return SectionContent(self.tr("Checking…"))
        return self._told(state.verdict, self._verdict)

    def headroom(self, state: PreviewState) -> SectionContent:
        """Gates and quota at this moment."""
        content = self._told(state.headroom, self._headroom)
        if not state.headroom_outdated or not isinstance(state.headroom, Headroom):
            return content
        at = state.headroom.read_at
        return SectionContent(self.tr("As of {time}").format(time=short_time(at, at)), Tone.WARNING, content.lines)

    def forecast(self, state: PreviewState, *, edited: bool) -> SectionContent:
        """What would happen twice."""
        content = self._told(state.forecast, forecast_content)
        if not content.lines or isinstance(state.forecast, RundeskError):
            return content
        if not edited and state.chosen_version is None:
            return content
        caution = self.tr("Foretold from what this run did; with other input or another version it may differ.")
        return SectionContent(content.badge, content.tone, (*content.lines, Line(caution, role="secondary")))

    def replays(self, state: PreviewState) -> SectionContent:
        """The replays of this run so far and how they ended."""
        return self._told(state.replays, self._replays)

    def _told(self, part: Told[T], content: Callable[[T], SectionContent]) -> SectionContent:
        if part is None:
            return SectionContent(self.tr("Looking…"))
        if isinstance(part, RundeskError):
            return SectionContent(self.tr("Not known"), Tone.WARNING, (Line(error_text(part)),))
        return content(part)

    def _version(self, version: VersionPreview, unfolded: frozenset[str]) -> SectionContent:
        if not version.chosen_exists:
            gone = self.tr("Version {version} does not exist any more.").format(version=version.chosen)
            return SectionContent(self.tr("Missing"), Tone.TROUBLE, (Line(gone, role="trouble"),))
        if version.chosen == version.own:
            newest = version.latest in {None, version.own}
            text = self.tr("The run's own version, and the latest.") if newest else self.tr("The run's own version.")
            return SectionContent("", lines=(Line(text, role="secondary"),))
        if not version.own_exists:
            gone = self.tr("Version {version} does not exist any more, so nothing can be compared.")
            return SectionContent(self.tr("Not known"), Tone.WARNING, (Line(gone.format(version=version.own)),))
        if not version.differences:
            return SectionContent("", lines=(Line(self.tr("Both versions do the same."), role="secondary"),))
        lines = self._bounded(tuple(self._step_line(change, unfolded) for change in version.differences))
        return SectionContent(self.tr("%n difference(s)", "", len(version.differences)), Tone.ACTIVE, lines)

    def _step_line(self, change: StepChange, unfolded: frozenset[str]) -> Line:
        kind = {
            StepChangeKind.ADDED: self.tr("Added: {step}"),
            StepChangeKind.REMOVED: self.tr("Removed: {step}"),
            StepChangeKind.MOVED: self.tr("Moved: {step}"),
            StepChangeKind.CHANGED: self.tr("Changed: {step}"),
            StepChangeKind.WORKFLOW: self.tr("The workflow itself changed"),
        }[change.kind]
        text = kind.format(step=change.name or change.step_id)
        where = " → ".join(dict.fromkeys(path for path in (change.before_path, change.after_path) if path))
        if not change.members:
            return Line(text, tip=where)
        if change.step_id in unfolded:
            note = "\n".join(_member_text(member) for member in change.members)
            return Line(text, note, tip=where, link=change.step_id)
        named = ", ".join(member.pointer or "/" for member in change.members[:_MEMBERS_NAMED])
        more = len(change.members) - _MEMBERS_NAMED
        note = self.tr("{members} and {count} more").format(members=named, count=more) if more > 0 else named
        return Line(text, note, tip=where, link=change.step_id)

    def _verdict(self, verdict: PayloadVerdict) -> SectionContent:
        check = verdict.check
        unchecked = self.tr("Not checked: {what}").format(what=", ".join(check.unchecked)) if check.unchecked else ""
        about = (Line(unchecked, role="secondary"),) if unchecked else ()
        if check.state is SchemaState.NO_SCHEMA:
            text = self.tr("Version {version} has no schema, so nothing was checked.").format(version=check.version)
            return SectionContent(self.tr("No schema"), lines=(Line(text, role="secondary"),))
        if check.state is SchemaState.CANNOT_CHECK:
            reason = self.tr("Cannot check: {reason}").format(reason=check.reason or "")
            return SectionContent(self.tr("Cannot check"), Tone.WARNING, (Line(reason),))
        if check.state is SchemaState.FITS:
            fits = self.tr("The payload fits the schema of version {version}.").format(version=check.version)
            return SectionContent(self.tr("Fits"), lines=(Line(fits, role="secondary"), *about))
        faults = tuple(
            Line(fault.path or "/", fault_text(fault), tip=fault.path, link=fault.path, code=True)
            for fault in check.faults
        )
        excused = self.tr("The product ran this input on this version before, so it can be sent all the same.")
        lines = self._bounded(faults, check.fault_count)
        lines = (*lines, *about) if verdict.refuses else (Line(excused, role="secondary"), *lines, *about)
        tone = Tone.TROUBLE if verdict.refuses else Tone.WARNING
        return SectionContent(self.tr("Breaks it in %n place(s)", "", check.fault_count), tone, lines)

    def _headroom(self, room: Headroom) -> SectionContent:
        gates = room.gates
        lines = []
        if gates.is_paused:
            lines.append(Line(self.tr("The workflow is paused."), role="trouble"))
        full = room.concurrency_left == 0
        lines.append(
            Line(self._of(self.tr("Active runs"), gates.active_runs, gates.concurrency_limit or None), role=_role(full))
        )
        fast = room.rate_left == 0
        started = self.tr("Started in the last minute")
        lines.append(Line(self._of(started, gates.starts_in_window, gates.starts_per_minute), role=_role(fast)))
        lines.append(self._quota(room))
        if room.refusal is not None:
            return SectionContent(self.tr("Closed"), Tone.TROUBLE, tuple(lines))
        if room.quota_used_up:
            return SectionContent(self.tr("Would pause"), Tone.WARNING, tuple(lines))
        return SectionContent(self.tr("Open"), lines=tuple(lines))

    def _of(self, what: str, used: int, limit: int | None) -> str:
        if limit is None:
            return self.tr("{what}: {used}, no limit").format(what=what, used=used)
        return self.tr("{what}: {used} of {limit}").format(what=what, used=used, limit=limit)

    def _quota(self, room: Headroom) -> Line:
        quota, name = room.quota, self.tr("Steps of this period")
        if quota is None:
            note = {
                QuotaUnknown.NO_COUNTER: self.tr("No step was counted in this period yet."),
                QuotaUnknown.UNREADABLE: self.tr("The step counters are missing here, or may not be read."),
            }[room.quota_unknown or QuotaUnknown.NO_COUNTER]
            return Line(self.tr("Step quota: not known"), note)
        until = self.tr("Until {time}").format(time=local_time(quota.period_end))
        used_up = self.tr("Used up: the new run would pause at its first step.")
        note = f"{used_up} {until}" if room.quota_used_up else until
        text = self._of(name, quota.used, quota.limit)
        return Line(text, note, role=_role(room.quota_used_up), tip=exact_utc(quota.period_end))

    def _replays(self, replays: tuple[RunLink, ...]) -> SectionContent:
        if not replays:
            return SectionContent("", lines=(Line(self.tr("This run was not replayed before."), role="secondary"),))
        newest = max(link.started_at for link in replays)
        lines = self._bounded(tuple(_replay_line(link, newest) for link in reversed(replays)))
        recovered = any(link.status == RunStatus.SUCCEEDED and link.completed_at is not None for link in replays)
        if recovered:
            return SectionContent(self.tr("One succeeded"), Tone.WARNING, lines)
        return SectionContent(self.tr("%n replay(s)", "", len(replays)), lines=lines)

    def _bounded(self, lines: tuple[Line, ...], count: int | None = None) -> tuple[Line, ...]:
        more = (len(lines) if count is None else count) - MAX_LINES
        if more <= 0:
            return lines
        return (*lines[:MAX_LINES], Line(self.tr("and %n more", "", more), role="secondary"))


def _replay_line(link: RunLink, now: datetime) -> Line:
    look = status_look(link.status)
    text = f"{str(link.run_id)[:8]}  {look.word}  {short_time(link.started_at, now)}"
    return Line(text, link.reason or "", tip=f"{link.run_id}\n{exact_utc(link.started_at)}")


def _member_text(member: MemberChange) -> str:
    sides = ((member.before, "-"), (member.after, "+"))
    values = [f"  {sign} {_shortened(value)}" for value, sign in sides if value is not None]
    return "\n".join([member.pointer or "/", *values])


def _shortened(text: str) -> str:
    return text if len(text) <= _MEMBER_CHARACTERS else f"{text[:_MEMBER_CHARACTERS]}…"


def _role(trouble: bool) -> str:
    return "trouble" if trouble else ""
