"""The order of a family, what a broken pointer does to it, and when it counts as recovered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.domain.replay_chain import FamilyRun, PayloadOrigin, ReplayChain, ReplayFamily, build_chain

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def named(letter: str) -> UUID:
    return UUID(int=ord(letter))


def run(letter: str, status: str = "FAILED", of: str = "", *, open_: bool = False, **changes: object) -> FamilyRun:
    """Return the run of this letter; later letters started and ended later."""
    started = START + timedelta(minutes=ord(letter))
    ended = None if open_ else started + timedelta(seconds=2)
    source = named(of) if of else None
    return FamilyRun(named(letter), 1, status, started, ended, source, **changes)  # type: ignore[arg-type]


def chain(asked_for: str, *runs: FamilyRun, **bounds: bool) -> ReplayChain:
    return build_chain(ReplayFamily(named(asked_for), runs, **bounds))


def told(made: ReplayChain) -> str:
    """Return the family as letters with their depth, in order."""
    return " ".join(f"{chr(entry.run.run_id.int)}{entry.depth}" for entry in made.generations)


TREE = (run("a"), run("b", of="a"), run("c", of="b"), run("d", of="a"), run("e", of="c"))


@pytest.mark.parametrize("asked_for", "abcde")
def test_every_run_of_a_family_tells_the_same_order(asked_for: str) -> None:
    made = chain(asked_for, *reversed(TREE))
    assert told(made) == "a0 b1 c2 e3 d1"
    assert made.has_story


def test_a_run_without_replays_stands_alone() -> None:
    made = chain("a", run("a"))
    assert (told(made), made.has_story, made.awaits_recovery, made.replays) == ("a0", False, False, ())


def test_direct_replays_are_those_of_the_run_asked_for() -> None:
    assert [chr(replay.run_id.int) for replay in chain("a", *TREE).replays] == ["b", "d"]


@pytest.mark.parametrize(
    ("asked_for", "runs", "order"),
    [
        ("a", (run("a", of="a"),), "a0"),
        ("a", (run("a", of="b"), run("b", of="a")), "b0 a1"),
        ("c", (run("a", of="c"), run("b", of="a"), run("c", of="b"), run("d", of="c")), "a0 b1 c2 d3"),
    ],
)
def test_a_circle_ends(asked_for: str, runs: tuple[FamilyRun, ...], order: str) -> None:
    made = chain(asked_for, *runs)
    assert (told(made), made.origin_missing) == (order, None)


def test_a_source_that_is_gone_is_named() -> None:
    made = chain("b", run("b", of="a"))
    assert (told(made), made.origin_missing, made.has_story) == ("b0", named("a"), True)


def test_a_source_beyond_the_bound_is_not_called_gone() -> None:
    made = chain("b", run("b", of="a"), truncated_above=True)
    assert (made.origin_missing, made.truncated) == (None, True)


def test_a_chain_longer_than_pythons_stack_is_built() -> None:
    runs = [FamilyRun(UUID(int=n), 1, "FAILED", START, START, UUID(int=n - 1) if n else None) for n in range(3000)]
    made = build_chain(ReplayFamily(UUID(int=2999), tuple(runs)))
    assert made.generations[-1].depth == 2999


@pytest.mark.parametrize(
    ("runs", "recovered_by"),
    [
        ((run("a"), run("b", "SUCCEEDED", of="a")), "b"),
        ((run("a"), run("b", of="a"), run("c", "SUCCEEDED", of="b"), run("d", "SUCCEEDED", of="a")), "c"),
        ((run("a", "CANCELED"), run("b", "SUCCEEDED", of="a")), "b"),
        ((run("a", "RUNNING", open_=True), run("b", "SUCCEEDED", of="a")), "b"),
        ((run("a"), run("b", "RUNNING", of="a", open_=True)), None),
        ((run("a"), run("b", "SUCCEEDED", of="a", open_=True)), None),
        ((run("a"), run("b", "FAILED", of="a")), None),
        ((run("a", "SUCCEEDED"), run("b", "SUCCEEDED", of="a")), None),
        ((run("a", "SUCCEEDED"), run("b", of="a"), run("c", "SUCCEEDED", of="b")), "c"),
        ((run("b", "SUCCEEDED", of="z"),), None),
    ],
    ids=[
        "a replay succeeded",
        "the first of two, also of another branch",
        "a canceled run counts as not succeeded",
        "so does one that never ended",
        "a running replay recovers nothing",
        "nor does a status without an end",
        "nor a failed one",
        "nothing was to be recovered",
        "the failed replay was",
        "an unknown source may have succeeded",
    ],
)
def test_recovered_is_said_only_of_a_replay_that_truly_succeeded(
    runs: tuple[FamilyRun, ...], recovered_by: str | None
) -> None:
    made = chain(chr(runs[0].run_id.int), *runs)
    assert made.recovered_by == (named(recovered_by) if recovered_by else None)


def test_a_family_awaits_recovery_until_then() -> None:
    assert chain("a", run("a"), run("b", of="a")).awaits_recovery
    assert not chain("a", run("a"), run("b", "SUCCEEDED", of="a")).awaits_recovery
    assert not chain("a", run("a", "SUCCEEDED"), run("b", of="a")).awaits_recovery


@pytest.mark.parametrize(
    ("entry", "origin"),
    [
        (run("a"), PayloadOrigin.ORIGINAL),
        (run("b", of="a", same_input=True), PayloadOrigin.VERBATIM),
        (run("b", of="a", same_input=False), PayloadOrigin.EDITED),
        (run("b", of="a"), PayloadOrigin.UNKNOWN),
    ],
)
def test_where_an_input_came_from(entry: FamilyRun, origin: PayloadOrigin) -> None:
    assert entry.origin is origin
