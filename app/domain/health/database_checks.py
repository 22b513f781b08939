"""Judges what the database says of itself."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.health.check import Check, HealthCheck, ok, problem, warning
from app.domain.health.facts import ClockReading, DatabaseFacts, IndexAdvice, TableRight

WORTH_AN_INDEX_ROWS = 20_000
"""A table smaller than this is read in a few milliseconds without one."""
WORTH_AN_INDEX_RATIO = 3.0
CLOCK_WARNING_SECONDS = 2.0
CLOCK_PROBLEM_SECONDS = 30.0


def judge_database(facts: DatabaseFacts) -> Iterator[HealthCheck]:
    """Yield every check that these facts answer."""
    yield ok(Check.POSTGRES_VERSION, "version", version=facts.version)
    yield _schema(facts)
    yield _shape(facts)
    yield _privileges(facts)
    yield _pooling(facts)
    yield _tls(facts)
    yield _indexes(facts.indexes)


def judge_clock(reading: ClockReading) -> HealthCheck:
    """Judge this computer's clock; what the reading itself took is not held against it."""
    skew = reading.skew_seconds
    certain = max(abs(skew) - reading.uncertainty_seconds, 0.0)
    shown = f"{skew:+.1f}"
    if certain < CLOCK_WARNING_SECONDS:
        return ok(Check.CLOCK, "clock", seconds=shown)
    judge = problem if certain >= CLOCK_PROBLEM_SECONDS else warning
    return judge(Check.CLOCK, "clock_off", seconds=shown)


def _schema(facts: DatabaseFacts) -> HealthCheck:
    if not facts.settings_readable:
        return problem(Check.SCHEMA, "settings_unreadable")
    if facts.missing_parts:
        return warning(Check.SCHEMA, "schema_lags", missing=", ".join(facts.missing_parts))
    return ok(Check.SCHEMA, "schema_complete")


def _shape(facts: DatabaseFacts) -> HealthCheck:
    if facts.citus:
        return ok(Check.SHAPE, "shape_citus")
    return ok(Check.SHAPE, "shape_citus_keys" if facts.keyed_by_tenant else "shape_plain")


def _privileges(facts: DatabaseFacts) -> HealthCheck:
    unreadable = [right for right in facts.lacking if right.right == "SELECT"]
    if unreadable:
        return problem(Check.PRIVILEGES, "may_not_read", login=facts.login, missing=_listed(unreadable))
    if facts.lacking:
        return warning(Check.PRIVILEGES, "may_read", login=facts.login, missing=_listed(facts.lacking))
    return ok(Check.PRIVILEGES, "may_all", login=facts.login)


def _listed(rights: list[TableRight] | tuple[TableRight, ...]) -> str:
    by_table: dict[str, list[str]] = {}
    for right in rights:
        by_table.setdefault(right.table, []).append(right.right)
    return "; ".join(f"{', '.join(names)} on {table}" for table, names in by_table.items())


def _pooling(facts: DatabaseFacts) -> HealthCheck:
    first, second = facts.pooling.found
    if first != second:
        return ok(Check.POOLING, "pool_transaction")
    if facts.pooling.told != first:
        return ok(Check.POOLING, "pool_between")
    return ok(Check.POOLING, "pool_none", server_process=first)


def _tls(facts: DatabaseFacts) -> HealthCheck:
    if facts.tls is not None:
        return ok(Check.POSTGRES_TLS, "encrypted", detail=facts.tls)
    return ok(Check.POSTGRES_TLS, "loopback") if facts.is_local else warning(Check.POSTGRES_TLS, "clear")


def _indexes(missing: tuple[IndexAdvice, ...]) -> HealthCheck:
    if not missing:
        return ok(Check.INDEXES, "indexes_fine")
    worth = [advice for advice in missing if _is_worth_it(advice)]
    if not worth:
        names, rows = ", ".join(advice.name for advice in missing), max(advice.rows for advice in missing)
        return ok(Check.INDEXES, "indexes_small", missing=names, rows=f"{rows:,}")
    return warning(
        Check.INDEXES,
        "indexes_missing",
        missing=", ".join(advice.name for advice in worth),
        gains=" ".join(_gain(advice) for advice in worth),
        statements=" ".join(f"{advice.statement};" for advice in worth),
    )


def _is_worth_it(advice: IndexAdvice) -> bool:
    return advice.rows >= WORTH_AN_INDEX_ROWS and advice.cost_now >= WORTH_AN_INDEX_RATIO * advice.cost_with


def _gain(advice: IndexAdvice) -> str:
    times = advice.cost_now / advice.cost_with
    return (
        f"{advice.name}: the planner puts the question at {advice.cost_now:,.0f} over {advice.rows:,} rows, with the "
        f"index at about {advice.cost_with:,.0f} ({times:,.0f} times less)."
    )
