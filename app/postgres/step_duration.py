"""How long a step took, as its ``duration_ms`` column holds it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Integer, cast, extract, func

from app.postgres.tables import workflow_run_steps

_MOST_MILLISECONDS = 2**31 - 1
"""The column is an integer: the milliseconds of a step that waited for more than 24 days do not fit."""


def milliseconds_until(moment: ColumnElement[datetime]) -> ColumnElement[int]:
    """Return the whole milliseconds from a step's start to a moment, from 0 to what the column holds."""
    elapsed = func.floor(extract("epoch", moment - workflow_run_steps.c.started_at) * 1000)
    return cast(func.least(func.greatest(elapsed, 0), _MOST_MILLISECONDS), Integer)
