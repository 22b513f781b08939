"""What a command answers: one JSON document and the same as text, with the exit code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from app.domain.errors import DatabaseRefused, EnvironmentFailure, Misconfigured, RundeskError
from app.domain.run import JsonValue


class ExitCode(IntEnum):
    """The exit codes of every command (issue 2, "Command line")."""

    OK = 0
    FAILED = 1
    USAGE = 2
    UNREACHABLE = 3
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Answer:
    """``document`` is printed with ``--json``, ``text`` without. ``complaint`` goes to standard error either way."""

    document: JsonValue
    text: str
    code: ExitCode = ExitCode.OK
    complaint: str | None = None


def exit_code_of(error: RundeskError) -> ExitCode:
    """Return the exit code of an error of the tree: configuration 2, unreachable 3, refused 1."""
    if isinstance(error, Misconfigured | DatabaseRefused):
        return ExitCode.USAGE
    if isinstance(error, EnvironmentFailure):
        return ExitCode.UNREACHABLE
    return ExitCode.FAILED


def sentence_of(error: RundeskError) -> str:
    """Return the error's sentence, followed by where in the operator's text it is, if it is in one."""
    return with_place(error.message, error.params)


def with_place(message: str, params: Mapping[str, object]) -> str:
    """Return a sentence, followed by the ``path``, ``line`` and ``column`` of its parameters that it does not name."""
    line, column, path = (params.get(name) for name in ("line", "column", "path"))
    places = []
    if path and str(path) not in message:
        places.append(str(path))
    if line is not None and f"line {line}" not in message:
        places.append(f"line {line}, column {column}")
    return f"{message} ({'; '.join(places)})" if places else message


def error_document(error: RundeskError) -> JsonValue:
    """Return ``{"error": {"code", "message", …params}}``; parameters are already redacted."""
    parameters: dict[str, JsonValue] = {key: _parameter(value) for key, value in error.params.items()}
    return {"error": {**parameters, "code": error.code, "message": error.message}}


def _parameter(value: object) -> JsonValue:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, list | tuple):
        return [_parameter(entry) for entry in value]
    return str(value)
