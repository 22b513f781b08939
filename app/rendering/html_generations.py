"""The family of a replayed run as a section of the HTML report."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.replay_chain import MAX_FAMILY, MAX_GENERATIONS, Generation, PayloadOrigin, ReplayChain
from app.rendering.markup import Markup, element, join
from app.rendering.moments import readable
from app.rendering.state_words import status_badge

_HEAD = ("Run", "Outcome", "Payload", "Version", "Started", "Replayed by", "Reason")


def generations_section(chain: ReplayChain | None) -> Markup:
    """Return every generation with who, when, why and how it ended; nothing for a run without a family."""
    if chain is None or not chain.has_story:
        return Markup()
    head = element("tr", join([element("th", title, scope="col") for title in _HEAD]))
    rows = join([_row(entry, chain) for entry in chain.generations])
    notes = [element("p", note) for note in _notes(chain)]
    table = element("table", element("thead", head), element("tbody", rows))
    return element("section", element("h2", "Generations"), join(notes), table, id="generations")


def _row(entry: Generation, chain: ReplayChain) -> Markup:
    run = entry.run
    is_replay = run.origin is not PayloadOrigin.ORIGINAL
    run_id = join([Markup("&nbsp;&nbsp;" * entry.depth), element("code", str(run.run_id))])
    own = element("div", "this run", class_="muted") if run.run_id == chain.asked_for else Markup()
    who = f"{run.replayer.name} ({run.replayer.email})" if run.replayer else "unknown" if is_replay else "—"
    cells: tuple[str | Markup, ...] = (
        join([run_id, own]),
        status_badge(run.status),
        str(run.origin),
        f"v{run.workflow_version}",
        readable(run.started_at),
        who,
        run.reason or "—",
    )
    return element("tr", join([element("td", cell) for cell in cells]))


def _notes(chain: ReplayChain) -> Iterator[str]:
    if chain.recovered_by is not None:
        yield f"Recovered by run {chain.recovered_by}, which succeeded."
    elif chain.awaits_recovery:
        yield "Not recovered: no replay has succeeded."
    if chain.origin_missing is not None:
        yield f"The earliest run shown replayed {chain.origin_missing}, which is not in this tenant any more."
    if chain.truncated:
        yield f"There are more: at most {MAX_GENERATIONS} generations each way and {MAX_FAMILY} runs are read."
