"""The Temporal contract: each literal once, one engine, and nothing outside that changes the task queue."""

from __future__ import annotations

import ast
import itertools
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from app.domain.run import ENGINE_TEMPORAL
from app.temporal import contract
from app.temporal.ignored_environment import IGNORED_VARIABLES, ignored_notice
from tests.architecture.source_tree import ROOT, Source, called_name, sources, strings

CONTRACT_MODULE = "app/temporal/contract.py"
IGNORED_MODULE = "app/temporal/ignored_environment.py"
HISTORY = "app/sandbox/seed_history"
"""Where the sandbox writes what the removed engine once left behind: stranded rows and their snapshots."""
OTHER_QUEUES_ON_PURPOSE = ("app/sandbox/scenario_stage.py", "app/sandbox/reference_run.py")
"""Where the sandbox's scenarios put executions and activities on queues that nobody polls (S04, S20)."""
TABLES = ("app/postgres/tables", "app/postgres/ddl.py")
WRITING_ROOMS = ("app/postgres/", "app/engine/", "app/services/", "app/sandbox/", "app/temporal/")


def _contract_literals() -> dict[str, str]:
    """Return the literals that the contract's module itself writes, by name."""
    (module,) = (source for source in sources("app/temporal") if source.path == CONTRACT_MODULE)
    return {
        ast.unparse(node.targets[0]): node.value.value
        for node in module.tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }


CONTRACT_LITERALS = _contract_literals()


@pytest.mark.parametrize("name", sorted(CONTRACT_LITERALS))
def test_each_contract_literal_is_written_once(name: str) -> None:
    value = CONTRACT_LITERALS[name]
    places = [source.at(node) for source in sources("app") for node in strings(source.tree) if node.value == value]
    assert len(places) == 1, places


def test_the_contract_names_queue_type_and_signals() -> None:
    assert CONTRACT_LITERALS["TASK_QUEUE"] == contract.TASK_QUEUE == "workflow-runtime-v2"
    assert CONTRACT_LITERALS["WORKFLOW_TYPE"] == contract.WORKFLOW_TYPE
    assert {"SIGNAL_EVENT", "SIGNAL_HUMAN_TASK", "SIGNAL_QUOTA_RESUME"} <= set(CONTRACT_LITERALS)


def test_the_removed_switches_are_named_in_one_module() -> None:
    named = {source.path for source in sources("app") for variable in IGNORED_VARIABLES if variable in source.text}
    assert named == {IGNORED_MODULE}


@pytest.mark.parametrize(
    "chosen", [names for size in range(4) for names in itertools.combinations(IGNORED_VARIABLES, size)]
)
def test_no_environment_variable_changes_the_queue(chosen: tuple[str, ...]) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in IGNORED_VARIABLES}
    environment |= dict.fromkeys(chosen, "another-queue")
    probe = "from app.temporal.contract import TASK_QUEUE, WORKFLOW_TYPE; print(TASK_QUEUE, WORKFLOW_TYPE)"
    answer = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    assert answer.stdout.split() == ["workflow-runtime-v2", "workflowRuntimeV2RunWorkflow"]
    notice = ignored_notice(environment)
    assert (notice is None) == (not chosen)
    assert all(name in (notice or "") for name in chosen)


def test_nobody_reads_the_queue_from_anywhere_else() -> None:
    """Every keyword ``task_queue`` of a call is the contract's constant; readers name what an execution tells them."""
    wrong = [
        source.at(keyword.value)
        for source in sources("app")
        if not source.path.startswith(OTHER_QUEUES_ON_PURPOSE)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "task_queue" and ast.unparse(keyword.value) not in _QUEUE_EXPRESSIONS
    ]
    assert wrong == []


_QUEUE_EXPRESSIONS = {
    "TASK_QUEUE",
    "contract.TASK_QUEUE",
    "TaskQueue(name=TASK_QUEUE)",
    "description.task_queue",
    # S04 and S20: which queue an activity or an execution was put on, and who polls that one
    "info.task_queue",
    "info.activity_options.task_queue.name or None",
    "answer.execution_config.task_queue.name or info.task_queue",
    "TaskQueue(name=name)",
    "TaskQueue(name=queue)",
}


def test_writers_produce_the_temporal_engine_only() -> None:
    values = [(place, text) for source in _writers() for place, text in _engine_values(source)]
    assert values, "the scan found no writer at all, so it would prove nothing"
    assert [place for place, text in values if text not in _ENGINE_EXPRESSIONS] == []


_ENGINE_EXPRESSIONS = {"ENGINE_TEMPORAL", "run.ENGINE_TEMPORAL", repr(ENGINE_TEMPORAL)}


def test_no_sql_text_assigns_an_engine() -> None:
    pattern = re.compile(r"\bengine\s*=\s*'(?!temporal')", re.IGNORECASE)
    assert [
        source.at(node)
        for source in _writers()
        for node in strings(source.tree)
        if pattern.search(str(node.value)) and "SELECT" not in str(node.value).upper()
    ] == []


def test_nothing_inserts_into_snapshots() -> None:
    assert [place for source in _writers() for place in _snapshot_inserts(source)] == []


def test_the_snapshot_scan_sees_an_insert() -> None:
    text = (
        "insert(workflow_run_snapshots).values(a=1)\n"
        "x = 'INSERT INTO workflow_run_snapshots VALUES (1)'\n"
        "row('workflow_run_snapshots', a=1)\n"
    )
    assert len(list(_snapshot_inserts(Source("planted.py", text, ast.parse(text))))) == 3


def test_the_engine_scan_sees_another_engine() -> None:
    text = "insert(runs).values(engine='db')\nrow = {'engine': chosen}\n"
    planted = Source("planted.py", text, ast.parse(text))
    assert [value for _, value in _engine_values(planted)] == ["'db'", "chosen"]


def _writers() -> Iterator[Source]:
    for source in sources("app"):
        if source.path.startswith(WRITING_ROOMS) and not source.path.startswith(HISTORY):
            yield source


def _engine_values(source: Source) -> Iterator[tuple[str, str]]:
    """Yield every value given to a column ``engine`` by ``values(engine=…)`` or in a dictionary of columns."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and called_name(node) == "values":
            yield from (
                (source.at(word.value), ast.unparse(word.value)) for word in node.keywords if word.arg == "engine"
            )
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "engine":
                    yield source.at(value), ast.unparse(value)


def _snapshot_inserts(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and called_name(node) in {"insert", "pg_insert"}:
            target = " ".join([ast.unparse(node.func), *map(ast.unparse, node.args)])
            if "snapshot" in target.lower():
                yield source.at(node)
    if source.path.startswith(TABLES):
        return
    for text in strings(source.tree):
        # Named as text, the table is written by SQL or by a generic insert; readers use the Table object.
        if "workflow_run_snapshots" in str(text.value).lower():
            yield source.at(text)
