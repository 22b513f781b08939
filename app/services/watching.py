"""What a face is interested in and what the watcher tells it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.domain.diagnosis.finding import Diagnosis
from app.domain.diagnosis.troubles import Troubles
from app.domain.errors import RundeskError
from app.domain.launching import LaunchOutcome
from app.domain.operator import Operator
from app.domain.replay_chain import ReplayChain
from app.domain.run import RunInspection, RunKey, RunRow
from app.domain.run_query import RunPage, RunQuery, StuckRuns
from app.services.ports import EnvironmentHealth


class TroublePace(StrEnum):
    """How eagerly causes are looked for: under the operator's eyes, behind their back, or not at all."""

    CALM = "calm"
    SELDOM = "seldom"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Interest:
    """What a face shows now.

    ``loaded`` is the number of list rows it holds: that many are read again, from ``query.after`` on. ``paused`` stops
    rows and open run; banner and health go on. ``viewer`` is who looks at the open run.
    ``followed`` are runs whose end is to be told.
    """

    query: RunQuery | None = None
    loaded: int = 0
    open_run: RunKey | None = None
    paused: bool = False
    viewer: Operator | None = None
    troubles: TroublePace = TroublePace.CALM
    followed: frozenset[RunKey] = frozenset()


@dataclass(frozen=True, slots=True)
class WatchUpdate:
    """What changed since the last update; a None part is unchanged.

    ``problem`` is different: every update carries the present one, and None says that all reads succeed.
    ``interest`` is what the parts answer, so that a face can drop an answer to a question it no longer asks.
    ``launches`` are unconfirmed launches that have become known. ``diagnosis`` is the open run's,
    ``ended`` are followed runs that have ended, each told once.
    """

    page: RunPage | None = None
    stuck: StuckRuns | None = None
    troubles: Troubles | None = None
    inspection: RunInspection | None = None
    diagnosis: Diagnosis | None = None
    chain: ReplayChain | None = None
    health: EnvironmentHealth | None = None
    problem: RundeskError | None = None
    interest: Interest | None = None
    launches: tuple[LaunchOutcome, ...] = ()
    ended: tuple[RunRow, ...] = ()
