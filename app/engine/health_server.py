"""Tells readiness over HTTP: GET ``/readyz``, ``/livez`` and ``/health``, 200 when ready and else 503 (runtime.md 9).

``/health`` adds what the parts have counted. One request a connection; what is asked is no secret and changes nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Any

from app.domain.errors import Misconfigured
from app.engine.readiness import Readiness
from app.engine.worker_options import HealthAddress

_PATHS = ("/readyz", "/livez", "/health")
_WITH_COUNTS = "/health"
_REQUEST_SECONDS = 5.0
_LONGEST_REQUEST = 16 * 1024


@asynccontextmanager
async def health_server(readiness: Readiness, address: HealthAddress) -> AsyncIterator[str]:
    """Serve until the block ends; yields ``http://host:port``.

    Raises:
        Misconfigured: The address is in use or not this computer's.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(_REQUEST_SECONDS):
                request = await reader.readuntil(b"\r\n\r\n")
                writer.write(await _answer(readiness, request))
                await writer.drain()
        writer.close()

    try:
        server = await asyncio.start_server(serve, address.host, address.port, limit=_LONGEST_REQUEST)
    except OSError as error:
        raise Misconfigured(
            "worker.health_address",
            f"Readiness cannot be told at {address.host}:{address.port}: {error.strerror or error}. Choose another "
            "port with --health-port, or 0 for a free one.",
        ) from error
    async with server:
        host, port, *_ = server.sockets[0].getsockname()
        yield f"http://{f'[{host}]' if ':' in host else host}:{port}"


async def _answer(readiness: Readiness, request: bytes) -> bytes:
    method, _, rest = request.split(b"\r\n", 1)[0].decode("latin-1").partition(" ")
    path = rest.partition(" ")[0].partition("?")[0]
    if path not in _PATHS:
        return _response(HTTPStatus.NOT_FOUND, {"error": "not found"})
    if method != "GET":
        return _response(HTTPStatus.METHOD_NOT_ALLOWED, {"error": "only GET"}, "Allow: GET\r\n")
    document = await readiness.answer()
    status = HTTPStatus.OK if document["ready"] else HTTPStatus.SERVICE_UNAVAILABLE
    if path == _WITH_COUNTS:
        document["passes"] = readiness.passes()
    return _response(status, document)


def _response(status: HTTPStatus, document: dict[str, Any], more: str = "") -> bytes:
    body = json.dumps(document).encode()
    head = f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n{more}Connection: close\r\n\r\n".encode() + body
