"""Failures counted where they lie: alike ones together, each tenant's own, and no secret in what is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.errors import InvalidInput, NotFound
from app.domain.failure_fingerprint import Fingerprint
from app.domain.run import RunKey
from app.domain.run_comparison import Aspect, Relation
from app.domain.run_query import TenantChoice
from app.local.fingerprint_notes import FingerprintNoteFile
from app.postgres import failure_groups
from app.postgres.failure_groups import PostgresFailureReader
from app.postgres.replay_preview import PostgresPreviewReader
from app.services.compare_runs import CompareRuns
from app.services.failure_fingerprints import FailureFingerprints, FingerprintReport
from tests.postgres.world import World

pytestmark = pytest.mark.asyncio
WEEK = timedelta(days=7)


def fingerprints(world: World, tmp_path: Path) -> FailureFingerprints:
    return FailureFingerprints(PostgresFailureReader(world.database), FingerprintNoteFile(tmp_path, "test"))


async def find(world: World, tmp_path: Path, within: timedelta = WEEK) -> FingerprintReport:
    both = [TenantChoice(world.tenant, "Alder Support"), TenantChoice(world.other_tenant, "birch Services")]
    return await fingerprints(world, tmp_path).find(both, within)


async def add_failure(world: World, message: str, *, code: str = "CARD", days_ago: float = 0, **run: object) -> RunKey:
    """Add a failed run whose failing action said this."""
    when = datetime.now(UTC) - timedelta(days=days_ago, seconds=5)
    key = await world.add_run(
        status="FAILED",
        started_at=when,
        completed_at=when,
        error_json={"message": "Activity task failed", "nodePath": "root.steps[0]"},
        **run,
    )
    await world.add_invocation(
        key,
        status="FAILED",
        step_path="root.steps[0]",
        action_id="payments.charge",
        error_message=message,
        error_json={"code": code, "message": message},
    )
    return key


def said(found: Fingerprint) -> tuple[str | None, str | None, str, int]:
    return found.action, found.code, found.shape, found.count


async def test_alike_failures_are_one_across_runs_workflows_and_tenants(world: World, tmp_path: Path) -> None:
    keys = [await add_failure(world, f"Invoice INV-{n} of 'c{n}' refused", days_ago=n) for n in range(3)]
    keys.append(
        await add_failure(
            world,
            "Invoice INV-77 of 'Harbor' refused",
            days_ago=2.5,
            tenant=world.other_tenant,
            workflow_id=world.other_workflow_id,
        )
    )
    await add_failure(world, "Invoice INV-1 of 'c1' refused", code="OTHER")
    await add_failure(world, "Invoice INV-1 of 'c1' refused", days_ago=9)
    await world.add_run(status="FAILED", error_json={"message": "No such queue", "stage": "launch"})
    await world.add_run(status="SUCCEEDED", error_json={"message": "stale"})
    report = await find(world, tmp_path)
    assert said(report.fingerprints[0]) == (
        "payments.charge",
        "CARD",
        "Invoice <id> of <value> refused",
        4,
    )
    assert {said(each) for each in report.fingerprints[1:]} == {
        ("payments.charge", "OTHER", "Invoice <id> of <value> refused", 1),
        (None, "launch", "No such queue", 1),
    }
    first = report.fingerprints[0]
    assert set(first.runs) == set(keys)
    assert first.runs[0] == keys[0]
    assert first.last_seen - first.first_seen > timedelta(days=2)
    assert [(each.name, each.count) for each in first.tenants] == [("Alder Support", 3), ("birch Services", 1)]
    assert [(each.name, each.count) for each in first.workflows] == [("Ticket triage", 3), ("Invoice dunning", 1)]
    assert (report.counted, report.cut) == (6, False)
    assert [said(each)[3] for each in (await find(world, tmp_path, timedelta(hours=1))).fingerprints] == [1, 1, 1]


async def test_a_bound_is_told(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failure_groups, "MOST_RUNS", 2)
    for message in ("one", "two", "three"):
        await add_failure(world, message)
    report = await find(world, tmp_path)
    assert (report.counted, report.cut) == (2, True)
    monkeypatch.setattr(failure_groups, "MOST_RUNS", 100)
    monkeypatch.setattr(failure_groups, "MOST_GROUPS", 1)
    report = await find(world, tmp_path)
    assert (len(report.fingerprints), report.cut) == (1, True)


async def test_a_secret_in_a_message_is_neither_told_nor_part_of_the_shape(world: World, tmp_path: Path) -> None:
    await world.set_settings({"workflowRunStudio": {"redactionKeyPatterns": ["^pin$"]}})
    for secret in ("geheimwort", "andereswort"):
        await add_failure(world, f"{secret} was refused", input_json={"pin": secret})
    (found,) = (await find(world, tmp_path)).fingerprints
    assert found.count == 2
    assert found.shape == "[REDACTED] was refused"
    assert "wort" not in repr(found)


async def test_what_is_known_is_kept_beside_the_failure(world: World, tmp_path: Path) -> None:
    await add_failure(world, "Card refused")
    service = fingerprints(world, tmp_path)
    (found,) = (await find(world, tmp_path)).fingerprints
    assert found.note is None
    await service.note(found.identity, "Known: password=hunter2hunter2", "https://tracker.example/T-1")
    (found,) = (await find(world, tmp_path)).fingerprints
    assert found.note is not None
    assert "hunter2" not in found.note.text
    for link in ("javascript:alert(1)", "file:///etc/passwd", "https://", "https://u:p@x.example", "https://x y"):
        with pytest.raises(InvalidInput):
            await service.note(found.identity, "", link)
    await service.note(found.identity, " ", "")
    (found,) = (await find(world, tmp_path)).fingerprints
    assert found.note is None
    with pytest.raises(InvalidInput):
        await find(world, tmp_path, timedelta())


async def test_a_failure_is_compared_with_the_last_success_before_it(world: World) -> None:
    compare = CompareRuns(world.reader, PostgresPreviewReader(world.database))
    failed = await add_failure(world, "Card refused", days_ago=1)
    with pytest.raises(NotFound) as caught:
        await compare.last_success(failed)
    assert caught.value.code == "compare.no_success"
    later = await world.add_run(status="SUCCEEDED")
    assert await compare.last_success(failed) == later
    earlier = await world.add_run(status="SUCCEEDED", seconds_ago=3 * 86400, workflow_version=2)
    assert await compare.last_success(failed) == earlier
    comparison = await compare.compare(earlier, failed)
    assert comparison.relation is Relation.SAME_WORKFLOW
    assert comparison.restricted, "nobody looked, with the least rights"
    with pytest.raises(InvalidInput):
        await compare.compare(failed, failed)
    with pytest.raises(InvalidInput):
        await compare.compare(failed, RunKey(world.other_tenant, later.run_id))
    with pytest.raises(NotFound):
        await compare.compare(failed, RunKey(world.tenant, UUID(int=1)))


async def test_a_replay_is_compared_with_its_original(world: World) -> None:
    compare = CompareRuns(world.reader, PostgresPreviewReader(world.database))
    original = await world.add_run(status="FAILED", input_json={"api_key": "k-1", "amount": 1})
    replay = await world.add_run(
        status="SUCCEEDED",
        input_json={"api_key": "k-2", "amount": 2},
        trigger_metadata_json={"replayOfRunId": str(original.run_id)},
    )
    for key, status in ((original, "FAILED"), (replay, "SUCCEEDED")):
        await world.add_step(key, status=status)
        await world.add_invocation(key, status=status, input_json={"token": "t", "n": str(key.run_id)})
    comparison = await compare.compare(original, replay, world.operator())
    assert comparison.relation is Relation.REPLAY
    assert [(each.pointer, each.first, each.second) for each in comparison.input.changes] == [("/amount", "1", "2")]
    assert comparison.input.masked == 1
    divergence = comparison.divergence
    assert divergence is not None
    assert Aspect.STATUS in divergence.aspects
    assert Aspect.INPUT not in divergence.aspects, "run ids differ in any two runs"
