from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.cli.arguments import build_parser, connection_flags
from app.domain.errors import Misconfigured
from app.domain.run_query import RunSort

RUN = "0b9f2c1e-4f5d-4c66-9a39-7d2e5b8c1a00"


def parse(*argv: str):
    return build_parser().parse_args(argv)


def test_without_a_command_the_desktop_is_meant() -> None:
    assert parse().command is None


def test_connection_options_may_stand_before_or_behind_the_command() -> None:
    before = parse("--database-url", "d", "--tenant", "Acme", "runs")
    behind = parse("runs", "--database-url", "d", "--tenant", "Acme")
    assert connection_flags(before) == connection_flags(behind)
    assert connection_flags(before).database_url == "d"
    assert parse("runs", "--data-dir", "x").data_dir == Path.cwd() / "x"


def test_filters_of_runs() -> None:
    arguments = parse("runs", "--status", "failed", "--status", "RUNNING", "--limit", "7", "--sort", "updated_at:asc")
    assert arguments.status == ["FAILED", "RUNNING"]
    assert arguments.limit == 7
    assert arguments.sort is RunSort.UPDATED_ASC
    assert parse("runs", "--status", "failed,canceled", "waiting").status == ["FAILED", "CANCELED", "WAITING"]


def test_a_repeated_status_does_not_leak_into_the_next_parse() -> None:
    parser = build_parser()
    parser.parse_args(["runs", "--status", "FAILED"])
    assert parser.parse_args(["runs"]).status == []


def test_times_are_aware_and_a_date_as_end_includes_its_day() -> None:
    arguments = parse("runs", "--from", "2026-11-23", "--to", "2026-11-23")
    assert arguments.started_from.tzinfo is UTC
    assert arguments.started_from == datetime(2026, 11, 23).astimezone(UTC)
    assert arguments.started_to == datetime(2026, 11, 23, 23, 59, 59, 999_000).astimezone(UTC)
    exact = parse("runs", "--to", "2026-11-23T06:17:00Z").started_to
    assert exact == datetime(2026, 11, 23, 6, 17, tzinfo=UTC)
    offset = parse("runs", "--from", "2026-11-23T06:17:00+02:00").started_from
    assert exact - offset == timedelta(hours=2)


def test_cancel_takes_several_runs() -> None:
    arguments = parse("cancel", RUN, RUN.upper(), "--reason", "customer called")
    assert arguments.run_ids == [UUID(RUN), UUID(RUN)]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["rnus"], "invalid choice"),
        (["show"], "RUN_ID"),
        (["show", "not-a-run"], "not a run id"),
        (["replay", RUN], "--reason"),
        (["replay", RUN, "--reason", " a "], "at least 3 characters"),
        (["cancel", "--reason", "because"], "RUN_ID"),
        (["runs", "--limit", "0"], "above 0"),
        (["runs", "--limit", "-3"], "above 0"),
        (["runs", "--from", "yesterday"], "ISO 8601"),
        (["runs", "--sort", "name"], "started_at:desc"),
        (["report", RUN, "--format", "docx", "--out", "x"], "docx"),
        (["report", RUN], "--out"),
        (["shot", "runs", "--out", "x.png", "--size", "10x10"], "1280x800"),
        (["runs", "--status", "FAILED,"], "--status"),
        (["runs", "--stat", "FAILED"], "--stat"),
    ],
)
def test_what_cannot_be_used_is_said_with_where_to_look(argv: list[str], said: str) -> None:
    with pytest.raises(Misconfigured) as refusal:
        parse(*argv)
    assert said in refusal.value.message
    assert "--help" in refusal.value.message
