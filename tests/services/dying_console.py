"""Consoles in processes of their own, each killed at a chosen boundary of one act, as by a power cut.

Run as ``python -m tests.services.dying_console`` with a JSON list of orders as its only argument. It loads the product
once, lets a copy of itself die for each order, and prints how each ended, as a JSON list.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID

from app.bootstrap.services import wire
from app.domain.payload_change import EditedText
from app.domain.run import RunKey
from app.local.intent_journal import FileIntentJournal
from app.postgres.database import Database
from app.postgres.run_closing import PostgresRunClosing
from app.postgres.run_writer import PostgresRunWriter
from app.services.cancel_run import CancelCommand
from app.services.follow_cancel import followed_cancel
from app.services.replay_run import Acceptance, ReplayCommand
from app.temporal.gateway import TemporalGateway
from tests.services.doubles import operator

PLACE = "the test's servers"
REASON = "the gateway is back"
DIES_AFTER: dict[str, tuple[type, str]] = {
    "noted": (FileIntentJournal, "begin"),
    "admitted": (PostgresRunWriter, "admit"),
    "started": (TemporalGateway, "start"),
    "confirmed": (PostgresRunWriter, "confirm_launch"),
    "requested": (TemporalGateway, "request_cancel"),
    "recorded": (PostgresRunWriter, "cancel"),
    "closed": (PostgresRunClosing, "close"),
}
"""The boundaries: right after the last thing that took effect."""
ADMIN_ID = UUID(int=99)


def admin():
    """The same person in every process."""
    return replace(operator("admin"), user_id=ADMIN_ID)


def die_after(boundary: str) -> None:
    owner, name = DIES_AFTER[boundary]
    method = getattr(owner, name)

    async def method_then_death(*arguments: Any, **keywords: Any) -> Any:
        await method(*arguments, **keywords)
        os._exit(137)

    setattr(owner, name, method_then_death)


async def act(order: dict[str, str]) -> None:
    console = wire(
        Database.open(order["database_url"]),
        TemporalGateway(order["temporal_address"], order["namespace"]),
        intents=FileIntentJournal(Path(order["journal"]), PLACE),
    )
    key, request_id = RunKey(UUID(order["tenant"]), UUID(order["run_id"])), UUID(order["request_id"])
    if order["kind"] == "replay":
        form = await console.replay.prepare(key)
        edit = EditedText(form.text.replace("Emerald", "Ruby"))
        accepts = frozenset({Acceptance.ACTIVE_SOURCE})
        await console.replay.replay(
            ReplayCommand(key, REASON, admin(), request_id, edit, form.source.input_hash, accepts=accepts)
        )
        return
    command = CancelCommand(key, REASON, admin(), request_id)
    outcome = await console.cancel.cancel(command)
    await console.cancel_follow.follow(followed_cancel(command, outcome), 60)


def die(order: dict[str, str]) -> NoReturn:
    die_after(order["boundary"])
    asyncio.run(act(order))
    os._exit(0)


def copies(orders: list[dict[str, str]]) -> list[int]:
    """Nothing runs yet, neither a loop nor Temporal's core: a copy is as good as a new process and starts faster."""
    children = []
    for order in orders:
        child = os.fork()
        if child == 0:
            die(order)
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def processes(orders: list[dict[str, str]]) -> list[int]:
    """For Windows, which cannot copy a process."""
    program = [sys.executable, "-m", "tests.services.dying_console"]
    running = [subprocess.Popen([*program, json.dumps([order])]) for order in orders]
    return [process.wait() for process in running]


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    if len(given) == 1:
        die(given[0])
    sys.stdout.write(json.dumps(copies(given) if hasattr(os, "fork") else processes(given)))
