"""The Temporal contract with AlgaPSA's runtime V2, each literal written once, used by producer and worker.

Source: ``../shared/contract/runtime.md`` section 2. Nothing here can be changed by a setting or an
environment variable; see :mod:`app.temporal.ignored_environment` for the names that once could.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.domain.launching import PRODUCT_SEMANTICS_VERSION

TASK_QUEUE = "workflow-runtime-v2"
WORKFLOW_TYPE = "workflowRuntimeV2RunWorkflow"
WORKFLOW_ID_PREFIX = "workflow-runtime-v2:run:"

SIGNAL_EVENT = "workflowRuntimeV2Event"
SIGNAL_HUMAN_TASK = "workflowRuntimeV2HumanTask"
SIGNAL_QUOTA_RESUME = "workflowRuntimeV2QuotaResume"

QUERY_CURRENT_STEP = "workflowRuntimeV2CurrentStep"
QUERY_CURRENT_WAIT = "workflowRuntimeV2CurrentWait"
QUERY_SUMMARY = "workflowRuntimeV2InterpreterSummary"

HUMAN_TASK_COMPLETED = "HUMAN_TASK_COMPLETED"
ADMIN_RESUME = "ADMIN_RESUME"

EXECUTION_TIMEOUT = timedelta(days=30)
RUN_TIMEOUT = timedelta(days=30)
ACTIVITY_TIMEOUT = timedelta(minutes=10)
"""Start-to-close timeout of every activity."""

SEMANTICS_VERSION = PRODUCT_SEMANTICS_VERSION
"""What the product stamps on rows; the launcher writes it, our engine overwrites it with its own."""

FAILURE_TYPE_PREFIX = "WorkflowRuntimeV2."
"""Prefix of the Temporal failure type, followed by the error category."""


def workflow_id_of(run_id: UUID | str) -> str:
    """Return the workflow id of a run: always derivable, for child runs too."""
    return f"{WORKFLOW_ID_PREFIX}{run_id}"


@dataclass(frozen=True, slots=True)
class RunInput:
    """The workflow's single argument (runtime.md 2.2), as the product's JSON object."""

    run_id: UUID
    tenant: UUID | None
    workflow_id: UUID
    workflow_version: int
    trigger_type: str | None
    execution_key: str

    def as_argument(self) -> dict[str, Any]:
        """Return the JSON object sent to Temporal."""
        return {
            "runId": str(self.run_id),
            "tenantId": None if self.tenant is None else str(self.tenant),
            "workflowId": str(self.workflow_id),
            "workflowVersion": self.workflow_version,
            "triggerType": self.trigger_type,
            "executionKey": self.execution_key,
        }
