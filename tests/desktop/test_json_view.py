"""JSON on screen: folding loses nothing, chips change no text, copies are redacted, size does not freeze."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.json_view.editor import JsonEditor, editable
from app.desktop.json_view.folding import FOLD_LIMIT, SLICE_CHARACTERS, BrokenFold, fold, slices, unfold
from app.desktop.json_view.view import JsonView
from app.desktop.shell.theme import Theme
from app.domain.placeholders import REDACTED
from app.domain.run import RedactedDocument

LONG = "x" * (FOLD_LIMIT + 500)


@pytest.fixture
def make_editor(qtbot: QtBot, theme: Theme) -> Callable[[str], JsonEditor]:
    def make(text: str) -> JsonEditor:
        editor = JsonEditor(theme, "masked")
        qtbot.addWidget(editor)
        editor.resize(600, 400)
        editor.show()
        editor.load(text)
        qtbot.waitUntil(lambda: not editor.is_loading)
        return editor

    return make


def test_folding_and_unfolding_gives_the_same_text() -> None:
    text = json.dumps({"a": LONG, "b": 'quote " and \\ ' + LONG, "c": "short", "d": "9" * 50}, indent=2)
    folded = fold(text)
    assert len(folded.text) < FOLD_LIMIT
    assert len(folded.folds) == 2
    assert unfold(folded.text, folded.folds) == text


def test_folding_leaves_long_numbers_and_short_strings_alone() -> None:
    text = json.dumps({"n": int("7" * 4000), "s": "x" * FOLD_LIMIT})
    assert fold(text).text == text


@pytest.mark.parametrize(
    "harm",
    [
        lambda text: text.replace("⟦folded", "⟦folde"),
        lambda text: text.replace("characters⟧", "characters"),
        lambda text: text.replace("… ⟦", " "),
        lambda text: text.replace("x… ⟦", "xy… ⟦"),
    ],
)
def test_a_marker_changed_in_part_is_refused_with_its_line(harm: Callable[[str], str]) -> None:
    folded = fold(json.dumps({"first": 1, "a": LONG}, indent=2))
    with pytest.raises(BrokenFold) as caught:
        unfold(harm(folded.text), folded.folds)
    assert caught.value.line == 3


def test_a_marker_that_was_removed_or_moved_whole_is_fine() -> None:
    folded = fold(json.dumps({"a": LONG}))
    marker = next(iter(folded.folds))
    assert unfold('{"a": 1}', folded.folds) == '{"a": 1}'
    assert unfold(f'{{"b": {marker}}}', folded.folds) == json.dumps({"b": LONG})


def test_slices_join_to_the_text_and_end_at_lines() -> None:
    text = "\n".join("line" * 30 for _ in range(2000))
    pieces = slices(text)
    assert len(pieces) > 3
    assert "".join(pieces) == text
    assert all(piece.endswith("\n") and len(piece) < SLICE_CHARACTERS + 200 for piece in pieces[:-1])


@pytest.mark.parametrize("character", ["\u00a0", "\u2028", "\u2029", "\ufdd0", "\ufffc", "\ufeff"])
def test_no_character_is_changed_by_being_shown(make_editor: Callable[[str], JsonEditor], character: str) -> None:
    text = json.dumps({"a": f"left{character}right ü 😀"}, ensure_ascii=False)
    editor = make_editor(text)
    assert editor.whole_text() == editable(text)
    assert json.loads(editor.whole_text()) == json.loads(text)


def test_an_unedited_editor_returns_its_text_with_long_strings(make_editor: Callable[[str], JsonEditor]) -> None:
    text = json.dumps({"a": LONG, "token": REDACTED}, indent=2)
    editor = make_editor(text)
    assert editor.fold_count == 1
    assert len(editor.toPlainText()) < 500
    assert editor.whole_text() == text
    assert not editor.document().isModified()


def test_a_pasted_long_string_is_folded_and_kept(make_editor: Callable[[str], JsonEditor]) -> None:
    editor = make_editor("{}")
    QGuiApplication.clipboard().setText(json.dumps({"a": LONG}))
    editor.selectAll()
    editor.paste()
    assert len(editor.toPlainText()) < 500
    assert json.loads(editor.whole_text()) == {"a": LONG}


def test_a_copied_selection_is_plain_text_with_folded_strings_whole(make_editor: Callable[[str], JsonEditor]) -> None:
    text = json.dumps({"a": LONG}, indent=2)
    editor = make_editor(text)
    editor.selectAll()
    editor.copy()
    mime = QGuiApplication.clipboard().mimeData()
    assert mime.text() == text
    assert mime.formats() == ["text/plain"] or not mime.hasHtml()


def test_a_chip_covers_its_placeholder_and_opens_under_the_caret(
    qtbot: QtBot, make_editor: Callable[[str], JsonEditor]
) -> None:
    editor = make_editor(json.dumps({"token": REDACTED}, indent=2))
    block = editor.document().findBlockByNumber(1)
    assert len(list(editor._chips(block))) == 1
    editor.activateWindow()
    editor.setFocus()
    qtbot.waitUntil(editor.hasFocus)
    cursor = editor.textCursor()
    cursor.setPosition(block.position() + block.text().index(REDACTED) + 3)
    editor.setTextCursor(cursor)
    assert list(editor._chips(block)) == []
    assert REDACTED in editor.whole_text()


def test_a_megabyte_arrives_in_slices_and_only_its_visible_lines_are_searched_for_chips(
    qtbot: QtBot, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = {"rows": [{"id": number, "name": f"device {number}", "key": REDACTED} for number in range(14_000)]}
    view = JsonView("test.json", "Input", theme)
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show()
    view.show_document(RedactedDocument(document))
    assert view.editor.is_loading
    assert view.editor.document().characterCount() < 2 * SLICE_CHARACTERS
    qtbot.waitUntil(lambda: not view.editor.is_loading, timeout=20_000)
    assert view.editor.document().characterCount() > 1_000_000
    searched: list[int] = []
    chips = JsonEditor._chips
    monkeypatch.setattr(JsonEditor, "_chips", lambda self, block: searched.append(1) or chips(self, block))
    view.editor.grab()
    assert 5 < len(searched) < 60


def test_the_whole_redacted_document_is_copied_and_an_equal_one_keeps_the_view(qtbot: QtBot, theme: Theme) -> None:
    view = JsonView("test.json", "Input", theme)
    qtbot.addWidget(view)
    view.show_document(RedactedDocument({"a": LONG, "token": REDACTED}, ("/token",)))
    view.editor.moveCursor(QTextCursor.MoveOperation.End)
    position = view.editor.textCursor().position()
    view.show_document(RedactedDocument({"a": LONG, "token": REDACTED}, ("/token",)))
    assert view.editor.textCursor().position() == position
    button = view.findChild(type(view._copy), "test.json.copy")
    assert button is not None
    button.click()
    assert json.loads(QGuiApplication.clipboard().text()) == {"a": LONG, "token": REDACTED}


def test_a_problem_offers_to_read_again(qtbot: QtBot, theme: Theme) -> None:
    view = JsonView("test.json", "Input", theme)
    qtbot.addWidget(view)
    view.show()
    asked: list[str] = []
    view.show_problem("Postgres does not answer.", lambda: asked.append("again"))
    QTest.keyClick(view._again, " ")
    assert asked == ["again"]
    view.show_message("Reading…")
    assert not view._again.isVisible()


def test_no_line_is_cut_at_the_bottom(qtbot: QtBot, make_editor: Callable[[str], JsonEditor]) -> None:
    editor = make_editor("\n".join(f'"{number}": "{"x" * 300}",' for number in range(100)))
    for height in (200, 207, 213):
        editor.resize(400, height)
        editor.verticalScrollBar().setValue(editor.verticalScrollBar().maximum())
        assert editor._block_top(editor.document().lastBlock()) + editor.fontMetrics().height() <= (
            editor.viewport().height()
        )
        editor.verticalScrollBar().setValue(0)
        line = editor.blockBoundingRect(editor.document().firstBlock()).height()
        rest = (editor.viewport().height() - editor.document().documentMargin()) % line
        assert rest < 3
