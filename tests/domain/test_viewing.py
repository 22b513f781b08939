"""Whoever lacks manage and admin sees of actions only where and how they failed."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from app.domain.operator import Operator
from app.domain.run import RedactedDocument
from app.domain.viewing import for_viewer, sees_invocations
from tests.domain.samples import an_inspection, an_invocation

TENANT = uuid4()


def viewer(*rights: str, tenant=TENANT) -> Operator:
    return Operator(tenant, uuid4(), "Priya", "priya@example.com", (), frozenset(rights))


@pytest.mark.parametrize(
    ("rights", "sees"),
    [((), False), (("read",), False), (("view", "publish"), False), (("manage",), True), (("admin",), True)],
)
def test_manage_or_admin_of_the_same_tenant_see_everything(rights: tuple[str, ...], sees: bool) -> None:
    assert sees_invocations(viewer(*rights), TENANT) is sees
    assert not sees_invocations(viewer(*rights, tenant=uuid4()), TENANT)
    assert not sees_invocations(viewer(*rights), None)
    assert not sees_invocations(None, TENANT)


def test_others_see_where_and_how_an_action_failed() -> None:
    error = {
        "message": "of 4711",
        "details": {"x": 1},
        "category": "ActionError",
        "code": "E1",
        "nodePath": "p",
        "at": "t",
    }
    shown = an_invocation(
        input=RedactedDocument({"a": 1}), output=RedactedDocument(None), error=error, error_message="refused"
    )
    inspection = an_inspection(invocations=(shown, replace(shown, error=None, input=None)))
    restricted = for_viewer(inspection, None)
    first, second = restricted.invocations
    assert restricted.restricted
    assert first.input == RedactedDocument({"redacted": True}, ("",))
    assert first.output == RedactedDocument(None)
    assert first.error == {"redacted": True, "category": "ActionError", "code": "E1", "nodePath": "p", "at": "t"}
    assert first.error_message == "refused"
    assert (second.error, second.input) == (None, None)
    tenant = inspection.run.row.key.tenant
    assert for_viewer(inspection, viewer("manage", tenant=tenant)) is inspection
