"""``rundesk compare``: where two runs part, and in what."""

from __future__ import annotations

from argparse import Namespace

from app.cli import comparison_documents, scope
from app.cli.answer import Answer
from app.cli.rooms import Session


async def run(session: Session, arguments: Namespace) -> Answer:
    """Compare two runs, or one with the last success of its workflow."""
    first = await scope.key_of(session, arguments.first)
    compare = session.console.compare
    if arguments.second is None:
        second = await compare.last_success(first)
    else:
        second = await scope.key_of(session, arguments.second)
    comparison = await compare.compare(first, second, await scope.viewer_of(session, first.tenant))
    return Answer(
        document=comparison_documents.document(comparison),
        text=comparison_documents.text(comparison, every_step=arguments.all),
    )
