"""The arguments of ``event``."""

from __future__ import annotations

import argparse

from app.cli.arguments import CommandParser, add_command, as_uuid

_MEANING = (
    "The event is recorded, every run that waits for it is signalled, and every published workflow that it triggers is "
    "started. It is an event of its own beside those of the product's Redis stream: Rundesk does not read that stream "
    "and publishes nothing to it. Exit 1 where a part failed; the same event may then be sent again under its id."
)


def add_event(commands: argparse._SubParsersAction[CommandParser]) -> None:
    """Add the command."""
    parser = add_command(commands, "event", "submit an event to waiting runs and to the workflows that it triggers")
    parser.description = f"{parser.description} {_MEANING}"
    parser.add_argument("name", metavar="NAME", help="the event's name, for example TICKET_REPLIED")
    parser.add_argument("--payload", metavar="FILE", help="a JSON object, {} unless given; - reads standard input")
    parser.add_argument(
        "--correlation-key", metavar="K", help="concerns waits with this key; else with any key that the payload holds"
    )
    parser.add_argument(
        "--event-id",
        type=as_uuid,
        metavar="ID",
        help="the publisher's id of the event, a new one unless given; sending an id twice changes nothing",
    )
    parser.add_argument("--schema-ref", metavar="REF", help="the schema of the payload, as its publisher names it")
