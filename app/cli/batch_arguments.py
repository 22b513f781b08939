"""The arguments of ``rundesk batch``: plan many runs, then run, go on, look, pause, abort, and export the ledger."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.cli.arguments import CommandParser, add_command, add_filters, as_positive, as_reason, as_uuid
from app.domain.batch import DECISIONS, DEFAULT_PARALLEL, DEFAULT_STOP_SAMPLE, BatchAction

_DECISION_WORDS = ", ".join(sorted(DECISIONS))


def add_batch(commands: argparse._SubParsersAction[CommandParser]) -> None:
    """Add ``batch`` with its verbs."""
    parser = commands.add_parser(
        "batch",
        help="replay or cancel many runs: plan, run, resume, status, pause, abort, ledger",
        description="Replay or cancel many runs. What a batch does is planned first and written down run by run.",
        allow_abbrev=False,
    )
    parser.set_defaults(command="batch")
    verbs = parser.add_subparsers(metavar="VERB", title="verbs", required=True, parser_class=CommandParser)
    _plan(verbs)
    _run(verbs)
    _resume(verbs)
    _of_one(verbs, "status", "show how a batch stands; without an id, list the batches", may_lack_id=True)
    _of_one(verbs, "pause", "let a running batch stop sending; what is under way comes to its end")
    _of_one(verbs, "abort", "end a batch for good; what was sent stays")
    _ledger(verbs)


def _verb(verbs: argparse._SubParsersAction[CommandParser], name: str, summary: str) -> CommandParser:
    parser = add_command(verbs, name, summary)
    parser.set_defaults(command="batch", verb=name)
    return parser


def _plan(verbs: argparse._SubParsersAction[CommandParser]) -> None:
    parser = _verb(verbs, "plan", "judge every run of a scope, keep the plan and print its id; nothing is sent")
    parser.add_argument("ids", type=as_uuid, nargs="*", metavar="RUN_ID", help="runs; or give filters, or --all")
    _scope(parser, needed=True)
    _settings(parser)


def _run(verbs: argparse._SubParsersAction[CommandParser]) -> None:
    parser = _verb(verbs, "run", "run a plan; or, with --action, plan a scope and run it at once")
    parser.add_argument("ids", type=as_uuid, nargs="*", metavar="ID", help="the plan; with --action, runs")
    _scope(parser, needed=False)
    _settings(parser)


def _resume(verbs: argparse._SubParsersAction[CommandParser]) -> None:
    parser = _verb(verbs, "resume", "go on with a batch that was paused, stopped or interrupted; nothing is sent twice")
    parser.add_argument("ids", type=as_uuid, nargs=1, metavar="BATCH_ID")
    _settings(parser)


def _of_one(
    verbs: argparse._SubParsersAction[CommandParser], name: str, summary: str, *, may_lack_id: bool = False
) -> None:
    parser = _verb(verbs, name, summary)
    parser.add_argument("ids", type=as_uuid, nargs="?" if may_lack_id else None, metavar="BATCH_ID")


def _ledger(verbs: argparse._SubParsersAction[CommandParser]) -> None:
    parser = _verb(verbs, "ledger", "write what became of each run to a file")
    parser.add_argument("ids", type=as_uuid, metavar="BATCH_ID")
    parser.add_argument("--format", choices=("csv", "json"), default="csv", help="csv unless given")
    parser.add_argument("--out", type=Path, required=True, metavar="PATH")


def _scope(parser: CommandParser, *, needed: bool) -> None:
    group = parser.add_argument_group("what to do")
    group.add_argument("--action", type=_action, required=needed, metavar="replay|cancel")
    group.add_argument("--name", required=needed, help="what the batch is called, for example the incident; recorded")
    group.add_argument("--reason", type=as_reason, required=needed, help="at least 3 characters; recorded")
    group.add_argument("--patch", metavar="FILE", help="an RFC 6902 array for each replay; - reads standard input")
    group.add_argument("--all", action="store_true", help="every run of the tenant, when no other filter is given")
    add_filters(parser)


def _settings(parser: CommandParser) -> None:
    """Add the settings; one that is not typed leaves no trace, so that what was kept with the plan stays."""
    group = parser.add_argument_group("how to do it (kept with the plan; given again, they replace what was kept)")
    for flag, name, kind, metavar, summary in _SETTINGS:
        group.add_argument(flag, dest=name, type=kind, default=argparse.SUPPRESS, metavar=metavar, help=summary)
    group.add_argument(
        "--no-follow",
        dest="follow",
        action="store_false",
        default=argparse.SUPPRESS,
        help="end when everything is sent; later 'batch status' looks at the ends",
    )
    group.add_argument(
        "--moved", action="store_true", help="the database has a new address, but is the one that was planned on"
    )


def _action(text: str) -> BatchAction:
    try:
        return BatchAction(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither replay nor cancel") from None


def _percent(text: str) -> int:
    number = text.removesuffix("%").strip()
    if not number.isdecimal() or not 1 <= int(number) <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is no share between 1% and 100%")
    return int(number)


def _decisions(text: str) -> frozenset[str]:
    words = frozenset(word.strip() for word in text.split(","))
    unknown = sorted(words - DECISIONS)
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)} is none of {_DECISION_WORDS}")
    return words


_SETTINGS: tuple[tuple[str, str, Callable[[str], object], str, str], ...] = (
    (
        "--rate",
        "rate_per_minute",
        as_positive,
        "N",
        "at most N starts per minute; a tenth of the tenant's own limit always stays free for people",
    ),
    ("--parallel", "parallel", as_positive, "N", f"requests under way at the same time ({DEFAULT_PARALLEL})"),
    ("--at-once", "at_once", as_positive, "N", "at most N runs of the batch open at once"),
    (
        "--stop-at",
        "stop_at_percent",
        _percent,
        "PERCENT",
        "stop when this share of the known outcomes is bad, for example 20%%",
    ),
    ("--stop-sample", "stop_sample", as_positive, "N", f"judge from N known outcomes on ({DEFAULT_STOP_SAMPLE})"),
    ("--canary", "canary", as_positive, "K", "send K runs first and go on only when all of them ended well"),
    (
        "--include-decisions",
        "include",
        _decisions,
        "CODE,…",
        f"act on runs that need a decision as well: {_DECISION_WORDS}",
    ),
)
"""Flag, field of BatchSettings, reader, placeholder and help."""
