"""``rundesk report``: write what someone without access needs to act."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from app.cli import scope
from app.cli.answer import Answer
from app.cli.rooms import Session
from app.domain.errors import Misconfigured


async def run(session: Session, arguments: Namespace) -> Answer:
    """Write the report of a run, replacing an existing file."""
    key = await scope.key_of(session, arguments.run_id)
    report = await session.console.reports.report(key, await scope.viewer_of(session, key.tenant))
    path = _write(arguments.out, session.render_report(report, arguments.format))
    return Answer(document={"path": str(path), "format": arguments.format}, text=str(path))


def _write(out: Path, content: bytes) -> Path:
    path = out.absolute()
    try:
        path.write_bytes(content)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Misconfigured("report.file", f"{path} cannot be written: {reason}.", path=str(path)) from error
    return path
