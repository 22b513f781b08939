"""Start, stop, reuse and recovery of the sandbox, by what is alive afterwards."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.domain.errors import SandboxUnavailable
from app.sandbox.data_directory import DataDirectory
from app.sandbox.postgres_server import PostgresCluster
from app.sandbox.server_process import Identity, accepts, free_port
from app.sandbox.stack import attach, ensure_sandbox
from tests.sandbox.processes import Owner, alive, eventually, server_pids

ORPHAN_SECONDS = 5.0


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "sandbox"


@pytest.fixture
def owners() -> Iterator[list[Owner]]:
    started: list[Owner] = []
    yield started
    for owner in started:
        owner.close()


def start_owner(owners: list[Owner], directory: Path) -> Owner:
    owner = Owner(directory)
    owners.append(owner)
    return owner


@pytest.mark.asyncio
async def test_data_survive_and_the_second_start_is_fast(directory: Path) -> None:
    steps: list[str] = []
    first = await ensure_sandbox(directory, seed="none", worker=False, progress=steps.append)
    with psycopg.connect(first.info.database_url, autocommit=True) as connection:
        connection.execute("INSERT INTO tenants (client_name, email) VALUES ('Kept', 'kept@example.test')")
    pids = server_pids(directory)
    assert sorted(pids) == ["guardian", "postgres", "temporal"]
    await first.stop()
    assert alive(pids.values()) == []
    assert attach(directory) is None

    second = await ensure_sandbox(directory, seed="none", worker=False)
    try:
        with psycopg.connect(second.info.database_url) as connection:
            assert connection.execute("SELECT client_name FROM tenants").fetchall() == [("Kept",)]
        assert second.info.database_url == first.info.database_url, "ports are kept while they are free"
    finally:
        await second.stop()
    assert "Creating the database" in steps


@pytest.mark.asyncio
async def test_what_is_written_is_for_the_owner_only_and_keeps_the_password_out_of_logs(directory: Path) -> None:
    running = await ensure_sandbox(directory, seed="none", worker=False)
    files = DataDirectory(directory)
    try:
        password = files.password_file.read_text().strip()
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        for secret in (files.password_file, files.state_file):
            assert stat.S_IMODE(secret.stat().st_mode) == 0o600
        arguments = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in server_pids(directory).values()]
        logs = [log.read_bytes() for log in files.logs.iterdir()]
        assert len(logs) >= 2
        assert all(password.encode() not in text for text in (*arguments, *logs))
        json_line = running.info.as_json()
        del json_line["database_url"]
        assert password not in str(json_line)
        wrong = running.info.database_url.replace(password, "wrong")
        with pytest.raises(psycopg.OperationalError, match="authentication failed"):
            psycopg.connect(wrong)
    finally:
        await running.stop()


@pytest.mark.asyncio
async def test_servers_listen_on_loopback_only(directory: Path) -> None:
    running = await ensure_sandbox(directory, seed="none", worker=False)
    try:
        with psycopg.connect(running.info.database_url) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
            assert connection.execute("SHOW unix_socket_directories").fetchone() == ("",)
        assert running.info.temporal_address.startswith("127.0.0.1:")
        temporal = server_pids(directory)["temporal"]
        sockets = {os.readlink(entry) for entry in Path(f"/proc/{temporal}/fd").iterdir()}
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        listening = [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets]
        assert listening
        assert all(address.startswith("0100007F:") for address in listening)
        six = [line.split() for line in Path("/proc/net/tcp6").read_text().splitlines()[1:]]
        assert [row[1] for row in six if row[3] == "0A" and f"socket:[{row[9]}]" in sockets] == []
    finally:
        await running.stop()


@pytest.mark.parametrize("victims", [("owner",), ("guardian",), ("owner", "guardian")])
def test_killed_without_warning_leaves_nothing_and_recovers(
    directory: Path, owners: list[Owner], victims: tuple[str, ...]
) -> None:
    owner = start_owner(owners, directory)
    info = owner.ready()
    pids = server_pids(directory)
    for victim in victims:
        os.kill(owner.process.pid if victim == "owner" else pids["guardian"], signal.SIGKILL)
    eventually(lambda: alive(pids.values()) == [], ORPHAN_SECONDS)
    assert attach(directory) is None

    again = start_owner(owners, directory).ready()
    assert again["owned"]
    with psycopg.connect(again["database_url"]) as connection:
        assert connection.execute("SELECT count(*) FROM workflow_runs").fetchone() == (0,)
    assert info["pid"] == owner.process.pid


def test_recovers_when_servers_were_killed_and_a_stale_pid_file_is_left(directory: Path, owners: list[Owner]) -> None:
    owner = start_owner(owners, directory)
    owner.ready()
    pids = server_pids(directory)
    os.kill(owner.process.pid, signal.SIGKILL)
    for pid in pids.values():
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: alive(pids.values()) == [], ORPHAN_SECONDS)
    assert (directory / "postgres" / "postmaster.pid").exists()
    assert start_owner(owners, directory).ready()["owned"]


def test_a_start_right_after_a_kill_does_not_collide_with_dying_servers(directory: Path, owners: list[Owner]) -> None:
    owner = start_owner(owners, directory)
    owner.ready()
    os.kill(server_pids(directory)["guardian"], signal.SIGKILL)
    assert start_owner(owners, directory).ready()["owned"]


def test_a_living_sandbox_is_reused_and_outlives_who_attached(directory: Path, owners: list[Owner]) -> None:
    first = start_owner(owners, directory)
    info = first.ready()
    second = start_owner(owners, directory)
    attached = second.ready()
    assert (info.pop("owned"), attached.pop("owned")) == (True, False)
    assert attached == info
    assert attached["pid"] == first.process.pid
    second.close()
    found = attach(directory)
    assert found is not None
    assert found.as_json() == info


def test_two_starts_at_once_share_one_sandbox(directory: Path, owners: list[Owner]) -> None:
    pair = [start_owner(owners, directory) for _ in range(2)]
    infos = [owner.ready() for owner in pair]
    assert sorted(info.pop("owned") for info in infos) == [False, True]
    assert infos[0] == infos[1]


@pytest.mark.asyncio
async def test_a_server_that_dies_is_started_again_at_its_old_address(directory: Path) -> None:
    running = await ensure_sandbox(directory, seed="none", worker=False)
    try:
        before = server_pids(directory)["postgres"]
        os.kill(before, signal.SIGKILL)
        eventually(lambda: server_pids(directory).get("postgres", before) != before, 10)
        port = int(running.info.database_url.rpartition(":")[2].partition("/")[0])
        cluster = PostgresCluster(directory / "postgres", directory / "postgres-password", directory / "log")
        eventually(lambda: cluster.ready(port), 10)
        with psycopg.connect(running.info.database_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        await running.stop()


@pytest.mark.asyncio
async def test_a_server_stopped_on_purpose_stays_down_until_it_is_wanted(directory: Path) -> None:
    running = await ensure_sandbox(directory, seed="none", worker=False)
    port = int(running.info.temporal_address.rpartition(":")[2])
    try:
        await running.stop_server("temporal", kill=True)
        assert not accepts(port)
        await running.start_server("temporal")
        eventually(lambda: accepts(port), 10)
    finally:
        await running.stop()


@pytest.mark.asyncio
async def test_a_cluster_of_another_version_is_refused_in_words(directory: Path) -> None:
    running = await ensure_sandbox(directory, seed="none", worker=False)
    await running.stop()
    (directory / "postgres" / "PG_VERSION").write_text("13\n")
    with pytest.raises(SandboxUnavailable, match="made by PostgreSQL 13; the installed one is 18"):
        await ensure_sandbox(directory, seed="none", worker=False)
    assert not DataDirectory(directory).guarded()


@pytest.mark.asyncio
async def test_an_interrupted_creation_is_done_again(directory: Path) -> None:
    (directory / "postgres.partial").mkdir(parents=True)
    (directory / "postgres.partial" / "PG_VERSION").write_text("18\n")
    running = await ensure_sandbox(directory, seed="none", worker=False)
    await running.stop()
    assert not (directory / "postgres.partial").exists()


if os.geteuid() == 0:

    def test_root_without_user_namespaces_runs_postgres_as_nobody(tmp_path: Path) -> None:
        """The data and the programs are then placed where nobody can reach them, and root's own directories stay shut."""
        closed = tmp_path / "root-only"
        closed.mkdir(mode=0o700)
        cluster = PostgresCluster(
            closed / "postgres", closed / "password", closed / "log", durable=False, identity=Identity.NOBODY
        )
        cluster.create()
        port = free_port()
        server = cluster.start(port)
        try:
            with psycopg.connect(cluster.url(port)) as connection:
                assert connection.execute("SELECT current_user").fetchone() == ("rundesk",)
            assert Path(f"/proc/{server.pid}").stat().st_uid != 0
            assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        finally:
            server.stop()
