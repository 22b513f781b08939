"""The table of the conformance suite, put together from its chapters."""

from __future__ import annotations

from tests.engine.conformance.action_cases import ACTION_CASES
from tests.engine.conformance.assignment_cases import ASSIGNMENT_CASES
from tests.engine.conformance.cancel_cases import CANCEL_CASES
from tests.engine.conformance.child_cases import CHILD_CASES
from tests.engine.conformance.control_cases import CONTROL_CASES
from tests.engine.conformance.expression_cases import EXPRESSION_CASES
from tests.engine.conformance.failure_cases import FAILURE_CASES
from tests.engine.conformance.human_cases import HUMAN_CASES
from tests.engine.conformance.launch_cases import LAUNCH_CASES
from tests.engine.conformance.long_cases import LONG_CASES
from tests.engine.conformance.quota_cases import QUOTA_CASES
from tests.engine.conformance.wait_cases import WAIT_CASES

CASES = [
    *LONG_CASES,
    *WAIT_CASES,
    *HUMAN_CASES,
    *CHILD_CASES,
    *QUOTA_CASES,
    *CANCEL_CASES,
    *ACTION_CASES,
    *FAILURE_CASES,
    *CONTROL_CASES,
    *LAUNCH_CASES,
    *ASSIGNMENT_CASES,
    *EXPRESSION_CASES,
]
"""Long ones first, so that they are under way while the short ones come and go."""

SECRETS = {"RUNDESK_SECRET_API_KEY": "s3cr3t-value-42"}
"""The environment in which the worker looks for secrets."""

TASK_TYPES = {
    "approval": '{"type": "object", "required": ["approved"], "properties": {"approved": {"type": "boolean"},'
    ' "note": {"type": "string", "maxLength": 20}}}',
    "free": "{}",
}
"""System task types by name, each with the schema of its form."""
