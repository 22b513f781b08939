"""A TCP proxy that loses what a test tells it to lose, to put a fault at an exact boundary of a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass


@dataclass
class Trap:
    """Breaks the proxy at the ``nth`` request that holds ``words``: the request itself is lost, or its answer is."""

    words: bytes
    nth: int = 1
    lose_request: bool = False

    def springs_at(self, chunk: bytes) -> bool:
        self.nth -= self.words in chunk
        return self.nth <= 0


class BreakableProxy:
    """Forwards bytes to a real server.

    ``deaf``: what clients send is dropped. ``mute``: what the server sends is dropped. ``closed``: connections are cut
    and new ones are closed at once. :meth:`cut` breaks the present connections only.
    """

    def __init__(self, host: str, port: int) -> None:
        self._upstream = (host, port)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._handlers: set[asyncio.Task[None]] = set()
        self.deaf = False
        self.mute = False
        self.closed = False
        self.dropped_requests = 0
        self.dropped_answers = 0
        self.trap: Trap | None = None
        self.news = asyncio.Condition()

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def shut(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        await asyncio.gather(*self._handlers)
        await self._server.wait_closed()

    def cut(self) -> None:
        for writer in tuple(self._writers):
            writer.transport.abort()

    def close(self) -> None:
        self.closed = True
        self.cut()

    def restore(self) -> None:
        self.deaf = self.mute = self.closed = False

    async def until_dropped(self, *, requests: int = 0, answers: int = 0) -> None:
        """Wait until at least so many chunks have been dropped since the proxy was opened."""
        async with asyncio.timeout(10), self.news:
            await self.news.wait_for(lambda: self.dropped_requests >= requests and self.dropped_answers >= answers)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._handlers.add(task)
        try:
            if self.closed:
                return
            up_reader, up_writer = await asyncio.open_connection(*self._upstream)
            pair = {writer, up_writer}
            self._writers |= pair
            try:
                await asyncio.gather(
                    self._pump(reader, up_writer, requests=True), self._pump(up_reader, writer, requests=False)
                )
            finally:
                self._writers -= pair
                up_writer.transport.abort()
        finally:
            writer.transport.abort()
            self._handlers.discard(task)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, requests: bool) -> None:
        with suppress(ConnectionError):
            while chunk := await source.read(65536):
                if requests:
                    self._spring_trap(chunk)
                if self.deaf if requests else self.mute:
                    await self._count(requests=requests)
                    continue
                target.write(chunk)
                await target.drain()
        target.transport.abort()

    def _spring_trap(self, chunk: bytes) -> None:
        if self.trap is not None and self.trap.springs_at(chunk):
            self.deaf, self.mute = self.trap.lose_request, not self.trap.lose_request
            self.trap = None

    async def _count(self, *, requests: bool) -> None:
        async with self.news:
            if requests:
                self.dropped_requests += 1
            else:
                self.dropped_answers += 1
            self.news.notify_all()


@asynccontextmanager
async def breakable_proxy(host: str, port: int) -> AsyncIterator[BreakableProxy]:
    proxy = BreakableProxy(host, port)
    await proxy.open()
    try:
        yield proxy
    finally:
        await proxy.shut()
