"""Secrets with a mark in them, servers that give back what they were sent, and everything that gigawatch then says.

Every server echoes: the relay its log-in, the receivers path and headers. So a mark that is nowhere to be seen was
hidden, and did not merely stay away.
"""

from __future__ import annotations

import base64
import contextlib
import socketserver
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import redis

from tests.faults.lab import Lab, Part, Valkey, wait_until
from tests.faults.receivers import Answer, Receiver, Request, pending
from worker.adapters.store import Store
from worker.masking import HIDDEN
from worker.model import ChannelKind

_MARK = "cnry7"
_STARTED_S, _DOWN_S = 240.0, 12.0
_COMMAND_S = 180.0
_ALERTS = 3
# Where a secret may stand: the address of a feed that somebody added, which is fetched with it.
_OWN = {("feed", "url"), ("feed", "moved_to")}


@dataclass
class _Secrets:
    """One of each kind; all hold the mark, and the kind by which a leak is named."""

    broker: str = f"{_MARK}-broker-A1"
    database: str = f"{_MARK}-database-B2"
    relay: str = f"{_MARK}-relay-C3+/="
    page: str = f"{_MARK}-page-D4-page-page-page-key"
    signing: str = "whsec_" + base64.b64encode(f"{_MARK} signing E5 E5 E5 E5".encode()).decode()
    hook: str = f"{_MARK}hookF6"
    tls: str = f"{_MARK}tlsG7"
    chat: str = f"{_MARK}chatH8"
    feed: str = f"{_MARK}feed0I9token1"
    path: str = f"{_MARK}path2J0token3"

    def marks(self) -> dict[str, set[str]]:
        """Return by kind the forms under which each would be found."""
        found: dict[str, set[str]] = {}
        for kind, value in vars(self).items():
            bare = value.removeprefix("whsec_")
            raw = value.encode()
            found[kind] = {value, bare, quote(value, safe=""), base64.b64encode(raw).decode().rstrip("=")}
        found["relay"].add(base64.b64encode(f"\0veille\0{self.relay}".encode()).decode().rstrip("="))
        return found


@dataclass
class Found:
    """What was said where, and which secrets were in it."""

    said: dict[str, str] = field(default_factory=lambda: defaultdict(str))
    hidden: int = 0
    leaks: list[str] = field(default_factory=list)
    echoed: dict[str, int] = field(default_factory=dict)


class _Relay(socketserver.ThreadingTCPServer):
    """A mail relay that refuses every log-in, and says whose it was."""

    daemon_threads = True
    allow_reuse_address = True
    refused = 0

    class _Session(socketserver.StreamRequestHandler):
        timeout = 20

        def handle(self) -> None:
            self.wfile.write(b"220 relay.example\r\n")
            for line in self.rfile:
                word = line[:4].upper()
                if word == b"EHLO":
                    self.wfile.write(b"250-relay.example\r\n250 AUTH PLAIN LOGIN\r\n")
                elif word == b"AUTH":
                    _Relay.refused += 1
                    sent = line.split()[-1]
                    plain = base64.b64decode(sent + b"==").replace(b"\0", b" ")
                    self.wfile.write(b"535 5.7.8 not " + sent + b", which is" + plain + b"\r\n")
                elif word == b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                else:
                    self.wfile.write(b"250 ok\r\n")

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), self._Session)


@contextlib.contextmanager
def _relay() -> Iterator[_Relay]:
    with _Relay() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True).start()
        yield server
        server.shutdown()


def _echo(request: Request, handler: Any) -> Answer | None:
    """Answer in turn: an error that echoes, a broken connection, success that echoes; to feeds, errors and nothing."""
    told = f"{request.path} {request.headers} {request.body[:200]!r}".encode()
    if request.path.startswith("/rss"):
        body = b"<rss version='2.0'><channel><title>t</title></channel></rss>"
        empty = "token" in request.path
        return Answer(200, {"Content-Type": "text/xml"}, body) if empty else Answer(500, body=told)
    turn = hash((request.key, len(request.path))) + int(request.at)
    if turn % 3 == 0:
        handler.connection.close()
        return None
    return Answer(500 if turn % 3 == 1 else 200, {"X-Echo": request.path}, told)


