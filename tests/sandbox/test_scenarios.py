"""``sandbox --seed scenarios``: every cause named by ``diagnose``, with evidence that is true; worker or no worker.

One sandbox serves the whole module. Its tests follow each other as a story does: at its end the servers go down.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

import psycopg
import pytest
from temporalio.client import Client

from app.postgres.database import Database
from app.sandbox.seed_identity import demo_id
from app.sandbox.seed_scenarios import scenario_runs, seed_scenarios, seed_without_worker
from app.sandbox.seed_tools import SeedTools
from app.temporal.gateway import TemporalGateway
from tests.cli.command_line import Said, rundesk
from tests.conftest import SandboxUnderTest, run_in_own_loop
from tests.sandbox.evidence_check import Hand, check
from tests.sandbox.scenario_expectations import CLOSELY, EXPECTED, Expected

Run = dict[str, Any]
PATIENCE = 60
AT_ONCE = 8
"""So few are looked at closely, with their children."""


class Scenarios:
    """The sandbox, asked through the command line; runs go by their scenarios' names."""

    def __init__(self, sandbox: SandboxUnderTest) -> None:
        self.sandbox = sandbox
        self.ids = dict(sandbox.info.scenarios)

    def ask(self, *argv: str, given: str = "") -> Said:
        return rundesk(*argv, "--data-dir", self.sandbox.info.data_dir, "--json", given=given)

    def in_bulk(self) -> dict[str, Run]:
        said = self.ask("diagnose", "--active")
        assert said.code == 0, said.err
        return self.by_name(said.document["runs"])

    def closely(self, *names: str) -> dict[str, Run]:
        found: dict[str, Run] = {}
        for start in range(0, len(names), AT_ONCE):
            ids = [self.ids[name] for name in names[start : start + AT_ONCE]]
            found |= self.by_name(self.ask("diagnose", *ids).document["runs"])
        return found

    def by_name(self, runs: list[Run]) -> dict[str, Run]:
        names = {run_id: name for name, run_id in self.ids.items()}
        return {names[run["run_id"]]: run for run in runs if run["run_id"] in names}

    def until_named(self, look: Callable[[], dict[str, Run]], expected: Mapping[str, Expected]) -> dict[str, Run]:
        """Look until every run is named as expected; what is named otherwise after that time is told."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = look()
            wrong = {name: told(found.get(name)) for name, each in expected.items() if not fits(each, found.get(name))}
            if not wrong or time.monotonic() > deadline:
                assert wrong == {}
                return found


def fits(expected: Expected, found: Run | None) -> bool:
    return found is not None and expected.fits(found)


def told(found: Run | None) -> object:
    keys = ("cause", "kind", "severity", "verdict", "effective_state", "known_faults", "title")
    return None if found is None else [found[key] for key in keys]


@pytest.fixture(scope="module")
def scenarios(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenarios]:
    sandbox = SandboxUnderTest(tmp_path_factory.mktemp("scenarios"), seed="scenarios", worker=True)
    yield Scenarios(sandbox)
    sandbox.stop()


def test_every_scenario_is_expected_to_be_something(scenarios: Scenarios) -> None:
    assert scenarios.ids.keys() == EXPECTED.keys() | CLOSELY.keys()
    causes = {each.cause for each in EXPECTED.values()} - {None}
    without_worker_or_server = {"S01", "S19"}
    assert causes | without_worker_or_server == {f"S{number:02}" for number in range(1, 21)}


def test_a_seeding_that_was_interrupted_can_be_repeated(scenarios: Scenarios) -> None:
    """The following tests see that it did no harm."""
    run_in_own_loop(with_tools(scenarios, lambda tools: seed_scenarios(tools, print)))


def test_every_scenario_is_named_in_bulk(scenarios: Scenarios) -> None:
    found = scenarios.until_named(scenarios.in_bulk, EXPECTED)
    for cause in ("S02", "S14", "S15"):
        said = scenarios.ask("runs", "--cause", cause, "--limit", "100")
        named = {name for name, run in found.items() if run["cause"] == cause}
        assert scenarios.by_name(said.document["runs"]).keys() == named


def test_every_scenario_is_named_closely_with_evidence_that_is_true(scenarios: Scenarios) -> None:
    expected = EXPECTED | CLOSELY
    found = scenarios.until_named(lambda: scenarios.closely(*expected), expected)
    run_in_own_loop(check_evidence(scenarios, found))


async def check_evidence(scenarios: Scenarios, found: Mapping[str, Run]) -> None:
    info = scenarios.sandbox.info
    client = await Client.connect(info.temporal_address, namespace=info.namespace)
    untrue: dict[tuple[str, str], str] = {}
    with psycopg.connect(info.database_url, autocommit=True) as sql:
        for name, run in found.items():
            assert run["evidence"], name
            for owner, line in owned(name, run["evidence"]):
                try:
                    await check(Hand(sql, client, UUID(scenarios.ids[owner])), line)
                except AssertionError as error:
                    untrue[name, line["fact"]] = str(error)
    assert untrue == {}


def owned(name: str, evidence: list[Run]) -> Iterator[tuple[str, Run]]:
    """Yield each line with whose fact it is: a parent's evidence goes on with that of the child that holds it up."""
    owner = name
    for line in evidence:
        yield owner, line
        if line["fact"].startswith("Child run"):
            owner = "S04-child"


