"""The shipped list of actions, and what a profile says of its own."""

from __future__ import annotations

import pytest

from app.domain.errors import Misconfigured
from app.domain.side_effects import EffectClass
from app.local.action_effects import action_catalogue
from app.local.settings import Profile

PROFILE = {"name": "live", "database_url": "postgresql://x/y", "temporal_address": "t:7233"}


@pytest.mark.parametrize(
    ("action", "effect"),
    [
        ("email.send", EffectClass.REPEATS),
        ("email.send_template", EffectClass.REPEATS),
        ("notifications.send", EffectClass.REPEATS),
        ("tickets.add_comment", EffectClass.REPEATS),
        ("tickets.create", EffectClass.REPEATS),
        ("tickets.created_since", EffectClass.UNKNOWN),
        ("tickets.get", EffectClass.UNKNOWN),
        ("ai.infer", EffectClass.REPEATS),
        ("transform.concat_text", EffectClass.HARMLESS),
        ("store.get", EffectClass.HARMLESS),
        ("store.set", EffectClass.REPEATS),
        ("store.get_or_set", EffectClass.UNKNOWN),
        ("demo.slow", EffectClass.HARMLESS),
        ("acme.page_everyone", EffectClass.UNKNOWN),
    ],
)
def test_the_shipped_list_claims_only_what_a_name_says(action: str, effect: EffectClass) -> None:
    assert action_catalogue().effect_of(action).effect is effect


def test_a_profile_extends_and_corrects_it() -> None:
    own = {"tickets.get": "harmless", "acme.*": "repeats", "notifications.*": "unknown"}
    profile = Profile.from_table({**PROFILE, "action_effects": own})
    catalogue = action_catalogue(profile.action_effects)
    assert catalogue.effect_of("tickets.get").effect is EffectClass.HARMLESS
    assert catalogue.effect_of("acme.page_everyone").effect is EffectClass.REPEATS
    assert catalogue.effect_of("notifications.send").effect is EffectClass.UNKNOWN
    assert catalogue.effect_of("email.send").effect is EffectClass.REPEATS
    assert Profile.from_table(profile.as_table()) == profile
    assert "action_effects" not in Profile.from_table(PROFILE).as_table()


@pytest.mark.parametrize("table", ["harmless", {"tickets.get": "safe"}, {"tickets.get": 1}])
def test_a_word_that_is_none_is_named(table: object) -> None:
    with pytest.raises(Misconfigured, match=r"profiles\.action_effects must be .* repeats or harmless or unknown"):
        Profile.from_table({**PROFILE, "action_effects": table})
