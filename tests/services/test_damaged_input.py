"""A damaged input on real servers: a whole ancestor stands in for it, or it is sent knowingly; chips reach the row."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from app.domain import chips
from app.domain.errors import ActionRefused, InvalidInput
from app.domain.launching import PatchOperation
from app.domain.payload_change import ChippedText, EditedText, GivenPatch
from app.domain.run import RunKey
from app.services.replay_run import Acceptance, ReplayCommand
from tests.services.doubles import TENANT, operator
from tests.services.test_acting_on_postgres import BESIDE, INPUT, SECRET, Bench, bench

__all__ = ["bench"]

DAMAGE = BESIDE | {Acceptance.DAMAGED_INPUT}


def command(source: RunKey, **changes: object) -> ReplayCommand:
    return ReplayCommand(source, "asked", operator("admin"), uuid4(), **{"accepts": BESIDE, **changes})  # type: ignore[arg-type]


async def replayed(bench: Bench, source: RunKey, **changes: object) -> RunKey:
    made = command(source, **changes)
    await bench.replay.replay(made)
    return RunKey(TENANT, made.request_id)


def damage(bench: Bench, *runs: RunKey) -> None:
    for run in runs:
        bench.seeded.execute(
            """UPDATE workflow_runs SET input_json = '{"api_key": "[REDACTED]", "a": 1}' WHERE run_id = %s""",
            run.run_id,
        )


@pytest.mark.asyncio
async def test_the_nearest_whole_ancestor_stands_in_and_provenance_stays_that_of_the_replayed_run(
    bench: Bench,
) -> None:
    first = await bench.source()
    second = await replayed(bench, first)
    third = await replayed(bench, second)
    damage(bench, second, third)

    with pytest.raises(ActionRefused) as refusal:
        await bench.replay.replay(command(third))
    assert refusal.value.params["whole_ancestor"] == str(first.run_id)
    assert await bench.replay.whole_ancestor(third) == first.run_id

    form = await bench.replay.prepare(third, first.run_id)
    assert (form.source.key, form.source.damaged_paths, form.source.input_of) == (third, (), first.run_id)
    assert SECRET not in form.text
    edited = ChippedText(form.content.text.replace("Emerald", "Ruby"), form.content.origins)
    sent = command(third, edit=edited, expected_hash=form.source.input_hash, input_of=first.run_id)
    assert (await bench.replay.replay(sent)).payload == "edited"

    query = "SELECT input_json = %s::jsonb AS equal, trigger_metadata_json AS why FROM workflow_runs WHERE run_id = %s"
    (row,) = bench.seeded.rows(query, INPUT.replace("Emerald", "Ruby"), sent.request_id)
    assert row["equal"]
    assert row["why"] == {"replayOfRunId": str(third.run_id), "reason": "asked", "inputOfRunId": str(first.run_id)}
    (audit,) = [one for one in bench.audits("workflow_run_replay") if one["record_id"] == str(third.run_id)]
    assert audit["details"]["inputOfRunId"] == str(first.run_id)  # type: ignore[index]


@pytest.mark.asyncio
async def test_only_the_whole_ancestor_of_a_damaged_input_can_stand_in(bench: Bench) -> None:
    first = await bench.source()
    second = await replayed(bench, first)
    with pytest.raises(ActionRefused) as whole:
        await bench.replay.whole_ancestor(second)
    assert whole.value.code == "replay.not_damaged"
    for stranger in (first.run_id, uuid4()):
        with pytest.raises(ActionRefused) as refusal:
            await bench.replay.replay(command(second, input_of=stranger))
        assert refusal.value.code == "replay.not_an_ancestor"
    damage(bench, first, second)
    with pytest.raises(ActionRefused) as none:
        await bench.replay.whole_ancestor(second)
    assert none.value.code == "replay.no_whole_ancestor"
    round_about = f'{{"replayOfRunId": "{second.run_id}"}}'
    bench.seeded.execute(
        "UPDATE workflow_runs SET trigger_metadata_json = %s::jsonb WHERE run_id = %s", round_about, first.run_id
    )
    assert (await bench.replay.prepare(second)).source.whole_ancestor is None


@pytest.mark.asyncio
async def test_a_damaged_input_is_sent_only_when_that_was_accepted_and_the_audit_says_so(bench: Bench) -> None:
    source = await bench.source()
    damage(bench, source)
    with pytest.raises(ActionRefused):
        await bench.replay.replay(command(source))
    as_it_is = await replayed(bench, source, accepts=DAMAGE)
    assert bench.run(as_it_is.run_id)["input_json"] == {"api_key": "[REDACTED]", "a": 1}
    (audit,) = bench.audits("workflow_run_replay")
    assert audit["details"]["accepted"] == ["active_source", "damaged_input"]  # type: ignore[index]

    beside = EditedText('{"api_key": "[REDACTED]", "a": 2}')
    edited = await replayed(bench, source, accepts=DAMAGE, edit=beside)
    assert bench.run(edited.run_id)["input_json"] == {"api_key": "[REDACTED]", "a": 2}
    spread = EditedText('{"api_key": "[REDACTED]", "a": 1, "b": "[REDACTED]"}')
    with pytest.raises(InvalidInput):
        await bench.replay.replay(command(source, accepts=DAMAGE, edit=spread))


@pytest.mark.asyncio
async def test_moved_chips_and_a_given_patch_reach_the_new_row_with_the_stored_values(bench: Bench) -> None:
    source = await bench.source()
    form = await bench.replay.prepare(source)
    tree = chips.parse(form.content.text, form.content.origins)
    assert isinstance(tree, dict)
    tree["keys"] = [tree.pop("api_key"), {"again": chips.Chip(("api_key",))}]
    moved = await replayed(bench, source, edit=ChippedText(*chips.dump(tree)), expected_hash=form.source.input_hash)
    assert stored_digits(bench, moved.run_id, "input_json->'keys'") == f'["{SECRET}", {{"again": "{SECRET}"}}]'
    assert stored_digits(bench, moved.run_id, "input_json->'big'") == "12345678901234567890123"

    patch = GivenPatch((PatchOperation("replace", ("client",), '"Ruby"'), PatchOperation("add", ("n",), "1.50")))
    given = await replayed(bench, source, edit=patch)
    query = "SELECT input_json = %s::jsonb || '{\"n\": 1.50}' AS equal FROM workflow_runs WHERE run_id = %s"
    (same,) = bench.seeded.rows(query, INPUT.replace("Emerald", "Ruby"), given.run_id)
    assert same["equal"]
    for missing in (("gone",), ("api_key", "inside")):
        with pytest.raises(InvalidInput) as refusal:
            await bench.replay.replay(command(source, edit=GivenPatch((PatchOperation("remove", missing),))))
        assert refusal.value.code == "payload.patch_target"


def stored_digits(bench: Bench, run_id: UUID, expression: str) -> object:
    return bench.seeded.rows(f"SELECT ({expression})::text AS found FROM workflow_runs WHERE run_id = %s", run_id)[0][
        "found"
    ]
