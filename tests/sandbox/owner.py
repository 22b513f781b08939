"""A process that owns a sandbox, for tests that kill it: prints one JSON line when ready, stops when stdin ends."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from app.sandbox.stack import ensure_sandbox


async def main(directory: Path) -> None:
    running = await ensure_sandbox(directory, seed="none", worker=False)
    print(json.dumps({**running.info.as_json(), "owned": running.owned}), flush=True)  # noqa: T201
    await asyncio.to_thread(sys.stdin.read)
    await running.stop()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
