"""No act on a run is called retry, requeue or resume: the contract knows no such acts.

What rulings.md names so is left: the resumption of a quota pause, and a batch, which is the console's own.
"""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterator

from app.cli.arguments import build_parser
from tests.architecture.source_tree import Source, called_name, sources

FORBIDDEN = re.compile(r"\b(re-?try|re-?queue|resume)\b", re.IGNORECASE)
NAMING_CALLS = frozenset(
    {"setObjectName", "QAction", "addAction", "addMenu", "addButton", "QPushButton", "QToolButton", "Command"}
)
"""Calls whose texts become a command id, a menu or palette entry, or the label of a control."""


def test_no_command_line_verb_or_option() -> None:
    words = list(_words(build_parser()))
    assert "replay" in words
    assert [word for word in words if FORBIDDEN.search(word) and not _is_named(word)] == []


def test_no_command_id_menu_or_palette_entry() -> None:
    texts = [(place, text) for source in sources("app/desktop") for place, text in _names(source)]
    assert any(text == "run.replay" for _, text in texts), "the scan missed the command table"
    assert [place for place, text in texts if FORBIDDEN.search(text) and not _is_named(text)] == []


def test_the_scan_sees_a_forbidden_name() -> None:
    text = 'button = QPushButton(self.tr("Retry now"))\naction.setObjectName("run.requeue")\n'
    found = [name for _, name in _names(Source("planted.py", text, ast.parse(text)))]
    assert [name for name in found if FORBIDDEN.search(name)] == ["Retry now", "run.requeue"]


def _words(parser: argparse.ArgumentParser, above: str = "") -> Iterator[str]:
    """Yield every verb with those above it, ``batch resume``, and every option."""
    for action in parser._actions:
        yield from action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                yield f"{above}{name}"
                yield from _words(command, f"{above}{name} ")


def _names(source: Source) -> Iterator[tuple[str, str]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and called_name(node) in NAMING_CALLS:
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield source.at(part), part.value


def _is_named(text: str) -> bool:
    return any(word in text.lower() for word in ("quota", "batch"))
