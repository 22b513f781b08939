"""Records the histories that ``test_histories.py`` replays: ``uv run python -m tests.engine.record_histories``.

One history of each kind of step and of each kind of end, made on a sandbox of its own and written to
``tests/engine/histories/``. They stand for runs that are under way while the worker is replaced: record them anew only
together with a change of the workflow's commands that is made on purpose and kept apart by ``workflow.patched``.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from temporalio.client import Client

from app.engine.worker import build_worker
from app.postgres.database import Database
from app.sandbox.stack import ensure_sandbox
from tests.engine.bench import Bench, Row, create_tenant
from tests.engine.conformance.acts import cancels, paused, responds, resumes_quota, sends, under_way, waiting
from tests.engine.conformance.case import Case, Expected
from tests.engine.conformance.definitions import (
    action,
    ask,
    call,
    each,
    expression,
    guard,
    leave,
    nap,
    put,
    state,
    wait,
    when,
)
from tests.engine.conformance.observed import Observed, read, set_scene
from tests.engine.conformance.quota_cases import frees, used

PLACE = Path(__file__).parent / "histories"
_RECORDER = "rundesk-worker@recorder:1"
_OF_THE_MACHINE = {"identity": _RECORDER, "stackTrace": "", "binaryChecksum": ""}
"""What a history tells of the machine that made it, and what stands there instead; no replay looks at it."""


def _recorded(case_id: str, steps: list[Row], **more: Any) -> Case:
    return Case(case_id, f"a history with {case_id}", steps, Expected(), **more)


BOOM = action("boom", "demo.fail", {"message": "No luck"})

RECORDED = [
    _recorded(
        "control",
        [
            each(
                "loop",
                "[1, 2]",
                "n",
                [
                    when(
                        "if",
                        "n = 1",
                        [guard("try", [BOOM], [put("catch", {"vars.c": "n"})], "vars.why")],
                        [leave("end")],
                    )
                ],
                onItemError="continue",
            )
        ],
    ),
    _recorded("assigning", [state("state", "s"), put("put", {"vars.at": "nowIso()", "meta.x": "1"})]),
    _recorded(
        "actions",
        [
            action("echo", "demo.echo", {"value": expression("payload.n")}, saveAs="vars.out"),
            action("flaky", "demo.flaky", {"failures": 1}, retry={"maxAttempts": 2, "backoffMs": 20}),
            action("boom", "demo.fail", {"message": "No luck"}, onError={"policy": "continue"}),
            {"id": "node", "type": "demo.echo", "config": {"value": 1}},
        ],
        payload={"n": 1},
    ),
    _recorded(
        "event-wait",
        [wait("hold", "GO", "'k'", assign={"vars.x": "event.n"})],
        acts=[waiting("hold"), sends("GO", "other"), sends("GO", "k", {"n": 1})],
    ),
    _recorded("event-timeout", [guard("try", [wait("hold", "GO", timeoutMs=50)], [])]),
    _recorded("time-wait", [nap("nap", 50)]),
    _recorded("human-task", [ask("ask", "free")], acts=[waiting("ask"), responds({"n": 1})]),
    _recorded(
        "child-runs",
        [call("child", "child", {"n": "1"}, {"vars.n": "childRun.vars.n"})],
        children={"child": [put("inner", {"vars.n": "payload.n"})]},
    ),
    _recorded(
        "quota-pause",
        [put("one", {"vars.a": "1"}), put("two", {"vars.b": "1"})],
        before=[used(149)],
        acts=[paused("two"), frees(1), resumes_quota()],
    ),
    _recorded("failed", [BOOM]),
    _recorded("not-launched", [put("a", {"vars.a": "1"})], row={"workflow_version": 7}),
    _recorded("cancelled-wait", [wait("hold", "NEVER")], acts=[waiting("hold"), cancels()]),
    _recorded(
        "cancelled-action", [action("slow", "demo.slow", {"ms": 60_000})], acts=[under_way("demo.slow"), cancels()]
    ),
    _recorded(
        "cancelled-child",
        [call("child", "child")],
        children={"child": [nap("nap")]},
        acts=[waiting("nap"), cancels()],
    ),
]


async def record(place: Path, directory: Path) -> None:
    """Write every history into ``place``, on a sandbox in ``directory``."""
    sandbox = await ensure_sandbox(directory, seed="none", worker=False, progress=lambda _: None)
    database = Database.open(sandbox.info.database_url)
    client = await Client.connect(sandbox.info.temporal_address, namespace=sandbox.info.namespace)
    try:
        await Bench(client, database, await create_tenant(database)).define_task_type("free")
        async with build_worker(client, database):
            for case in RECORDED:
                observed = await _played(case, client, database)
                _write(place, case, observed)
    finally:
        await database.dispose()
        await sandbox.stop()


async def _played(case: Case, client: Client, database: Database) -> Observed:
    scene = await set_scene(case, Bench(client, database, await create_tenant(database)))
    await scene.bench.start(scene.run_id, scene.workflow_ids["main"])
    for act in case.acts:
        await act(scene)
    await scene.bench.outcome(scene.run_id)
    return await read(scene, scene.run_id)


def _write(place: Path, case: Case, observed: Observed) -> None:
    """Write a run's only execution; its children's are like any other's."""
    (history,) = observed.histories
    events = [_of_no_machine(event) for event in json.loads(history.to_json())["events"]]
    document = {
        "workflowId": history.workflow_id,
        "closed": observed.closed,
        "stepTypes": sorted(set(types_of(case.steps))),
    }
    head = json.dumps(document)[:-1]
    lines = ",\n".join(json.dumps(event, separators=(",", ":"), sort_keys=True) for event in events)
    (place / f"{case.id}.json").write_text(f'{head}, "events": [\n{lines}\n]}}\n', encoding="utf-8")


def types_of(steps: list[Row]) -> Iterator[str]:
    """Yield the types of a definition's steps, nested ones included."""
    for step in steps:
        yield step["type"]
        for branch in ("then", "else", "body", "try", "catch"):
            yield from types_of(step.get(branch) or [])


def _of_no_machine(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _OF_THE_MACHINE.get(name, _of_no_machine(member)) for name, member in value.items()}
    return [_of_no_machine(member) for member in value] if isinstance(value, list) else value


def main() -> None:
    """Record into the repository."""
    PLACE.mkdir(exist_ok=True)
    for old in PLACE.glob("*.json"):
        old.unlink()
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(record(PLACE, Path(directory) / "sandbox"))
    os._exit(0)  # temporalio can abort while the interpreter winds down


if __name__ == "__main__":
    main()
