"""The command line from arguments to exit code."""

from __future__ import annotations

import asyncio
import sys
import traceback
from argparse import Namespace
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from importlib import import_module
from typing import Any, TypeAlias, TypeVar, cast

from app.cli import arguments as command_arguments
from app.cli.answer import Answer, ExitCode, error_document, exit_code_of, sentence_of
from app.cli.rooms import Rooms, SandboxRequest, Session, ShotRequest, WorkerRequest
from app.domain import json_text
from app.domain.errors import Misconfigured, RundeskError

T = TypeVar("T")
DataCommand: TypeAlias = Callable[[Session, Namespace], Awaitable[Answer]]


def run(argv: Sequence[str], rooms: Rooms) -> int:
    """Run one command and return its exit code; every failure has been told by then.

    Args:
        argv: The arguments behind the program's name.
        rooms: The composition root.
    """
    try:
        return _run(argv, rooms)
    except RundeskError as error:
        return _tell(error, as_json="--json" in argv)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        raise  # nobody reads any more; the entry point leaves quietly
    except Exception as error:  # noqa: BLE001 - the outermost frame: a bug is told, with an exit code of ours
        return _tell_bug(error, as_json="--json" in argv)


def _run(argv: Sequence[str], rooms: Rooms) -> int:
    try:
        arguments = command_arguments.build_parser().parse_args(argv)
    except SystemExit as end:  # --help and --version have printed
        return ExitCode.OK if end.code is None else int(end.code)
    notice = rooms.ignored_notice()
    if notice is not None:
        say(notice)
    whole = _WHOLE_PROCESS.get(arguments.command)
    if whole is not None:
        return whole(arguments, rooms)
    return _print(run_loop(_answer(arguments, rooms)), as_json=arguments.json)


async def _answer(arguments: Namespace, rooms: Rooms) -> Answer:
    module = import_module(f"app.cli.commands.{arguments.command.replace('-', '_')}")
    command = cast("DataCommand", module.run)
    async with rooms.open_session(command_arguments.connection_flags(arguments)) as session:
        return await command(session, arguments)


def _desktop(arguments: Namespace, rooms: Rooms) -> int:
    return rooms.run_desktop(command_arguments.connection_flags(arguments))


def _shot(arguments: Namespace, rooms: Rooms) -> int:
    if arguments.list:
        return _print(_views(rooms), as_json=arguments.json)
    if arguments.view is None or arguments.out is None:
        raise Misconfigured("usage", "Name a view and --out FILE.png; 'rundesk shot --list' names the views.")
    request = ShotRequest(arguments.view, arguments.out, arguments.theme, arguments.language, arguments.size)
    code = rooms.run_shot(command_arguments.connection_flags(arguments), request)
    if arguments.json and code == ExitCode.OK:
        _announce(json_text.dump({"view": request.view, "path": str(request.out)}))
    return code


def _views(rooms: Rooms) -> Answer:
    views = rooms.shot_views()
    return Answer(
        document={"views": [{"view": name, "summary": summary} for name, summary in views]},
        text="\n".join(f"{name:<20}{summary}" for name, summary in views),
    )


def _sandbox(arguments: Namespace, rooms: Rooms) -> int:
    request = SandboxRequest(arguments.data_dir, arguments.seed, worker=not arguments.no_worker)
    return run_loop(rooms.run_sandbox(request, _announce, say))


def _worker(arguments: Namespace, rooms: Rooms) -> int:
    announce = _announce if arguments.json else None
    request = WorkerRequest(arguments.health_port)
    return run_loop(rooms.run_worker(command_arguments.connection_flags(arguments), request, announce, say))


_WHOLE_PROCESS: dict[str | None, Callable[[Namespace, Rooms], int]] = {
    None: _desktop,
    "shot": _shot,
    "sandbox": _sandbox,
    "worker": _worker,
}
"""Commands that own the process instead of answering one question."""


def run_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end; psycopg refuses Windows' Proactor loop, so a selector loop serves there."""
    factory = asyncio.SelectorEventLoop if sys.platform == "win32" else None
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(work)


def say(sentence: str) -> None:
    """Tell the operator something that is not the answer."""
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - the command line speaks here


def _announce(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _print(answer: Answer, *, as_json: bool) -> int:
    body = json_text.dump(answer.document, indent=2) if as_json else answer.text
    _announce(body)
    if answer.complaint is not None:
        say(answer.complaint)
    return answer.code


def _tell(error: RundeskError, *, as_json: bool) -> int:
    if as_json:
        _announce(json_text.dump(error_document(error)))
    say(sentence_of(error))
    return exit_code_of(error)


def _tell_bug(error: Exception, *, as_json: bool) -> int:
    """Tell where it broke without the exception's own text, which may quote stored values."""
    message = f"Rundesk broke in a way it should not ({type(error).__name__}). Please report the lines above."
    sys.stderr.write("".join(traceback.format_tb(error.__traceback__)))
    say(message)
    if as_json:
        _announce(json_text.dump({"error": {"code": "bug", "message": message}}))
    return ExitCode.FAILED
