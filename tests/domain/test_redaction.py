"""Redaction: what is masked, what is learned, what free text loses, and that doubt closes everything."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import json_text
from app.domain.json_text import MAX_DEPTH, pointer
from app.domain.placeholders import find_placeholders, is_placeholder
from app.domain.redaction import RedactionPolicy, Redactor
from tests.domain.documents import get, payloads, places, secrets_of

SECRET = "sk_live_4f9a/+ü"


def redactor(*pointers: str, patterns: tuple[str, ...] = ()) -> Redactor:
    return Redactor(RedactionPolicy(pointers, patterns))


@pytest.mark.parametrize(
    "key",
    [
        *("password", "PASSWORD", "userPassword2", "token", "accessTokens", "secret", "clientSecret", "secretRef"),
        *("apiKey", "api_key", "API-KEY", "x-api-key", "authorization", "Proxy-Authorization"),
    ],
)
@pytest.mark.parametrize("value", ["x", "", None, 7, True, ["a"], {"deep": {"er": "x"}}])
def test_built_in_keys_are_masked_whole(key, value):
    found = redactor().document({"a": [{key: value}], "b": 1})
    assert found.value == {"a": [{key: "[REDACTED]"}], "b": 1}
    assert found.masked == (f"/a/0/{key}",)


@pytest.mark.parametrize("key", ["pass", "passwort", "api key", "author", "secre", "tok", "ref", "secretref_"[:5]])
def test_other_keys_are_shown(key):
    assert redactor().document({key: "value"}).value == {key: "value"}


def test_secret_references_are_masked_with_their_own_placeholder():
    document = {"a": {"$secret": "STRIPE_KEY"}, "apiKey": {"$secret": "OTHER_NAME"}, "l": [{"$secret": "N"}]}
    found = redactor().document(document)
    hidden = {"$secret": "[SECRET:REDACTED]"}
    assert found.value == {"a": hidden, "apiKey": hidden, "l": [hidden]}
    assert found.masked == ("/a/$secret", "/apiKey/$secret", "/l/0/$secret")


def test_a_secret_reference_that_is_no_name_is_masked_as_a_key():
    found = redactor().document({"a": {"$secret": {"x": 1}}, "password": {"$secret": "N", "plain": "p"}})
    assert found.value == {"a": {"$secret": "[REDACTED]"}, "password": "[REDACTED]"}


@pytest.mark.parametrize("written", ["/a/b", "#/a/b", "a/b"])
def test_pointers_in_each_way_of_writing(written):
    found = redactor(written).document({"a": {"b": {"c": 1}, "d": 2}})
    assert found.value == {"a": {"b": "[REDACTED]", "d": 2}}
    assert found.masked == ("/a/b",)


@pytest.mark.parametrize("root", ["", "/", "#", "#/"])
def test_the_root_pointer_masks_the_root(root):
    found = redactor(root).document({"a": 1})
    assert (found.value, found.masked) == ("[REDACTED]", ("",))


def test_pointers_address_odd_keys_and_array_elements():
    document = {"a/b": {"~": 1, "": 2}, "list": [10, {"x": 11}], "10": {"0": 5}}
    found = redactor("/a~1b/~0", "/a~1b/", "/list/1/x", "/list/0", "/10/0").document(document)
    assert found.value == {
        "a/b": {"~": "[REDACTED]", "": "[REDACTED]"},
        "list": ["[REDACTED]", {"x": "[REDACTED]"}],
        "10": {"0": "[REDACTED]"},
    }
    assert set(found.masked) == {"/a~1b/~0", "/a~1b/", "/list/0", "/list/1/x", "/10/0"}


@pytest.mark.parametrize(
    "pointer_text", ["/missing", "/a/missing", "/list/9", "/list/-1", "/list/01", "/s/0", "/a/b/c/d"]
)
def test_a_pointer_that_does_not_resolve_does_nothing(pointer_text):
    document = {"a": {"b": {"c": 1}}, "list": [1], "s": "text"}
    found = redactor(pointer_text).document(document)
    assert (found.value, found.masked) == (document, ())


def test_pointers_can_be_left_out():
    found = redactor("/a").document({"a": 1, "token": 2}, pointers=False)
    assert found.value == {"a": 1, "token": "[REDACTED]"}


@pytest.mark.parametrize("pattern", ["^iban$", "/^iban$/", "/^IBAN$/i", "ib(an|en)"])
def test_tenant_key_patterns(pattern):
    assert redactor(patterns=(pattern,)).document({"IBAN": "DE1", "ibanx": 1}).value["IBAN"] == "[REDACTED]"


def test_a_placeholder_in_the_data_is_not_a_masked_leaf():
    document = {"note": "[REDACTED]", "old": "***", "password": "[REDACTED]"}
    found = redactor().document(document)
    assert found.value == document
    assert found.masked == ("/password",)


def test_a_document_that_the_border_could_not_read_is_masked_whole():
    found = redactor().document({"redacted": True})
    assert (found.value, found.masked) == ({"redacted": True}, ("",))


def test_the_raw_document_is_left_alone():
    raw = {"token": "t", "list": [{"token": "t"}]}
    redactor("/list").document(raw)
    assert raw == {"token": "t", "list": [{"token": "t"}]}


@pytest.mark.parametrize(
    "settings",
    [
        [],
        "x",
        7,
        {"workflowRunStudio": []},
        {"workflowRunStudio": "x"},
        {"workflowRunStudio": {"redactionPointers": "/a"}},
        {"workflowRunStudio": {"redactionPointers": [1]}},
        {"workflowRunStudio": {"redactionPointers": {"a": 1}}},
        {"workflowRunStudio": {"redactionKeyPatterns": "x"}},
        {"workflowRunStudio": {"redactionKeyPatterns": [None]}},
        {"workflowRunStudio": {"redactionKeyPatterns": ["ok", "("]}},
        {"workflowRunStudio": {"redactionKeyPatterns": ["/[/"]}},
        {"workflowRunStudio": {"redactionKeyPatterns": ["(?<n>a)"]}},
        {"workflowRunStudio": {"redactionKeyPatterns": ["(a+)+$"]}},
        {"workflowRunStudio": {"redactionKeyPatterns": ["(a|aa)*b"]}},
        {"workflowRunStudio": {"redactionKeyPatterns": ["(?:(?:x?y)){2,}"]}},
        {"workflowRunStudio": {"redactionKeyPatterns": [".*.*.*.*x"]}},
        {"workflowRunStudio": {"redactionKeyPatterns": [r"(a)\1"]}},
    ],
)
def test_rules_that_cannot_be_used_close_everything(settings):
    policy = RedactionPolicy.from_settings(settings)
    assert policy.closed
    shut = Redactor(policy)
    shut.learn({"token": "abcdefgh"})
    assert shut.closed
    assert shut.document({"a": 1}).value == {"redacted": True}
    assert shut.document({"a": 1}).masked == ("",)
    assert shut.document(None).value is None
    assert shut.value([1]) == {"redacted": True}
    assert shut.text("anything") == "[REDACTED]"
    assert shut.text(None) is None
    assert shut.text("") == ""


@pytest.mark.parametrize(
    "settings",
    [
        None,
        {},
        {"workflowRunStudio": None},
        {"workflowRunStudio": {}},
        {"workflowRunStudio": {"redactionPointers": None, "redactionKeyPatterns": []}},
        {
            "workflowRunStudio": {
                "redactionKeyPatterns": [
                    "^(.*_)?card(_.*)?$",
                    "[[x]",
                    r"/\bpin\b/gi",
                    r"acct\d{2,4}",
                    r"^\d{4}-\d{4}-\d{4}-\d{4}$",
                ]
            }
        },
    ],
)
def test_rules_that_can_be_used_are_not_closed(settings):
    assert not RedactionPolicy.from_settings(settings).closed


def test_settings_carry_pointers_and_patterns():
    policy = RedactionPolicy.from_settings(
        {"workflowRunStudio": {"redactionPointers": ["/a"], "redactionKeyPatterns": ["/^b$/"]}, "other": 1}
    )
    assert Redactor(policy).document({"a": 1, "b": 2, "c": 3}).masked == ("/a", "/b")


@pytest.mark.parametrize("pattern", ["a*a*a*b", "^(?:[a-z]{2,9})?[a-z]*x$", "a?a?a?a?a?a?a?a?aaaaaaaab"])
@pytest.mark.timeout(30)
def test_an_accepted_pattern_is_cheap_on_any_key(pattern):
    policy = RedactionPolicy(key_patterns=(pattern,))
    assert not policy.closed
    assert not policy.hides_key("a" * 128)


def test_a_very_long_key_is_masked_without_asking_a_pattern():
    key = "k" * 10_000
    assert redactor().document({key: 1}).value == {key: "[REDACTED]"}


def test_a_secret_is_found_again_where_no_rule_names_it():
    one = redactor()
    one.learn({"auth": {"apiKey": SECRET}})
    found = one.document({"note": f"charged with {SECRET} twice", "n": 1, "list": [SECRET, "other"]})
    assert found.value == {"note": "[REDACTED]", "n": 1, "list": ["[REDACTED]", "other"]}
    assert found.masked == ("/note", "/list/0")
    assert one.text(f"refused {SECRET}, again {SECRET}") == "refused [REDACTED], again [REDACTED]"


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        json.dumps(SECRET)[1:-1],
        quote(SECRET, safe=""),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
    ],
)
def test_a_secret_is_found_in_its_usual_encodings(form):
    one = redactor()
    one.learn({"token": SECRET})
    assert form not in (one.text(f"<{form}>") or "")
    assert one.document({"a": f"<{form}>"}).value == {"a": "[REDACTED]"}


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "user:"])
@pytest.mark.parametrize("after", ["", "z", "yz", "xyz"])
def test_a_secret_is_found_inside_a_longer_base64_text(before, after):
    one = redactor()
    one.learn({"token": SECRET})
    encoded = base64.b64encode(f"{before}{SECRET}{after}".encode()).decode()
    scrubbed = one.text(f"sent {encoded}") or ""
    assert "[REDACTED]" in scrubbed
    rest = scrubbed.removeprefix("sent ").replace("[REDACTED]", "")
    assert len(rest) <= len(base64.b64encode((before + after).encode())) + 4


def test_secrets_of_each_kind_are_learned():
    one = redactor("/person")
    one.learn(
        {
            "secretRef": "reference-1",
            "a": {"$secret": "NAME_OF_SECRET"},
            "password": {"deep": ["nested-1", 12345678, Decimal("9876.54321")]},
            "person": {"email": "bob@example.org"},
            "Authorization": "Bearer bearer-credential",
            "clientSecret": "-----BEGIN KEY-----\nbGluZS1vbmU\nbGluZS10d28\n-----END KEY-----",
        }
    )
    for text in ("reference-1", "NAME_OF_SECRET", "nested-1", "12345678", "9876.54321", "bob@example.org"):
        assert one.text(f"x {text} y") == "x [REDACTED] y"
    assert one.text("x bearer-credential y") == "x [REDACTED] y"
    assert one.text("x bGluZS10d28 y") == "x [REDACTED] y"
    assert one.document({"n": 12345678, "m": 1234567}).value == {"n": "[REDACTED]", "m": 1234567}


def test_very_short_values_flags_and_placeholders_are_not_learned():
    one = redactor()
    one.learn({"password": ["abc", True, False, None, 123, "none", "[REDACTED]", "***", "[SECRET:REDACTED]"]})
    text = "abc True False None 123 none [REDACTED]"
    assert one.text(text) == text


def test_short_values_are_hidden_as_whole_words_only():
    one = redactor()
    one.learn({"password": "a1b2c", "pin": {"token": 4711}})
    assert one.text("bad password a1b2c, pin=(4711)") == "bad password [REDACTED], pin=([REDACTED])"
    assert one.text("xa1b2c a1b2cd 47110 4.4711e3x") == "xa1b2c a1b2cd 47110 4.4711e3x"
    assert one.document({"n": 4711, "m": 47110, "s": "try a1b2c"}).masked == ("/n", "/s")


def test_a_secret_is_found_in_other_case_and_inside_basic_credentials():
    one = redactor()
    one.learn({"password": "mixedCase-77", "Authorization": "Basic dXNlcjpiYXNpYy1wYXNzLTE="})
    assert one.text("MIXEDCASE-77 mixedcase-77 basic-pass-1 user:basic-pass-1") == " ".join(["[REDACTED]"] * 4)


def test_an_object_whose_key_is_a_secret_is_masked_whole():
    one = redactor()
    one.learn({"token": "abcdefgh"})
    found = one.document({"byToken": 1, "sessions": {"abcdefgh": {"user": 1}}})
    assert found.value == {"byToken": "[REDACTED]", "sessions": "[REDACTED]"}


def test_overlapping_secrets_are_hidden_whole():
    one = redactor()
    one.learn({"token": ["abcdefgh", "fghijklm", "abcdefghijk"]})
    assert one.text("-abcdefghijklm-") == "-[REDACTED]-"


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("password=hunter2 rest", "password=[REDACTED] rest"),
        ("password: hunter2, rest", "password: [REDACTED], rest"),
        ('{"password":"hun\\"ter2","a":1}', '{"password":[REDACTED],"a":1}'),
        ('{\\"password\\":\\"hunter2\\",\\"a\\":1}', '{\\"password\\":[REDACTED],\\"a\\":1}'),
        ("{'api_key': 'x y z'}", "{'api_key': [REDACTED]}"),
        ('"token": 12345}', '"token": [REDACTED]}'),
        ("Authorization: Bearer abc.def-ghi", "Authorization: [REDACTED]"),
        ("authorization=Basic dXNlcjpwYXNz;", "authorization=[REDACTED];"),
        ("sent Bearer eyJhbGciOi.J9 to x", "sent Bearer [REDACTED] to x"),
        ("GET /a?page=2&access_token=abc&x=1", "GET /a?page=2&access_token=[REDACTED]&x=1"),
        ("postgres://user:p%40ss@db:5432/x", "postgres://user:[REDACTED]@db:5432/x"),
        ("at https://u:a@b@host/p", "at https://u:[REDACTED]@host/p"),
        ("https://ghp_0123456789abcdefghij@github.example/x", "https://[REDACTED]@github.example/x"),
        ("x-api-key:abc", "x-api-key:[REDACTED]"),
        ("refused: password=hunter2", "refused: password=[REDACTED]"),
        ("password=a, token=b", "password=[REDACTED], token=[REDACTED]"),
        ('password="unterminated value', "password=[REDACTED]"),
        ("first line\npassword=x\nlast", "first line\npassword=[REDACTED]\nlast"),
        # What must stay readable
        ("Charge refused: token lacks scope", "Charge refused: token lacks scope"),
        ("password reset needed", "password reset needed"),
        ("Basic information about bearer bonds", "Basic information about bearer bonds"),
        ("see https://example.org:8080/a@b", "see https://example.org:8080/a@b"),
        ("ssh://git@host/repo", "ssh://git@host/repo"),
        ("a=b; c: d", "a=b; c: d"),
        ("Unexpected token: expected a number", "Unexpected token: expected a number"),
        ("401 from the gateway (token: expired).", "401 from the gateway (token: expired)."),
        ("Authorization: required", "Authorization: required"),
        ("api_key=null, password: missing", "api_key=null, password: missing"),
        ("password: is password=hunter2", "password: is password=[REDACTED]"),
        ('token: "expired"', "token: [REDACTED]"),
    ],
)
def test_credentials_in_free_text(text, scrubbed):
    assert redactor().text(text) == scrubbed


def test_free_text_knows_the_tenants_patterns():
    assert redactor(patterns=("^iban$",)).text("iban=DE123 bic=X") == "iban=[REDACTED] bic=X"


@pytest.mark.parametrize(
    "leaf",
    [
        "postgres://user:pass@host/db",
        "Bearer abcdef123456",
        '{"password":"x1"}',
        '{\\"password\\": \\"x1\\"}',
        "https://host/?api_key=abcdef",
    ],
)
def test_a_string_that_surely_carries_credentials_is_masked(leaf):
    assert redactor().document({"body": leaf}).masked == ("/body",)


@pytest.mark.parametrize("leaf", ["password: see the vault", "Password reset", "the token lacks scope", "a=b"])
def test_prose_in_a_document_is_shown(leaf):
    assert redactor().document({"body": leaf}).value == {"body": leaf}


@pytest.mark.parametrize(
    "text",
    [
        *("a" * 200_000, "a:" * 100_000, '"' * 200_000, "\\" * 200_000, "://" * 60_000, "://a:" * 40_000),
        *("Bearer " * 30_000, "password=" * 20_000, "'a" * 100_000, "a=" * 100_000, '\\"a' * 60_000),
    ],
)
@pytest.mark.timeout(30)
def test_hostile_texts_are_scrubbed_in_time(text):
    one = redactor()
    one.learn({"token": "a" * 40})
    assert one.text(text)
    assert one.document({"t": text}).value


@pytest.mark.timeout(30)
def test_thousands_of_secrets_stay_affordable():
    rows = [{"id": f"row {number}", "token": f"sk_live_{number:08d}"} for number in range(5000)]
    one = redactor()
    found = one.document({"rows": rows, "filler": "lorem ipsum " * 20_000})
    assert len(found.masked) == 5000


def test_deep_documents_are_redacted():
    deep = json_text.parse('{"a":' * (MAX_DEPTH - 1) + '{"token":"t"}' + "}" * (MAX_DEPTH - 1))
    one = redactor("/a/a/a/x")
    one.learn(deep)
    assert one.document(deep).masked == ("/a" * (MAX_DEPTH - 1) + "/token",)


@given(payloads, st.lists(st.sampled_from(["/a", "/b/0", "/name/a~1b", "//0", "/10", "/~0/é"]), max_size=3))
def test_no_hidden_value_is_ever_shown(raw, pointers):
    one = redactor(*pointers)
    found = one.document(raw)
    shown = json_text.dump(found.value)
    for secret in secrets_of(raw):
        assert secret not in shown
    for path in found.masked:
        assert is_placeholder(get(found.value, json_text.split_pointer(path)))
    assert set(found.masked) == set(find_placeholders(found.value))


@given(payloads)
def test_everything_else_stays_as_it_is(raw):
    found = redactor().document(raw)
    masked = set(found.masked)
    for path in places(found.value):
        if pointer(path) not in masked and not isinstance(get(raw, path), (dict, list)):
            assert json_text.equal(get(found.value, path), get(raw, path))
