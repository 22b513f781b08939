"""A process that owns a sandbox, for tests that kill it: prints one JSON line when ready, stops when stdin ends.

Arguments: the directory, then ``demo`` for demo data and ``worker`` for a worker that keeps running.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from app.sandbox.stack import ensure_sandbox


async def main(directory: Path, *wishes: str) -> None:
    running = await ensure_sandbox(directory, seed="demo" if "demo" in wishes else "none", worker="worker" in wishes)
    print(json.dumps({**running.info.as_json(), "owned": running.owned}), flush=True)  # noqa: T201
    await asyncio.to_thread(sys.stdin.read)
    await running.stop()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