def run(lab: Lab) -> Found:
    """Run worker and beat with marked secrets while everything around them fails; returns what was found."""
    secrets, found = _Secrets(), Found()
    echo = lab.enter(Receiver(_echo))
    relay = lab.enter(_relay())
    broker = lab.valkey()
    broker.client().config_set("requirepass", secrets.broker)
    database = lab.postgres_url()
    # Trusted on its socket whatever the password.
    name, host = database.rpartition("/gw_")[2].split("?host=") if "/gw_" in database else ("", "")
    url = f"postgresql://postgres:{secrets.database}@/gw_{name}?host={host}"
    environ = _configure(lab, secrets, echo, relay)
    environ |= {
        "GIGAWATCH_DATABASE_URL": url,
        "GIGAWATCH_BROKER_URL": f"redis://:{secrets.broker}@127.0.0.1:{broker.port}/0",
    }
    store = Store(url)
    lab.at_end(store.close)
    _command(found, environ, "migrate")
    if store.schema_version() is None:
        raise RuntimeError(found.said["gigawatch migrate"])
    for recipient, channel in (
        ("hook", ChannelKind.WEBHOOK), ("tls", ChannelKind.WEBHOOK), ("desk", ChannelKind.EMAIL),
        ("room", ChannelKind.CHAT),
    ):  # fmt: skip
        pending(store, _ALERTS, recipient=recipient, channel=channel)
    parts = [lab.part("-v", what, environ=environ, log=what).start() for what in ("worker", "beat")]
    wait_until(lambda: _tried(store) and relay.refused > 1, _STARTED_S, "every recipient tried, every feed polled", 0.5)
    _look(found, environ, parts)
    _break(lab, found, environ, broker, database, parts)
    _refused_database(lab, found, environ, database)
    _wrong_settings(found, environ, secrets)
    for part in parts:
        part.stop()
        found.said[f"log of {part.arguments[-1]}"] = part.words()
    for path in (lab.folder / "data").rglob("*"):
        if path.is_file() and "valkey" not in path.parts:
            found.said[f"file {path.name}"] += path.read_text(encoding="utf-8", errors="replace")
    found.echoed = {"by the relay": relay.refused, "by receivers": len(echo.requests())}
    _dump(found, database)
    _search(found, secrets)
    return found


def _configure(lab: Lab, secrets: _Secrets, echo: Receiver, relay: _Relay) -> dict[str, str]:
    return lab.configure(
        feeds=[
            {"id": "query", "name": "Query", "url": f"http://{echo.address}/rss?token={secrets.feed}"},
            {"id": "path", "name": "Path", "url": f"http://{echo.address}/rss/{secrets.path}/index.xml"},
            {"id": "tls", "name": "TLS", "url": f"https://{echo.address}/rss/{secrets.path}/all.xml"},
        ],
        recipients={
            "hook": {"channel": "webhook", "address": echo.url(f"/hooks/{secrets.hook}"), "secret": secrets.signing},
            "tls": {
                "channel": "webhook", "secret": secrets.signing,
                "address": echo.url(f"/hooks/{secrets.tls}").replace("http:", "https:"),
            },
            "desk": {"channel": "email", "address": "desk@gw.example"},
            "room": {"channel": "chat", "address": f"json://{echo.address}/{secrets.chat}"},
        },
        rules=[{"id": "all", "recipients": ["hook", "tls", "desk", "room"]}],
        polling={"min_interval": "2s", "max_interval": "4s", "host_gap": "100ms", "tick": "1s", "sweep": "1s"},
        delivery={"factor": 0.02, "chat_servers": [echo.address]},
        canary={"enabled": True, "every": "10s", "within": "5s"},
        fetch={"allow": [echo.address]},
        smtp={
            "host": "127.0.0.1", "port": relay.server_address[1], "security": "none", "sender": "veille@gw.example",
            "user": "veille", "password": secrets.relay, "page": "https://gw.example/stop", "page_key": secrets.page,
        },
    )  # fmt: skip


def _tried(store: Store) -> bool:
    rows = store.alerts(50)
    feeds = [state for state in store.feeds() if not state.polls]
    return not feeds and all(row.attempts or row.state == "sent" for row in rows)


def _command(found: Found, environ: Mapping[str, str], *arguments: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "worker", *arguments],
        env=dict(environ), stdin=subprocess.DEVNULL, capture_output=True, timeout=_COMMAND_S, check=False,
    )  # fmt: skip
    found.said[" ".join(["gigawatch", *arguments])] += (ended.stdout + ended.stderr).decode("utf-8", "replace")


def _look(found: Found, environ: Mapping[str, str], parts: list[Part]) -> None:
    """Ask everything that a person may ask, and what every user of the machine can see."""
    for words in (
        "-v doctor", "doctor --json", "healthcheck --json", "config dump", "config dump --json", "config check",
        "feeds list --json", "feeds list", "feeds test query --json", "feeds test tls", "feeds test path",
        "alerts list --json", "alerts list", "alerts test hook", "alerts test tls", "alerts test desk",
        "alerts test room", "rules list --json",
    ):  # fmt: skip
        _command(found, environ, *words.split())
    for part in parts:
        for pid in (part.pid, *_children(part.pid)):
            with contextlib.suppress(OSError):
                found.said["command lines"] += Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace")


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    return []


