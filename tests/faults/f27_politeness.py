"""Test 27: politeness. Twenty feeds with their pages on one host, polled by two workers of the real daemon; and two
hundred polls of sites that say how often they may be asked, with the clock set forward from one to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from sqlalchemy import func, select

from tests.faults.lab import Lab, wait_until
from tests.faults.receivers import Answer
from tests.faults.sites import RSS, Item, Newsroom, Script, Site, Visit, newsroom, page, rss
from worker.adapters.store import Store
from worker.adapters.store.schema import article

TITLE = "Politeness"

_HOST = "127.0.0.27"
_FEEDS, _POLLS = 20, 200
_GAP_S = 2.0
_CONTACT = "https://veille.example/gigawatch"
_START = datetime(2026, 3, 3, 9, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_COOKIE = {"Set-Cookie": "visiteur=17; Path=/"}
# As servers really write them: weak, with quotes within, in another zone.
_ETAG, _DATED = 'W/"{}-gzip\\";x"', "Tue, 03 Mar 2026 0{}:00:00 +0100"

_DEAL = (
    "Nordlys signe un contrat de {} millions d’euros avec Helvia Cloud pour entraîner ses modèles",
    "Pendant trois ans, la start-up d’IA louera des GPU à l’hébergeur.",
)


def run(lab: Lab) -> None:
    """Ask one host for everything at once, and single hosts again and again."""
    _one_host(lab)
    _announced(lab)


def _item(site: Site, number: int, at: datetime) -> Item:
    path = f"/article/{number}"
    return Item(f"g{number}", site.url(path), _DEAL[0].format(200 + number), _DEAL[1], at)


def _one_host(lab: Lab) -> None:
    site = lab.enter(Site(_HOST))
    count = lab.count(_FEEDS, 3)
    now = datetime.now(UTC)
    site.pages["/robots.txt"] = Answer(200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /prive\n")
    for number in range(count):
        body = rss([_item(site, number, now)])
        site.pages[f"/fil/{number}.xml"] = Answer(200, {**RSS, **_COOKIE}, body, wait_s=0.2)
        text = "\n\n".join([_DEAL[1] * 3] * 3)
        answer = page(_DEAL[0].format(200 + number), text)
        site.pages[f"/article/{number}"] = Answer(200, {**answer.headers, **_COOKIE}, answer.body, wait_s=0.2)
    environ = lab.configure(
        general={"contact": _CONTACT},
        feeds=[{"id": f"f{n}", "name": f"F{n}", "url": site.url(f"/fil/{n}.xml")} for n in range(count)],
        fetch={"allow": [site.address]},
        polling={"tick": "1s", "sweep": "2s", "batch": 5},
        worker={"concurrency": 2},
    )
    environ |= {"GIGAWATCH_DATABASE_URL": lab.database_url(), "GIGAWATCH_BROKER_URL": lab.valkey().url}
    settings = lab.load(environ)
    store = Store(settings.store.url)
    store.migrate()
    store.sync_feeds(settings.feeds, datetime.now(UTC))
    store.close()
    for name in ("worker-1", "worker-2", "beat"):
        lab.part(name.partition("-")[0], environ=environ, log=name).start()
    wanted = {f"/fil/{n}.xml" for n in range(count)} | {f"/article/{n}" for n in range(count)}
    took = wait_until(lambda: wanted <= {one.path for one in site.visits if one.ended}, 1_200, "all was asked for")
    visits = sorted(site.visits, key=lambda visit: visit.begun)
    pauses = [later.begun - earlier.ended for earlier, later in pairwise(visits)]
    feeds = [visit for visit in visits if visit.path.startswith("/fil/")]
    lab.figure("requests to one host", len(visits))
    lab.figure("seconds", took)
    lab.figure("shortest pause, s", min(pauses, default=0.0))
    lab.must(min(pauses, default=0.0) >= _GAP_S - 0.05, f"{min(pauses, default=0.0):.2f} s between two requests")
    lab.must(len(feeds) == count, f"{len(feeds)} requests for {count} feeds")
    _honest(lab, visits)


def _honest(lab: Lab, visits: Sequence[Visit]) -> None:
    agents = {visit.headers.get("user-agent", "") for visit in visits}
    honest = all(agent.startswith("gigawatch/") and _CONTACT in agent for agent in agents)
    lab.figure("user agents", len(agents))
    lab.must(honest and len(agents) == 1, f"user agents {agents}")
    lab.must(not any("cookie" in visit.headers for visit in visits), "a cookie was sent back")


def _changing(channel: str = "", *, every: int = 10, headers: dict[str, str] | None = None) -> Script:
    """Return a feed with validators that brings an item at every tenth poll, and says 304 between."""
    asked = [0]

    def answer(visit: Visit) -> Answer:
        version = asked[0] // every
        asked[0] += 1
        tags = {"ETag": _ETAG.format(version), "Last-Modified": _DATED.format(version % 10)}
        if visit.headers.get("if-none-match") == tags["ETag"]:
            return Answer(304, {**tags, **(headers or {}), **_COOKIE})
        items = [
            Item(f"n{n}", f"http://{visit.host}/n/{n}", f"La nouvelle numéro {n} du jour", "Rien.", _START - n * _HOUR)
            for n in range(20 + version)
        ]
        return Answer(200, {**RSS, **tags, **(headers or {}), **_COOKIE}, rss(items, channel=channel))

    return answer


def _refusing(status: int, retry_after: str) -> Script:
    """Return a feed that refuses every third request and says for how long."""
    well, asked = _changing(), [0]

    def answer(visit: Visit) -> Answer:
        asked[0] += 1
        return Answer(status, {"Retry-After": retry_after}) if asked[0] % 3 == 0 else well(visit)

    return answer


_HOURS = "<skipHours><hour>10</hour><hour>11</hour><hour>12</hour></skipHours><skipDays><day>Thursday</day></skipDays>"
# How long nobody may ask a site again after an answer.
_DELAYS = {"127.0.0.32": timedelta(minutes=90), "127.0.0.33": timedelta(minutes=120)}
_RATE_LIMITED, _BROKEN, _CLOSED = "127.0.0.35", "127.0.0.36", "127.0.0.34"


def _scripts() -> dict[str, Script]:
    """Return what each site says, by host."""
    return {
        "127.0.0.31": _changing(),
        "127.0.0.32": _changing(headers={"Cache-Control": "public, max-age=5400"}),
        "127.0.0.33": _changing("<ttl>120</ttl>"),
        _CLOSED: _changing(_HOURS),
        _RATE_LIMITED: _refusing(429, "3600"),
        _BROKEN: _refusing(503, "3600"),
    }


def _announced(lab: Lab) -> None:
    scripts = _scripts()
    sites = [lab.enter(Site(host)) for host in scripts]
    paged = lab.enter(Site("127.0.0.37"))
    for site in sites:
        site.pages["/fil.xml"] = scripts[site.host]
    paged.pages["/fil.xml"] = Answer(200, RSS, rss([_item(paged, n, _START - _HOUR) for n in range(3)]))
    for number in range(3):
        paged.pages[f"/article/{number}"] = Answer(429, {"Retry-After": "3600"})
    every = [*sites, paged]
    environ = lab.configure(
        general={"contact": _CONTACT},
        feeds=[{"id": f"h{site.host[-2:]}", "name": site.host, "url": site.url("/fil.xml")} for site in every],
        fetch={"allow": [site.address for site in every]},
    )
    room = newsroom(lab, environ, _START)
    for site in every:
        site.now = room.clock.now
    polls = lab.count(_POLLS, 40)
    while sum(len(site.asked("/fil.xml")) for site in every) < polls:
        room.round()
        room.clock.to(_next(room))
    lab.figure("polls with the clock set forward", polls)
    for site in sites:
        _validators(lab, site)
        _delays(lab, site)
    _pages(lab, room, paged)
    _honest(lab, [visit for site in every for visit in site.visits])


def _next(room: Newsroom) -> datetime:
    planned = [state.next_poll_at for state in room.runtime.store.feeds() if state.next_poll_at]
    return min(planned) + timedelta(seconds=1)


def _validators(lab: Lab, site: Site) -> None:
    """Look for requests that do not give back exactly what the last 200 gave."""
    asked = site.asked("/fil.xml")
    bare = [visit for visit in asked if "if-none-match" not in visit.headers]
    lab.must(len(bare) == 1, f"{site.host}: {len(bare)} unconditional requests of {len(asked)}")
    wrong = 0
    for visit in asked[1:]:
        tag = visit.headers.get("if-none-match", "")
        exact = any(
            (tag, visit.headers.get("if-modified-since")) == (_ETAG.format(n), _DATED.format(n % 10)) for n in range(99)
        )
        wrong += not exact
    lab.must(not wrong, f"{site.host}: {wrong} requests with other validators than were given")


def _delays(lab: Lab, site: Site) -> None:
    """Look for requests within the delay that was announced."""
    at = [visit.at for visit in site.asked("/fil.xml")]
    between = [later - earlier for earlier, later in pairwise(at)]
    delay = _DELAYS.get(site.host)
    if delay is not None:
        lab.figure(f"{site.host}: least minutes between, {delay / timedelta(minutes=1):.0f} asked", _minutes(between))
        lab.must(min(between) >= delay, f"{site.host}: asked again after {min(between)}")
    if site.host in (_RATE_LIMITED, _BROKEN):
        refused = between[2::3]
        lab.figure(f"{site.host}: least minutes after a refusal, 60 asked", _minutes(refused))
        lab.must(min(refused, default=_HOUR) >= _HOUR, f"{site.host}: asked again after {min(refused)}")
    if site.host == _CLOSED:
        closed = [one for one in at[1:] if one.hour in (10, 11, 12) or one.weekday() == 3]
        lab.figure(f"{site.host}: requests in closed hours", len(closed))
        lab.must(not closed, f"{site.host}: asked in hours that it closes, such as {closed[:1]}")
    lab.must(min(between) >= timedelta(minutes=15), f"{site.host}: asked again after {min(between)}")


def _minutes(found: Sequence[timedelta]) -> float:
    return min(found, default=timedelta(0)) / timedelta(minutes=1)


def _pages(lab: Lab, room: Newsroom, site: Site) -> None:
    """Look at the host whose pages answer 429: the first of them is its word for all, and the feed's text is judged."""
    pages = [visit for visit in site.visits if visit.path.startswith("/article/")]
    after = [visit.at for visit in site.visits if pages and visit.at > pages[0].at]
    lab.must(bool(pages), "no page was asked for")
    if pages:
        least = min((at - pages[0].at for at in after), default=_HOUR)
        lab.figure("minutes without a request after a page's 429, 60 asked", least / timedelta(minutes=1))
        lab.must(least >= _HOUR, f"the host was asked again {least} after a page's 429")
    lab.must(len(pages) == 1, f"{len(pages)} pages were asked for")
    told = select(func.count()).where(article.c.feed_id == "h37", article.c.state == "done")
    with room.runtime.store.read() as connection:
        judged = connection.scalar(told)
    lab.must(judged == 3, f"{judged} of 3 articles of the busy host were judged")
