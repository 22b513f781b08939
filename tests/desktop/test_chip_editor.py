"""Chips: locked, moved with their origin, told apart from typed text, followed through undo and redo."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip
from pytestqt.qtbot import QtBot

from app.desktop.json_view.changed_middle import changed_middle
from app.desktop.json_view.chip_clipboard import MIME_TYPE, Clipping
from app.desktop.json_view.chip_editor import ChipEditor
from app.desktop.json_view.chip_object import ChipWords, chip_format, origin_of
from app.desktop.shell.theme import Theme
from app.domain.chips import HOLE
from app.domain.json_pointer import split_pointer
from app.domain.payload_change import ChippedText
from app.domain.payload_edit import EditState, assess, chipped
from app.domain.placeholders import REDACTED
from app.domain.redaction import RedactionPolicy, Redactor
from app.domain.run import JsonValue

CLIPPINGS = st.text(alphabet=f"ab{HOLE}", max_size=8).flatmap(
    lambda text: st.builds(
        lambda origins: Clipping(text, tuple(origins)),
        st.lists(st.sampled_from(["/x", "/y"]), min_size=text.count(HOLE), max_size=text.count(HOLE)),
    )
)
RAW: JsonValue = {
    "name": "Ann 😀",
    "apiKey": "sk_live_12345678",
    "people": [{"n": 1, "token": "ann-secret-one"}, {"n": 2, "token": "bob-secret-two"}],
    "x": 1,
}
SHOWN = Redactor(RedactionPolicy()).document(RAW)
CONTENT = chipped(SHOWN)
MakeEditor = Callable[..., ChipEditor]


@pytest.fixture
def make_editor(qtbot: QtBot, theme: Theme) -> MakeEditor:
    def make(content: ChippedText = CONTENT) -> ChipEditor:
        editor = ChipEditor(theme, lambda origin: ChipWords("masked", f"Masked value of {origin}."))
        qtbot.addWidget(editor)
        editor.resize(600, 400)
        editor.show()
        editor.open_chipped(content)
        qtbot.waitUntil(lambda: not editor.is_loading)
        return editor

    return make


def caret_at(editor: ChipEditor, text: str, *, behind: bool = False) -> None:
    """Put the caret before or behind some text."""
    cursor = editor.document().find(text)
    assert cursor.hasSelection()
    cursor.setPosition(cursor.selectionEnd() if behind else cursor.selectionStart())
    editor.setTextCursor(cursor)


def origins_of(editor: ChipEditor) -> list[str]:
    return ["/" + "/".join(origin) for origin in editor.chipped_text().origins]


def test_an_opened_document_is_read_back_as_it_is_and_is_clean(make_editor: MakeEditor) -> None:
    editor = make_editor()
    assert editor.chipped_text() == CONTENT
    assert not editor.document().isModified()
    assert REDACTED not in editor.toPlainText()


def test_a_chip_that_is_cut_and_pasted_keeps_its_origin_and_undo_is_clean_again(make_editor: MakeEditor) -> None:
    editor = make_editor()
    editor.select_next_chip()
    assert editor.textCursor().selectedText() == HOLE
    editor.cut()
    assert origins_of(editor) == ["/people/0/token", "/people/1/token"]
    caret_at(editor, '"x": 1', behind=True)
    editor.insertPlainText(', "moved": ')
    editor.paste()
    assert origins_of(editor) == ["/people/0/token", "/people/1/token", "/apiKey"]
    assert editor.document().isModified()
    while editor.document().isUndoAvailable():
        editor.undo()
    assert editor.chipped_text() == CONTENT
    assert not editor.document().isModified()
    while editor.document().isRedoAvailable():
        editor.redo()
    assert origins_of(editor)[-1] == "/apiKey"


def test_a_key_deletes_a_chip_whole_and_typing_replaces_a_selected_one(make_editor: MakeEditor) -> None:
    editor = make_editor()
    caret_at(editor, '"apiKey": ', behind=True)
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    assert '"apiKey": ,' in editor.chipped_text().text
    editor.undo()
    editor.moveCursor(QTextCursor.MoveOperation.End)
    editor.select_previous_chip()
    QTest.keyClicks(editor, '"typed"')
    found = assess(SHOWN, editor.chipped_text(), opened=CONTENT)
    assert [(one.op, "/".join(one.path), one.value_text) for one in found.patch] == [
        ("replace", "people/1/token", '"typed"')
    ]
    assert found.changes[0].masked


def test_the_keyboard_goes_round_all_chips_and_says_which_one_it_is(
    make_editor: MakeEditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _place, text, *_rest: said.append(text))
    editor = make_editor()
    for _ in range(4):
        editor.select_next_chip()
    assert said == [
        "Masked value of /apiKey.",
        "Masked value of /people/0/token.",
        "Masked value of /people/1/token.",
        "Masked value of /apiKey.",
    ]
    editor.select_previous_chip()
    assert said[-1] == "Masked value of /people/1/token."


def test_a_chip_is_found_under_the_pointer(make_editor: MakeEditor) -> None:
    editor = make_editor()
    editor.select_next_chip()
    place = editor._chip_rect(editor.textCursor().selectionStart())
    assert place is not None
    assert editor._chip_under(place.center()) == (editor.textCursor().selectionStart(), place)
    assert editor._chip_under(editor.cursorRect().bottomRight() * 3) is None


def test_other_programs_get_a_placeholder_and_give_only_text(make_editor: MakeEditor) -> None:
    editor = make_editor()
    editor.selectAll()
    editor.copy()
    copied = QGuiApplication.clipboard().mimeData()
    assert json.loads(copied.text()) == SHOWN.value
    assert HOLE not in copied.text()
    assert all(secret not in bytes(copied.data(MIME_TYPE).data()).decode() for secret in ("sk_live", "secret-one"))
    QGuiApplication.clipboard().setText(copied.text())
    editor.paste()
    assert origins_of(editor) == []
    assert assess(SHOWN, editor.chipped_text(), opened=CONTENT).state is EditState.REFORMATTED


def test_a_placeholder_pasted_where_nothing_was_masked_is_refused_with_its_path(make_editor: MakeEditor) -> None:
    editor = make_editor()
    cursor = editor.document().find('"x": 1')
    QGuiApplication.clipboard().setText(f'"x": "{REDACTED}"')
    editor.setTextCursor(cursor)
    editor.paste()
    found = assess(SHOWN, editor.chipped_text(), opened=CONTENT)
    assert [(problem.code, problem.path) for problem in found.problems] == [("payload.placeholder", "/x")]


def test_chips_of_another_opened_document_arrive_as_text(make_editor: MakeEditor) -> None:
    first, second = make_editor(), make_editor()
    first.select_next_chip()
    first.copy()
    second.select_next_chip()
    second.paste()
    assert len(origins_of(second)) == 2
    assert REDACTED in second.chipped_text().text


@pytest.mark.parametrize("offered", [b"no json", b"[]", b'{"document": "%s", "text": "%s", "origins": []}'])
def test_a_forged_clipping_is_not_believed(make_editor: MakeEditor, offered: bytes) -> None:
    editor = make_editor()
    data = QMimeData()
    data.setText(f"[{HOLE}]")
    content = offered.replace(b"%s", editor._document_name.encode(), 1).replace(b"%s", HOLE.encode())
    data.setData(MIME_TYPE, content)
    editor.selectAll()
    editor.insertFromMimeData(data)
    assert editor.chipped_text() == ChippedText("[\\ufffc]")


def test_nothing_can_be_typed_before_all_chips_are_there(qtbot: QtBot, make_editor: MakeEditor) -> None:
    editor = make_editor()
    many: JsonValue = {f"n{at}": {"name": "x" * 40, "token": f"secret-{at:04d}"} for at in range(400)}
    content = chipped(Redactor(RedactionPolicy()).document(many))
    editor.open_chipped(content)
    assert editor.is_loading
    editor.selectAll()
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    editor.paste()
    qtbot.waitUntil(lambda: not editor.is_loading)
    assert editor.chipped_text() == content
    assert not editor.isReadOnly()


def test_a_hole_that_was_typed_is_no_chip(make_editor: MakeEditor) -> None:
    editor = make_editor()
    caret_at(editor, '"apiKey": ', behind=True)
    editor.moveCursor(QTextCursor.MoveOperation.Right)
    editor.textCursor().insertText(HOLE)
    assert editor.chipped_text().text.count("\\ufffc") == 1
    editor.undo()
    caret_at(editor, '"x": 1', behind=True)
    editor.textCursor().insertText(HOLE)
    assert editor.chipped_text() == ChippedText(CONTENT.text.replace('"x": 1', '"x": 1\\ufffc'), CONTENT.origins)


def test_long_strings_stay_folded_beside_chips_and_are_copied_whole(make_editor: MakeEditor) -> None:
    raw: JsonValue = {"password": "hidden-value", "note": "y" * 9_000, "odd": "\ufffc\u2028"}
    content = chipped(Redactor(RedactionPolicy()).document(raw))
    editor = make_editor(content)
    assert len(editor.toPlainText()) < 500
    assert json.loads(editor.chipped_text().text.replace(HOLE, "0")) == {**raw, "password": 0}
    editor.selectAll()
    editor.cut()
    editor.paste()
    assert editor.chipped_text() == ChippedText(content.text.replace("\u2028", "\\u2028"), content.origins)


def test_what_is_put_back_counts_as_clean_and_can_be_undone(make_editor: MakeEditor) -> None:
    editor = make_editor()
    editor.select_next_chip()
    editor.cut()
    changed = editor.chipped_text()
    editor.put_back(CONTENT)
    assert editor.chipped_text() == CONTENT
    assert not editor.document().isModified()
    editor.undo()
    assert editor.chipped_text() == changed
    assert editor.document().isModified()


@settings(max_examples=150, deadline=None)
@given(now=CLIPPINGS, wanted=CLIPPINGS)
def test_only_the_changed_middle_is_written_anew(now: Clipping, wanted: Clipping) -> None:
    start, end, middle = changed_middle(now, wanted)
    before, behind = now.text[:start], now.text[end:]
    assert before + middle.text + behind == wanted.text
    holes_before, holes_behind = before.count(HOLE), behind.count(HOLE)
    kept_behind = now.origins[len(now.origins) - holes_behind :]
    assert (*now.origins[:holes_before], *middle.origins, *kept_behind) == wanted.origins


def test_another_theme_loses_no_chip(make_editor: MakeEditor, theme: Theme) -> None:
    editor = make_editor()
    editor.grab()
    theme.changed.emit()
    editor.grab()
    assert editor.chipped_text() == CONTENT


def test_nothing_is_pasted_while_it_is_locked(make_editor: MakeEditor) -> None:
    editor = make_editor()
    editor.selectAll()
    editor.copy()
    editor.setReadOnly(True)
    editor.insertFromMimeData(QGuiApplication.clipboard().mimeData())
    assert editor.chipped_text() == CONTENT


def select(editor: ChipEditor, anchor: int, position: int) -> None:
    """Select from one character to another, as keys do: never half of one that Qt counts as two."""
    cursor = QTextCursor(editor.document())
    cursor.movePosition(QTextCursor.MoveOperation.NextCharacter, QTextCursor.MoveMode.MoveAnchor, min(anchor, position))
    cursor.movePosition(
        QTextCursor.MoveOperation.NextCharacter, QTextCursor.MoveMode.KeepAnchor, abs(position - anchor)
    )
    editor.setTextCursor(cursor)


ACTS = st.tuples(
    st.sampled_from(["cut", "copy", "paste", "undo", "redo", "type", "emoji", "delete"]),
    st.integers(0, 200),
    st.integers(0, 200),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, max_size=14))
def test_the_followed_chips_are_always_those_in_the_document(
    make_editor: MakeEditor, acts: list[tuple[str, int, int]]
) -> None:
    editor = make_editor()
    for act, anchor, position in acts:
        select(editor, anchor, position)
        {
            "cut": editor.cut,
            "copy": editor.copy,
            "paste": editor.paste,
            "undo": editor.undo,
            "redo": editor.redo,
            "type": lambda: editor.insertPlainText("abc\n"),
            "emoji": lambda: editor.insertPlainText("😀"),
            "delete": lambda: QTest.keyClick(editor, Qt.Key.Key_Backspace),
        }[act]()
        text = editor._text_by_position()
        assert editor._origins == [editor._origin_at(at) for at, character in enumerate(text) if character == HOLE]
    known = {split_pointer(path) for path in SHOWN.masked}
    assert set(editor.chipped_text().origins) <= known
    editor.close()


def test_the_chip_of_a_whole_document_keeps_its_origin(qtbot: QtBot) -> None:
    assert [origin_of(chip_format(origin, "masked")) for origin in ("", "/a", "/")] == ["", "/a", "/"]
