"""Every form of every cause: the pairs of code and kind that a diagnosis may name, so that faces can word them all.

A finding of another pair cannot be made (:class:`app.domain.diagnosis.finding.Finding` looks here).
"""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.diagnosis.codes import Cause

KINDS: Mapping[Cause, frozenset[str]] = {
    Cause.NO_WORKER: frozenset({"no_pollers", "cannot_tell_yet"}),
    Cause.BACKLOG: frozenset({"backlog"}),
    Cause.TASK_FAILING: frozenset({"failing", "not_finishing", "no_step"}),
    Cause.ACTIVITY_NOT_PICKED_UP: frozenset({"no_pollers", "waiting"}),
    Cause.ACTIVITY_IN_FLIGHT: frozenset({"in_flight", "overdue"}),
    Cause.RETRY_BACKOFF: frozenset({"backoff", "overdue", "server_retry"}),
    Cause.TIME_WAIT: frozenset({"overdue"}),
    Cause.EVENT_WAIT: frozenset(
        {"null_key", "never_signalled", "filtered_out", "arrived_early", "near_miss", "overdue", "nothing_arrived"}
    ),
    Cause.HUMAN_WAIT: frozenset({"done_not_signaled", "task_gone"}),
    Cause.QUOTA_PAUSE: frozenset({"paused", "resumable", "resume_lost"}),
    Cause.CHILD_RUN: frozenset({"child", "child_stuck"}),
    Cause.LAUNCH_GAP: frozenset({"never_started"}),
    Cause.MISSING_EXECUTION: frozenset({"expired", "other_namespace", "lost"}),
    Cause.ZOMBIE_ROW: frozenset(
        {
            "canceled_outside",
            "terminated",
            "timed_out",
            "completed",
            "definition_hash",
            "load_failed",
            "step_start_failed",
            "failed",
        }
    ),
    Cause.PHANTOM_COMPLETION: frozenset({"launched_after_all", "cancel_pending", "still_open"}),
    Cause.FAILING_NOT_CLOSED: frozenset({"routing", "lasting"}),
    Cause.DEADLINE_AHEAD: frozenset({"near", "before_due"}),
    Cause.LEGACY_ROW: frozenset({"stranded", "executing"}),
    Cause.CANNOT_VERIFY: frozenset({"temporal", "queue", "postgres"}),
    Cause.OTHER_QUEUE: frozenset({"served", "unserved"}),
}


def require_known(cause: Cause, kind: str) -> None:
    """Refuse a pair that no face could put into words. ValueError: a bug."""
    if kind not in KINDS[cause]:
        raise ValueError(f"{cause} has no form {kind!r}; add it to KINDS and to the sentences of the faces")
