"""The rules by which ``packaging/translations.py check`` judges a translation, and the files it has built."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import Any

import pytest

from tests.architecture.source_tree import ROOT


@pytest.fixture(scope="module")
def translations() -> ModuleType:
    """The script, which belongs to no package."""
    spec = importlib.util.spec_from_file_location("rundesk_translations", ROOT / "packaging" / "translations.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def problems(translations: ModuleType, source: str, *forms: str, **more: Any) -> list[str]:
    values = {"numerus": len(forms) > 1, "state": ""} | more
    return list(translations._problems(translations.Message("Context", source, forms, **values)))


@pytest.mark.parametrize(
    ("source", "forms"),
    [
        ("Replay…", ("Wiedergabe…",)),
        ("{run} of %1", ("%1: {run}",)),
        ("%n run(s)", ("ein Lauf", "%n Läufe")),
        ("%n run(s) of {workflow}", ("%n Lauf von {workflow}", "%n Läufe von {workflow}")),
    ],
)
def test_a_translation_that_keeps_everything_is_accepted(
    translations: ModuleType, source: str, forms: tuple[str, ...]
) -> None:
    assert problems(translations, source, *forms) == []


@pytest.mark.parametrize(
    ("source", "forms"),
    [
        ("Started {time}", ("Gestartet {zeit}",)),
        ("%1 of %2", ("%1 von %1",)),
        ("%n run(s)", ("%n Lauf", "viele Läufe")),
        ("{a} and {a}", ("{a}",)),
        ("Cancel…", ("Abbrechen",)),
        ("Nothing was sent.", ("Nichts wurde gesendet",)),
        ("Runs", ("",)),
        ("%n run(s)", ("%n Lauf", "")),
    ],
)
def test_a_translation_that_loses_something_is_refused(
    translations: ModuleType, source: str, forms: tuple[str, ...]
) -> None:
    assert problems(translations, source, *forms)


def test_unfinished_and_vanished_texts_are_refused(translations: ModuleType) -> None:
    assert problems(translations, "Runs", "Läufe", state="unfinished") == ["unfinished"]
    assert problems(translations, "Runs", "Läufe", state="vanished") == ["vanished"]


def test_both_languages_are_built_and_shipped() -> None:
    for language in ("en", "de"):
        assert (ROOT / "i18n" / f"rundesk_{language}.ts").is_file()
        assert (ROOT / "resources" / "i18n" / f"rundesk_{language}.qm").stat().st_size > 1000