def _break(
    lab: Lab, found: Found, environ: Mapping[str, str], broker: Valkey, database: str, parts: list[Part]
) -> None:
    """Take broker and database away under the running parts, and give the broker back with another password."""
    broker.kill()
    _command(found, environ, "healthcheck", "--json")
    time.sleep(_DOWN_S)
    broker.start()
    broker.client().config_set("requirepass", "another")
    time.sleep(_DOWN_S)
    _command(found, environ, "doctor", "--json", "--offline")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    time.sleep(_DOWN_S / 2)
    with contextlib.suppress(redis.RedisError):
        redis.Redis(port=broker.port, password="another").config_set("requirepass", "")
    lab.must(any(part.alive() for part in parts), "neither worker nor beat outlived it")


def _refused_database(lab: Lab, found: Found, environ: Mapping[str, str], database: str) -> None:
    mark = f"{_MARK}-database-B2"
    host = database.partition("?host=")[2]
    for url in (
        f"postgresql://nobody:{mark}@/gw?host={host}",
        f"postgresql://nobody:{mark}@127.0.0.1:1/gw",
        f"postgresql://nobody@/gw?host={host}&password={mark}",
        f"postgresql://nobody:{mark}@[::/gw",
        f"postgresql://nobody:{mark}@127.0.0.1:port/gw",
        f"postgresql://nobody:{mark}@/gw?host={host}&nonsense=1",
    ):
        wrong = {**environ, "GIGAWATCH_DATABASE_URL": url}
        _command(found, wrong, "migrate")
        _command(found, wrong, "healthcheck")
    part = lab.part("-v", "worker", environ={**environ, "GIGAWATCH_DATABASE_URL": url}, log="refused").start()
    time.sleep(_DOWN_S)
    part.kill()
    found.said["log of a worker without database"] = part.words()


def _wrong_settings(found: Found, environ: Mapping[str, str], secrets: _Secrets) -> None:
    """Settings that are refused: the fault may name the key, never the value."""
    for name, value in (
        ("GIGAWATCH_BROKER_URL", f"htp://:{secrets.broker}@127.0.0.1/0"),
        ("GIGAWATCH_BROKER_URL", f"redis://:{secrets.broker}@127.0.0.1:port/0"),
        ("GIGAWATCH_DATABASE_URL", f"mysql://gw:{secrets.database}@127.0.0.1/gw"),
        ("GIGAWATCH_SMTP__PASSWORT", secrets.relay),
        ("GIGAWATCH_SMTP__PAGE_KEY", secrets.page[:20]),
        ("GIGAWATCH_RATES__SOURCE", f"https://u:{secrets.feed}@127.0.0.1/"),
    ):
        _command(found, {**environ, name: value}, "config", "check")
        _command(found, {**environ, name: value}, "doctor", "--offline")
    folder = Path(environ["GIGAWATCH_CONFIG"])
    whole = {name: (folder / name).read_text("utf-8") for name in ("alerts.toml", "feeds.toml")}
    for name, old, new in (
        ("alerts.toml", secrets.signing, f"wsec_{secrets.signing[6:]}"),
        ("alerts.toml", f"/hooks/{secrets.hook}", f" /hooks/{secrets.hook}"),
        ("alerts.toml", "json://", f"json:/{secrets.chat}"),
        ("feeds.toml", "http://", f"http://u:{secrets.feed}@"),
        ("feeds.toml", "/all.xml", "/index.xml"),
        ("feeds.toml", "https://", "http://"),
    ):
        (folder / name).write_text(whole[name].replace(old, new, 1), encoding="utf-8")
        _command(found, environ, "config", "check")
        (folder / name).write_text(whole[name], encoding="utf-8")
    _command(found, environ, "feeds", "add", f"http://u:{secrets.feed}-pw@127.0.0.1/rss")


def _dump(found: Found, database: str) -> None:
    with psycopg.connect(database) as connection:
        columns = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        ).fetchall()
        for table, column in columns:
            if (table, column) not in _OWN:
                rows = connection.execute(f'SELECT "{column}"::text FROM "{table}"'.encode()).fetchall()
                found.said[f"database {table}.{column}"] = "\n".join(str(row[0]) for row in rows)


def _search(found: Found, secrets: _Secrets) -> None:
    for where, text in found.said.items():
        found.hidden += text.count(HIDDEN)
        for kind, forms in secrets.marks().items():
            for form in forms:
                if form in text:
                    at = text.index(form)
                    found.leaks.append(f"{kind} in {where}: …{text[max(0, at - 80) : at + 40]!r}")
                    break
