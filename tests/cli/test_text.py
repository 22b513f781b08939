from __future__ import annotations

from app.cli import text


def test_columns_align_and_the_last_is_cut_to_the_terminal() -> None:
    rows = [("a", "1", "short"), ("bbbb", "22", "a very long sentence that does not fit the line")]
    lines = text.table(("NAME", ">N", "TEXT"), rows, width=30).splitlines()
    assert lines[0] == "NAME   N  TEXT"
    assert lines[1] == "a      1  short"
    assert lines[2] == "bbbb  22  a very long sentenc…"
    assert max(map(len, lines)) == 30


def test_nothing_is_cut_when_the_output_is_not_a_terminal() -> None:
    long = "x" * 500
    assert long in text.table(("A",), [(long,)], width=None)


def test_wide_characters_take_two_columns() -> None:
    lines = text.table(("A", "B"), [("日本", "x"), ("abcd", "y")], width=None).splitlines()
    assert lines[1] == "日本  x"
    assert lines[2] == "abcd  y"


def test_stored_text_cannot_command_the_terminal() -> None:
    hostile = "\x1b[31mred\x07 \u202eevil\u2028next\r\nline\x9b"
    shown = text.printable(hostile)
    assert "\\u001b[31mred\\u0007" in shown
    assert "\\u202eevil\\u2028next" in shown
    assert shown.isprintable()


def test_spans_use_two_units() -> None:
    assert [text.span(value) for value in (0.4, 59.9, 61, 7500, 200000, -3)] == [
        "0 s", "59 s", "1 min 1 s", "2 h 5 min", "2 d 7 h", "0 s",
    ]  # fmt: skip


def test_fields_leave_out_what_is_not_known() -> None:
    assert text.fields([("Run", "1"), ("Note", None), ("Workflow", "x")]) == "Run       1\nWorkflow  x"
