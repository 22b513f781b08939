"""Who may act on which run: the checks that every writing service makes first."""

from __future__ import annotations

from uuid import UUID

from app.domain.errors import ActionRefused, NotPermitted
from app.domain.operator import Operator, Right
from app.domain.run import RunKey

ACTION_SOURCE = "rundesk"
"""``details.source`` of this console's audit rows, beside the product's ``ui`` and ``api``."""


def require_right(operator: Operator, tenant: UUID, need: Right, action: str) -> None:
    """Raise NotPermitted unless the operator belongs to the tenant and holds the right.

    Args:
        operator: Who acts.
        tenant: The tenant acted upon; rights of one tenant mean nothing in another.
        need: The right that the product asks for.
        action: Verb phrase for the message, for example ``cancel runs``.
    """
    if operator.tenant != tenant:
        raise NotPermitted(
            "operator.other_tenant",
            f"{operator.display_name} belongs to another tenant and may not {action} here. "
            "Choose an operator of this tenant.",
            operator=operator.display_name,
            action=action,
        )
    operator.require(need, action)


def tenant_of(key: RunKey) -> UUID:
    """Return the run's tenant; ActionRefused for an unassigned run, on which nobody holds a right."""
    if key.tenant is None:
        raise ActionRefused(
            "run.unassigned",
            "This run belongs to no tenant, so no operator has a right on it. It can be looked at, not acted upon.",
            run_id=str(key.run_id),
        )
    return key.tenant
