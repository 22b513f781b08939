from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from app.local import toml_text

_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
_PLAIN = st.one_of(_TEXT, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False))
_VALUE = st.recursive(
    _PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4), max_leaves=12
)


@settings(deadline=None)
@given(st.dictionaries(_TEXT, _VALUE, max_size=6))
def test_what_is_written_reads_back_equal(document: dict[str, object]) -> None:
    assert tomllib.loads(toml_text.dump(document)) == document


def test_times_survive() -> None:
    document = {"at": datetime(2026, 11, 23, 6, 17, tzinfo=UTC), "day": date(2026, 11, 23)}
    assert tomllib.loads(toml_text.dump(document)) == document


def test_plain_values_stand_before_tables_so_that_they_stay_outside() -> None:
    written = toml_text.dump({"table": {"a": 1}, "after": 2})
    assert written == "after = 2\n\n[table]\na = 1\n"
