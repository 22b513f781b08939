"""Each numbered fault of the reference (runtime.md section 10) and what shows that ours does right, or why it cannot.

``cases`` are ids of the table, ``tests`` are tests elsewhere (file and function) for what is no worker's business or
needs a server to die, ``cannot_arise`` says why nothing could be shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    number: int
    cases: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    cannot_arise: str | None = None


FAULTS = (
    Fault(1, ("event-without-timeout", "event-in-time", "event-too-late", "event-used-once")),
    Fault(
        2,
        ("long-loop",),
        ("tests/engine/test_long_runs.py::test_loops_tries_and_failures_survive_continue_as_new_anywhere",),
    ),
    Fault(
        3, ("long-buffer",), ("tests/engine/test_long_runs.py::test_signals_that_nobody_took_cross_continue_as_new",)
    ),
    Fault(
        4,
        (
            "launch-hash-differs",
            "launch-version-missing",
            "launch-key-unknown",
            "launch-key-unknown-at-the-top",
            "launch-field-missing",
            "launch-concurrent-loop",
            "launch-control-unknown",
            "launch-expression-missing",
        ),
    ),
    Fault(5, ("cancelled-is-a-word",)),
    Fault(6, ("nothing-to-do",)),
    Fault(7, ("nearest-handler", "nearest-handler-try-inside", "loop-left-by-failure")),
    Fault(8, ("assign-keeps-meta", "assign-keeps-error", "assign-scopes", "assign-copies", "assign-proto")),
    Fault(
        9,
        (
            "assign-continued",
            "event-continued",
            "event-retried",
            "time-continued",
            "human-continued",
            "child-continued",
        ),
        ("tests/engine/test_small_rules.py::test_delays_grow_are_capped_and_jitter_between_half_and_whole",),
    ),
    Fault(10, ("loop-of-one", "loop-of-a-list-of-lists", "expression-singleton")),
    Fault(11, ("expression-equality-in-text",)),
    Fault(12, ("expression-endless", "expression-not-the-clock")),
    Fault(
        13,
        (
            "cancel-time",
            "cancel-event",
            "cancel-event-with-timeout",
            "cancel-human",
            "cancel-action",
            "cancel-between-attempts",
            "cancel-children",
            "quota-cancelled",
            "cancel-at-once",
            "cancel-keeps-what-was-done",
        ),
    ),
    Fault(14, ("cancel-action", "cancel-after-the-console")),
    Fault(
        15,
        ("cancel-of-the-ended",),
        ("tests/services/test_cancel_run.py::test_an_ended_run_is_refused_and_keeps_its_outcome",),
    ),
    Fault(16, (), ("tests/services/test_acting_on_postgres.py::test_a_run_unknown_to_temporal_cannot_be_cancelled",)),
    Fault(17, ("cancel-human", "cancel-children", "cancel-keeps-what-was-done")),
    Fault(18, (), ("tests/services/test_batches_on_postgres.py::test_a_bulk_cancel_tells_each_outcome",)),
    Fault(19, ("action-fails", "action-category", "retry-on-category", "retry-not-on-category", "child-fails")),
    Fault(20, ("retry-succeeds", "retry-in-a-loop", "started-and-lost", "started-and-repeatable", "child-retried")),
    Fault(21, ("key-of-an-earlier-run", "key-of-an-earlier-failure", "action-cached")),
    Fault(22, ("action-continued", "action-continued-by-config")),
    Fault(23, ("loop-order", "retry-succeeds", "retry-exhausted")),
    Fault(
        24,
        (),
        ("tests/services/test_submit_event.py::test_one_stale_wait_and_one_lost_signal_keep_nobody_waiting",),
    ),
    Fault(
        25,
        (),
        ("tests/services/test_submit_event.py::test_triggers_start_each_its_run_whatever_the_others_do",),
    ),
    Fault(26, ("event-row-matched",)),
    Fault(27, ("event-any-key",)),
    Fault(28, ("human-answered",)),
    Fault(29, ("human-misfit", "human-admin-override")),
    Fault(
        30,
        ("launch-failed-after-all",),
        ("tests/services/test_launch_run.py::test_a_launch_records_row_execution_ids_and_audit",),
    ),
    Fault(
        31,
        (),
        (
            "tests/postgres/test_admission.py::test_two_consoles_starting_fifty_at_once_never_exceed_five",
            "tests/postgres/test_admission.py::test_one_fire_key_fifty_times_at_once_is_one_run",
            "tests/postgres/test_admission.py::test_a_fire_key_of_another_tenant",
        ),
    ),
    Fault(
        32,
        (),
        ("tests/services/test_replay_run.py::test_an_unedited_replay_sends_nothing_and_copies_version_and_provenance",),
    ),
    Fault(33, (), ("tests/services/test_replay_run.py::test_a_placeholder_elsewhere_is_refused_with_its_path",)),
    Fault(34, (), ("tests/services/test_replay_run.py::test_what_breaks_the_schema_leaves_no_row",)),
    Fault(35, ("child-paused", "child-too-many", "child-of-a-child", "child-retried", "child-unknown")),
    Fault(36, ("quota-resume-repaired", "quota-still-exhausted")),
    Fault(37, ("quota-resume-unasked",)),
    Fault(38, (), ("tests/engine/test_long_runs.py::test_the_end_of_the_execution_is_projected_before_it_comes",)),
    Fault(39, ("no-flicker", "try-with-empty-catch", "try-catches", "return-in-catch")),
    Fault(40, (), ("tests/services/test_diagnose_on_servers.py::test_runs_of_the_reference_worker",)),
    Fault(41, ("action-secret", "action-secret-in-error")),
    Fault(42, (), ("tests/cli/test_no_secret_told.py::test_no_verb_tells_a_secret",)),
    Fault(43, (), ("tests/domain/test_redaction.py::test_a_pointer_that_does_not_resolve_does_nothing",)),
    Fault(44, (), ("tests/postgres/test_actions.py::test_a_cancel_writes_run_waits_log_and_audit",)),
    Fault(
        45,
        (),
        (
            "tests/rendering/test_reports.py::test_hostile_data_is_no_formula_in_tables",
            "tests/services/test_triage_report.py::test_a_list_is_read_whole_up_to_its_limit_and_audited_run_by_run",
        ),
    ),
    Fault(46, (), ("tests/engine/test_serving.py::test_readiness_follows_what_really_works",)),
)


def unproven() -> Iterator[int]:
    """Yield the numbers that nothing stands beside."""
    for fault in FAULTS:
        if not fault.cases and not fault.tests and not fault.cannot_arise:
            yield fault.number
