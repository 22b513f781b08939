"""The arguments of what helps to understand failures: ``compare`` and ``fingerprints``."""

from __future__ import annotations

import argparse
import re
from datetime import timedelta

from app.cli.arguments import CommandParser, add_command, as_uuid

_SPAN = re.compile(r"(?P<number>[1-9]\d{0,3})(?P<unit>[hd])")


def add_understanding(commands: argparse._SubParsersAction[CommandParser]) -> None:
    """Add both commands."""
    _compare(commands)
    _fingerprints(commands)


def _compare(commands: argparse._SubParsersAction[CommandParser]) -> None:
    parser = add_command(commands, "compare", "say where two runs part, step by step, and in what")
    parser.add_argument("first", type=as_uuid, metavar="RUN_ID")
    parser.add_argument(
        "second",
        type=as_uuid,
        nargs="?",
        metavar="OTHER_RUN_ID",
        help="else the last success of the same workflow: the newest before RUN_ID, or the newest of all",
    )
    parser.add_argument("--all", action="store_true", help="list every step in the text, not only what differs")


def _fingerprints(commands: argparse._SubParsersAction[CommandParser]) -> None:
    parser = add_command(commands, "fingerprints", "group failures by action, code and the shape of their message")
    parser.add_argument(
        "--since",
        type=_span,
        default=timedelta(days=7),
        metavar="SPAN",
        help="runs started within this time before now: 24h, 7d (7d unless given)",
    )


def _span(text: str) -> timedelta:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a span such as 24h or 7d")
    number = int(found["number"])
    return timedelta(hours=number) if found["unit"] == "h" else timedelta(days=number)
