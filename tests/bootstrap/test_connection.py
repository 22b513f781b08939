from __future__ import annotations

from pathlib import Path

import pytest

from app.bootstrap.connection import Connection, attached, configured, of_sandbox
from app.cli.rooms import ConnectionFlags
from app.domain.errors import Misconfigured, SandboxUnavailable
from app.local.settings import EnvironmentKind, Profile, Settings
from app.local.settings_file import SettingsFile
from app.sandbox.info import SandboxInfo

FLAGS = ConnectionFlags(database_url="postgresql://flag/db", temporal_address="flag:7233")
VARIABLES = {
    "DATABASE_URL": "postgresql://environment/db",
    "TEMPORAL_ADDRESS": "environment:7233",
    "TEMPORAL_NAMESPACE": "environment-namespace",
}
PROFILE = Profile(
    "live",
    "postgresql://profile/db",
    "profile:7233",
    namespace="live-namespace",
    tenant="Acme",
    operator="ada@acme.test",
)
SANDBOX = SandboxInfo("postgresql://sandbox/db", "sandbox:7233", "default", "a-tenant", "a-dir", 1, "admin@demo.test")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Variables of a machine without any configuration."""
    return {"RUNDESK_CONFIG_DIR": str(tmp_path / "config")}


@pytest.fixture
def with_profile(environment: dict[str, str]) -> dict[str, str]:
    SettingsFile(Path(environment["RUNDESK_CONFIG_DIR"])).update(lambda _: Settings(profiles=(PROFILE,)))
    return environment


def known(flags: ConnectionFlags, environment: dict[str, str]) -> Connection:
    connection = configured(flags, environment)
    assert connection is not None
    return connection


def test_flags_win_over_environment_and_profile(with_profile: dict[str, str]) -> None:
    connection = known(FLAGS, with_profile | VARIABLES)
    assert (connection.database_url, connection.temporal_address) == ("postgresql://flag/db", "flag:7233")


def test_environment_wins_over_profile(with_profile: dict[str, str]) -> None:
    connection = known(ConnectionFlags(), with_profile | VARIABLES)
    assert connection.database_url == "postgresql://environment/db"
    assert connection.namespace == "environment-namespace"
    assert connection.environment is None


def test_the_profile_is_used_when_nothing_is_typed(with_profile: dict[str, str]) -> None:
    connection = known(ConnectionFlags(), with_profile)
    assert connection.database_url == "postgresql://profile/db"
    assert (connection.namespace, connection.name) == ("live-namespace", "live")
    assert connection.environment is EnvironmentKind.PRODUCTION
    assert not connection.unverified_operator_may_act


def test_without_anything_the_sandbox_is_meant(environment: dict[str, str]) -> None:
    assert configured(ConnectionFlags(), environment) is None


def test_a_data_directory_asks_for_its_sandbox(with_profile: dict[str, str], tmp_path: Path) -> None:
    assert configured(ConnectionFlags(data_dir=tmp_path), with_profile | VARIABLES) is None


@pytest.mark.parametrize(
    ("flags", "variables"),
    [
        (ConnectionFlags(database_url="postgresql://flag/db"), {}),
        (ConnectionFlags(temporal_address="flag:7233"), {}),
        (ConnectionFlags(), {"DATABASE_URL": "postgresql://environment/db"}),
        (ConnectionFlags(), {"TEMPORAL_ADDRESS": "environment:7233"}),
    ],
)
def test_half_a_connection_is_never_completed_from_the_profile(
    flags: ConnectionFlags, variables: dict[str, str], with_profile: dict[str, str]
) -> None:
    with pytest.raises(Misconfigured, match="give both or neither"):
        configured(flags, with_profile | variables)


def test_a_flag_and_a_variable_together_are_whole(environment: dict[str, str]) -> None:
    flags = ConnectionFlags(database_url="postgresql://flag/db")
    connection = known(flags, environment | {"TEMPORAL_ADDRESS": "environment:7233"})
    assert (connection.database_url, connection.temporal_address) == ("postgresql://flag/db", "environment:7233")


def test_the_refusal_shows_no_password(environment: dict[str, str]) -> None:
    with pytest.raises(Misconfigured) as refusal:
        configured(ConnectionFlags(database_url="postgresql://u:hunter2@h/db"), environment)
    assert "hunter2" not in refusal.value.message


def test_the_operator_comes_from_flag_then_variable_then_profile(with_profile: dict[str, str]) -> None:
    named = with_profile | {"RUNDESK_OPERATOR": "variable@acme.test"}
    assert known(ConnectionFlags(operator="flag@acme.test"), named).operator == "flag@acme.test"
    assert known(ConnectionFlags(), named).operator == "variable@acme.test"
    assert known(ConnectionFlags(), with_profile).operator == "ada@acme.test"


def test_only_the_sandbox_supplies_an_operator_of_its_own(environment: dict[str, str]) -> None:
    assert known(FLAGS, environment).operator is None
    assert of_sandbox(SANDBOX, ConnectionFlags(), environment).operator == "admin@demo.test"
    assert of_sandbox(SANDBOX, ConnectionFlags(operator="b@demo.test"), environment).operator == "b@demo.test"


def test_the_tenant_flag_wins(with_profile: dict[str, str]) -> None:
    assert known(ConnectionFlags(), with_profile).tenant == "Acme"
    assert known(ConnectionFlags(tenant="Other"), with_profile).tenant == "Other"


def test_no_sandbox_alive_says_how_to_go_on(environment: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailable) as refusal:
        attached(ConnectionFlags(data_dir=tmp_path / "empty"), environment)
    assert f"rundesk sandbox --data-dir {tmp_path / 'empty'}" in refusal.value.message
    assert not (tmp_path / "empty").exists()
