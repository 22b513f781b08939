"""What belongs into the repository and what never does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.architecture.source_tree import ROOT, Source, called_name, project_files, sources

LOCK_FILES = frozenset({"uv.lock", "pylock.toml", "poetry.lock", "Pipfile.lock", "package-lock.json"})
KEY_SUFFIXES = frozenset({".pem", ".key", ".p12", ".pfx", ".jks", ".keystore"})
ALLOWED_SKIPS = "tests/architecture/allowed_skips.txt"
SKIP_CALLS = frozenset({"skip", "skipif", "xfail", "importorskip", "skipTest"})
_KEY_TEXT = re.compile(r"-----BEGIN [A-Z ]*PRIVATE" + " KEY-----")
_REGISTRY = re.compile(r"(registry|index-url|index_url|find-links)[^A-Za-z]{1,5}https?://", re.IGNORECASE)


def test_no_lock_key_or_environment_file_is_committed() -> None:
    assert project_files()
    assert [path for path in project_files() if _is_unwanted(PurePosixPath(path))] == []


def test_no_private_key_or_registry_address_stands_in_a_file() -> None:
    wrong = []
    for path in project_files():
        text = (ROOT / path).read_bytes().decode("utf-8", errors="replace")
        if _KEY_TEXT.search(text) or _REGISTRY.search(text):
            wrong.append(path)
    assert wrong == []


def test_unwanted_files_are_recognized() -> None:
    unwanted = ["uv.lock", "deploy/server.pem", ".env", "config/.env.production", "id_rsa"]
    assert all(_is_unwanted(PurePosixPath(path)) for path in unwanted)
    assert not _is_unwanted(PurePosixPath("app/temporal/ignored_environment.py"))


def test_every_skip_is_listed_with_its_reason() -> None:
    listed = dict(_allowed_skips())
    assert all(listed.values()), "a listed skip needs a reason"
    found = {place for source in sources("tests") for place in _skips(source)}
    assert found == set(listed), f"skips in the tests and in {ALLOWED_SKIPS} differ"


def test_the_skip_scan_sees_marks_and_calls() -> None:
    text = (
        "@pytest.mark.skipif(True, reason='x')\ndef test_a(): ...\n"
        "def test_b():\n    pytest.skip('no')\n"
        "def test_c():\n    file.skip_lines()\n"
    )
    planted = Source("tests/planted.py", text, ast.parse(text))
    assert set(_skips(planted)) == {"tests/planted.py::test_a", "tests/planted.py::test_b"}


def _is_unwanted(path: PurePosixPath) -> bool:
    return (
        path.name in LOCK_FILES or path.suffix in KEY_SUFFIXES or path.name.startswith((".env", "id_rsa", "id_ed25519"))
    )


def _allowed_skips() -> Iterator[tuple[str, str]]:
    """Yield test and reason of each line ``path::test - reason``."""
    for line in (ROOT / ALLOWED_SKIPS).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            test, _, reason = line.partition(" - ")
            yield test.strip(), reason.strip()


def _skips(source: Source) -> Iterator[str]:
    for function in ast.walk(source.tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and _has_skip(function):
            yield f"{source.path}::{function.name}"
    top_level = [node for node in source.tree.body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]
    if any(
        _is_skip(part) for node in top_level if not isinstance(node, ast.AsyncFunctionDef) for part in ast.walk(node)
    ):
        yield source.path


def _has_skip(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    own = [*function.decorator_list] if isinstance(function, ast.ClassDef) else [function]
    return any(_is_skip(part) for node in own for part in ast.walk(node))


def _is_skip(node: ast.AST) -> bool:
    """Say whether a node is ``pytest.skip(…)``, ``pytest.mark.skipif(…)``, a bare mark, or a relative of these."""
    if isinstance(node, ast.Call):
        return called_name(node) in SKIP_CALLS
    return isinstance(node, ast.Attribute) and node.attr in SKIP_CALLS and ast.unparse(node.value) == "pytest.mark"
