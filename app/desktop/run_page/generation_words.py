"""What one generation of a replayed run says: the same words for eye, tooltip, clipboard and screen reader."""

from __future__ import annotations

from datetime import datetime

from app.desktop.run_page.near_time import near_time
from app.desktop.shell.state_look import status_look
from app.desktop.shell.times import exact_utc, local_time, took_text
from app.desktop.shell.words import translate
from app.domain.replay_chain import Generation, PayloadOrigin, ReplayChain


def payload_word(origin: PayloadOrigin) -> str:
    """Return where a run's payload came from, in a word or two."""
    return {
        PayloadOrigin.ORIGINAL: translate("Generations", "original"),
        PayloadOrigin.VERBATIM: translate("Generations", "verbatim replay"),
        PayloadOrigin.EDITED: translate("Generations", "edited replay"),
        PayloadOrigin.UNKNOWN: translate("Generations", "replay, payload not comparable"),
    }[origin]


def first_line(entry: Generation, chain: ReplayChain) -> str:
    """Return what follows run and state: payload, version, and whether it is the run shown."""
    run = entry.run
    parts = [payload_word(run.origin), translate("Generations", "v{version}").format(version=run.workflow_version)]
    if run.run_id == chain.asked_for:
        parts.append(translate("Generations", "this run"))
    return " · ".join(parts)


def second_line(entry: Generation, now: datetime) -> str:
    """Return who replayed, when and why; of an original only when it started."""
    run = entry.run
    started = near_time(run.started_at, now)
    if run.origin is PayloadOrigin.ORIGINAL:
        return translate("Generations", "Started {time}").format(time=started)
    who = run.replayer.name if run.replayer is not None else translate("Generations", "unknown person")
    return " · ".join(part for part in (who, started, run.reason or "") if part)


def whole_story(entry: Generation) -> str:
    """Return everything known of a generation, one fact a line."""
    run = entry.run
    lines = [str(run.run_id), status_look(run.status).word]
    lines.append(translate("Generations", "Started {time}").format(time=f"{local_time(run.started_at)}"))
    lines.append(exact_utc(run.started_at))
    if run.completed_at is not None:
        took = max((run.completed_at - run.started_at).total_seconds(), 0.0) * 1000
        lines.append(translate("Generations", "Took {duration}").format(duration=took_text(took)))
    if run.replayer is not None:
        lines.append(f"{run.replayer.name} <{run.replayer.email}>")
    elif run.origin is not PayloadOrigin.ORIGINAL:
        lines.append(translate("Generations", "The audit does not say who replayed it."))
    if run.reason:
        lines.append(run.reason)
    return "\n".join(lines)
