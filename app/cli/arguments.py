"""The arguments of every command. Nothing heavy is imported, so that ``rundesk --help`` answers at once."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID

from app import __version__
from app.cli.rooms import ConnectionFlags
from app.domain.diagnosis.codes import Cause
from app.domain.errors import Misconfigured
from app.domain.run_query import RunSort
from app.services.reason import MIN_REASON_LENGTH, is_reason

EXIT_CODES = "exit codes: 0 done, 1 failed or refused, 2 usage or configuration, 3 server unreachable"
CONNECTION_HELP = (
    "Flags win over DATABASE_URL, TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, those over the saved profile, "
    "that over a running sandbox. Database and Temporal must be given together."
)


class CommandParser(argparse.ArgumentParser):
    """A parser whose complaints are part of the error tree, so that ``--json`` covers them too."""

    def error(self, message: str) -> NoReturn:
        """Raise :class:`Misconfigured` with the complaint and where to look."""
        raise Misconfigured("usage", f"{message[:1].upper()}{message[1:]}. See {self.prog} --help.")


class _StatusWords(argparse.Action):
    """Collects status words; the vocabulary is open (database.md 1), so an unknown one is no mistake."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        _option_string: str | None = None,
    ) -> None:
        """Add the words of one ``--status`` to those of earlier ones."""
        words = [word.strip().upper() for text in values or () for word in text.split(",")]
        if not all(words):
            parser.error("argument --status: a word is missing")
        setattr(namespace, self.dest, [*getattr(namespace, self.dest), *words])


class _Waiver(argparse.Action):
    """A flag with which an otherwise required option need not be given."""

    def __init__(self, option_strings: Sequence[str], dest: str, waives: argparse.Action, help: str) -> None:  # noqa: A002 - argparse's own name
        super().__init__(option_strings, dest, nargs=0, default=False, help=help)
        self._waived = waives

    def __call__(
        self,
        _parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        _values: str | Sequence[Any] | None,
        _option_string: str | None = None,
    ) -> None:
        """Note the flag and ask for the other option no more."""
        setattr(namespace, self.dest, True)
        self._waived.required = False


def build_parser() -> CommandParser:
    """Return the parser of the whole command line."""
    parser = CommandParser(
        prog="rundesk",
        description="Desktop console for AlgaPSA's workflow runs. Without a command it opens the window.",
        epilog=EXIT_CODES,
        parents=[_connection_options(default=None)],
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"rundesk {__version__}")
    parser.set_defaults(command=None, json=False)
    commands = parser.add_subparsers(metavar="COMMAND", title="commands", parser_class=CommandParser)
    for add in (
        _runs,
        _show,
        _stuck,
        _diagnose,
        _start,
        _replay,
        _cancel,
        _intents,
        _report,
        _understanding,
        _ways_out,
        _event,
        _batch,
        _shot,
        _sandbox,
        _worker,
    ):
        add(commands)
    return parser


def connection_flags(arguments: argparse.Namespace) -> ConnectionFlags:
    """Return the connection options of parsed arguments."""
    return ConnectionFlags(
        database_url=arguments.database_url,
        temporal_address=arguments.temporal_address,
        namespace=arguments.temporal_namespace,
        tenant=arguments.tenant,
        operator=arguments.operator,
        data_dir=arguments.data_dir,
    )


def _connection_options(default: str | None) -> CommandParser:
    """Return the common options; with SUPPRESS as default a command does not undo what stood before its name."""
    options = CommandParser(add_help=False, argument_default=default)
    group = options.add_argument_group("connection", CONNECTION_HELP)
    group.add_argument("--database-url", metavar="URL", help="postgresql://user:password@host:port/database")
    group.add_argument("--temporal-address", metavar="HOST:PORT")
    group.add_argument("--temporal-namespace", metavar="NAME", help="else default")
    group.add_argument("--tenant", metavar="ID|NAME", help="needed where several tenants exist")
    group.add_argument("--operator", metavar="ID|EMAIL", help="who acts; else RUNDESK_OPERATOR, else the profile's")
    group.add_argument("--data-dir", type=_directory, metavar="DIR", help="use the sandbox that runs in this directory")
    return options


