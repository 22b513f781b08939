"""The project's DDL is AlgaPSA's schema: every column, type, default, key, check, index and trigger, in both shapes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
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


@pytest.fixture
def contract_database(request: pytest.FixtureRequest, stack: Stack) -> Iterator[str]:
    """Yield the URL of a database loaded from the contract's own files."""
    name = f"contract_{uuid.uuid4().hex}"
    with psycopg.connect(stack.url("postgres"), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        with psycopg.connect(stack.url(name), autocommit=True) as connection:
            for file in SHAPES[request.param]:
                connection.execute((CONTRACT / file).read_text(encoding="utf-8"))
        yield stack.url(name)
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.parametrize("shape", SHAPES)
def test_our_ddl_gives_the_expected_schema(shape: str, request: pytest.FixtureRequest) -> None:
    fixture = "database" if shape == "plain" else "citus_shape_database"
    ours: TestDatabase = request.getfixturevalue(fixture)
    assert differences(describe(ours.url), expected(shape)) == []


@pytest.mark.parametrize(
    ("contract_database", "shape"), [(shape, shape) for shape in PRESENT], indirect=["contract_database"]
)
def test_the_contract_files_give_the_expected_schema(contract_database: str, shape: str) -> None:
    theirs = describe(contract_database)
    assert differences(expected(shape), theirs) == []


def test_the_expectation_covers_what_matters() -> None:
    plain = expected("plain")
    assert {kind: len(things) for kind, things in plain.items()} == {
        "columns": 370,
        "constraints": 67,
        "indexes": 87,
        "triggers": 1,
    }
    assert len(PRESENT) in {0, len(SHAPES)}
