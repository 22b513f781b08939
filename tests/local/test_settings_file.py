from __future__ import annotations

import stat
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.errors import Misconfigured
from app.local.settings import EnvironmentKind, Profile, Settings
from app.local.settings_file import SettingsFile, settings_directory

PRODUCTION = Profile("live", "postgresql://console@db.example/algapsa", "temporal.example:7233", tenant="Acme")
TEST = replace(PRODUCTION, name="test", environment=EnvironmentKind.TEST, unverified_operator_may_act=True)


@pytest.fixture
def settings_file(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "made by the first save")


def profile(line: str) -> str:
    return f'[[profiles]]\nname = "a"\ndatabase_url = "u"\ntemporal_address = "h:1"\n{line}\n'


def write(settings_file: SettingsFile, text: str) -> None:
    settings_file.path.parent.mkdir(parents=True, exist_ok=True)
    settings_file.path.write_text(text, encoding="utf-8")


def test_a_missing_file_means_defaults(settings_file: SettingsFile) -> None:
    assert settings_file.read() == Settings()
    assert not settings_file.path.exists()


def test_what_is_saved_is_read(settings_file: SettingsFile) -> None:
    saved = Settings(profiles=(PRODUCTION, TEST), active_profile="test")
    settings_file.update(lambda _: saved)
    assert settings_file.read() == saved
    assert settings_file.read().profile() == TEST


def test_the_age_of_trouble_is_kept_within_its_bounds(settings_file: SettingsFile) -> None:
    write(settings_file, "[watch]\nstuck_after_seconds = 90\nlater = true\n")
    assert settings_file.read().watch.stuck_after_seconds == 90
    settings_file.update(lambda settings: replace(settings, profiles=(PRODUCTION,)))
    document = tomllib.loads(settings_file.path.read_text(encoding="utf-8"))
    assert document["watch"] == {"stuck_after_seconds": 90, "later": True}
    for wrong in ("29", "3601", "true", '"60"'):
        write(settings_file, f"[watch]\nstuck_after_seconds = {wrong}\n")
        with pytest.raises(Misconfigured, match=r"watch\.stuck_after_seconds"):
            settings_file.read()


def test_unknown_keys_survive_a_change(settings_file: SettingsFile) -> None:
    write(
        settings_file,
        'schema = 1\nfuture = [1, 2]\n[shortcuts]\nrefresh = "F6"\n'
        '[[profiles]]\nname = "a"\ndatabase_url = "postgresql:///a"\ntemporal_address = "h:1"\nregion = "eu"\n',
    )
    settings_file.update(lambda settings: replace(settings, active_profile="a"))
    document = tomllib.loads(settings_file.path.read_text(encoding="utf-8"))
    assert document["active_profile"] == "a"
    assert document["future"] == [1, 2]
    assert document["shortcuts"] == {"refresh": "F6"}
    assert document["profiles"][0]["region"] == "eu"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("schema = 1\n[[profiles\n", "line 2"),
        ("active_profile = 1\n", "active_profile must be a text"),
        (profile('environment = "moon"'), "profiles.environment must be one of sandbox, test, production"),
        (profile("unverified_operator_may_act = 1"), "profiles.unverified_operator_may_act must be true or false"),
        ("profiles = 3\n", "profiles must be an array of tables"),
        ('[[profiles]]\nname = "a"\ntemporal_address = "h:1"\n', "profiles.database_url must be given"),
        ("schema = 2\n", "newer Rundesk"),
        ("schema = true\n", "schema must be a whole number"),
    ],
)
def test_a_damaged_file_is_named_and_kept(settings_file: SettingsFile, text: str, said: str) -> None:
    write(settings_file, text)
    with pytest.raises(Misconfigured) as refusal:
        settings_file.update(lambda settings: settings)
    assert said in refusal.value.message
    assert str(settings_file.path) in refusal.value.message
    assert settings_file.path.read_text(encoding="utf-8") == text


def test_bytes_that_are_no_text_are_kept_too(settings_file: SettingsFile) -> None:
    settings_file.path.parent.mkdir(parents=True)
    settings_file.path.write_bytes(b"\xff\xfe")
    with pytest.raises(Misconfigured):
        settings_file.read()
    assert settings_file.path.read_bytes() == b"\xff\xfe"


def test_nothing_else_is_left_beside_the_file(settings_file: SettingsFile) -> None:
    settings_file.update(lambda settings: settings)
    settings_file.update(lambda settings: replace(settings, active_profile=None))
    assert [path.name for path in settings_file.path.parent.iterdir()] == ["settings.toml"]
    if sys.platform != "win32":
        assert stat.S_IMODE(settings_file.path.stat().st_mode) == 0o600


def test_a_directory_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="cannot be used"):
        SettingsFile(tmp_path / "file").update(lambda settings: settings)


def test_the_only_profile_needs_no_choice_but_several_do() -> None:
    assert Settings().profile() is None
    assert Settings(profiles=(TEST,)).profile() == TEST
    with pytest.raises(Misconfigured, match="live, test"):
        Settings(profiles=(PRODUCTION, TEST)).profile()
    with pytest.raises(Misconfigured, match="says gone"):
        Settings(profiles=(PRODUCTION, TEST), active_profile="gone").profile()


def test_two_profiles_of_one_name_are_refused(settings_file: SettingsFile) -> None:
    settings_file.update(lambda _: Settings(profiles=(TEST, TEST)))
    with pytest.raises(Misconfigured, match="called test"):
        settings_file.read()


@pytest.mark.parametrize(("environment", "may"), [("production", False), ("test", True), ("sandbox", True)])
def test_an_unproven_operator_may_act_outside_production(environment: str, may: bool) -> None:
    table = {"name": "a", "database_url": "u", "temporal_address": "t", "environment": environment}
    assert Profile.from_table(table).unverified_operator_may_act is may


def test_the_directory_can_be_moved(tmp_path: Path) -> None:
    assert settings_directory({"RUNDESK_CONFIG_DIR": str(tmp_path)}) == tmp_path
    assert settings_directory({}).name == "rundesk"


def test_what_is_set_of_the_worker_stays_within_bounds(settings_file: SettingsFile) -> None:
    write(settings_file, '[worker]\nhealth_host = "0.0.0.0"\nsweep_interval_seconds = 5\nlater = 1\n')
    worker = settings_file.read().worker
    assert (worker.health_host, worker.health_port, worker.sweep_interval_seconds) == ("0.0.0.0", 4000, 5)  # noqa: S104
    document = settings_file.read().as_document()
    assert document["worker"] == {"health_host": "0.0.0.0", "sweep_interval_seconds": 5, "later": 1}  # noqa: S104
    for wrong in ("sweep_batch = 0", "health_port = 70000", "drain_seconds = -1", 'scan_batch = "all"'):
        write(settings_file, f"[worker]\n{wrong}\n")
        with pytest.raises(Misconfigured, match=rf"worker\.{wrong.split()[0]}"):
            settings_file.read()
