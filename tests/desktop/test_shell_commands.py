"""Commands as data: complete, named, explained, and true on every button."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QObject, Qt
from pytestqt.qtbot import QtBot

from app.desktop.shell.commands import COMMANDS, CommandBook
from app.desktop.shell.context import DesktopContext
from app.domain.operator import Right

FORBIDDEN = re.compile(r"retry|requeue|resume", re.IGNORECASE)


@pytest.fixture
def book(qtbot: QtBot) -> CommandBook:
    return CommandBook()


def test_every_command_has_an_id_a_text_and_an_explanation(book: CommandBook) -> None:
    for command in COMMANDS:
        action = book.action(command.command_id)
        assert action.objectName() == command.command_id
        assert action.text()
        assert action.toolTip()
        assert action.whatsThis()


def test_ids_and_shortcuts_are_unique() -> None:
    ids = [command.command_id for command in COMMANDS]
    shortcuts = [keys for command in COMMANDS for keys in command.shortcuts]
    assert len(ids) == len(set(ids))
    assert len(shortcuts) == len(set(shortcuts))


def test_no_command_is_named_after_what_the_contract_does_not_know() -> None:
    for command in COMMANDS:
        # rulings.md and issue 4: a batch and a quota pause are resumed, a run never is
        if command.command_id not in {"batch.resume", "quota.resume"}:
            assert not FORBIDDEN.search(command.command_id)
            assert not FORBIDDEN.search(command.text)


def test_a_button_is_its_command(qtbot: QtBot, book: CommandBook) -> None:
    done: list[str] = []
    book.bind("run.replay", lambda: done.append("replay"))
    button = book.button("run.replay", role="primary")
    qtbot.addWidget(button)
    assert button.objectName() == "run.replay"
    assert button.accessibleName() == "Replay"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert done == ["replay"]


def test_a_refused_command_says_why_and_does_nothing(qtbot: QtBot, book: CommandBook) -> None:
    done: list[str] = []
    book.bind("run.cancel", lambda: done.append("cancel"))
    button = book.button("run.cancel")
    qtbot.addWidget(button)
    book.set_allowed("run.cancel", "The run has ended.")
    assert not button.isEnabled()
    assert button.toolTip() == button.whatsThis() == button.accessibleDescription() == "The run has ended."
    book.run("run.cancel")
    button.click()
    assert done == []
    book.set_allowed("run.cancel", None)
    assert button.isEnabled()
    assert "Ctrl+Del" in button.toolTip()
    book.run("run.cancel")
    assert done == ["cancel"]


def test_a_command_can_be_bound_anew(book: CommandBook) -> None:
    done: list[str] = []
    book.bind("runs.refresh", lambda: done.append("first"))
    book.bind("runs.refresh", lambda: done.append("second"))
    book.run("runs.refresh")
    assert done == ["second"]


def test_a_checkable_button_follows_its_action(qtbot: QtBot, book: CommandBook) -> None:
    button = book.button("runs.live")
    qtbot.addWidget(button)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert book.action("runs.live").isChecked()
    assert button.isChecked()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not button.isChecked()


def test_without_an_operator_every_refusal_has_words(context: DesktopContext) -> None:
    assert context.refusal(Right.ADMIN) is None
    context.operator = None
    assert "--operator" in (context.refusal(Right.MANAGE) or "")
    context.operator_problem = "Nobody called X works here."
    assert context.refusal(Right.MANAGE) == "Nobody called X works here."


def test_actions_belong_to_the_book(book: CommandBook) -> None:
    assert all(isinstance(book.action(command.command_id).parent(), QObject) for command in COMMANDS)
