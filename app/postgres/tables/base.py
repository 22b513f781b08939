"""What the table modules share: the metadata, two column types and the server defaults of AlgaPSA's migrations."""

from __future__ import annotations

from sqlalchemy import DateTime, MetaData, text
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

TIMESTAMPTZ = DateTime(timezone=True)
DOCUMENT = JSONB(none_as_null=True)
"""``jsonb`` in which Python's None is SQL NULL; JSON's own null is written as ``JSON.NULL``."""

NEW_UUID = text("gen_random_uuid()")
NOW = text("CURRENT_TIMESTAMP")
TRUE = text("true")
FALSE = text("false")
