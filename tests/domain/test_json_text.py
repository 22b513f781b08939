"""Reading and writing JSON without loss, and saying what is wrong with a text."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import json_text
from app.domain.json_fault import locate_fault
from app.domain.json_text import MAX_DEPTH, JsonTextError, dump, equal, parse, pointer, split_pointer
from tests.domain.documents import values


@given(values)
def test_what_is_written_is_read_again(value):
    assert equal(parse(dump(value)), value)
    assert equal(parse(dump(value, indent=2)), value)


@given(values)
def test_a_good_text_has_no_fault(value):
    assert locate_fault(dump(value, indent=2)) is None


@given(st.text(max_size=30))
def test_reader_and_fault_finder_agree(text):
    try:
        parse(text)
    except JsonTextError:
        assert locate_fault(text) is not None
    else:
        assert locate_fault(text) is None


@given(st.text(alphabet='{}[]",:0123456789.eE+-\\utrnfals d8\n', max_size=24))
def test_reader_and_fault_finder_agree_on_json_like_text(text):
    try:
        parse(text)
    except JsonTextError:
        assert locate_fault(text) is not None
    else:
        assert locate_fault(text) is None


@pytest.mark.parametrize(
    "number", ["123456789012345678901234567890.123", "1.50", "0.000", "-7", "9007199254740993", "1" * 5000, "1E+5"]
)
def test_every_digit_of_a_number_is_kept(number):
    assert dump(parse(f'{{"n":{number}}}')) == f'{{"n":{number}}}'


def test_integers_stay_integers_and_others_are_decimal():
    assert parse("[1, 1.0]") == [1, Decimal("1.0")]
    assert type(parse("1")) is int
    assert type(parse("1.0")) is Decimal


def test_key_order_and_characters_are_kept():
    text = '{"b":"é ☃ \U0001f600","a":"\\u0007\\n\\"\\\\"}'
    assert dump(parse(text)) == text


def test_readable_text():
    assert dump({"a": [], "b": {}, "c": [1, {"d": None}]}, indent=2) == (
        '{\n  "a": [],\n  "b": {},\n  "c": [\n    1,\n    {\n      "d": null\n    }\n  ]\n}'
    )


@pytest.mark.parametrize(
    ("text", "line", "column", "path", "words"),
    [
        ('{"a":1,"a":2}', 1, 8, "/a", "twice"),
        ('{"a":{"b":[0,{"x/y":1,\n"x/y":2}]}}', 2, 1, "/a/b/1/x~1y", "twice"),
        ('{"a": NaN}', 1, 7, "/a", "value is expected"),
        ("[Infinity]", 1, 2, "/0", "value is expected"),
        ("-Infinity", 1, 1, "", "not a JSON number"),
        ('["\\ud800"]', 1, 3, "/0", "half of a character"),
        ('["\\udc00\\ud800"]', 1, 3, "/0", "half of a character"),
        ('["\ud800"]', 1, 3, "/0", "half of a character"),
        ('{"n":"a\\u0000b"}', 1, 8, "/n", "NUL"),
        ('{"a":1,}', 1, 8, "", "comma before"),
        ("[1,\n2,]", 2, 3, "", "comma before"),
        ('{"a" 1}', 1, 6, "/a", "colon"),
        ("{a:1}", 1, 2, "", "double quotes"),
        ("[1 2]", 1, 4, "", "comma or a closing bracket"),
        ('{"a":1 "b":2}', 1, 8, "", "comma or a closing brace"),
        ('{"a":"open', 1, 6, "/a", "never closed"),
        ('{"a":"tab\there"}', 1, 10, "/a", "escape"),
        ('{"a":"\\x"}', 1, 7, "/a", "valid escape"),
        ('{"a":01}', 1, 6, "/a", "not a JSON number"),
        ('{"a":.5}', 1, 6, "/a", "value is expected"),
        ("1e999999", 1, 1, "", "larger or finer"),
        ("1e-20000", 1, 1, "", "larger or finer"),
        ("1e99999999999999999999999", 1, 1, "", "larger or finer"),
        ("", 1, 1, "", "ends where"),
        ("{} {}", 1, 4, "", "after the end"),
        ("\ufeff{}", 1, 1, "", "value is expected"),
    ],
)
def test_faults_say_where_and_why(text, line, column, path, words):
    with pytest.raises(JsonTextError) as caught:
        parse(text)
    fault = caught.value
    assert (fault.line, fault.column, fault.path) == (line, column, path)
    assert words in fault.message


def test_a_fault_never_quotes_the_text():
    with pytest.raises(JsonTextError) as caught:
        parse('{"password": "hunter2hunter2", }')
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_depth_is_bounded_and_the_bound_can_be_used():
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert equal(parse(deepest), parse(deepest))
    assert dump(parse(deepest)) == deepest
    for levels in (MAX_DEPTH + 1, 5000, 200_000):
        with pytest.raises(JsonTextError, match="nested"):
            parse("[" * levels + "]" * levels)
    with pytest.raises(JsonTextError, match="nested"):
        parse('{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1))


def test_many_brackets_that_are_not_deep_are_fine():
    assert len(parse("[" + ",".join(["[]"] * 1000) + "]")) == 1000


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("1", "1.0", True),
        ("1", "1.00000", True),
        ("-0", "0", True),
        ("100", "1e2", True),
        ("0.1", "0.10000000000000000001", False),
        ("1", "true", False),
        ("0", "false", False),
        ("[true]", "[1]", False),
        ('{"a":1,"b":[true]}', '{"b":[true],"a":1.0}', True),
        ('{"a":null}', "{}", False),
        ("[1,2]", "[2,1]", False),
        ('"a"', '"A"', False),
        ("null", "false", False),
        ("[]", "{}", False),
    ],
)
def test_equality_is_that_of_jsonb(left, right, same):
    assert equal(parse(left), parse(right)) is same
    assert equal(parse(right), parse(left)) is same


@given(st.lists(st.text(max_size=5), max_size=5))
def test_pointers_survive(segments):
    assert split_pointer(pointer(segments)) == tuple(segments)


def test_pointers_follow_rfc_6901():
    assert pointer(("a/b", "~", "", "0")) == "/a~1b/~0//0"
    assert split_pointer("/~01") == ("~1",)
    assert split_pointer("") == ()
    assert split_pointer("/") == ("",)
    with pytest.raises(ValueError, match="slash"):
        split_pointer("a")


def test_ordinary_json_agrees_with_the_standard_library():
    text = json.dumps({"a": [1, 2.5, None, True, "x"], "b": {"c": {}}})
    assert json.loads(json_text.dump(parse(text))) == json.loads(text)
