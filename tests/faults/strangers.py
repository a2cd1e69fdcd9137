"""Servers of strangers: sites that answer as a script says, a canary that counts who comes, a name server that lies."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from tests.faults.receivers import Answer
from tests.steps.site import rss

RSS = {"Content-Type": "application/rss+xml; charset=utf-8"}
HTML = {"Content-Type": "text/html; charset=utf-8"}
PARAGRAPHS = (
    "Le groupe a signé mardi un contrat de capacité de calcul qui doit durer cinq ans, selon un communiqué commun.",
    "Les serveurs seront installés près de Dunkerque, dans un bâtiment déjà raccordé au réseau électrique national.",
    "Les deux entreprises n'ont pas souhaité commenter le calendrier des paiements, échelonnés sur cinq ans.",
)


def feed_row(name: str, url: str) -> dict[str, str]:
    """Return one feed's row for feeds.toml."""
    return {"id": name, "name": name, "url": url, "house": name}


def nothing(base: str, name: str) -> bytes:
    """Return a feed of one item that the gate stops, unlike those of other names."""
    return rss(base, [(name, f"La tarte aux pommes de grand-mère, recette {name}", "Une recette simple.")])


def headline(number: int) -> str:
    """Return a title that the gate lets through, unlike those of other numbers."""
    return f"Nordlys {number} réserve {number + 2} milliards d'euros de calcul chez Helvia Cloud"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: what it asked for, of which host, and when (wall clock, seconds)."""

    path: str
    host: str
    wall: float
    headers: Mapping[str, str]


class Web:
    """An HTTP server that answers every request by `script`; use as a context manager."""

    def __init__(self, script: Callable[[Visit], Answer], host: str = "127.0.0.1", port: int = 0) -> None:
        self.visits: list[Visit] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60

            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                visit = Visit(self.path, headers.get("host", "").rpartition(":")[0] or headers.get("host", ""),
                              time.time(), headers)  # fmt: skip
                web.visits.append(visit)
                answer = script(visit)
                with contextlib.suppress(OSError):
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        self.send_header(name, value.encode().decode("latin-1"))
                    self.send_header("Content-Length", str(len(answer.body)))
                    self.end_headers()
                    self.wfile.write(answer.body)

            do_POST = do_GET  # noqa: N815 - the name that the library calls

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing: the visits are written down."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256
            allow_reuse_port = True
            address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Say nothing of a client that hung up."""

        self._server = Server((host, port), Handler)
        self.address = f"{host}:{self._server.server_address[1]}"

    def url(self, path: str) -> str:
        """Return the address of `path` on this server."""
        return f"http://{self.address}{path}"

    def __enter__(self) -> Web:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class Canary:
    """Listens where nobody may come, and counts who does. Closes each connection at once."""

    def __init__(self, places: Iterable[tuple[str, int]] = (("127.0.0.1", 0),)) -> None:
        self.connections: list[str] = []
        self._listeners = [self._listen(host, port) for host, port in places]
        self.port = self._listeners[0].getsockname()[1]

    def _listen(self, host: str, port: int) -> socket.socket:
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if ":" in host:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((host, port))
        listener.listen(64)
        threading.Thread(target=self._count, args=(listener,), daemon=True).start()
        return listener

    def _count(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    self.connections.append("{}:{}".format(*connection.getsockname()[:2]))

    def close(self) -> None:
        """Listen no more."""
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()


class NameServer:
    """Answers A and AAAA over UDP from `zone`, which has a name's answers by its turn in `turns`, 0 at first.

    Everything has a time to live of zero.
    """

    def __init__(self, zone: Mapping[str, Sequence[Sequence[str]]], host: str, port: int = 53) -> None:
        self._zone = zone
        self.asked: Counter[str] = Counter()
        self.turns: Counter[str] = Counter()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, port))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                query, client = self._socket.recvfrom(4096)
                self._socket.sendto(self._answer(query), client)

    def _answer(self, query: bytes) -> bytes:
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii", "replace").lower())
            at += 1 + query[at]
        question, kind = query[12 : at + 5], struct.unpack("!H", query[at + 1 : at + 3])[0]
        name = ".".join(labels)
        turns = self._zone.get(name)
        found: Sequence[str] = ()
        if turns:
            found = turns[min(self.turns[name], len(turns) - 1)]
            self.asked[name] += 1
        family = {1: socket.AF_INET, 28: socket.AF_INET6}.get(kind)
        mine = [one for one in found if family == (socket.AF_INET6 if ":" in one else socket.AF_INET)]
        rows = b"".join(
            b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 0, len(raw)) + raw
            for raw in (socket.inet_pton(family, one) for one in mine if family is not None)
        )
        flags = 0x8180 if turns is not None else 0x8183
        return query[:2] + struct.pack("!HHHHH", flags, 1, len(mine), 0, 0) + question + rows

    def close(self) -> None:
        """Answer no more."""
        self._socket.close()
