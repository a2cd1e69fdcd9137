"""Test 29: a feed serves its 200 old items again under every new identity at once, with three new deals among them.

Twice: eleven days after the first of them, and four months later, when no story is open any more. Then it brings a
hundred and twenty items that nobody can know, as a feed in other hands would. The clock is set forward; requests, pages
and the webhook are real.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from tests.faults.lab import Lab
from tests.faults.receivers import Answer, Receiver
from tests.faults.sites import RSS, Item, Newsroom, Site, newsroom, page, recipient, rss
from worker.adapters.store.schema import article, entry

TITLE = "Identity flood"

_OLD, _NEW = "127.0.0.29", "127.0.0.30"
_START = datetime(2026, 3, 3, 9, tzinfo=UTC)
_DAY = timedelta(days=1)
_KNOWN, _DEALS, _FRESH = 200, 20, 3
_DAYS = 10
# Of the known ones those that are there before the first poll; the others come over ten days, two deals a day.
_BEFORE = 50
_STRANGE = 120

_LABS = (
    "Aldébrane", "Brumaire AI", "Cassiopée", "Doriane AI", "Éolienne AI", "Fauvette", "Galactée", "Hélianthe",
    "Iroise AI", "Jonquille", "Korrigane", "Lumiflore", "Mirabelle AI", "Nordlys", "Orphéon", "Pervenche AI",
    "Quartzine", "Roselière", "Séraphine AI", "Tramontane", "Ulysséa", "Valériane", "Zéphirine",
)  # fmt: skip
_CLOUDS = (
    "Armor Cloud", "Basalte Compute", "Calanque Cloud", "Datalande", "Ébène Cloud", "Falaise Compute", "Granit Cloud",
    "Helvia Cloud", "Ivoire Compute", "Jaspe Cloud", "Kaolin Cloud", "Lauze Compute", "Menhir Cloud", "Nivalis Cloud",
    "Outremer Cloud", "Porphyre Cloud", "Quai Compute", "Rocaille Cloud", "Silex Compute", "Tuffeau Cloud",
    "Ubaye Cloud", "Verrou Compute", "Yser Cloud",
)  # fmt: skip
_TOWNS = ("Brest", "Nantes", "Pau", "Reims", "Dole", "Vichy", "Sète", "Gap", "Laon", "Tulle")
_THINGS = ("la piscine", "le marché couvert", "la médiathèque", "le vieux pont", "le jardin public")
_TAGS = "utm_source=rss&utm_medium=feed&utm_campaign=refonte"
# What the dates of a flood say: now, next year, and the last year that there is.
_DATES = ("now", "next", "Fri, 31 Dec 9999 23:59:59 +0000")


def _deal(number: int) -> tuple[str, str, str]:
    """Return title, summary and text of one deal; each number has other parties and another amount."""
    lab, cloud, amount = _LABS[number], _CLOUDS[number], 110 + 17 * number
    return (
        f"{lab} signe un contrat de {amount} millions d’euros avec {cloud} pour entraîner ses modèles",
        f"Pendant trois ans, la start-up d’IA louera des GPU à l’hébergeur {cloud}.",
        f"La start-up d’intelligence artificielle {lab} a signé lundi un contrat de {amount} millions d’euros avec "
        f"l’hébergeur {cloud}. Pendant trois ans, elle lui louera les grappes de GPU sur lesquelles seront entraînés "
        "ses prochains modèles de langage.\n\nJusqu’ici, la jeune pousse louait ses machines à l’heure, "
        f"au gré des disponibilités. {cloud} assure pouvoir mettre en service la première tranche avant l’été.",
    )


def _other(number: int) -> tuple[str, str, str]:
    town, thing = _TOWNS[number % 10], _THINGS[number // 10 % 5]
    return (
        f"À {town}, {thing} rouvre après {number + 2} mois de travaux",
        f"Les habitants de {town} retrouvent {thing}, dont le chantier a coûté moins que prévu.",
        f"À {town}, {thing} a rouvert ses portes après {number + 2} mois de travaux. Les habitants sont venus nombreux "
        "pour la visite, et la fanfare a joué jusqu’au soir devant un public ravi de revoir les lieux.",
    )


class _Stand:
    """What the feed has, and the pages of it, at the old host and at the new one."""

    def __init__(self, old: Site, new: Site) -> None:
        self.old, self.new = old, new
        self.texts: list[tuple[str, str, str]] = []
        self.items: list[Item] = []

    def publish(self, words: tuple[str, str, str], at: datetime) -> None:
        """Add one item, with its page at both hosts."""
        number = len(self.texts)
        path = self._path(number)
        self.texts.append(words)
        for site in (self.old, self.new):
            for place in (path, f"{path}?{_TAGS}", f"/{number}-refonte.html"):
                site.pages[place] = page(words[0], words[2])
        self.items.insert(0, Item(f"guid-{number}", self.old.url(path), words[0], words[1], at))

    @staticmethod
    def _path(number: int) -> str:
        # A third of the addresses say nothing that survives a new host.
        return f"/a/{number}" if number % 3 == 0 else f"/actu/une-nouvelle-de-la-gazette-{number + 10_000}.html"

    def serve(self, items: Sequence[Item]) -> None:
        """Put a document with `items` at the feed's address."""
        self.old.pages["/fil.xml"] = Answer(200, RSS, rss(items))

    def disguised(self, item: Item, number: int, wave: int, now: datetime) -> Item:
        """Return an item under another guid, address, title and date."""
        path = self._path(number)
        link = (
            self.new.url(f"{path}?{_TAGS}"),
            self.old.url(f"{path}?{_TAGS}").replace("http://", "https://"),
            self.new.url(f"/{number}-refonte.html"),
        )[number // 3 % 3]
        title = (f"{item.title} (actualisé)", f"{item.title}, selon nos informations", f"Info : {item.title}")[wave]
        date: datetime | str = _DATES[number % 3]
        if date == "now":
            date = now
        elif date == "next":
            date = now + 365 * _DAY
        return replace(item, guid=f"refonte-{wave}-{number}", link=link, title=title, published=date)


def _play(room: Newsroom, at: datetime) -> None:
    room.clock.to(at)
    room.settle()
    room.clock.to(at + timedelta(hours=1))
    room.settle()


def run(lab: Lab) -> None:
    """Tell of twenty deals among two hundred items, then let them all come again, twice."""
    old, new = lab.enter(Site(_OLD)), lab.enter(Site(_NEW))
    receiver = lab.enter(Receiver())
    environ = lab.configure(
        feeds=[{"id": "gazette", "name": "La Gazette", "url": old.url("/fil.xml")}],
        recipients={"desk": recipient(receiver.url())},
        rules=[{"id": "tout", "recipients": ["desk"]}],
        fetch={"allow": [old.address, new.address, receiver.address]},
        polling={"host_gap": 0, "max_interval": "15m"},
    )
    room = newsroom(lab, environ, _START)
    stand = _Stand(old, new)
    for number in range(_BEFORE):
        stand.publish(_other(number), _START - (60 - number) * _DAY)
    stand.serve(stand.items)
    _play(room, _START)
    a_day = (_KNOWN - _BEFORE) // _DAYS
    for day in range(1, _DAYS + 1):
        at = _START + day * _DAY
        for place in range(a_day):
            deal = place < _DEALS // _DAYS
            number = (day - 1) * (_DEALS // _DAYS) + place
            stand.publish(_deal(number) if deal else _other(_BEFORE + day * a_day + place), at)
        stand.serve(stand.items)
        _play(room, at)
    told = _told(receiver)
    lab.figure("told before", told["deal.detected"])
    lab.must(told == {"deal.detected": _DEALS}, f"before any flood: {dict(told)}")
    lab.must(_stories(room) == _DEALS, f"{_stories(room)} stories before any flood")

    _flood(lab, room, stand, receiver, wave=0, at=_START + 11 * _DAY, fresh=_FRESH)
    _flood(lab, room, stand, receiver, wave=1, at=_START + 120 * _DAY, fresh=0)
    _strangers(lab, room, stand, receiver, _START + 130 * _DAY)
    _dates(lab, room)


def _told(receiver: Receiver) -> Counter[str]:
    return Counter(json.loads(request.body)["type"] for request in receiver.requests())


def _stories(room: Newsroom) -> int:
    return room.runtime.store.counts()["stories"]


def _flood(lab: Lab, room: Newsroom, stand: _Stand, receiver: Receiver, *, wave: int, at: datetime, fresh: int) -> None:
    """Serve everything again under new identities at `at`, with `fresh` new deals in front."""
    before, pages = _told(receiver), _visits(stand)
    known = list(reversed(stand.items))
    again = [stand.disguised(item, number, wave, at) for number, item in enumerate(known)]
    for number in range(fresh):
        stand.publish(_deal(_DEALS + number), at)
    stand.serve([*stand.items[:fresh], *reversed(again)])
    _play(room, at)
    told = _told(receiver) - before
    lab.figure(f"flood {wave + 1}: alerts", told.total())
    lab.figure(f"flood {wave + 1}: pages read again", _visits(stand) - pages - fresh)
    lab.must(told == ({"deal.detected": fresh} if fresh else {}), f"flood {wave + 1}: {dict(told)}, not {fresh} alerts")
    stories = _DEALS + len(stand.texts) - _KNOWN
    lab.must(_stories(room) == stories, f"flood {wave + 1}: {_stories(room)} stories, not {stories}")


def _visits(stand: _Stand) -> int:
    return sum(
        visit.path not in ("/fil.xml", "/robots.txt") for site in (stand.old, stand.new) for visit in site.visits
    )


def _strangers(lab: Lab, room: Newsroom, stand: _Stand, receiver: Receiver, at: datetime) -> None:
    """Serve what nobody can know: deals under every pair of names, as many at once as no newsroom writes."""
    before = len(receiver.requests())
    items = []
    for number in range(_STRANGE):
        lab_name, cloud = _LABS[number % 23], _CLOUDS[(number * 7 + 3 + number // 23) % 23]
        amount = 900 + 3 * number
        title = f"{lab_name} signe un contrat de {amount} millions d’euros avec {cloud} pour entraîner ses modèles"
        summary = f"La start-up d’IA louera pour {amount} millions d’euros de GPU à l’hébergeur {cloud}."
        items.append(Item(f"autre-{number}", stand.old.url(f"/pris/{number}"), title, summary, at))
    stand.serve(items)
    _play(room, at)
    contents = [json.loads(request.body) for request in receiver.requests()[before:]]
    kinds = Counter(one["type"] for one in contents)
    lab.figure("unknown flood: messages", sum(kinds.values()))
    lab.figure("unknown flood: alerts within digests", sum(_size(one) for one in contents))
    lab.must(kinds["deal.detected"] == 0, f"{kinds['deal.detected']} single alerts of a flood")
    lab.must(kinds["digest"] >= 1, "the alerts of a flood were lost")
    flagged = [one for one in contents if one["type"] == "system" and "déborde" in json.dumps(one, ensure_ascii=False)]
    lab.must(len(flagged) == 1, f"{len(flagged)} messages that the feed floods")


def _size(content: dict[str, Any]) -> int:
    return len(content["data"].get("alerts", ())) if content["type"] == "digest" else 0


def _dates(lab: Lab, room: Newsroom) -> None:
    now = room.clock.now()
    with room.runtime.store.read() as connection:
        entries = connection.scalar(select(func.count()).select_from(entry).where(entry.c.published > now))
        articles = connection.scalar(select(func.count()).select_from(article).where(article.c.published > now))
        rows = connection.scalar(select(func.count()).select_from(entry))
    lab.figure("entries kept", int(rows or 0))
    lab.figure("dates in the future", int(entries or 0) + int(articles or 0))
    lab.must(not entries and not articles, "a date in the future was kept")
