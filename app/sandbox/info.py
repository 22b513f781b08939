"""What a running sandbox tells about itself, and where its files live."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

DATA_DIRECTORY_VARIABLE = "RUNDESK_DATA_DIR"
"""Environment variable that moves the sandbox's data, as ``--data-dir`` does."""


def default_data_dir() -> Path:
    """Return the directory of the sandbox's data; it may not exist yet."""
    chosen = os.environ.get(DATA_DIRECTORY_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    return platformdirs.user_data_path("rundesk", appauthor=False) / "sandbox"


@dataclass(frozen=True, slots=True)
class SandboxInfo:
    """How to reach a running sandbox.

    ``database_url`` holds the password. ``pid`` is the process that started the sandbox: when it ends, the servers
    end. ``tenant`` and ``operator`` (an e-mail address) are those of the demo data, None without them. ``scenarios``
    holds the run id of each seeded scenario, by its name.
    """

    database_url: str = field(repr=False)
    temporal_address: str
    namespace: str
    tenant: str | None
    data_dir: str
    pid: int
    operator: str | None
    scenarios: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return the object that ``rundesk sandbox`` prints, with stable keys."""
        return {
            "database_url": self.database_url,
            "temporal_address": self.temporal_address,
            "namespace": self.namespace,
            "tenant": self.tenant,
            "data_dir": self.data_dir,
            "pid": self.pid,
            "operator": self.operator,
            "scenarios": dict(self.scenarios),
        }

    @classmethod
    def from_json(cls, document: dict[str, object]) -> SandboxInfo:
        """Read what :meth:`as_json` wrote. KeyError or TypeError when something is missing or misshapen."""
        tenant, operator, pid = document["tenant"], document["operator"], document["pid"]
        scenarios = document.get("scenarios", {})
        if not isinstance(pid, int) or not isinstance(scenarios, dict):
            raise TypeError("pid is not a number or scenarios is not an object")
        return cls(
            database_url=str(document["database_url"]),
            temporal_address=str(document["temporal_address"]),
            namespace=str(document["namespace"]),
            tenant=None if tenant is None else str(tenant),
            data_dir=str(document["data_dir"]),
            pid=pid,
            operator=None if operator is None else str(operator),
            scenarios={str(name): str(run_id) for name, run_id in scenarios.items()},
        )
