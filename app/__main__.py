"""Entry point: ``rundesk`` and ``python -m app``."""

from __future__ import annotations

import logging
import os
import sys
from io import TextIOWrapper
from typing import NoReturn

from app import bootstrap
from app.cli.main import run

_READER_GONE = 141
"""What a shell reports for a program that SIGPIPE ended."""


def main() -> NoReturn:
    """Run the command line and leave."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    bootstrap.keep_log_clean()
    try:
        code = run(sys.argv[1:], bootstrap)
        sys.stdout.flush()
    except BrokenPipeError:
        code = _READER_GONE
    leave(code)


def leave(code: int) -> NoReturn:
    """End the process at once, after everything was shut down in order.

    temporalio 1.35 can abort while the interpreter winds down (sdk-python 300), which would replace the exit code.
    """
    logging.shutdown()
    try:
        sys.stderr.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
