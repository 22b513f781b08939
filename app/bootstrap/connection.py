"""Which servers, tenant and operator are meant: flags, else environment, else saved profile, else a living sandbox.

Database and Temporal belong together: rows of one installation and executions of another would make every run look
lost. A source that names only one of the two is therefore an error, never completed from the next source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.rooms import ConnectionFlags
from app.domain.errors import Misconfigured, SandboxUnavailable
from app.domain.side_effects import EffectClass
from app.domain.stuck import STUCK_AFTER_SECONDS
from app.local.settings import EnvironmentKind, Profile

if TYPE_CHECKING:
    from app.sandbox.info import SandboxInfo

DATABASE_VARIABLE = "DATABASE_URL"
TEMPORAL_VARIABLE = "TEMPORAL_ADDRESS"
NAMESPACE_VARIABLE = "TEMPORAL_NAMESPACE"
OPERATOR_VARIABLE = "RUNDESK_OPERATOR"
DEFAULT_NAMESPACE = "default"


@dataclass(frozen=True, slots=True)
class Connection:
    """Where to connect and as whom.

    ``name`` is what the window shows; ``environment`` None means that nobody said what the connection leads to.
    ``tenant`` (id or exact name) and ``operator`` (id or e-mail) are still to be looked up. ``database_url`` may hold a
    password and is never shown. ``action_effects`` is what the profile says of its own actions,
    ``stuck_after_seconds`` the age from which a run without a step is in trouble.
    """

    database_url: str
    temporal_address: str
    namespace: str
    name: str
    environment: EnvironmentKind | None = None
    operator: str | None = None
    tenant: str | None = None
    unverified_operator_may_act: bool = True
    repair_mode: bool = False
    action_effects: Mapping[str, EffectClass] = field(default_factory=dict)
    stuck_after_seconds: int = STUCK_AFTER_SECONDS


def configured(flags: ConnectionFlags, environment: Mapping[str, str]) -> Connection | None:
    """Return the connection that flags, environment or saved profile describe, or None when the sandbox is meant.

    ``--data-dir`` asks for a sandbox and wins over environment and profile.

    Raises:
        Misconfigured: a partial connection, or settings that cannot be used.
    """
    typed = _typed(flags, {} if flags.data_dir is not None else environment)
    if typed is not None:
        return _for_operator(typed, flags, environment)
    if flags.data_dir is not None:
        return None
    profile = _saved_profile(environment)
    return None if profile is None else _for_operator(_of_profile(profile), flags, environment)


def attached(flags: ConnectionFlags, environment: Mapping[str, str]) -> Connection:
    """Return the configured connection, else the living sandbox's.

    Raises:
        Misconfigured: as :func:`configured`.
        SandboxUnavailable: nothing is configured and no sandbox lives.
    """
    connection = configured(flags, environment)
    if connection is not None:
        return connection
    from app.sandbox.stack import attach

    info = attach(flags.data_dir)
    if info is None:
        raise SandboxUnavailable("sandbox.not_running", _nowhere(flags.data_dir), data_dir=str(flags.data_dir or ""))
    return of_sandbox(info, flags, environment)


def of_sandbox(info: SandboxInfo, flags: ConnectionFlags, environment: Mapping[str, str]) -> Connection:
    """Return the connection to a sandbox; only here an operator is assumed: the seeded administrator."""
    connection = Connection(
        database_url=info.database_url,
        temporal_address=info.temporal_address,
        namespace=info.namespace,
        name="Sandbox",
        environment=EnvironmentKind.SANDBOX,
        operator=info.operator,
        tenant=info.tenant,
    )
    return _for_operator(connection, flags, environment)


def _typed(flags: ConnectionFlags, environment: Mapping[str, str]) -> Connection | None:
    """Return the connection of flags and environment, or None when neither side is named there."""
    database = flags.database_url or environment.get(DATABASE_VARIABLE)
    temporal = flags.temporal_address or environment.get(TEMPORAL_VARIABLE)
    if not database and not temporal:
        return None
    if not database or not temporal:
        given, missing = _TEMPORAL_ONLY if temporal else _DATABASE_ONLY
        raise Misconfigured(
            "connection.partial",
            f"{given} is given without {missing}. Rows and executions belong together, so give both or neither.",
        )
    namespace = flags.namespace or environment.get(NAMESPACE_VARIABLE) or DEFAULT_NAMESPACE
    return Connection(database, temporal, namespace, name=temporal)


_DATABASE_ONLY = (
    f"A database (--database-url or {DATABASE_VARIABLE})",
    f"a Temporal server (--temporal-address or {TEMPORAL_VARIABLE})",
)
_TEMPORAL_ONLY = _DATABASE_ONLY[1][0].upper() + _DATABASE_ONLY[1][1:], "a" + _DATABASE_ONLY[0][1:]


def _saved_profile(environment: Mapping[str, str]) -> Profile | None:
    from app.local.settings_file import SettingsFile, settings_directory

    return SettingsFile(settings_directory(environment)).read().profile()


def _stuck_after(environment: Mapping[str, str]) -> int:
    from app.local.settings_file import SettingsFile, settings_directory

    return SettingsFile(settings_directory(environment)).read().watch.stuck_after_seconds


def _of_profile(profile: Profile) -> Connection:
    return Connection(
        database_url=profile.database_url,
        temporal_address=profile.temporal_address,
        namespace=profile.namespace,
        name=profile.name,
        environment=profile.environment,
        operator=profile.operator,
        tenant=profile.tenant,
        unverified_operator_may_act=profile.unverified_operator_may_act,
        repair_mode=profile.repair_mode,
        action_effects=profile.action_effects,
    )


def _for_operator(connection: Connection, flags: ConnectionFlags, environment: Mapping[str, str]) -> Connection:
    """Return the connection with what flags, environment and settings say whichever connection it is."""
    return replace(
        connection,
        namespace=flags.namespace or connection.namespace,
        tenant=flags.tenant or connection.tenant,
        operator=flags.operator or environment.get(OPERATOR_VARIABLE) or connection.operator,
        stuck_after_seconds=_stuck_after(environment),
    )


def _nowhere(data_dir: Path | None) -> str:
    place = "" if data_dir is None else f" in {data_dir}"
    start = "rundesk sandbox" if data_dir is None else f"rundesk sandbox --data-dir {data_dir}"
    return (
        f"No connection is configured and no sandbox runs{place}. Start one with '{start}', or give --database-url "
        "and --temporal-address."
    )
