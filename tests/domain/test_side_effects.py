"""The forecast: what a replay does a second time, by what its source did and by what is known of actions."""

from __future__ import annotations

import pytest

from app.domain.side_effects import (
    ActionCatalogue,
    ActionEffect,
    ActionUse,
    EffectClass,
    Foretold,
    SideEffectForecast,
    forecast,
)

CATALOGUE = ActionCatalogue.of(
    [
        ActionEffect("tickets.*", EffectClass.UNKNOWN),
        ActionEffect("tickets.add_*", EffectClass.REPEATS),
        ActionEffect("tickets.get", EffectClass.HARMLESS, "Only reads"),
        ActionEffect("email.send", EffectClass.REPEATS, "Sends again"),
        ActionEffect("email.send_dry", EffectClass.REPEATS),
    ],
    [ActionEffect("email.send_dry", EffectClass.HARMLESS)],
)


def use(action: str, status: str = "SUCCEEDED", *, authored: bool = False, count: int = 1) -> ActionUse:
    return ActionUse(action, 1, "root.steps[0]", status, authored, count)


@pytest.mark.parametrize(
    ("action", "effect"),
    [
        ("tickets.get", EffectClass.HARMLESS),
        ("tickets.get_or_create", EffectClass.UNKNOWN),
        ("tickets.add_comment", EffectClass.REPEATS),
        ("tickets.find", EffectClass.UNKNOWN),
        ("email.send", EffectClass.REPEATS),
        ("email.sender", EffectClass.UNKNOWN),
        ("email.send_dry", EffectClass.HARMLESS),
        ("ticket", EffectClass.UNKNOWN),
        ("", EffectClass.UNKNOWN),
    ],
)
def test_the_longest_entry_decides_and_what_is_not_listed_is_unknown(action: str, effect: EffectClass) -> None:
    assert CATALOGUE.effect_of(action).effect is effect


def test_an_empty_catalogue_knows_nothing() -> None:
    assert ActionCatalogue().effect_of("transform.x").effect is EffectClass.UNKNOWN


@pytest.mark.parametrize(
    ("action", "status", "authored", "foretold"),
    [
        ("email.send", "SUCCEEDED", False, Foretold.REPEATS),
        ("email.send", "SUCCEEDED", True, Foretold.CACHED),
        ("email.send", "FAILED", True, Foretold.COLLIDES),
        ("email.send", "STARTED", True, Foretold.COLLIDES),
        ("email.send", "STARTED", False, Foretold.UNSETTLED),
        ("email.send", "FAILED", False, None),
        ("crm.find", "SUCCEEDED", False, Foretold.UNKNOWN),
        ("crm.find", "STARTED", False, Foretold.UNSETTLED),
        ("tickets.get", "SUCCEEDED", False, Foretold.HARMLESS),
        ("tickets.get", "STARTED", False, None),
        ("tickets.get", "FAILED", True, Foretold.COLLIDES),
        ("tickets.get", "SUCCEEDED", True, Foretold.CACHED),
        ("email.send", "LEASED", False, Foretold.UNSETTLED),
    ],
)
def test_what_becomes_of_a_call(action: str, status: str, authored: bool, foretold: Foretold | None) -> None:
    actions = forecast([use(action, status, authored=authored)], CATALOGUE).actions
    assert [told.foretold for told in actions] == ([] if foretold is None else [foretold])


def test_passes_of_a_loop_are_counted_and_the_gravest_comes_first() -> None:
    told = forecast(
        [
            use("tickets.get", count=7),
            use("crm.x"),
            use("email.send", count=250),
            use("email.send", "FAILED", authored=True),
        ],
        CATALOGUE,
    )
    assert [action.foretold for action in told.actions] == [
        Foretold.COLLIDES,
        Foretold.REPEATS,
        Foretold.UNKNOWN,
        Foretold.HARMLESS,
    ]
    assert told.totals == {
        Foretold.COLLIDES: 1,
        Foretold.REPEATS: 250,
        Foretold.UNKNOWN: 1,
        Foretold.HARMLESS: 7,
    }
    assert told.actions[1].note == "Sends again"
    assert SideEffectForecast().totals == {}
