"""Habits of the house that a linter does not know: sizes, dialogs, tasks, colours, errors."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.architecture.source_tree import Source, called_name, sources, strings

MOST_FILE_LINES = 600
MOST_FUNCTION_LINES = 60
COLOUR_MODULE = "app/desktop/shell/tokens.py"
TASK_OWNERS = ("app/bridge/", "app/engine/")
_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\b|\brgba?\(")


def test_files_stay_readable() -> None:
    long = {source.path: source.text.count("\n") for source in (*sources("app"), *sources("tests"))}
    assert {path: lines for path, lines in long.items() if lines > MOST_FILE_LINES} == {}


def test_functions_stay_readable() -> None:
    assert [
        f"{source.at(node)} {node.name}"
        for source in sources("app")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > MOST_FUNCTION_LINES
    ] == []


def test_every_module_says_what_it_is() -> None:
    assert [source.path for source in sources("app") if ast.get_docstring(source.tree) is None] == []


def test_no_dialog_blocks() -> None:
    """A nested event loop inside a coroutine keeps another task from ever going on (qasync 174).

    The application's own loop is the one that everything runs in.
    """
    assert [
        source.at(node)
        for source in sources("app/desktop")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and called_name(node) in {"exec", "exec_"}
        and ast.unparse(node.func) != "application.exec"
    ] == []


def test_tasks_are_spawned_by_a_supervisor() -> None:
    assert [
        place for source in sources("app") if not source.path.startswith(TASK_OWNERS) for place in _bare_tasks(source)
    ] == []


def test_the_task_scan_tells_groups_from_bare_tasks() -> None:
    text = (
        "async def a():\n"
        "    async with asyncio.TaskGroup() as group:\n"
        "        group.create_task(work())\n"
        "    loop.create_task(work())\n"
        "    asyncio.ensure_future(work())\n"
    )
    assert list(_bare_tasks(Source("planted.py", text, ast.parse(text)))) == ["planted.py:4", "planted.py:5"]


def test_colours_stand_in_one_module() -> None:
    assert [
        source.at(node)
        for source in (*sources("app/desktop"), *sources("app/bridge"), *sources("app/bootstrap"))
        if source.path != COLOUR_MODULE
        for node in strings(source.tree)
        if _COLOUR.search(str(node.value))
    ] == []


def test_no_error_is_swallowed() -> None:
    assert [
        source.at(node)
        for source in (*sources("app"), *sources("tests"))
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler) and _catches_all(node) and _does_nothing(node)
    ] == []


def test_nothing_is_left_for_later() -> None:
    words = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME)\b|\bNotImplemented" + r"Error\b")
    assert [source.path for source in (*sources("app"), *sources("tests")) if words.search(source.text)] == []


def _bare_tasks(source: Source) -> Iterator[str]:
    groups = _task_groups(source)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and called_name(node) in {"create_task", "ensure_future"}:
            owner = node.func.value if isinstance(node.func, ast.Attribute) else None
            if not (isinstance(owner, ast.Name) and owner.id in groups):
                yield source.at(node)


def _task_groups(source: Source) -> set[str]:
    """Return the names that ``async with asyncio.TaskGroup() as name`` binds: their tasks end with the block."""
    return {
        item.optional_vars.id
        for node in ast.walk(source.tree)
        if isinstance(node, ast.AsyncWith)
        for item in node.items
        if isinstance(item.context_expr, ast.Call)
        and called_name(item.context_expr) == "TaskGroup"
        and isinstance(item.optional_vars, ast.Name)
    }


def _catches_all(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or ast.unparse(handler.type) in {"Exception", "BaseException"}


def _does_nothing(handler: ast.ExceptHandler) -> bool:
    return all(
        isinstance(statement, ast.Pass | ast.Continue)
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        for statement in handler.body
    )
