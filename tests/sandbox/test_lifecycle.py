"""Start, stop, reuse and recovery of the sandbox, by what is alive afterwards."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from app.domain.errors import SandboxUnavailable
from app.sandbox.data_directory import DataDirectory
from app.sandbox.postgres_server import PostgresCluster
from app.sandbox.server_process import Identity, accepts, free_port
from app.sandbox.stack import attach, ensure_sandbox
from tests.conftest import SandboxUnderTest, run_in_own_loop
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


def test_data_survive_and_the_second_start_is_at_the_same_address(directory: Path) -> None:
    first = SandboxUnderTest(directory)
    with psycopg.connect(first.info.database_url, autocommit=True) as connection:
        connection.execute("INSERT INTO tenants (client_name, email) VALUES ('Kept', 'kept@example.test')")
    pids = server_pids(directory)
    assert sorted(pids) == ["guardian", "postgres", "temporal"]
    first.stop()
    assert alive(pids.values()) == []
    assert attach(directory) is None

    second = SandboxUnderTest(directory)
    try:
        with psycopg.connect(second.info.database_url) as connection:
            assert connection.execute("SELECT client_name FROM tenants").fetchall() == [("Kept",)]
        assert second.info.database_url == first.info.database_url
    finally:
        second.stop()
    assert "Creating the database" in first.steps
    assert "Creating the database" not in second.steps


def test_only_the_owner_can_read_what_is_written_and_no_log_holds_the_password(
    fragile_sandbox: SandboxUnderTest,
) -> None:
    info = fragile_sandbox.info
    files = DataDirectory(Path(info.data_dir))
    password = files.password_file.read_text().strip()
    assert stat.S_IMODE(files.root.stat().st_mode) == 0o700
    for secret in (files.password_file, files.state_file):
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    arguments = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in server_pids(files.root).values()]
    logs = [log.read_bytes() for log in files.logs.iterdir()]
    assert len(logs) >= 2
    assert all(password.encode() not in text for text in (*arguments, *logs))
    line = info.as_json()
    assert password in str(line.pop("database_url"))
    assert password not in str(line)
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(info.database_url.replace(password, "wrong"))


def test_servers_listen_on_loopback_only(fragile_sandbox: SandboxUnderTest) -> None:
    with psycopg.connect(fragile_sandbox.info.database_url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
        assert connection.execute("SHOW unix_socket_directories").fetchone() == ("",)
    temporal = server_pids(Path(fragile_sandbox.info.data_dir))["temporal"]
    sockets = {str(entry.readlink()) for entry in Path(f"/proc/{temporal}/fd").iterdir()}
    listening = [*_listening("tcp", sockets), *_listening("tcp6", sockets)]
    assert len(listening) >= 1
    assert all(address.startswith("0100007F:") for address in listening)


def _listening(family: str, sockets: set[str]) -> list[str]:
    """Return the local addresses, in the kernel's hexadecimal, on which one of these sockets listens."""
    rows = [line.split() for line in Path(f"/proc/net/{family}").read_text().splitlines()[1:]]
    return [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets]


@pytest.mark.parametrize("victims", [("owner",), ("guardian",), ("owner", "guardian")])
def test_killed_without_warning_leaves_nothing_and_recovers(
    directory: Path, owners: list[Owner], victims: tuple[str, ...]
) -> None:
    owner = start_owner(owners, directory)
    owner.ready()
    pids = server_pids(directory)
    for victim in victims:
        os.kill(owner.process.pid if victim == "owner" else pids["guardian"], signal.SIGKILL)
    eventually(lambda: alive(pids.values()) == [], ORPHAN_SECONDS)
    assert attach(directory) is None

    again = start_owner(owners, directory).ready()
    assert again["owned"]
    with psycopg.connect(again["database_url"]) as connection:
        assert connection.execute("SELECT count(*) FROM workflow_runs").fetchone() == (0,)


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


def test_a_server_that_dies_is_started_again_at_its_old_address(fragile_sandbox: SandboxUnderTest) -> None:
    info, directory = fragile_sandbox.info, Path(fragile_sandbox.info.data_dir)
    before = server_pids(directory)["postgres"]
    os.kill(before, signal.SIGKILL)
    eventually(lambda: server_pids(directory).get("postgres", before) != before, 10)
    eventually(lambda: _answers(info.database_url), 10)


def test_a_server_stopped_on_purpose_stays_down_until_it_is_wanted(fragile_sandbox: SandboxUnderTest) -> None:
    port = int(fragile_sandbox.info.temporal_address.rpartition(":")[2])
    fragile_sandbox.stop_server("temporal", kill=True)
    fragile_sandbox.stop_server("postgres")
    assert not accepts(port)
    assert not _answers(fragile_sandbox.info.database_url)
    fragile_sandbox.start_server("temporal")
    fragile_sandbox.start_server("postgres")
    eventually(lambda: accepts(port), 10)
    eventually(lambda: _answers(fragile_sandbox.info.database_url), 10)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def test_a_guardian_told_to_end_stops_its_servers(fragile_sandbox: SandboxUnderTest) -> None:
    pids = server_pids(Path(fragile_sandbox.info.data_dir))
    os.kill(pids["guardian"], signal.SIGTERM)
    assert eventually(lambda: alive(pids.values()) == [], ORPHAN_SECONDS) < ORPHAN_SECONDS


def test_a_cluster_of_another_version_is_refused_in_words(directory: Path) -> None:
    SandboxUnderTest(directory).stop()
    (directory / "postgres" / "PG_VERSION").write_text("13\n")
    with pytest.raises(SandboxUnavailable, match="made by PostgreSQL 13; the installed one is 18"):
        SandboxUnderTest(directory)
    assert not DataDirectory(directory).guarded()


def test_a_start_that_is_given_up_leaves_nothing_running(directory: Path) -> None:
    async def give_up() -> None:
        async with asyncio.timeout(60) as patience:
            await ensure_sandbox(directory, progress=lambda _: patience.reschedule(0))

    with pytest.raises(TimeoutError):
        run_in_own_loop(give_up())
    assert not DataDirectory(directory).guarded()
    assert alive(server_pids(directory).values()) == []


def test_an_interrupted_creation_is_done_again(directory: Path) -> None:
    partial = directory / "postgres.partial"
    partial.mkdir(parents=True)
    (partial / "PG_VERSION").write_text("18\n")
    SandboxUnderTest(directory).stop()
    assert not partial.exists()


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    with pytest.raises(SandboxUnavailable, match=f"directory {in_the_way / 'sandbox'} cannot be used"):
        run_in_own_loop(ensure_sandbox(in_the_way / "sandbox", seed="none", worker=False))


if os.geteuid() == 0:

    def test_root_without_user_namespaces_runs_postgres_as_nobody(tmp_path: Path) -> None:
        """Data and, where needed, programs are placed where nobody can reach them; root's directories stay shut."""
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
            shutil.rmtree(cluster.data.parent)
            with suppress(OSError):  # other sandboxes of this machine may live there
                cluster.data.parent.parent.rmdir()
