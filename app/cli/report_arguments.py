"""The arguments of ``rundesk report``."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.arguments import CommandParser, add_command, add_filters, as_positive, as_uuid

FORMATS = ("html", "pdf", "md", "json", "csv", "xlsx")
_LISTED = 1000


def add_report(commands: argparse._SubParsersAction[CommandParser]) -> None:
    """Add ``report``."""
    parser = add_command(commands, "report", "write a redacted report for someone without access")
    parser.add_argument(
        "run_ids", type=as_uuid, nargs="*", metavar="RUN_ID", help="runs to tell of; without any, a list by the filters"
    )
    parser.add_argument("--case", metavar="ID|FILE", help="of this case: its notes, its runs and those named here")
    parser.add_argument("--format", choices=FORMATS, help="else by the ending of --out, else html")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="PATH", help="an existing file is replaced, and that is said"
    )
    parser.add_argument("--language", choices=("en", "de"), default="en", help="of the report; en unless given")
    parser.add_argument("--zone", default="UTC", metavar="NAME", help="time zone of its times, UTC unless given")
    parser.add_argument(
        "--limit", type=as_positive, default=_LISTED, metavar="N", help=f"at most N runs of a list ({_LISTED})"
    )
    add_filters(parser)
