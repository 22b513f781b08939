"""Who is in trouble: what was proved, what the banner's own question says, and what somebody has seen already."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.domain.diagnosis.codes import Cause, Severity, Verdict
from app.domain.diagnosis.finding import Diagnosis, Finding
from app.domain.diagnosis.troubles import (
    Acknowledgement,
    Trouble,
    Troubles,
    Unstarted,
    find_troubles,
    group_troubles,
)
from app.domain.run import EffectiveState, RunKey

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
TENANT = uuid4()


def key(number: int) -> RunKey:
    return RunKey(TENANT, UUID(int=number))


def diagnosis(
    number: int,
    cause: Cause | None,
    kind: str | None = None,
    severity: Severity = Severity.TROUBLE,
    unstarted_since: datetime | None = None,
) -> Diagnosis:
    return Diagnosis(
        key=key(number),
        workflow_name=None,
        status="RUNNING",
        state=EffectiveState.QUEUED,
        verdict=Verdict.AGREE,
        severity=severity,
        title="",
        evidence=(),
        cause=cause,
        kind=kind,
        since=NOW - timedelta(minutes=number),
        unstarted_since=unstarted_since,
    )


def unstarted(*numbers: int, total: int | None = None) -> Unstarted:
    runs = {key(number): NOW - timedelta(minutes=number) for number in numbers}
    return Unstarted(runs, len(runs) if total is None else total)


def by_key(*diagnoses: Diagnosis) -> dict[RunKey, Diagnosis]:
    return {each.key: each for each in diagnoses}


def test_only_trouble_counts_and_a_healthy_wait_of_weeks_does_not() -> None:
    known = by_key(
        diagnosis(1, Cause.ZOMBIE_ROW, "terminated"),
        diagnosis(2, Cause.DEADLINE_AHEAD, "near", Severity.WATCH),
        diagnosis(3, None, None, Severity.OK),
    )
    assert [trouble.run for trouble in find_troubles(known, Unstarted())] == [key(1)]


def test_a_run_without_a_step_is_in_trouble_before_anybody_knows_why_and_leaves_when_it_begins() -> None:
    assert find_troubles({}, unstarted(1)) == (Trouble(key(1), None, Severity.TROUBLE, NOW - timedelta(minutes=1)),)
    queued = by_key(diagnosis(1, None, None, Severity.OK))
    assert [trouble.cause for trouble in find_troubles(queued, unstarted(1))] == [None]
    known = by_key(diagnosis(1, Cause.NO_WORKER, "no_pollers", unstarted_since=NOW))
    assert [trouble.cause for trouble in find_troubles(known, unstarted(1))] == [Cause.NO_WORKER]
    assert find_troubles(known, unstarted()) == ()


def test_before_its_threshold_a_run_that_nobody_can_take_is_not_in_trouble_yet() -> None:
    young = replace(diagnosis(1, Cause.NO_WORKER, "no_pollers"), young=True)
    assert find_troubles(by_key(young), unstarted()) == ()
    assert [trouble.cause for trouble in find_troubles(by_key(young), unstarted(1))] == [Cause.NO_WORKER]


def test_more_of_them_than_were_read_leaves_none_out() -> None:
    known = by_key(diagnosis(5, Cause.NO_WORKER, "no_pollers", unstarted_since=NOW))
    troubles = find_troubles(known, unstarted(1, total=40))
    assert {trouble.run for trouble in troubles} == {key(1), key(5)}
    groups, _ = group_troubles(troubles, {}, further=38)
    assert sum(group.number for group in groups) == 40


def test_without_temporal_a_run_without_a_step_stays_and_is_said_not_to_be_verified() -> None:
    known = by_key(
        diagnosis(1, Cause.CANNOT_VERIFY, "temporal", Severity.WATCH, unstarted_since=NOW),
        diagnosis(2, Cause.CANNOT_VERIFY, "temporal", Severity.WATCH),
    )
    (trouble,) = find_troubles(known, unstarted(1))
    assert (trouble.run, trouble.cause, trouble.severity) == (key(1), Cause.CANNOT_VERIFY, Severity.WATCH)


def test_groups_are_worst_first_and_their_runs_oldest_first() -> None:
    troubles = find_troubles(
        by_key(
            diagnosis(1, Cause.LAUNCH_GAP, "never_started"),
            diagnosis(2, Cause.NO_WORKER, "no_pollers"),
            diagnosis(9, Cause.NO_WORKER, "no_pollers"),
            diagnosis(4, Cause.CANNOT_VERIFY, "temporal", Severity.WATCH, unstarted_since=NOW),
        ),
        unstarted(4),
    )
    groups, _ = group_troubles(troubles, {})
    assert [group.cause for group in groups] == [Cause.NO_WORKER, Cause.LAUNCH_GAP, Cause.CANNOT_VERIFY]
    assert groups[0].runs == (key(9), key(2))
    assert groups[0].since == NOW - timedelta(minutes=9)


def test_what_was_seen_is_hidden_until_its_cause_or_severity_changes() -> None:
    seen = {key(1).run_id: Acknowledgement(Cause.NO_WORKER, Severity.TROUBLE)}
    same = find_troubles(by_key(diagnosis(1, Cause.NO_WORKER, "no_pollers")), Unstarted())
    shown, hidden = group_troubles(same, seen)
    assert (shown, [group.number for group in hidden]) == ((), [1])
    together = Troubles(shown, hidden).with_acknowledged()
    assert [(group.cause, group.number) for group in together] == [(Cause.NO_WORKER, 1)]
    other = find_troubles(by_key(diagnosis(1, Cause.TASK_FAILING, "failing")), Unstarted())
    shown, hidden = group_troubles(other, seen)
    assert ([group.cause for group in shown], hidden) == ([Cause.TASK_FAILING], ())


def test_a_form_that_no_face_has_words_for_cannot_be_named() -> None:
    with pytest.raises(ValueError, match="S01"):
        Finding(Cause.NO_WORKER, "of_another_kind", Severity.TROUBLE, "", ())
    with pytest.raises(ValueError, match="S12"):
        diagnosis(1, Cause.LAUNCH_GAP, "of_another_kind")
