"""What this desktop is connected to, as frozen values: the saved connection profiles.

The shapes here are the schema of ``settings.toml``; :mod:`app.local.settings_file` reads and writes it.
Keys this version does not know travel along untouched in ``extra``, so that a newer Rundesk loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from app.domain.errors import Misconfigured
from app.domain.side_effects import EffectClass
from app.domain.stuck import STUCK_AFTER_BOUNDS, STUCK_AFTER_SECONDS

SCHEMA_VERSION = 1

ChoiceT = TypeVar("ChoiceT", bound=StrEnum)


class EnvironmentKind(StrEnum):
    """What a connection leads to; decides the window's frame and whether an unproven operator may act."""

    SANDBOX = "sandbox"
    TEST = "test"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Profile:
    """A named connection. ``unverified_operator_may_act`` defaults to False for production only (rulings.md).

    ``action_effects`` says of actions, or of all that begin like one that ends in ``*``, what calling them again does;
    it corrects and extends the shipped list (:mod:`app.local.action_effects`). ``repair_mode`` allows the repairs that
    write what only the engine else writes.
    """

    name: str
    database_url: str = field(repr=False)  # may hold a password
    temporal_address: str
    namespace: str = "default"
    tenant: str | None = None
    operator: str | None = None
    environment: EnvironmentKind = EnvironmentKind.PRODUCTION
    unverified_operator_may_act: bool = False
    repair_mode: bool = False
    action_effects: Mapping[str, EffectClass] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Profile:
        """Return the profile a TOML table describes, or raise :class:`Misconfigured` naming the key."""
        reader = TableReader(table, "profiles")
        environment = reader.choice("environment", EnvironmentKind, EnvironmentKind.PRODUCTION)
        return cls(
            name=reader.required("name"),
            database_url=reader.required("database_url"),
            temporal_address=reader.required("temporal_address"),
            namespace=reader.text("namespace") or "default",
            tenant=reader.text("tenant"),
            operator=reader.text("operator"),
            environment=environment,
            unverified_operator_may_act=reader.flag(
                "unverified_operator_may_act", default=environment is not EnvironmentKind.PRODUCTION
            ),
            repair_mode=reader.flag("repair_mode", default=False),
            action_effects=reader.choices("action_effects", EffectClass),
            extra=reader.unread(),
        )

    def as_table(self) -> dict[str, Any]:
        """Return the TOML table, unset values left out."""
        table = {
            "name": self.name,
            "database_url": self.database_url,
            "temporal_address": self.temporal_address,
            "namespace": self.namespace,
            "tenant": self.tenant,
            "operator": self.operator,
            "environment": str(self.environment),
            "unverified_operator_may_act": self.unverified_operator_may_act,
            "repair_mode": self.repair_mode or None,
            "action_effects": {action: str(effect) for action, effect in self.action_effects.items()} or None,
        }
        return {key: value for key, value in table.items() if value is not None} | dict(self.extra)


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """``[watch]``: from which age on, in seconds, a run that has begun no step is in trouble."""

    stuck_after_seconds: int = STUCK_AFTER_SECONDS
    extra: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> WatchSettings:
        """Return what a TOML table says, or raise :class:`Misconfigured` naming the key."""
        reader = TableReader(table, "watch")
        seconds = reader.number("stuck_after_seconds", default=STUCK_AFTER_SECONDS, within=STUCK_AFTER_BOUNDS)
        return cls(seconds, reader.unread())

    def as_table(self) -> dict[str, Any]:
        """Return the TOML table, empty when everything is as by default."""
        changed = self.stuck_after_seconds != STUCK_AFTER_SECONDS
        return ({"stuck_after_seconds": self.stuck_after_seconds} if changed else {}) | dict(self.extra)


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """``[worker]``: how ``rundesk worker`` is set up; the defaults are the product's (runtime.md 4.7 and 9).

    ``health_port`` 0 takes a free one. Intervals are in seconds; a sweep deletes at most ``sweep_batch`` values of each
    of ``sweep_tenants`` tenants, a scan ends at most ``scan_batch`` quota pauses.
    """

    health_host: str = "127.0.0.1"
    health_port: int = 4000
    sweep_interval_seconds: int = 60
    sweep_tenants: int = 50
    sweep_batch: int = 1000
    scan_interval_seconds: int = 300
    scan_batch: int = 100
    drain_seconds: int = 25
    extra: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> WorkerSettings:
        """Return what a TOML table says, or raise :class:`Misconfigured` naming the key."""
        reader, usual = TableReader(table, "worker"), cls()
        numbers = {
            name: reader.number(name, default=getattr(usual, name), within=bounds)
            for name, bounds in WORKER_BOUNDS.items()
        }
        return cls(health_host=reader.text("health_host") or usual.health_host, **numbers, extra=reader.unread())

    def as_table(self) -> dict[str, Any]:
        """Return the TOML table, empty when everything is as by default."""
        usual, names = WorkerSettings(), ("health_host", *WORKER_BOUNDS)
        changed = {name: getattr(self, name) for name in names if getattr(self, name) != getattr(usual, name)}
        return changed | dict(self.extra)


