"""The list of actions with side effects that ships with Rundesk, extended by the profile in force."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.domain.side_effects import ActionCatalogue, ActionEffect, EffectClass

FILE_NAME = "action_effects.toml"
_PACKAGE = Path(__file__).resolve().parents[1]
_PLACES = (_PACKAGE / "_resources", _PACKAGE.parent / "resources")
"""In a wheel the files are inside the package, in a checkout beside it."""


def action_catalogue(of_profile: Mapping[str, EffectClass] | None = None) -> ActionCatalogue:
    """Return the shipped list, corrected and extended by what a profile says of its own actions."""
    path = next(place / FILE_NAME for place in _PLACES if (place / FILE_NAME).is_file())
    shipped = tomllib.loads(path.read_text(encoding="utf-8"))
    own = [ActionEffect(pattern, effect) for pattern, effect in (of_profile or {}).items()]
    return ActionCatalogue.of(_families(shipped["families"]), _actions(shipped["action"]), own)


def _families(table: Mapping[str, Any]) -> Iterator[ActionEffect]:
    """Yield each family as unknown, and those of its actions that by their name write."""
    for family in table["names"]:
        yield ActionEffect(f"{family}.*", EffectClass.UNKNOWN)
        for verb in table["writing"]:
            yield ActionEffect(f"{family}.{verb}", EffectClass.REPEATS)
            yield ActionEffect(f"{family}.{verb}_*", EffectClass.REPEATS)


def _actions(tables: list[Mapping[str, str]]) -> Iterator[ActionEffect]:
    for table in tables:
        yield ActionEffect(table["id"], EffectClass(table["effect"]), table["note"])
