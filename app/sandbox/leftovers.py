"""Ends servers that a killed guardian could not stop.

On Linux the kernel ends them by itself within about a second; elsewhere, or while that second runs, a new guardian
finds them by the process ids that the old one wrote down.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterable
from pathlib import Path
from threading import Event
from time import monotonic

_PATIENCE_SECONDS = 4.0
_POLL_SECONDS = 0.05
_WORKER_ARGUMENTS = "-m app.sandbox.worker_process"


def end_leftovers(pids: Iterable[int], belongs_to: Path) -> None:
    """Wait for these processes to end, then kill those that do not.

    Args:
        pids: Process ids from a state file; the system may have given them to strangers since.
        belongs_to: The sandbox's directory; only processes whose command line names it, and
            workers of ours, are ended.
    """
    ours = [pid for pid in pids if _is_ours(pid, belongs_to)]
    _signal(ours, signal.SIGINT)  # PostgreSQL would wait for its clients on SIGTERM
    deadline = monotonic() + _PATIENCE_SECONDS
    pause = Event()
    while ours and monotonic() < deadline:
        pause.wait(_POLL_SECONDS)
        ours = [pid for pid in ours if _is_ours(pid, belongs_to)]
    _signal(ours, getattr(signal, "SIGKILL", signal.SIGTERM))


def remove_stale_pid_file(cluster: Path) -> None:
    """Remove ``postmaster.pid`` when it names a process that is not the cluster's server.

    PostgreSQL removes it itself unless that process id is taken: by a stranger, or, in a container whose first process
    reaps nobody, by the killed server's own zombie. While any process still works in the cluster's directory the file
    stays, because it is what protects the data from a second server.
    """
    pid_file = cluster / "postmaster.pid"
    if not pid_file.exists() or not Path("/proc/self").exists():
        return
    named = pid_file.read_text(encoding="utf-8").split("\n", 1)[0].strip()
    # A crash of the machine can leave the file empty, with which PostgreSQL refuses to start.
    in_use = named.isdigit() and _is_ours(int(named), cluster)
    if not in_use and not _working_in(cluster):
        pid_file.unlink()


def _working_in(directory: Path) -> bool:
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if entry.readlink() == directory:
                return True
        except OSError:
            continue  # it ended meanwhile, or belongs to somebody else
    return False


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue  # it ended meanwhile, which is what we want


def _is_ours(pid: int, directory: Path) -> bool:
    line = command_line(pid)
    return str(directory) in line or _WORKER_ARGUMENTS in line


def command_line(pid: int) -> str:
    """Return a process's command line; empty when it is gone, a zombie, or this platform does not tell."""
    if os.name == "nt":
        return ""  # the Job Object of app.sandbox.windows_job leaves nothing behind
    proc = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self").exists():
        try:
            return proc.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            return ""
    answer = subprocess.run(  # noqa: S603
        ["/bin/ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, timeout=5, check=False
    )
    return answer.stdout
