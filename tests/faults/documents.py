"""Every real and hostile feed document through fetch, parse and store, over real HTTP, in one run.

    GIGAWATCH_EXTRA=FOLDER python -m tests.faults.documents [--database-url URL]

The documents are not part of this project: FOLDER must hold `feeds/real` and `feeds/torture`. Each is served as a feed
of its own and polled by the daemon's own step. Prints counts by cause; ends with 0 only if each had an outcome.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from worker import runtime, settings, steps
from worker.model import Feed

_TYPES = {".json": "application/feed+json", ".html": "text/html"}
_NOT_DOCUMENTS = {"README.md", "LICENSE.txt", "INDEX.tsv", "MANIFEST.tsv"}


@dataclass
class Outcome:
    """What became of the documents of one folder."""

    documents: int
    causes: dict[str, int]
    entries: int
    seconds: float
    without_outcome: list[str]


def documents(folder: Path) -> list[Path]:
    """Return the documents below `folder`, without what describes them."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in _NOT_DOCUMENTS)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, files: list[Path]) -> None:
        self.files = files
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        path = self.server.files[int(self.path.rsplit("/", 1)[1])]
        body = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", _TYPES.get(path.suffix, "application/xml"))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def run(files: list[Path], data: Path, database_url: str = "") -> Outcome:
    """Poll each of `files` once as a feed of its own."""
    server = _Server(files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{server.server_address[1]}"
    overrides = {"general": {"data": str(data)}, "fetch": {"allow": [address]}, "polling": {"host_gap": 0}}
    if database_url:
        overrides["store"] = {"url": database_url}
    built = runtime.build(settings.load(environ={}, config=settings.packaged(), overrides=overrides))
    built.store.migrate()
    started = time.monotonic()
    feeds = [Feed(id=f"d{i}", name=path.name, url=f"http://{address}/d/{i}") for i, path in enumerate(files)]
    built.store.sync_feeds(feeds, built.clock.now())
    while rings := steps.tick(built.parts):
        for ring in rings:
            steps.poll(built.parts, ring.ids)
    states = built.store.feeds()
    server.shutdown()
    outcome = Outcome(
        documents=len(files),
        causes=dict(Counter(state.cause.value for state in states)),
        entries=sum(state.entries for state in states),
        seconds=round(time.monotonic() - started, 1),
        without_outcome=[state.feed.name for state in states if state.polls == 0],
    )
    built.close()
    return outcome


def main() -> int:
    """Run as a program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database-url", default="")
    asked = parser.parse_args()
    extra = os.environ.get("GIGAWATCH_EXTRA", "")
    if not extra:
        print("skipped: GIGAWATCH_EXTRA does not name the folder that holds the documents")
        return 0
    good = True
    for name in ("real", "torture"):
        folder = Path(extra) / "feeds" / name
        with tempfile.TemporaryDirectory(prefix="gigawatch-documents-") as data:
            outcome = run(documents(folder), Path(data), asked.database_url)
        print(name, json.dumps(outcome.__dict__, ensure_ascii=False))
        good = good and not outcome.without_outcome and outcome.documents > 0
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
