"""When faults of a schema refuse a launch, and how they are said."""

from __future__ import annotations

import pytest

from app.domain.payload_schema import (
    SchemaCheck,
    SchemaFault,
    SchemaState,
    refuses_launch,
    schema_refusal,
)

FAULTS = (
    SchemaFault("/amount", "minimum", "0.5"),
    SchemaFault("", "type", "object"),
    SchemaFault("/a", "required"),
    SchemaFault("/b", "dependentSchemas"),
)


@pytest.mark.parametrize("state", SchemaState)
def test_only_faults_that_the_product_has_not_accepted_before_refuse(state: SchemaState) -> None:
    check = SchemaCheck(state, 2, FAULTS[:1], 1)
    assert refuses_launch(check, accepted_before=False) is (state is SchemaState.FAULTY)
    assert not refuses_launch(check, accepted_before=True)


def test_the_refusal_names_places_rules_and_how_many_more() -> None:
    error = schema_refusal(SchemaCheck(SchemaState.FAULTY, 2, FAULTS, 250))
    assert "/amount: must be at least 0.5; the payload: must be of type object; /a: is missing" in error.message
    assert "247 more" in error.message
    assert (error.params["path"], error.params["count"], error.params["version"]) == ("/amount", 250, 2)
    assert "breaks the rule dependentSchemas" in FAULTS[3].message
