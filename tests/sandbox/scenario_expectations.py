"""What ``diagnose`` must say about each scenario of ``sandbox --seed scenarios``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Expected:
    """``severity`` and ``kind`` may name several, separated by a blank: what grows worse with time."""

    cause: str | None
    kind: str | None = None
    severity: str = "ok"
    verdict: str = "agree"
    faults: tuple[str, ...] = ()
    state: str | None = None

    def fits(self, found: dict[str, object]) -> bool:
        """Say whether a run of the JSON document is what was expected."""
        told = (found["cause"], found["verdict"], tuple(found["known_faults"]))  # type: ignore[arg-type]
        return (
            told == (self.cause, self.verdict, self.faults)
            and str(found["severity"]) in self.severity.split()
            and (self.kind is None or str(found["kind"]) in self.kind.split())
            and self.state in (None, found["effective_state"])
        )


TROUBLE, WATCH, GROWING = "trouble", "watch", "watch trouble"
EXPECTED = {
    "S02-backlog": Expected("S02", "backlog", GROWING, state="queued"),
    "S03-failing": Expected("S03", "failing", GROWING, state="queued"),
    "S04-child": Expected("S04", "no_pollers", TROUBLE, faults=("F35",)),
    "S04-no-pollers": Expected("S04", "no_pollers", TROUBLE, state="executing"),
    "S05-in-flight": Expected("S05", "in_flight", WATCH, state="executing"),
    "S06-backoff": Expected("S06", "backoff", WATCH, state="retrying"),
    "S07-on-schedule": Expected(None, state="waiting_time"),
    "S07-overdue": Expected("S07", "overdue", TROUBLE, state="waiting_time"),
    "S08-arrived-early": Expected("S08", "arrived_early", TROUBLE, state="waiting_event"),
    "S08-filtered-out": Expected("S08", "filtered_out", WATCH),
    "S08-never-signalled": Expected("S08", "never_signalled", TROUBLE),
    "S08-nothing-arrived": Expected(None, state="waiting_event"),
    "S08-null-key": Expected("S08", "null_key", WATCH, faults=("F27",)),
    "S08-overdue": Expected("S08", "overdue", TROUBLE),
    "S09-done-not-signaled": Expected("S09", "done_not_signaled", TROUBLE, faults=("F28",)),
    "S09-open": Expected(None, state="waiting_human"),
    "S09-task-gone": Expected("S09", "task_gone", TROUBLE),
    "S10-limit-raised": Expected("S10", "resumable", WATCH, state="waiting_quota"),
    "S10-period-over": Expected("S10", "resumable", TROUBLE, state="waiting_quota"),
    "S10-resume-lost": Expected("S10", "resume_lost", TROUBLE, faults=("F36",)),
    "S11-child-stuck": Expected("S11", "child_stuck", WATCH, state="waiting_child"),
    "S12-never-started": Expected("S12", "never_started", TROUBLE, "missing", ("F30",)),
    "S13-lost": Expected("S13", "lost", TROUBLE, "missing"),
    "S14-canceled-outside": Expected("S14", "canceled_outside", TROUBLE, "zombie_row", ("F13", "F24")),
    "S14-completed": Expected("S14", "completed", TROUBLE, "zombie_row"),
    "S14-definition-hash": Expected("S14", "definition_hash", TROUBLE, "zombie_row", ("F4",)),
    "S14-failed": Expected("S14", "failed", TROUBLE, "zombie_row"),
    "S14-terminated": Expected("S14", "terminated", TROUBLE, "zombie_row", ("F13",)),
    "S14-timed-out": Expected("S14", "timed_out", TROUBLE, "zombie_row", ("F13",)),
    "S15-launched-after-all": Expected("S15", "launched_after_all", TROUBLE, "phantom_completion", ("F30",)),
    "S15-still-open": Expected("S15", "still_open", TROUBLE, "phantom_completion", ("F17",)),
    "S16-routing": Expected("S16", "routing lasting", GROWING, "failing", ("F39",)),
    "S17-before-due": Expected("S17", "before_due", WATCH),
    "S18-running": Expected("S18", "stranded", TROUBLE, "missing"),
    "S18-waiting": Expected("S18", "stranded", TROUBLE, "missing", ("F24",), "waiting_event"),
    "S20-unserved": Expected("S20", "unserved", TROUBLE),
    "F1-no-timeout": Expected(None, faults=("F1",)),
    "F2-step-250": Expected(None, faults=("F2",)),
    "F10-single-item": Expected(None, faults=("F10",)),
    "F12-expression-time": Expected(None, faults=("F12",)),
    "F14-written-after-cancel": Expected(None, faults=("F14",)),
    "F15-canceled-when-finished": Expected(
        None, severity="watch", verdict="phantom_completion", faults=("F15",), state="succeeded"
    ),
    "F17-left-open": Expected(None, faults=("F17",)),
    "F19-generic-text": Expected(None, faults=("F19",)),
    "F20-own-attempt": Expected(None, faults=("F19", "F20")),
    "F22-swallowed": Expected(None, faults=("F22",)),
    "F29-refused-answer": Expected(None, faults=("F29",)),
    "F34-refused-replay": Expected(None, faults=("F34",)),
    "F39-stale-error": Expected(None, faults=("F39",)),
}
"""By scenario, as bulk and close looks both tell it."""
CLOSELY = {
    "S08-near-miss": Expected("S08", "near_miss", WATCH),
    "F5-text-taken-for-cancel": Expected(None, severity="watch", verdict="phantom_completion", faults=("F5",)),
}
"""What only a close look at the run tells, from keys that nearly match or from the history of a closed execution."""