def add_command(commands: argparse._SubParsersAction[CommandParser], name: str, summary: str) -> CommandParser:
    """Return the parser of a new command with the options that every command has."""
    parser = commands.add_parser(
        name,
        help=summary,
        description=f"{summary[:1].upper()}{summary[1:]}.",
        epilog=EXIT_CODES,
        parents=[_connection_options(argparse.SUPPRESS)],
        allow_abbrev=False,
    )
    parser.set_defaults(command=name)
    parser.add_argument(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,
        help='print JSON with stable keys; errors as {"error": {"code", "message"}}',
    )
    return parser


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which runs match."""
    parser.add_argument(
        "--status", action=_StatusWords, nargs="+", default=[], help="one or several, with spaces or commas between"
    )
    parser.add_argument("--workflow", metavar="ID|NAME")
    parser.add_argument("--text", default="", help="run id, start of a run id, or correlation key")
    parser.add_argument("--from", dest="started_from", type=_from_time, metavar="TIME", help="started at or after")
    parser.add_argument(
        "--to", dest="started_to", type=_to_time, metavar="TIME", help="started at or before; a date includes its day"
    )
    parser.add_argument(
        "--stuck",
        action="store_true",
        help="only runs that are RUNNING without a step past the threshold, 60 s unless set",
    )


def _runs(commands: argparse._SubParsersAction[CommandParser]) -> None:
    parser = add_command(commands, "runs", "list runs, newest first")
    add_filters(parser)
    parser.add_argument(
        "--cause",
        type=_cause,
        action="append",
        default=[],
        metavar="S01",
        help="only runs diagnosed so; may be repeated",
    )
    parser.add_argument("--sort", type=_sort, default=RunSort.STARTED_DESC, metavar="ORDER", help=", ".join(RunSort))
    parser.add_argument("--limit", type=as_positive, default=50, metavar="N", help="at most N runs (50)")
    parser.add_argument("--after", metavar="CURSOR", help="continue behind the last page's cursor")


def _show(commands: argparse._SubParsersAction[CommandParser]) -> None:
    parser = add_command(commands, "show", "show one run: steps, waits, invocations, logs and the error, redacted")
    parser.add_argument("run_id", type=as_uuid, metavar="RUN_ID")


def _stuck(commands: argparse._SubParsersAction[CommandParser]) -> None:
    add_command(
        commands,
        "stuck",
        "list runs that are RUNNING without a step past the threshold (60 s unless set), by the database's clock",
    )


def _diagnose(commands: argparse._SubParsersAction[CommandParser]) -> None:
    parser = add_command(commands, "diagnose", "say why runs do not go on, with the facts that prove it")
    parser.add_argument("run_ids", type=as_uuid, nargs="*", metavar="RUN_ID")
    parser.add_argument("--active", action="store_true", help="every run that is not closed (when no run is named)")


def _start(commands: argparse._SubParsersAction[CommandParser]) -> None:
    parser = add_command(commands, "start", "run a published workflow")
    parser.add_argument("workflow", metavar="WORKFLOW_ID", help="the workflow's id or its exact name")
    parser.add_argument(
        "--payload",
        metavar="FILE",
        help="the input, a JSON object; with --like the edited redacted input of that run as 'show' prints it; "
        "- reads standard input",
    )
    parser.add_argument("--version", type=as_positive, metavar="N", help="a published version; else the newest")
    parser.add_argument(
        "--like",
        type=as_uuid,
        metavar="RUN_ID",
        help="with the stored input of this run of the same workflow, masked values included; no replay",
    )


def _replay(commands: argparse._SubParsersAction[CommandParser]) -> None:
    parser = add_command(commands, "replay", "run again with the stored input of a run, as it is or edited")
    parser.add_argument("run_id", type=as_uuid, metavar="RUN_ID")
    reason = parser.add_argument("--reason", type=as_reason, required=True, help="at least 3 characters; recorded")
    parser.add_argument(
        "--check",
        action=_Waiver,
        waives=reason,
        help="send nothing: say what would run, whether the payload fits its schema, which gates are open and what "
        "would happen twice; exit 1 when the replay would be refused",
    )
    parser.add_argument(
        "--version", type=as_version, default="own", metavar="own|latest|N", help="the version to run; own unless given"
    )
    parser.add_argument(
        "--source-still-runs",
        metavar="FIRST8",
        help="the first eight characters of RUN_ID: confirms a replay beside a run that has not ended",
    )
    damage = parser.add_mutually_exclusive_group()
    damage.add_argument(
        "--from-ancestor",
        action="store_true",
        help="where the stored input holds placeholders: copy that of the nearest run it was replayed from whose input "
        "is whole; the new run is recorded as a replay of RUN_ID with that input",
    )
    damage.add_argument(
        "--send-damaged",
        metavar="FIRST8",
        help="the first eight characters of RUN_ID: confirms that stored placeholders are sent as they are",
    )
    parser.add_argument(
        "--payload",
        metavar="FILE",
        help="the edited redacted input as 'show' prints it; masked values left as they are keep their stored value; "
        "- reads standard input",
    )
    parser.add_argument("--wait", action="store_true", help="wait for the end; exit 1 unless it is SUCCEEDED")
    parser.add_argument(
        "--wait-seconds", type=as_positive, default=600, metavar="N", help="wait at most N seconds (600)"
    )


def _cancel(commands: argparse._SubParsersAction[CommandParser]) -> None:
    parser = add_command(commands, "cancel", "cancel runs; exit 1 if any was refused or failed")
    parser.add_argument("run_ids", type=as_uuid, nargs="+", metavar="RUN_ID")
    parser.add_argument("--reason", type=as_reason, required=True, help="at least 3 characters; recorded")
    parser.add_argument("--dry-run", action="store_true", help="say what would be asked and written, and do nothing")
    parser.add_argument("--wait", action="store_true", help="follow until the executions have closed; exit 1 otherwise")
    parser.add_argument(
        "--wait-seconds", type=as_positive, default=600, metavar="N", help="wait at most N seconds (600)"
    )
    parser.add_argument(
        "--row-only",
        metavar="FIRST8",
        help="close the row of one run that Temporal does not know, in the database only; FIRST8 confirms it: the "
        "first eight characters of the run id",
    )


def _intents(commands: argparse._SubParsersAction[CommandParser]) -> None:
    parser = add_command(
        commands,
        "intents",
        "list actions that a crash left unfinished and what became of them; exit 1 while any is",
    )
    parser.add_argument("--settle", action="store_true", help="do what each of them still lacks")


def _report(commands: argparse._SubParsersAction[CommandParser]) -> None:
    from app.cli.report_arguments import add_report

    add_report(commands)


def _understanding(commands: argparse._SubParsersAction[CommandParser]) -> None:
    from app.cli.understanding_arguments import add_understanding

    add_understanding(commands)


def _ways_out(commands: argparse._SubParsersAction[CommandParser]) -> None:
    from app.cli.repair_arguments import add_ways_out

    add_ways_out(commands)


def _event(commands: argparse._SubParsersAction[CommandParser]) -> None:
    from app.cli.event_arguments import add_event

    add_event(commands)


def _batch(commands: argparse._SubParsersAction[CommandParser]) -> None:
    from app.cli.batch_arguments import add_batch

    add_batch(commands)


def _shot(commands: argparse._SubParsersAction[CommandParser]) -> None:
    parser = add_command(commands, "shot", "picture a view, rendered offscreen on live data")
    parser.add_argument("view", nargs="?", metavar="VIEW", help="see --list")
    parser.add_argument("--list", action="store_true", help="name the views")
    parser.add_argument("--out", type=Path, metavar="FILE.png")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--language", choices=("en", "de"), default="en")
    parser.add_argument("--size", type=_size, default=(1440, 900), metavar="WxH", help="1440x900 unless given")


def _sandbox(commands: argparse._SubParsersAction[CommandParser]) -> None:
    parser = add_command(
        commands,
        "sandbox",
        "start PostgreSQL, Temporal and a worker here, print one JSON line, run until a signal",
    )
    parser.add_argument(
        "--seed",
        choices=("demo", "scenarios", "none"),
        default="demo",
        help="demo unless given; scenarios: one run for every cause that diagnose names, best in a --data-dir of its "
        "own. S01 shows with --no-worker, S02 and S03 without it; S19 once a server is stopped",
    )
    parser.add_argument("--no-worker", action="store_true", help="leave no worker running (seeding still uses one)")


def _worker(commands: argparse._SubParsersAction[CommandParser]) -> None:
    parser = add_command(commands, "worker", "run the engine's worker until a signal; waits for its servers")
    parser.description = (
        f"{parser.description} It serves the contract's task queue and no other, and stops with the reason where "
        "another kind of worker serves it or has open runs there. Intervals and limits are in [worker] of the settings."
    )
    parser.add_argument(
        "--health-port", type=_port, metavar="N", help="where /readyz is told, 0 for a free port; else as set, 4000"
    )


def _directory(text: str) -> Path:
    return Path(text).expanduser().absolute()


def as_uuid(text: str) -> UUID:
    """Return the id of a run that an argument gives."""
    try:
        return UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a run id (a UUID)") from None


def as_version(text: str) -> str | int:
    """Return ``own``, ``latest`` or a version's number."""
    if text in {"own", "latest"}:
        return text
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is neither own, latest nor a version's number")
    return int(text)


def as_reason(text: str) -> str:
    """Return a reason that is long enough."""
    if not is_reason(text):
        raise argparse.ArgumentTypeError(f"at least {MIN_REASON_LENGTH} characters are needed")
    return text


def as_positive(text: str) -> int:
    """Return a whole number above 0."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to 65535)")
    return int(text)


def _cause(text: str) -> Cause:
    try:
        return Cause(text.upper())
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(Cause)}") from None


def _sort(text: str) -> RunSort:
    try:
        return RunSort(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(RunSort)}") from None


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) >= 320 and int(height) >= 240):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 1280x800 (at least 320x240)")
    return int(width), int(height)


def _from_time(text: str) -> datetime:
    return _time(text, whole_day=False)


def _to_time(text: str) -> datetime:
    return _time(text, whole_day=True)


def _time(text: str, *, whole_day: bool) -> datetime:
    """Return an aware time; without a zone it is local. With ``whole_day`` a bare date means the end of that day."""
    try:
        value = datetime.fromisoformat(text)
        if whole_day and _is_date(text):
            value += timedelta(days=1) - timedelta(milliseconds=1)
        return value.astimezone(UTC)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r} is not an ISO 8601 date or time") from None


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
