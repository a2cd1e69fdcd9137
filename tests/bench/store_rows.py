"""A store of any size, written in bulk: stories of firms that deal with one another, the articles that tell them.

One firm, Nvidia, stands in a fifth of the stories, a second in a tenth, the others ever more rarely. Everything follows
from the seed.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from sqlalchemy import Table

from tests.adapters.store_samples import article, feed, flow, story
from worker.adapters.store import Store
from worker.adapters.store.records import to_record
from worker.adapters.store.schema import (
    alert,
    article_band,
    change,
    edge,
    entry,
    story_pair,
    story_party,
)
from worker.adapters.store.schema import article as article_table
from worker.adapters.store.schema import story as story_table
from worker.model import Bound, Edge, Kind, Status, Verdict
from worker.text import digest

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
DAYS = 730
GIANT, SECOND = "nvidia", "openai"
_COMPANIES = 6_000
Row = dict[str, Any]
_STAMP = "2026-03-02T09:30:00Z"
_BODY = (
    "Le laboratoire loue la capacité d'un centre de données pour cinq ans. Le fournisseur installe les premières baies "
    "avant l'été et promet une puissance de cent mégawatts. Les deux groupes ne disent rien du prix. "
)


def company(chance: random.Random) -> str:
    """Return a party's name: the giant for one in ten sides, so that it stands in a fifth of the stories."""
    draw = chance.random()
    if draw < 0.1:
        return GIANT
    if draw < 0.15:
        return SECOND
    # The square makes a few hundred firms frequent and most of them rare.
    return f"firme {int(_COMPANIES * chance.random() ** 2):04}"


def two(chance: random.Random) -> tuple[str, str]:
    """Return payer and payee of a deal. Money runs from users over suppliers to the giant: among so many deals without
    such a grain, each would close dozens of loops, and the loops would be what is measured."""
    one = company(chance)
    other = next(name for name in iter(lambda: company(chance), "") if name != one)
    payer, payee = sorted((one, other), key=lambda name: (name == GIANT, name != SECOND, name))
    return payer, payee


def fill(store: Store, *, stories: int, articles: int) -> None:
    """Write `stories` and `articles` spread over two years up to NOW into an empty store with its tables."""
    store.sync_feeds([feed(f"f{place}", f"https://f{place}.example/rss") for place in range(80)], NOW)
    write = _sqlite(store) if store.is_sqlite else _postgres(store)
    known = [_Story(place, stories) for place in range(stories)]
    write(story_table, (one.row() for one in known))
    write(story_party, (row for one in known for row in one.party_rows()))
    write(story_pair, (row for one in known for row in one.pair_rows()))
    write(edge, (one.edge_row(place + 1) for place, one in enumerate(known)))
    write(change, (one.change_row(place + 1) for place, one in enumerate(known)))
    write(alert, (one.alert_row() for one in known))
    write(entry, (_entry_row(place, articles) for place in range(articles)))
    write(article_table, (_article_row(place, articles, known) for place in range(articles)))
    write(article_band, _band_rows(articles))
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not store.is_sqlite:
            for sequence in ("edge", "change", "entry"):
                connection.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{sequence}', 'id'), (SELECT max(id) FROM {sequence}))"
                )
            connection.exec_driver_sql("VACUUM ANALYZE")


def _at(place: int, count: int) -> datetime:
    return NOW - timedelta(days=DAYS * (1 - (place + 1) / (count + 1)))