COMPLETE_LAUNCH = ("repair", "--action", "complete-launch", "--apply")
PROJECT_CLOSE = ("repair", "--action", "project-close", "--apply", "--allow-repair")
RELEASE = ("repair", "--action", "release-human-task", "--apply", "--response", "-")
DELIVER = ("repair", "--action", "deliver-event", "--apply", "--allow-repair", "--event-id")
WAYS_OUT: dict[str, tuple[str, ...]] = {
    "S12-never-started": COMPLETE_LAUNCH,
    "S15-launched-after-all": COMPLETE_LAUNCH,
    "S14-terminated": PROJECT_CLOSE,
    "S14-canceled-outside": PROJECT_CLOSE,
    "S14-definition-hash": PROJECT_CLOSE,
    "S14-timed-out": PROJECT_CLOSE,
    "S14-failed": PROJECT_CLOSE,
    "S14-completed": PROJECT_CLOSE,
    "S09-done-not-signaled": RELEASE,
    "S08-arrived-early": (*DELIVER, str(demo_id("event", "S08-arrived-early"))),
    "S08-never-signalled": (*DELIVER, str(demo_id("event", "S08-never-signalled"))),
    "S10-resume-lost": ("quota-resume",),
    "S10-period-over": ("quota-resume",),
    "S10-limit-raised": ("quota-resume",),
    "S05-in-flight": ("cancel", "--wait"),
}
ANSWER = '{"approved": true, "comment": "Yes."}'
STRANDED = ("S18-running", "S18-waiting")


class Agreeing(Expected):
    """Nothing is wrong any more; which faults its rows still show does not matter."""

    def fits(self, found: Run) -> bool:
        return (found["cause"], found["severity"], found["verdict"]) == (None, "ok", "agree")


def test_each_way_out_leaves_row_and_execution_agreeing(scenarios: Scenarios) -> None:
    for name, (verb, *options) in WAYS_OUT.items():
        said = scenarios.ask(verb, scenarios.ids[name], *options, "--reason", "the way out", given=ANSWER)
        assert said.code == 0, (name, said.out, said.err)
    said = scenarios.ask("stranded", "--apply", "--reason", "the way out")
    assert said.code == 0, said.err
    helped = (*WAYS_OUT, *STRANDED)
    scenarios.until_named(lambda: scenarios.closely(*helped), dict.fromkeys(helped, Agreeing(None)))


def test_a_replay_of_what_was_lost_runs(scenarios: Scenarios) -> None:
    lost = scenarios.ids["S13-lost"]
    closed = scenarios.ask("cancel", lost, "--row-only", lost[:8], "--reason", "the way out")
    assert closed.code == 0, closed.err
    said = scenarios.ask("replay", lost, "--reason", "the way out", "--wait")
    assert said.code == 0, said.err
    (found,) = scenarios.ask("diagnose", said.document["run_id"]).document["runs"]
    assert (found["cause"], found["verdict"], found["status"]) == (None, "agree", "SUCCEEDED")


def test_without_a_worker_nobody_polls(scenarios: Scenarios) -> None:
    scenarios.sandbox.stop_server("worker")
    run_in_own_loop(with_tools(scenarios, seed_without_worker))
    scenarios.ids |= scenario_runs(worker=False)
    unpolled = Expected("S01", "no_pollers", "trouble", state="queued")
    names = ("S01-no-pollers", "S02-backlog")
    scenarios.until_named(lambda: scenarios.closely(*names), dict.fromkeys(names, unpolled))


async def with_tools(scenarios: Scenarios, work: Callable[[SeedTools], Awaitable[None]]) -> None:
    info = scenarios.sandbox.info
    database = Database.open(info.database_url)
    gateway = TemporalGateway(info.temporal_address, info.namespace)
    try:
        client = await Client.connect(info.temporal_address, namespace=info.namespace)
        await work(SeedTools.of(database, client, gateway))
    finally:
        await gateway.close()
        await database.dispose()


def test_with_temporal_down_nothing_is_called_stuck(scenarios: Scenarios) -> None:
    scenarios.sandbox.stop_server("temporal")
    said = scenarios.ask("diagnose", "--active")
    assert said.code == 0
    assert said.document["degraded"]
    assert {(run["cause"], run["severity"], run["verdict"]) for run in said.document["runs"]} == {
        ("S19", "watch", "cannot_verify")
    }
    assert scenarios.ask("runs", "--cause", "S01").document["runs"] == []


def test_with_both_down_nothing_is_called_stuck(scenarios: Scenarios) -> None:
    scenarios.sandbox.stop_server("postgres")
    said = scenarios.ask(
        "diagnose", scenarios.ids["S12-never-started"], "--tenant", scenarios.sandbox.info.tenant or ""
    )
    assert said.code == 3
    assert {(run["cause"], run["severity"]) for run in said.document["runs"]} == {("S19", "watch")}


def test_with_postgres_down_nothing_is_called_stuck(scenarios: Scenarios) -> None:
    scenarios.sandbox.start_server("temporal")
    said = scenarios.ask("diagnose", "--active")
    assert (said.code, said.document["runs"]) == (3, [])
    assert said.document["degraded"]
