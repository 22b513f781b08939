"""Protobuf's times as aware datetimes."""

from __future__ import annotations

from datetime import UTC, datetime

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp


def moment_of(stamp: Timestamp) -> datetime:
    """Return a time stamp as an aware time."""
    return stamp.ToDatetime(tzinfo=UTC)


def moment_in(message: Message, name: str) -> datetime | None:
    """Return the time stamp in a message's field, or None when it is not set."""
    return moment_of(getattr(message, name)) if message.HasField(name) else None
