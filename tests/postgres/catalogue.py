"""Describes a schema from Postgres' own catalogue, so that two databases can be compared thing by thing."""

from __future__ import annotations

import psycopg

_COLUMNS = """
    SELECT c.relname || '.' || a.attname,
           concat_ws(' ', a.attnum, format_type(a.atttypid, a.atttypmod),
                     CASE WHEN a.attnotnull THEN 'NOT NULL' END, 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid))
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""
_CONSTRAINTS = """
    SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
"""
_INDEXES = "SELECT tablename || '.' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
_TRIGGERS = """
    SELECT tgrelid::regclass || '.' || tgname,
           pg_get_triggerdef(t.oid) || ' ' || regexp_replace(prosrc, '\\s+', ' ', 'g')
    FROM pg_trigger t JOIN pg_proc p ON p.oid = tgfoid WHERE NOT tgisinternal
"""

Catalogue = dict[str, dict[str, str]]


def describe(url: str) -> Catalogue:
    """Return columns, constraints, indexes and triggers by name."""
    queries = {"columns": _COLUMNS, "constraints": _CONSTRAINTS, "indexes": _INDEXES, "triggers": _TRIGGERS}
    with psycopg.connect(url) as connection:
        return {kind: dict(sorted(connection.execute(query).fetchall())) for kind, query in queries.items()}


def differences(ours: Catalogue, theirs: Catalogue) -> list[str]:
    """Return one line for each thing that only one side has or that the sides describe differently."""
    return [
        f"{kind} {name}: ours {ours[kind].get(name)!r}, theirs {theirs[kind].get(name)!r}"
        for kind in theirs
        for name in sorted(ours[kind].keys() | theirs[kind].keys())
        if ours[kind].get(name) != theirs[kind].get(name)
    ]
