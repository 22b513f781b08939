"""The words of a diagnosis (rulings.md, "Words and codes")."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """Whether row and execution tell the same story."""

    AGREE = "agree"
    LAGGING = "lagging"
    FAILING = "failing"
    ZOMBIE_ROW = "zombie_row"
    PHANTOM_COMPLETION = "phantom_completion"
    MISSING = "missing"
    CANNOT_VERIFY = "cannot_verify"


class Severity(StrEnum):
    """How much a run deserves attention; only trouble enters the banner."""

    OK = "ok"
    WATCH = "watch"
    TROUBLE = "trouble"


class Cause(StrEnum):
    """Why a run does not go on (console.md section E, rulings.md for S20)."""

    NO_WORKER = "S01"
    BACKLOG = "S02"
    TASK_FAILING = "S03"
    ACTIVITY_NOT_PICKED_UP = "S04"
    ACTIVITY_IN_FLIGHT = "S05"
    RETRY_BACKOFF = "S06"
    TIME_WAIT = "S07"
    EVENT_WAIT = "S08"
    HUMAN_WAIT = "S09"
    QUOTA_PAUSE = "S10"
    CHILD_RUN = "S11"
    LAUNCH_GAP = "S12"
    MISSING_EXECUTION = "S13"
    ZOMBIE_ROW = "S14"
    PHANTOM_COMPLETION = "S15"
    FAILING_NOT_CLOSED = "S16"
    DEADLINE_AHEAD = "S17"
    LEGACY_ROW = "S18"
    CANNOT_VERIFY = "S19"
    OTHER_QUEUE = "S20"


class Source(StrEnum):
    """Where a fact was read."""

    POSTGRES = "postgres"
    TEMPORAL = "temporal"
    HISTORY = "temporal.history"
    QUEUE = "temporal.queue"
    QUERY = "temporal.query"


class Act(StrEnum):
    """Command ids of what an operator may do about a finding; START_WORKER is advice, not a command of ours."""

    CANCEL = "run.cancel"
    REPLAY = "run.replay"
    COMPLETE_LAUNCH = "repair.complete-launch"
    FAIL_LAUNCH = "repair.fail-launch"
    PROJECT_CLOSE = "repair.project-close"
    RELEASE_HUMAN_TASK = "repair.release-human-task"
    DELIVER_EVENT = "repair.deliver-event"
    QUOTA_RESUME = "quota.resume"
    FINALIZE_STRANDED = "stranded.finalize"
    START_WORKER = "worker.start"
