"""One server under the guardian's care: wanted or not, running or to be started again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from app.sandbox.server_process import ServerProcess

_FIRST_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 15.0
_STEADY_SECONDS = 30.0


@dataclass(slots=True)
class GuardedServer:
    """Starts its process again when it ends without having been asked to, after growing pauses."""

    make: Callable[[], ServerProcess]
    process: ServerProcess | None = None
    wanted: bool = False
    _started_at: float = 0.0
    _next_start_at: float = 0.0
    _pause: float = _FIRST_PAUSE_SECONDS

    @property
    def pid(self) -> int | None:
        """Process id while it runs, else None."""
        return None if self.process is None else self.process.pid

    def start(self) -> ServerProcess:
        """Start the process and want it from now on."""
        self.wanted = True
        if self.process is None or not self.process.running:
            self.process = self.make()
            self.process.start()
            self._started_at = monotonic()
        return self.process

    def stop(self, *, kill: bool = False) -> None:
        """Want it no longer, and end it."""
        self.wanted = False
        if self.process is not None:
            self.process.kill() if kill else self.process.stop()

    def tend(self) -> bool:
        """Start it again if it ended unasked and its pause is over; say whether it was started."""
        if not self.wanted or self.pid is not None:
            return False
        now = monotonic()
        if self._started_at:  # just noticed that it ended
            steady = now - self._started_at > _STEADY_SECONDS
            self._pause = _FIRST_PAUSE_SECONDS if steady else min(self._pause * 2, _LONGEST_PAUSE_SECONDS)
            self._next_start_at = now + self._pause
            self._started_at = 0.0
        if now < self._next_start_at:
            return False
        self.start()
        return True
