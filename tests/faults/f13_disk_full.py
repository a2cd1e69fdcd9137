"""Test 13: the disk is full. `gigawatch up` with store, log and queue file on 8 MB, which are filled up and freed."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy

from tests.faults.lab import Lab, Part, wait_until
from tests.faults.loopback import Press, deals, other
from tests.faults.receivers import SECRET, Answer, Receiver, pending
from worker.adapters.store import Store
from worker.errors import StoreError

TITLE = "Disk full"

_SIZE = "8m"
_SITES = 4
_FULL_S = 90.0
_BACK_S = 150.0


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "gigawatch-fault", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


class _Ballast:
    """A file that takes all room there is, and all that becomes free, until it goes."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "ballast"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._fill, daemon=True)

    def _fill(self) -> None:
        with self._path.open("ab", buffering=0) as file:
            while not self._stop.wait(0.02):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b"\0" * 4096)

    def __enter__(self) -> _Ballast:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._path.unlink()


class _Family:
    """Counts the processes that were ever seen below one, by looking often."""

    def __init__(self, root: int) -> None:
        self._root = root
        self.seen: set[int] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(0.2):
            with contextlib.suppress(OSError, ValueError):
                children = Path(f"/proc/{self._root}/task/{self._root}/children").read_text()
                self.seen |= {int(word) for word in children.split()}

    def stop(self) -> set[int]:
        self._stop.set()
        self._thread.join()
        return self.seen


def _health(lab: Lab, environ: dict[str, str]) -> tuple[int, str]:
    part = lab.part("healthcheck", environ=environ, log=f"health-{time.monotonic_ns()}").start()
    assert part.process is not None
    return part.process.wait(120), part.words()


def _all_read(store: Store) -> bool:
    try:
        states = store.feeds()
    except StoreError:
        return False
    return bool(states) and all(one.last_success_at for one in states)


def _saved(store: Store) -> list[tuple[str, str | None, int, int]]:
    """Return each feed's validator with how many entries the feed says it brought, and how many there are."""
    with store.read() as connection:
        rows = connection.execute(
            sqlalchemy.text(
                "SELECT id, etag, entries, (SELECT count(*) FROM entry WHERE feed_id = feed.id) FROM feed ORDER BY id"
            )
        )
        return [tuple(row) for row in rows]


def run(lab: Lab) -> None:
    """Fill the disk while deals are published and alerts wait, look at it, free it, and see all of them told."""
    disk = lab.enter(_small_disk(lab.folder / "disk"))
    refusing = threading.Event()
    refusing.set()
    press = lab.enter(Press(_SITES))
    sink = lab.enter(Receiver(lambda _request, _handler: Answer(503 if refusing.is_set() else 204)))
    environ = lab.configure(
        feeds=press.feeds(),
        recipients={"hook": {"channel": "webhook", "address": sink.url(), "secret": SECRET}},
        rules=[{"id": "all", "recipients": ["hook"]}],
        polling={"min_interval": "2s", "max_interval": "5s", "host_gap": "0s", "tick": "1s", "sweep": "2s"},
        fetch={"allow": [*press.allow, sink.address]},
        delivery={"factor": 0.01},
    )
    environ["GIGAWATCH_DATA"] = str(disk)
    for site in range(_SITES):
        press.publish(site, [other(site)])
    up = Part(("up",), environ, disk / "up.log")
    lab.at_end(up.kill)
    up.start()
    store = Store(f"sqlite:///{disk / 'gigawatch.db'}")
    lab.at_end(store.close)
    wait_until(lambda: _all_read(store), 240, "every feed was read once")

    waiting = set(pending(store, 20))
    stories = deals(_SITES * 3)
    family = _Family(up.pid)
    for round_ in range(2):
        before = _saved(store)
        with _Ballast(disk):
            time.sleep(2.0)
            for site in range(_SITES):
                press.publish(site, [stories[round_ * _SITES + site]])
            refusing.clear()
            time.sleep(_FULL_S * max(lab.scale, 0.3))
            code, words = _health(lab, environ)
            during = _saved(store)
        lab.figure(f"health while full, round {round_ + 1}", code)
        lab.must(code == 3, f"healthcheck ended with {code}: {words}")
        lab.must(str(disk) in words and "Mo libres" in words, f"healthcheck does not name the disk: {words}")
        for (feed, old, *_), (_, tag, told, held) in zip(before, during, strict=True):
            lab.must(told == held, f"{feed}: {held} entries of {told}")
            lab.must(tag == old or held > 1, f"{feed}: a validator without its entry")
        wanted = len(waiting) + (round_ + 1) * _SITES
        begun = time.monotonic()
        _await(sink, wanted, up)
        lab.figure(f"seconds from room to the last alert, round {round_ + 1}", time.monotonic() - begun)
        wait_until(lambda: _health(lab, environ)[0] == 0, _BACK_S, f"health is good: {_health(lab, environ)}")
        lab.figure(f"seconds from room to good health, round {round_ + 1}", time.monotonic() - begun)
    _end(lab, store, sink, waiting, up, len(family.stop()))


def _await(sink: Receiver, wanted: int, up: Part) -> None:
    try:
        wait_until(lambda: len(sink.ids()) >= wanted, _BACK_S, f"{wanted} alerts")
    except TimeoutError as error:
        raise TimeoutError(f"{error}: {len(sink.ids())}; {up.words()[-1500:]}") from error


def _end(lab: Lab, store: Store, sink: Receiver, waiting: set[str], up: Part, processes: int) -> None:
    """State that nothing was lost, nothing is damaged and nothing was started over and over."""
    with store.read() as connection:
        verdict = connection.scalar(sqlalchemy.text("PRAGMA integrity_check"))
    missing = {row.alert.id for row in store.alerts(limit=1000)} - set(sink.ids())
    lab.figure("alerts", len(sink.ids()))
    lab.figure("alerts lost", len(missing | (waiting - set(sink.ids()))))
    lab.figure("processes below up", processes)
    lab.figure("log, kB", up.log.stat().st_size // 1000)
    lab.must(not missing and waiting <= set(sink.ids()), f"lost: {missing}")
    lab.must(verdict == "ok", f"the store is damaged: {verdict}")
    lab.must(up.alive(), "up ended")
    # Broker, two workers, beat, and what a person would forgive: one further start of each.
    lab.must(processes <= 8, f"{processes} processes were started below up")
    lab.must(up.stop() < 20, "up took long to stop")
