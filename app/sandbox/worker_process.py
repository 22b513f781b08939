"""The sandbox's worker as a process of its own: ``python -m app.sandbox.worker_process``.

Addresses come from the environment, as arguments can be read by every user of the machine.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from typing import NoReturn

from app.engine.serving import Servers, run_worker
from app.engine.worker import Further
from app.local.log_redaction import log_to_stderr
from app.postgres.database import Database
from app.sandbox.reference_run import ReferenceActivities, ReferenceRun


async def _serve() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
        else:
            loop.add_signal_handler(number, stop.set)
    environment = os.environ
    servers = Servers(environment["DATABASE_URL"], environment["TEMPORAL_ADDRESS"], environment["TEMPORAL_NAMESPACE"])
    await run_worker(servers, stop, also=reference)


def reference(database: Database) -> Further:
    """Return the stand-in for the product's worker, which some scenarios' executions need."""
    return Further((ReferenceRun,), (ReferenceActivities(database).load,))


def main() -> NoReturn:
    """Serve until told to stop, then leave at once: temporalio can abort while the interpreter winds down."""
    log_to_stderr(logging.INFO)
    asyncio.run(_serve())
    logging.shutdown()
    os._exit(0)


if __name__ == "__main__":
    main()
