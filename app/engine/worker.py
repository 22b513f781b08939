"""The worker: what it executes, and how. Its process is :mod:`app.engine.serving`.

The task queue is the contract's; nothing can change it, since there is no way to ask for another.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from app.engine.action_activity import ActionActivities
from app.engine.actions import DEFAULT_ACTIONS, ActionRegistry
from app.engine.activities import ProjectionActivities
from app.engine.child_activity import ChildActivities
from app.engine.run_log import RunLog
from app.engine.run_workflow import RunWorkflow
from app.engine.secrets import EnvironmentSecrets, SecretSource
from app.engine.step_activities import StepActivities
from app.postgres.database import Database
from app.temporal.contract import TASK_QUEUE

IDENTITY_PREFIX = "rundesk-worker@"
"""How identities of workers of ours begin: by it they are known to each other."""
DEFAULT_DRAIN = timedelta(seconds=10)


def worker_identity() -> str:
    """Return the identity under which this process polls."""
    return f"{IDENTITY_PREFIX}{socket.gethostname()}:{os.getpid()}"


@dataclass(frozen=True, slots=True)
class Further:
    """What a worker executes beside the runs of the contract, on the same queue."""

    workflows: tuple[type, ...] = ()
    activities: tuple[Callable[..., Any], ...] = ()


NOTHING_FURTHER = Further()


def build_worker(
    client: Client,
    database: Database,
    *,
    registry: ActionRegistry = DEFAULT_ACTIONS,
    secrets: SecretSource | None = None,
    further: Further = NOTHING_FURTHER,
    drain: timedelta = DEFAULT_DRAIN,
) -> Worker:
    """Return a worker on the contract's queue; run it with ``async with`` or ``run()``.

    Args:
        client: Connected to the namespace of the runs.
        database: Where the runs' rows are; stays open until the caller disposes it.
        registry: The actions to execute.
        secrets: Where ``$secret`` references lead; the environment by default.
        further: What else it executes.
        drain: How long activities under way may go on when it is told to stop; then they are cancelled.
    """
    actions = ActionActivities(database, registry, secrets or EnvironmentSecrets.of_process())
    projecting = (ProjectionActivities(database), StepActivities(database), ChildActivities(database))
    projections = [activity for group in projecting for activity in group.all()]
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[RunWorkflow, *further.workflows],
        activities=[*projections, *actions.all(), *further.activities],
        identity=worker_identity(),
        workflow_runner=workflow_runner(),
        interceptors=[RunLog()],
        graceful_shutdown_timeout=drain,
        # How long a cancelled action may stay ignorant of it: cancels travel on heartbeat answers.
        max_heartbeat_throttle_interval=timedelta(seconds=1),
        default_heartbeat_throttle_interval=timedelta(seconds=1),
    )


def workflow_runner() -> SandboxedWorkflowRunner:
    """Keep the determinism guards, but share our modules and the evaluator, which fails when imported per workflow."""
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules("app", "jsonata"))
