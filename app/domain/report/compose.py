"""Puts a report together: the same document for every format, from what was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from app import __version__
from app.domain.diagnosis.finding import Diagnosis
from app.domain.report.appendix import masked_part, run_appendix
from app.domain.report.blocks import (
    Align,
    Block,
    Bullets,
    Cell,
    Column,
    Fact,
    Facts,
    Paragraph,
    ReportDocument,
    Section,
    Style,
    Table,
    mono,
    plain,
)
from app.domain.report.cause import cause_title, causes_by_code
from app.domain.report.failure import error_chain, failing_step
from app.domain.report.headline import is_open, one_line
from app.domain.report.opening import asked, cause_in_short, run_opening, since
from app.domain.report.run_parts import (
    definition_part,
    environment_part,
    log_part,
    origin_part,
    timeline_part,
    waits_part,
)
from app.domain.report.states import STATE_WORDS, run_state, stuck_state
from app.domain.report.words import Word, count, joined, say
from app.domain.run import RunRow
from app.domain.triage import CasePart, RunAccount, RunListing, TriageReport

MOST_LISTED = 500
"""Rows of a list in a document; CSV, XLSX and JSON have all that were read."""


def document_of(report: TriageReport) -> ReportDocument:
    """Return the report as a document."""
    if report.listing is not None:
        return _of_list(report, report.listing)
    if len(report.accounts) == 1 and report.case is None:
        return _of_run(report, report.accounts[0])
    return _of_several(report)


def _of_run(report: TriageReport, account: RunAccount) -> ReportDocument:
    parts = (*_run_parts(account), *report.further, run_appendix(account), _masked(report))
    return ReportDocument(
        title=account.row.workflow_name or say("Workflow run"),
        badge=_badge(account.row, account.diagnosis),
        opening=(_id_line(account), *run_opening(account), *_problems(report)),
        sections=parts,
        foot=_foot(report),
    )


def _of_several(report: TriageReport) -> ReportDocument:
    case = report.case
    title: Word = case.title if case else count(len(report.accounts), "1 workflow run", "{n} workflow runs")
    opening: list[Block] = [*(_case_opening(case) if case else ())]
    if report.accounts:
        opening += [Paragraph(_several_words(report), Style.STRONG), _runs_table(report)]
    sections = [*_case_parts(case), *(_chapter(account, number, case) for number, account in _numbered(report))]
    return ReportDocument(
        title=title,
        badge=None,
        opening=(*opening, *_problems(report)),
        sections=(*sections, *report.further, _masked(report)),
        foot=_foot(report),
    )


def _of_list(report: TriageReport, listing: RunListing) -> ReportDocument:
    causes = {found.key.run_id: found for found in listing.diagnoses}
    rows = tuple(_list_row(row, causes.get(row.key.run_id)) for row in listing.rows[:MOST_LISTED])
    blocks: list[Block] = [Table(_LIST_COLUMNS, rows)] if rows else [Paragraph(say("No run matches."), Style.MUTED)]
    if len(listing.rows) > MOST_LISTED:
        left = say("{n} further ones are in the JSON, CSV and XLSX reports.", n=len(listing.rows) - MOST_LISTED)
        blocks.append(Paragraph(left, Style.MUTED))
    return ReportDocument(
        title=say("Workflow runs"),
        badge=None,
        opening=(*_list_opening(listing), *_problems(report)),
        sections=(Section("runs", say("Runs"), tuple(blocks)), *report.further),
        foot=_foot(report),
    )


def _run_parts(account: RunAccount, prefix: str = "") -> Iterator[Section]:
    parts = (
        failing_step(account, prefix),
        timeline_part(account, prefix),
        error_chain(account, prefix),
        waits_part(account, prefix),
        origin_part(account, prefix),
        environment_part(account, __version__, prefix),
        definition_part(account.surroundings.definition, prefix),
        log_part(account, prefix),
    )
    yield from (part for part in parts if part is not None)


def _chapter(account: RunAccount, number: int, case: CasePart | None) -> Section:
    prefix = f"run{number}-"
    title = say("Run {number}: {workflow}", number=number, workflow=account.row.workflow_name)
    parts = (*_run_parts(account, prefix), run_appendix(account, prefix))
    return Section(f"run{number}", title, (_id_line(account), *run_opening(account, case)), parts)


def _numbered(report: TriageReport) -> Iterator[tuple[int, RunAccount]]:
    yield from enumerate(report.accounts, start=1)


def _id_line(account: RunAccount) -> Block:
    return Paragraph(say("Run {run}", run=str(account.row.key.run_id)), Style.MONO)


def _badge(row: RunRow, diagnosis: Diagnosis | None = None) -> Cell:
    """Return what the run is really doing: as it was diagnosed, else as its rows say."""
    if row.stuck:
        return stuck_state()
    return run_state(row.state if diagnosis is None or not is_open(row) else diagnosis.state)


def _masked(report: TriageReport) -> Section:
    inspections = [account.inspection for account in report.accounts]
    return masked_part(
        report.masked,
        closed=any(one.redaction_closed for one in inspections),
        restricted=any(one.restricted for one in inspections),
    )


def _problems(report: TriageReport) -> Iterator[Block]:
    if report.problems:
        yield Paragraph(say("What could not be read"), Style.MUTED)
        yield Bullets(tuple(report.problems))


def _foot(report: TriageReport) -> tuple[Word, ...]:
    return (
        say("Read at {at} by the database's clock.", at=report.generated_at),
        say("Made by Rundesk {version}, format {schema}.", version=__version__, schema=report.schema),
    )


def _several_words(report: TriageReport) -> Word:
    bad = sum(bool(cause_in_short(account)) for account in report.accounts)
    total = count(len(report.accounts), "1 run", "{n} runs")
    return say("{total}, {bad} of them with an error or a cause that holds them up.", total=total, bad=bad)


_RUN_COLUMNS = (
    Column(say("No."), 0.5, Align.END),
    Column(say("State"), 1.4),
    Column(say("Workflow"), 1.8),
    Column(say("Since"), 2.0),
    Column(say("Cause"), 3.4),
    Column(say("Asked of you"), 3.0),
)


def _runs_table(report: TriageReport) -> Table:
    rows = tuple(
        (
            plain(number),
            _badge(account.row, account.diagnosis),
            plain(account.row.workflow_name),
            Cell(since(account), Style.TIME),
            plain(cause_in_short(account)),
            plain(asked(account)),
        )
        for number, account in _numbered(report)
    )
    return Table(_RUN_COLUMNS, rows)


_LIST_COLUMNS = (
    Column(say("State"), 1.5),
    Column(say("Workflow"), 1.9),
    Column(say("Started"), 2.0),
    Column(say("Cause or error"), 4.0),
    Column(say("Run"), 2.7),
)


def _list_row(row: RunRow, diagnosis: Diagnosis | None) -> tuple[Cell, ...]:
    cause = None if diagnosis is None else cause_title(diagnosis)
    return (
        _badge(row, diagnosis),
        plain(joined(row.workflow_name, say("v{version}", version=str(row.workflow_version)))),
        Cell(row.started_at, Style.TIME),
        plain(cause if cause is not None else one_line(row.error_text) if row.error_text else ""),
        mono(str(row.key.run_id)),
    )


def _list_opening(listing: RunListing) -> Iterator[Block]:
    if listing.cut:
        shown = say("{total} runs match; the first {n} are listed.", total=listing.total, n=len(listing.rows))
        yield Paragraph(shown, Style.STRONG)
    else:
        yield Paragraph(count(len(listing.rows), "1 run matches.", "{n} runs match."), Style.STRONG)
    states = Counter(row.state for row in listing.rows)
    facts = [Fact(STATE_WORDS[each][0], plain(number)) for each, number in states.most_common()]
    if facts:
        yield Facts(tuple(facts))
    causes = tuple(causes_by_code(listing.diagnoses))
    if causes:
        yield Paragraph(say("What holds them up"), Style.MUTED)
        yield Bullets(causes)
    if listing.terms:
        yield Paragraph(say("The filter"), Style.MUTED)
        yield Bullets(
            tuple(say("{name}: {value}", name=name, value=value) for name, value in listing.terms), Style.MUTED
        )


def _case_opening(case: CasePart) -> Iterator[Block]:
    if case.summary:
        yield Paragraph(case.summary, Style.STRONG)
    facts = (
        Fact(say("Severity"), plain(say(case.severity) if case.severity else None)),
        Fact(say("Customer"), plain(case.customer)),
        Fact(say("Asked of you"), Cell(case.asked, Style.STRONG)),
    )
    shown = tuple(fact for fact in facts if fact.value.word)
    if shown:
        yield Facts(shown)


def _case_parts(case: CasePart | None) -> Iterator[Section]:
    if case is None:
        return
    if case.attempts:
        columns = (Column(say("When"), 1.6), Column(say("What was tried"), 4.0), Column(say("What came of it"), 4.0))
        rows = tuple((Cell(each.at, Style.TIME), plain(each.what), plain(each.outcome)) for each in case.attempts)
        yield Section("attempts", say("What was tried"), (Table(columns, rows),))
    if case.notes:
        columns = (Column(say("When"), 1.6), Column(say("Who"), 1.4), Column(say("Note"), 6.0))
        notes = tuple((Cell(each.at, Style.TIME), plain(each.author), plain(each.text)) for each in case.notes)
        yield Section("notes", say("Notes"), (Table(columns, notes),))
