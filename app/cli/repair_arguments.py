"""The arguments of the ways out: ``stranded``, ``quota-resume`` and ``repair``; and of ``doctor``."""

from __future__ import annotations

import argparse

from app.cli.arguments import CommandParser, add_command, as_reason, as_uuid
from app.domain.repair import RepairAction


def add_ways_out(commands: argparse._SubParsersAction[CommandParser]) -> None:
    """Add the commands."""
    _stranded(commands)
    _quota_resume(commands)
    _repair(commands)
    add_command(commands, "doctor", "check servers, rights, workers and this computer, each with evidence and remedy")


def _stranded(commands: argparse._SubParsersAction[CommandParser]) -> None:
    parser = add_command(commands, "stranded", "list active rows of the removed engine; with --apply finalize them")
    parser.add_argument("--apply", action="store_true", help="cancel those that Temporal does not know")
    parser.add_argument("--reason", type=as_reason, help="at least 3 characters; recorded for every run")


def _quota_resume(commands: argparse._SubParsersAction[CommandParser]) -> None:
    parser = add_command(commands, "quota-resume", "end a run's pause on the step quota")
    parser.add_argument("run_id", type=as_uuid, metavar="RUN_ID")
    parser.add_argument("--reason", type=as_reason, required=True, help="at least 3 characters; recorded")


def _repair(commands: argparse._SubParsersAction[CommandParser]) -> None:
    parser = add_command(commands, "repair", "show what a repair of a run would write; with --apply write it")
    parser.add_argument("run_id", type=as_uuid, metavar="RUN_ID")
    parser.add_argument("--action", type=_action, required=True, metavar="NAME", help=", ".join(RepairAction))
    parser.add_argument("--reason", type=as_reason, required=True, help="at least 3 characters; recorded")
    parser.add_argument("--apply", action="store_true", help="write what is shown; without it nothing is written")
    parser.add_argument(
        "--allow-repair", action="store_true", help="switch the repair mode on: project-close and deliver-event need it"
    )
    parser.add_argument("--response", metavar="FILE", help="release-human-task: a JSON object; - reads standard input")
    parser.add_argument("--override", action="store_true", help="release-human-task: send what does not fit the form")
    parser.add_argument("--payload", metavar="FILE", help="deliver-event: a JSON object, {} unless given; - reads")
    parser.add_argument("--event-id", type=as_uuid, metavar="ID", help="deliver-event: a recorded event, as it arrived")
    parser.add_argument("--wait-id", type=as_uuid, metavar="ID", help="deliver-event: which of several open waits")


def _action(text: str) -> RepairAction:
    try:
        return RepairAction(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(RepairAction)}") from None