WORKER_BOUNDS: Mapping[str, tuple[int, int]] = {
    "health_port": (0, 65535),
    "sweep_interval_seconds": (1, 86_400),
    "sweep_tenants": (1, 10_000),
    "sweep_batch": (1, 100_000),
    "scan_interval_seconds": (1, 86_400),
    "scan_batch": (1, 10_000),
    "drain_seconds": (0, 600),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole file. ``active_profile`` names the profile used when neither flags nor environment say otherwise."""

    profiles: tuple[Profile, ...] = ()
    active_profile: str | None = None
    watch: WatchSettings = field(default_factory=WatchSettings)
    worker: WorkerSettings = field(default_factory=WorkerSettings)
    extra: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Settings:
        """Return the settings a parsed file describes, or raise :class:`Misconfigured` naming the key."""
        reader = TableReader(document, None)
        version = reader.number("schema", default=SCHEMA_VERSION)
        if version > SCHEMA_VERSION:
            raise Misconfigured(
                "settings.newer",
                f"It was written by a newer Rundesk (schema {version}, this one knows {SCHEMA_VERSION}).",
                key="schema",
            )
        profiles = tuple(Profile.from_table(table) for table in reader.tables("profiles"))
        _require_distinct(profiles)
        return cls(
            profiles=profiles,
            active_profile=reader.text("active_profile"),
            watch=WatchSettings.from_table(reader.table("watch")),
            worker=WorkerSettings.from_table(reader.table("worker")),
            extra=reader.unread(),
        )

    def as_document(self) -> dict[str, Any]:
        """Return the document to write."""
        document: dict[str, Any] = {"schema": SCHEMA_VERSION}
        if self.active_profile is not None:
            document["active_profile"] = self.active_profile
        watch = self.watch.as_table()
        if watch:
            document["watch"] = watch
        worker = self.worker.as_table()
        if worker:
            document["worker"] = worker
        if self.profiles:
            document["profiles"] = [profile.as_table() for profile in self.profiles]
        return document | dict(self.extra)

    def profile(self) -> Profile | None:
        """Return the saved profile in force: the active one, or the only one; None when there is none.

        Raises:
            Misconfigured: the active profile does not exist, or several exist and none is active.
        """
        if self.active_profile is None and len(self.profiles) <= 1:
            return next(iter(self.profiles), None)
        for profile in self.profiles:
            if profile.name == self.active_profile:
                return profile
        names = ", ".join(profile.name for profile in self.profiles) or "none"
        raise Misconfigured(
            "settings.profile",
            f"Set active_profile in the settings file to a profile it holds ({names}); "
            f"it says {self.active_profile or 'nothing'}.",
            key="active_profile",
        )


def _require_distinct(profiles: tuple[Profile, ...]) -> None:
    names = [profile.name for profile in profiles]
    for name in names:
        if names.count(name) > 1:
            raise Misconfigured("settings.profile", f"Two profiles are called {name}; names must differ.", key="name")


class TableReader:
    """Takes typed values out of a TOML table and knows which keys were left over."""

    def __init__(self, table: Mapping[str, Any], section: str | None) -> None:
        self._table = table
        self._section = section
        self._read: set[str] = set()

    def text(self, key: str) -> str | None:
        """Return a text or None when absent or empty."""
        value = self._take(key, "")
        if not isinstance(value, str):
            raise self._wrong(key, "a text")
        return value.strip() or None

    def required(self, key: str) -> str:
        """Return a text that must be there."""
        value = self.text(key)
        if value is None:
            raise self._wrong(key, "given")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false")
        return value

    def number(self, key: str, *, default: int, within: tuple[int, int] | None = None) -> int:
        """Return a whole number, within both bounds where there are some."""
        value = self._take(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._wrong(key, "a whole number")
        if within is not None and not within[0] <= value <= within[1]:
            raise self._wrong(key, f"a whole number from {within[0]} to {within[1]}")
        return value

    def table(self, key: str) -> Mapping[str, Any]:
        """Return a table, empty when absent."""
        value = self._take(key, {})
        if not isinstance(value, Mapping):
            raise self._wrong(key, "a table")
        return value

    def choice(self, key: str, kind: type[ChoiceT], default: ChoiceT) -> ChoiceT:
        """Return one of an enumeration's words."""
        value = self._take(key, str(default))
        for member in kind:
            if member.value == value:
                return member
        raise self._wrong(key, "one of " + ", ".join(member.value for member in kind))

    def choices(self, key: str, kind: type[ChoiceT]) -> dict[str, ChoiceT]:
        """Return a table whose values are words of an enumeration, empty when absent."""
        table = self._take(key, {})
        words = {member.value: member for member in kind}
        if not isinstance(table, Mapping) or not all(value in words for value in table.values()):
            raise self._wrong(key, f"a table whose values are {' or '.join(words)}")
        return {name: words[value] for name, value in table.items()}

    def tables(self, key: str) -> list[Mapping[str, Any]]:
        """Return an array of tables, empty when absent."""
        value = self._take(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
            raise self._wrong(key, "an array of tables")
        return value

    def unread(self) -> dict[str, Any]:
        """Return what was not asked for."""
        return {key: value for key, value in self._table.items() if key not in self._read}

    def _take(self, key: str, default: Any) -> Any:
        self._read.add(key)
        return self._table.get(key, default)

    def _wrong(self, key: str, expected: str) -> Misconfigured:
        name = key if self._section is None else f"{self._section}.{key}"
        return Misconfigured("settings.value", f"{name} must be {expected}.", key=name)
