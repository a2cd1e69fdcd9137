"""The canary's site: served on loopback for as long as somebody asks, and fetched by the real client like any other.

No port of its own stands open and no part must serve it: whichever process polls the canary's feed or reads its page
brings the site along, so that it works in one process, in many and in many containers alike. What it serves comes from
the store's plan.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import replace
from http import HTTPStatus
from types import TracebackType
from typing import Protocol
from urllib.parse import urlsplit

from worker.ports import Fetcher, Response
from worker.text import host_of

_LONGEST_HEAD = 64 * 1024


class Client(Fetcher, AbstractAsyncContextManager[Fetcher], Protocol):
    """A Fetcher that is opened and closed."""


class CanaryFetcher(Fetcher):
    """A Fetcher for which one host, `host`, is here; an async context manager for one event loop.

    `client` makes the guarded client, which may reach the given `host:port` besides what it always may. `serve` gives
    status, content type and body for a path.
    """

    def __init__(
        self,
        client: Callable[[tuple[str, ...]], Client],
        *,
        host: str,
        serve: Callable[[str], tuple[int, str, bytes]],
    ) -> None:
        self._client = client
        self._host = host
        self._serve = serve
        self._opened = AsyncExitStack()
        self._outside: Fetcher
        self._inside: Fetcher | None = None
        self._address = ""
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> CanaryFetcher:
        self._outside = await self._opened.enter_async_context(self._client(()))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._opened.__aexit__(kind, error, trace)

    async def get(self, url: str, *, accept: str, headers: Mapping[str, str] | None = None, limit: int) -> Response:
        """Fetch `url`, from the site here where its host says so."""
        if host_of(url) != self._host:
            return await self._outside.get(url, accept=accept, headers=headers, limit=limit)
        async with self._lock:
            inside = self._inside or await self._open()
        here = f"http://{self._address}{urlsplit(url).path}"
        response = await inside.get(here, accept=accept, headers=headers, limit=limit)
        return replace(response, url=url)

    async def post(self, url: str, *, body: bytes, headers: Mapping[str, str], timeout: float) -> Response:
        """Send `body`; nothing is ever posted to the canary's site."""
        return await self._outside.post(url, body=body, headers=headers, timeout=timeout)

    async def _open(self) -> Fetcher:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0, limit=_LONGEST_HEAD)
        self._opened.callback(server.close)
        self._address = "{}:{}".format(*server.sockets[0].getsockname()[:2])
        self._inside = await self._opened.enter_async_context(self._client((self._address,)))
        return self._inside

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode("ascii", "replace")
            status, kind, body = await asyncio.to_thread(self._serve, path)
            lines = (
                f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
                f"Content-Type: {kind}",
                f"Content-Length: {len(body)}",
                "Connection: close",
            )
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
            await writer.drain()
        except (OSError, ValueError, IndexError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            # The client reports a broken connection by itself, as it does of any site.
            return
        finally:
            writer.close()
