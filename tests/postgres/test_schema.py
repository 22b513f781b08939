"""The project's DDL is AlgaPSA's schema: every column, type, default, key, check, index and trigger, in both shapes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.conftest import Stack, TestDatabase
from tests.postgres.catalogue import Catalogue, describe, differences

EXPECTATION = Path(__file__).with_name("expected_schema.json")
"""What the contract's files give; written by ``python -m tests.postgres.expect_schema``."""
CONTRACT = Path(__file__).parents[3] / "shared" / "contract"
SHAPES = {"plain": ("schema.sql",), "citus_shape": ("schema.sql", "schema_citus_shape.sql")}
PRESENT = [shape for shape, files in SHAPES.items() if all((CONTRACT / file).is_file() for file in files)]


def expected(shape: str) -> Catalogue:
    document: dict[str, Catalogue] = json.loads(EXPECTATION.read_text(encoding="utf-8"))
    plain = document["plain"]
    if shape == "plain":
        return plain
    changes = document["citus_shape"]
    return {
        kind: {name: text for name, text in (things | changes[kind]).items() if text} for kind, things in plain.items()
    }


def our_database(shape: str, request: pytest.FixtureRequest) -> str:
    """Return the URL of a database made by the project's own DDL."""
    made: TestDatabase = request.getfixturevalue("database" if shape == "plain" else "citus_shape_database")
    return made.url


def contract_database(shape: str, request: pytest.FixtureRequest) -> str:
    """Return the URL of a database loaded from the contract's own files."""
    stack: Stack = request.getfixturevalue("stack")
    name = f"contract_{uuid.uuid4().hex}"
    with psycopg.connect(stack.url("postgres"), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    request.addfinalizer(lambda: drop_database(stack, name))
    with psycopg.connect(stack.url(name), autocommit=True) as connection:
        for file in SHAPES[shape]:
            connection.execute((CONTRACT / file).read_text(encoding="utf-8"))
    return stack.url(name)


def drop_database(stack: Stack, name: str) -> None:
    with psycopg.connect(stack.url("postgres"), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.parametrize(
    ("made_by", "shape"),
    [(our_database, shape) for shape in SHAPES] + [(contract_database, shape) for shape in PRESENT],
    ids=lambda part: part if isinstance(part, str) else part.__name__,
)
def test_the_schema_is_the_expected_one(
    made_by: Callable[[str, pytest.FixtureRequest], str], shape: str, request: pytest.FixtureRequest
) -> None:
    assert differences(expected(shape), describe(made_by(shape, request))) == []


def test_the_expectation_covers_what_matters() -> None:
    plain = expected("plain")
    assert {kind: len(things) for kind, things in plain.items()} == {
        "columns": 370,
        "constraints": 67,
        "indexes": 87,
        "triggers": 1,
    }
    assert len(PRESENT) in {0, len(SHAPES)}
