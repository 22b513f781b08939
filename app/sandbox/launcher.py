"""Becomes a server program under two rules: it never runs as root, and it never outlives the guardian.

Run by path with ``python -I -S launcher.py PARENT_PID DEATH_SIGNAL IDENTITY -- PROGRAM ARGUMENT…`` so that the
interpreter starts in a few milliseconds; therefore this file imports the standard library only. A small program of
its own is used instead of ``preexec_fn`` because the guardian has threads, and because creating a user namespace
needs a process with a single thread.

Identities:

``same``
    Keep the caller's user.
``namespace``
    Linux, caller is root: enter a user namespace in which we are called nobody. PostgreSQL then sees no root, while
    files owned by root stay ours, so the data may live in root's home directory.
``nobody``
    Caller is root and may not create namespaces: become the unprivileged user ``nobody``.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
_PARENT_GONE = 125


def unprivileged_account() -> tuple[int, int]:
    """Return user and group id of an account that is not root; a listed one, as initdb looks up its name."""
    import pwd

    account = next((entry for entry in pwd.getpwall() if entry.pw_name == "nobody"), None)
    account = account or next(entry for entry in pwd.getpwall() if entry.pw_uid != 0)
    return account.pw_uid, account.pw_gid


def _enter_user_namespace() -> None:
    user, group = unprivileged_account()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWUSER) was refused")
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{user} 0 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{group} 0 1", encoding="ascii")


def _become_nobody() -> None:
    user, group = unprivileged_account()
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)


def _die_with_parent(parent: int, death_signal: int) -> None:
    """Ask the kernel for a signal when the parent ends. Must follow every change of credentials, which clears it."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if parent and os.getppid() != parent:  # it ended before we asked
        raise SystemExit(_PARENT_GONE)


def main(arguments: list[str]) -> None:
    """Change identity, tie our life to the parent's and become the program."""
    parent, death_signal, identity, _, *command = arguments
    if identity == "namespace":
        _enter_user_namespace()
    elif identity == "nobody":
        _become_nobody()
    _die_with_parent(int(parent), int(death_signal))
    os.execv(command[0], command)  # noqa: S606 - the program's path comes from our own package lookup


if __name__ == "__main__":
    main(sys.argv[1:])
