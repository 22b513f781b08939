"""The judgements of the environment check that no test server shows by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.diagnosis.execution_facts import Pollers, QueueState
from app.domain.health.check import Check, CheckState, HealthCheck
from app.domain.health.database_checks import judge_clock, judge_database
from app.domain.health.facts import (
    ClockReading,
    DatabaseFacts,
    IndexAdvice,
    NamespaceFacts,
    OtherQueue,
    Pooling,
    TableRight,
    WorkerFacts,
)
from app.domain.health.worker_checks import judge_namespace, judge_queue, judge_workers

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SOUND = {
    "version": "16.1",
    "login": "rundesk",
    "missing_parts": (),
    "settings_readable": True,
    "citus": False,
    "keyed_by_tenant": False,
    "lacking": (),
    "pooling": Pooling(7, (7, 7)),
    "tls": "TLSv1.3, AES",
    "is_local": False,
    "indexes": (),
}
INDEX = IndexAdvice("runs (a)", "CREATE INDEX ON runs (a)", 200_000, 9_000.0, 200.0)


@pytest.mark.parametrize(
    ("changed", "check", "state", "code"),
    [
        ({}, Check.POSTGRES_TLS, CheckState.OK, "encrypted"),
        ({"tls": None}, Check.POSTGRES_TLS, CheckState.WARNING, "clear"),
        ({"pooling": Pooling(3, (7, 7))}, Check.POOLING, CheckState.OK, "pool_between"),
        ({"pooling": Pooling(3, (7, 8))}, Check.POOLING, CheckState.OK, "pool_transaction"),
        ({"citus": True}, Check.SHAPE, CheckState.OK, "shape_citus"),
        ({"settings_readable": False}, Check.SCHEMA, CheckState.PROBLEM, "settings_unreadable"),
        ({"missing_parts": ("schedules",)}, Check.SCHEMA, CheckState.WARNING, "schema_lags"),
        ({"lacking": (TableRight("audit_logs", "INSERT"),)}, Check.PRIVILEGES, CheckState.WARNING, "may_read"),
        ({"lacking": (TableRight("tenants", "SELECT"),)}, Check.PRIVILEGES, CheckState.PROBLEM, "may_not_read"),
        ({"indexes": (INDEX,)}, Check.INDEXES, CheckState.WARNING, "indexes_missing"),
    ],
)
def test_what_a_database_may_show(changed: dict[str, object], check: Check, state: CheckState, code: str) -> None:
    judged = list(judge_database(DatabaseFacts(**{**SOUND, **changed})))  # type: ignore[arg-type]
    expect(judged, check, state, code)


def test_an_advised_index_says_its_gain() -> None:
    judged = judge_database(DatabaseFacts(**{**SOUND, "indexes": (INDEX,)}))  # type: ignore[arg-type]
    (check,) = [each for each in judged if each.check is Check.INDEXES]
    assert "9,000 over 200,000 rows" in check.evidence
    assert "45 times less" in check.evidence
    assert "CREATE INDEX ON runs (a);" in (check.remedy or "")


@pytest.mark.parametrize(
    ("skew", "took", "state"),
    [(0.5, 0.1, "ok"), (5.0, 0.1, "warning"), (-90.0, 0.1, "problem"), (5.0, 8.0, "ok")],
)
def test_a_clock_is_judged_by_what_is_certain(skew: float, took: float, state: str) -> None:
    before = NOW + timedelta(seconds=skew - took / 2)
    assert judge_clock(ClockReading(before, NOW, before + timedelta(seconds=took))).state == state


def test_what_temporal_may_show() -> None:
    facts = NamespaceFacts("1.32.0", "default", "deprecated", timedelta(days=3))
    judged = list(judge_namespace(facts))
    expect(judged, Check.NAMESPACE, CheckState.PROBLEM, "namespace_state")
    expect(judged, Check.RETENTION, CheckState.WARNING, "retention_short")
    several = WorkerFacts(("a", "b"), (OtherQueue("old", 3, 0),), seen_all=False)
    judged = list(judge_workers(several, "new"))
    expect(judged, Check.BUILDS, CheckState.WARNING, "builds_several")
    expect(judged, Check.QUEUES, CheckState.PROBLEM, "queues_split")
    assert "old (3+ / 0)" in judged[0].evidence


def test_what_a_queue_may_show() -> None:
    alive = Pollers(("w",), (NOW - timedelta(seconds=20),), backlog=4, backlog_age=timedelta(seconds=90))
    gone = Pollers(("w",), (NOW - timedelta(seconds=80),))
    both, half, none = (QueueState("q", *sides, NOW) for sides in ((alive, alive), (alive, gone), (gone, gone)))
    expect(judge_queue(both, NOW), Check.POLLERS, CheckState.OK, "pollers")
    expect(judge_queue(both, NOW), Check.BACKLOG, CheckState.WARNING, "backlog_old")
    single = Pollers(("w",), (NOW,), backlog=1, backlog_age=timedelta(seconds=90))
    (_, alone) = judge_queue(QueueState("q", single, Pollers(("w",), (NOW,)), NOW), NOW)
    assert (alone.state, alone.evidence) == (CheckState.WARNING, "One task waits on q, for 90 s.")
    expect(judge_queue(half, NOW), Check.POLLERS, CheckState.PROBLEM, "pollers_half")
    expect(judge_queue(none, NOW), Check.POLLERS, CheckState.PROBLEM, "pollers_none")
    expect(judge_queue(none, NOW), Check.BACKLOG, CheckState.OK, "backlog_none")


def expect(judged: object, check: Check, state: CheckState, code: str) -> None:
    found: list[HealthCheck] = [each for each in judged if each.check is check]  # type: ignore[attr-defined]
    assert [(each.state, each.code) for each in found] == [(state, code)]
    assert found[0].evidence
    assert (found[0].remedy is None) == (state is CheckState.OK)