class _Story:
    """One story between two firms."""

    _FLOW = flow("@PAYER@", "@PAYEE@")
    _RECORD = json.dumps(to_record(story("@ID@", held=_FLOW)))
    _EDGE = Edge("@PAYER@", "@PAYEE@", Kind.COMPUTE, 2e9, "USD", Status.ANNOUNCED, Bound.EXACT, "@ID@", NOW)
    _LEDGER = json.dumps(to_record(_EDGE))

    def __init__(self, place: int, count: int) -> None:
        chance = random.Random(place)
        self.id = digest("bench story", str(place))
        self.payer, self.payee = two(chance)
        self.at = _at(place, count)

    def _filled(self, record: str) -> str:
        stamp = self.at.isoformat().replace("+00:00", "Z")
        filled = record.replace("@PAYER@", self.payer).replace("@PAYEE@", self.payee).replace("@ID@", self.id)
        return filled.replace(_STAMP, stamp).replace(NOW.isoformat().replace("+00:00", "Z"), stamp)

    def row(self) -> Row:
        return {
            "id": self.id, "version": 1, "status": "announced", "title": "Un accord",
            "record": self._filled(self._RECORD), "opened_at": self.at, "updated_at": self.at,
        }  # fmt: skip

    def party_rows(self) -> list[Row]:
        return [{"party": name, "story_id": self.id, "updated_at": self.at} for name in (self.payer, self.payee)]

    def pair_rows(self) -> list[Row]:
        first, second = sorted((self.payer, self.payee))
        return [{"first": first, "second": second, "story_id": self.id, "updated_at": self.at}]

    def edge_row(self, key: int) -> Row:
        return {
            "id": key, "story_id": self.id, "payer": self.payer, "payee": self.payee,
            "record": self._filled(self._LEDGER), "date": self.at,
        }  # fmt: skip

    def change_row(self, key: int) -> Row:
        return {
            "id": key, "story_id": self.id, "version": 1, "article_id": "a", "kind": "new_story", "record": "{}",
            "at": self.at,
        }  # fmt: skip

    def alert_row(self) -> Row:
        return {
            "id": digest("alert", self.id), "type": "deal.detected", "rule_id": "tout", "recipient_id": "journal",
            "channel": "console", "story_id": self.id, "subject": "Un accord", "body": "corps", "data": "{}",
            "created_at": self.at, "state": "done", "sent_at": self.at,
        }  # fmt: skip


def _entry_row(place: int, count: int) -> Row:
    at = _at(place, count)
    return {
        "id": place + 1, "feed_id": f"f{place % 80}", "guid": f"g{place}", "url": f"https://f.example/{place}",
        "title": "Un titre", "summary": "Un résumé", "content": "", "author": "", "published": at, "seen_at": at,
        "backlog": False, "state": "done", "article_id": digest("bench article", str(place)),
    }  # fmt: skip


_ARTICLE = json.dumps({**to_record(article("@ID@")), "text": _BODY * 4})
_TOLD = json.dumps(to_record(Verdict(True, 0.93, (flow(),))))
_NOT = json.dumps(to_record(Verdict(False, 0.07)))


def _article_row(place: int, count: int, known: Sequence[_Story]) -> Row:
    """Return an article; three in ten tell a deal, of a story of about the same day."""
    at, deal = _at(place, count), place % 10 < 3
    name = digest("bench article", str(place))
    told = known[place * len(known) // count].id if deal else None
    return {
        "id": name, "entry_id": place + 1, "feed_id": f"f{place % 80}", "record": _ARTICLE.replace("@ID@", name),
        "published": at, "seen_at": at, "backlog": False, "state": "done", "deal": deal,
        "score": 0.93 if deal else 0.07, "verdict": _TOLD if deal else _NOT, "story_id": told,
    }  # fmt: skip


def _band_rows(count: int) -> Iterator[Row]:
    """Yield the bands of the last week's articles, all of them read in full."""
    chance = random.Random(7)
    for place in range(count):
        at = _at(place, count)
        if at >= NOW - timedelta(days=7):
            name = digest("bench article", str(place))
            for band in range(12):
                yield {"band": band << 32 | chance.getrandbits(32), "judged_at": at, "article_id": name}


Write = Callable[[Table, Iterable[Row]], None]


def _sqlite(store: Store) -> Write:
    def write(table: Table, rows: Iterable[Row]) -> None:
        first, every = _peeked(rows)
        raw = store.engine.raw_connection()
        cursor: Any = raw.cursor()
        cursor.execute("PRAGMA synchronous=OFF")
        cursor.execute("PRAGMA cache_size=-1000000")
        cursor.execute("BEGIN")
        columns, marks = ", ".join(f'"{name}"' for name in first), ", ".join("?" * len(first))
        # Aware times are for PostgreSQL; SQLite keeps them as SQLAlchemy writes them.
        plain = ([f"{v:%Y-%m-%d %H:%M:%S.%f}" if isinstance(v, datetime) else v for v in row.values()] for row in every)
        cursor.executemany(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', plain)
        cursor.execute("COMMIT")
        raw.close()
        store.engine.dispose()

    return write


def _postgres(store: Store) -> Write:
    def write(table: Table, rows: Iterable[Row]) -> None:
        first, every = _peeked(rows)
        raw = store.engine.raw_connection()
        columns = ", ".join(f'"{name}"' for name in first)
        driver: Any = raw.driver_connection
        with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
            for row in every:
                copy.write_row(tuple(row.values()))
        raw.commit()
        raw.close()

    return write


def _peeked(rows: Iterable[Row]) -> tuple[Row, Iterator[Row]]:
    left = iter(rows)
    first = next(left)
    return first, chain((first,), left)
