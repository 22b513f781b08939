"""The definition hash, byte for byte as JavaScript computes it.

The vectors were produced by Node 20: ``JSON.stringify(JSON.parse(text))`` and the sha256 of its UTF-8 bytes.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.definition_hash import definition_hash, stringify
from app.domain.json_text import MAX_DEPTH

VECTORS = [
    ("{}", "{}", "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"),
    ("[]", "[]", "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"),
    ("null", "null", "74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b"),
    ('{"a": 1.0, "b": 1.50}', '{"a":1,"b":1.5}', "9a6d18968ff3c0bcff115be7fbf0a359843dc5bf0166dca7f505419a99fc65aa"),
    ("[0, -0, 0.0, -0.0]", "[0,0,0,0]", "1c10b03518fff8fc374a20bbf5107c66496656bec0662d6c6db123d4a898f121"),
    (
        "[1e21, 1e20, 123456789012345680000, 1234567890123456789012]",
        "[1e+21,100000000000000000000,123456789012345680000,1.2345678901234568e+21]",
        "961516789ddb99b2dcefe9edea52c80af7779ba788c6fbe8e38111cd98903d7b",
    ),
    (
        "[1e-6, 1e-7, 0.000001, 0.0000001, 0.00000123]",
        "[0.000001,1e-7,0.000001,1e-7,0.00000123]",
        "7d7d93d594856d9f1a6a37129ca6b8f35b821dd6b497888a9fc652217df7f8d5",
    ),
    (
        "[9007199254740991, 9007199254740993, 12345678901234567890]",
        "[9007199254740991,9007199254740992,12345678901234567000]",
        "ad8465d6ad3bdaf4fd23693c500c92506665645193afc4b0199836673682d8d7",
    ),
    (
        "[0.1, 0.30000000000000004, 100.00, 5e-324, 1.7976931348623157e308]",
        "[0.1,0.30000000000000004,100,5e-324,1.7976931348623157e+308]",
        "d6210651ef97eef1bcf07d5310c55703cd0d76a04710a19bb59958b6072fb50e",
    ),
    (
        "[4.35, 1.005, 2.5e-8, 1.5e+300, 123e-20]",
        "[4.35,1.005,2.5e-8,1.5e+300,1.23e-18]",
        "b14770d092cd0220b845301f3ea452704ad92361c3f20d850f739bd08ce6d985",
    ),
    (
        '{"b": 1, "a": 2, "10": 3, "2": 4, "01": 5, "-1": 6}',
        '{"2":4,"10":3,"b":1,"a":2,"01":5,"-1":6}',
        "68905d5f27587c8510d39438c88dfa6fd66cc3b3b2563d23a8b2f244e3d96c82",
    ),
    (
        '{"4294967295": 1, "4294967294": 2, "x": 3, "0": 4}',
        '{"0":4,"4294967294":2,"4294967295":1,"x":3}',
        "a2393684aa5e926012f7110fc8a95be45c9281a2aff844a9708f18846c837486",
    ),
    (
        '{"\xe9": "\u2603 \U0001f600", "z": "\\u2028\\u2029\\u007f"}',
        '{"\xe9":"\u2603 \U0001f600","z":"\u2028\u2029\x7f"}',
        "56cc8ceae8adc9a92c7af5fee9b22e3b203e7c8d2848736af19125b457054577",
    ),
    (
        '{"s": "\\b\\t\\n\\f\\r\\u0001\\u001f\\"\\\\/"}',
        '{"s":"\\b\\t\\n\\f\\r\\u0001\\u001f\\"\\\\/"}',
        "43428c31c06ba44dd9fcd38726b9a9a6c691440be527cb8aa6ad745b0c906534",
    ),
    (
        '{"": {"2": [], "1": {}}, "__proto__": {"constructor": null}}',
        '{"":{"1":{},"2":[]},"__proto__":{"constructor":null}}',
        "828ef158131395580b4f9955ba8575f5d86873bd095b50497ca16e3dd68c5c7c",
    ),
    (
        '{"id": "wf", "steps": [{"type": "time.wait", "config": {"durationMs": 1000.0}}], "version": 1}',
        '{"id":"wf","steps":[{"type":"time.wait","config":{"durationMs":1000}}],"version":1}',
        "e9876c2d54333be4809a6b019a83e7884fe784a0d59cc3b48b40d22526a36cd2",
    ),
]


@pytest.mark.parametrize(("text", "written", "digest"), VECTORS)
def test_vectors_of_node(text, written, digest):
    assert stringify(text) == written
    assert definition_hash(text) == digest


@pytest.mark.parametrize("text", ["[1e400]", "[-1e309]", "1" + "0" * 400, '{"a":1,"a":2}', "", "[" * (MAX_DEPTH + 1)])
def test_what_cannot_be_reproduced_has_no_hash(text):
    assert stringify(text) is None
    assert definition_hash(text) is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_written_number_is_the_same_double_and_is_stable(double):
    written = stringify(repr(double))
    assert written is not None
    assert float(written) == double
    assert stringify(written) == written


@given(
    st.dictionaries(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00")), st.integers(0, 9))
)
def test_keys_and_strings_agree_with_compact_json_but_for_the_order(document):
    written = stringify(json.dumps(document))
    assert written is not None
    assert json.loads(written) == document
    indices = [key for key in json.loads(written) if key.isascii() and key.isdigit() and str(int(key)) == key]
    assert indices == sorted(indices, key=int)
