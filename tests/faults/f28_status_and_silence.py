"""Test 28: what servers answer instead of a feed, for days, and feeds that fall silent. Nine days, the first forty
hours by the hour, the rest by three.

The clock is set forward; requests, answers and the webhook to the operator are real.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from tests.faults.lab import Lab
from tests.faults.receivers import Answer, Receiver, Request
from tests.faults.sites import HTML, RSS, Item, Newsroom, Site, Visit, newsroom, recipient, rss
from worker.model import FeedState

TITLE = "Status and silence"

_HOST = "127.0.0.28"
_START = datetime(2026, 3, 3, 9, tzinfo=UTC)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_LASTS, _HOURLY = 9 * _DAY, 40
# What is due a moment after one look is seen by the next one, an hour later.
_LOOK = _HOUR + timedelta(minutes=5)
# From when to when the failing ones fail.
_FAIL, _HEAL = _START + 2 * _HOUR, _START + 32 * _HOUR
# Half of the feeds failing would be an outage, told as one.
_HEALTHY = 16

_NO_ENTRIES = Answer(200, {**RSS, "ETag": '"none"'}, rss(()))
_FAILURES: dict[str, tuple[str, Answer]] = {
    "absent": ("not_found", Answer(404, {}, b"absent")),
    "interdit": ("forbidden", Answer(403, {}, b"interdit")),
    "panne": ("server_error", Answer(503, {}, b"panne")),
    "html": ("html", Answer(200, HTML, b"<!doctype html><html><body>Bonjour</body></html>")),
    "vide": ("empty", Answer(200, RSS, b"")),
    "sans-article": ("empty", _NO_ENTRIES),
    "presse": ("rate_limited", Answer(429, {"Retry-After": "86400"}, b"")),
}


@dataclass
class _Told:
    """One system message: when it arrived, and all of its words."""

    at: datetime
    words: str


def _items(name: str, upto: datetime, *, gap: timedelta, count: int) -> list[Item]:
    """Return the latest items of a feed that brings one every `gap`, the newest first."""
    last = int((upto - _START) / gap)
    return [
        Item(
            f"{name}-{place}",
            f"http://{_HOST}/{name}/une-petite-nouvelle-du-jour-{place + 1000}",
            f"La petite nouvelle numéro {place} du fil {name}",
            "Le potager municipal a rouvert ses portes ce matin.",
            _START + place * gap,
        )
        for place in range(last, last - count, -1)
    ]


def _feed(name: str, *, gap: timedelta, until: datetime | None = None, count: int = 12) -> Callable[[Visit], Answer]:
    """Return a feed that stops at `until`, with an ETag that is asked for and heeded."""

    def answer(visit: Visit) -> Answer:
        body = rss(_items(name, min(visit.at, until) if until else visit.at, gap=gap, count=count))
        etag = f'"{hash(body)}"'
        if visit.headers.get("if-none-match") == etag:
            return Answer(304, {"ETag": etag})
        return Answer(200, {**RSS, "ETag": etag}, body)

    return answer


def _pages() -> dict[str, Callable[[Visit], Answer]]:
    hourly = {name: _feed(name, gap=_HOUR) for name in ("neuf", "provisoire", "fige", "retire", *_FAILURES)}
    pages = {f"/{name}": _failing(name, hourly[name]) for name in _FAILURES}

    def moved(visit: Visit) -> Answer:
        away = _START + _HOUR <= visit.at < _START + 4 * _DAY
        return Answer(301, {"Location": "/neuf"}) if away else hourly["neuf"](visit)

    def new_home(visit: Visit) -> Answer:
        return hourly["neuf"](visit) if visit.at < _START + 4 * _DAY else Answer(404)

    def frozen(visit: Visit) -> Answer:
        return Answer(304) if "if-none-match" in visit.headers else hourly["fige"](visit)

    return {
        **pages,
        "/vieux": moved,
        "/neuf": new_home,
        "/provisoire": lambda _: Answer(302, {"Location": "/ailleurs"}),
        "/ailleurs": hourly["provisoire"],
        "/retire": lambda visit: Answer(410) if visit.at >= _FAIL else hourly["retire"](visit),
        "/fige": frozen,
        "/toujours-304": lambda _: Answer(304),
        "/muet": _feed("muet", gap=_HOUR, until=_START),
        **{f"/sain-{n}": _feed(f"sain-{n}", gap=_DAY) for n in range(_HEALTHY)},
    }


def _failing(name: str, well: Callable[[Visit], Answer]) -> Callable[[Visit], Answer]:
    def answer(visit: Visit) -> Answer:
        if not _FAIL <= visit.at < _HEAL:
            return well(visit)
        bad = _FAILURES[name][1]
        # A feed without entries whose server says from then on that this has not changed.
        unchanged = "ETag" in bad.headers and visit.headers.get("if-none-match") == bad.headers["ETag"]
        return Answer(304) if unchanged else bad

    return answer


def _state(room: Newsroom, name: str) -> FeedState:
    found = room.runtime.store.feed(name)
    assert found is not None
    return found


def _told(receiver: Receiver, times: Sequence[datetime]) -> list[_Told]:
    return [_Told(at, request.body.decode()) for at, request in zip(times, receiver.requests(), strict=True)]


def run(lab: Lab) -> None:
    """Play nine days; judge by what sites were asked and by what the operator was told."""
    site = lab.enter(Site(_HOST))
    times: list[datetime] = []

    def heard(_: Request, __: object) -> Answer:
        times.append(site.now())
        return Answer()

    receiver = lab.enter(Receiver(heard))
    site.pages.update(_pages())
    names = [path.strip("/") for path in site.pages if path not in ("/neuf", "/ailleurs")]
    environ = lab.configure(
        feeds=[{"id": name, "name": f"Le fil {name}", "url": site.url(f"/{name}")} for name in names],
        recipients={"desk": recipient(receiver.url())},
        rules=[{"id": "tout", "recipients": ["desk"]}],
        fetch={"allow": [site.address, receiver.address]},
        polling={"host_gap": 0},
    )
    room = newsroom(lab, environ, _START)
    site.now = room.clock.now
    causes: dict[str, set[str]] = {name: set() for name in names}
    for hour in (*range(_HOURLY), *range(_HOURLY, round(_LASTS / _HOUR), 3)):
        room.clock.to(_START + hour * _HOUR)
        room.round()
        for name in _FAILURES:
            if _FAIL + _HOUR <= room.clock.now() < _HEAL:
                causes[name].add(_state(room, name).cause.value)
    told = _told(receiver, times)
    _moves(lab, room, site)
    _failures(lab, room, site, causes, told)
    _silences(lab, room, site, told)
    lab.figure("requests", len(site.visits))
    lab.figure("system messages", len(told))


def _moves(lab: Lab, room: Newsroom, site: Site) -> None:
    old = [visit.at for visit in site.asked("/vieux")]
    redirected = [at for at in old if at >= _START + _HOUR]
    before = [at for at in redirected if at < _START + 4 * _DAY]
    state = _state(room, "vieux")
    lab.figure("301s before the move was believed", len(before))
    lab.must(len(before) == 3, f"the old address was asked {len(before)} times after it had moved, not 3")
    lab.must(state.feed.url == site.url("/vieux"), "the old address was not kept")
    lab.must(state.moved_to is None and state.cause.value == "ok", "the feed did not come back to its old address")
    asked = len(site.asked("/provisoire"))
    lab.must(asked == len(site.asked("/ailleurs")), "the target of a 302 was remembered")
    lab.must(_state(room, "provisoire").moved_to is None, "a 302 was taken for a move")


def _failures(lab: Lab, room: Newsroom, site: Site, causes: dict[str, set[str]], told: Sequence[_Told]) -> None:
    longest = timedelta(0)
    alarms, healed = [], []
    for name, (cause, _) in _FAILURES.items():
        lab.must(causes[name] <= {cause, "ok"} and cause in causes[name], f"{name}: {causes[name]}, not {cause}")
        state = _state(room, name)
        lab.must(state.cause.value == "ok" and not state.failures, f"{name} did not recover: {state.cause.value}")
        at = [visit.at for visit in site.asked(f"/{name}")]
        if name != "presse":
            longest = max([longest, *(later - earlier for earlier, later in pairwise(at))])
        good = max((one for one in at if one < _FAIL), default=_START)
        words = [one for one in told if f"Le fil {name}" in one.words]
        lab.must(len(words) == 2, f"{name}: {len(words)} messages, not its failing and its return")
        if words:
            alarms.append((words[0].at - good) / _HOUR)
        if words and name != "presse":
            healed.append((words[-1].at - _HEAL) / _HOUR)
    lab.figure("longest pause between polls, hours", longest / _HOUR)
    lab.figure("alarm after the last good fetch, hours, from", min(alarms, default=0.0))
    lab.figure("alarm after the last good fetch, hours, to", max(alarms, default=0.0))
    lab.figure("recovered and told after, hours, at most", max(healed, default=0.0))
    lab.must(longest <= 1.1 * 6 * _HOUR + _LOOK, f"{longest} between two polls of a feed that fails")
    late = (_DAY + _LOOK) / _HOUR
    lab.must(max(alarms, default=99.0) <= late, "an alarm came more than a day (and a look) after the last good fetch")
    lab.must(min(alarms, default=0.0) >= 23.9, "an alarm came before a day had passed")
    gone = _state(room, "retire")
    after = [visit.at for visit in site.asked("/retire") if visit.at >= _FAIL]
    words = [one for one in told if "Le fil retire" in one.words]
    lab.must(gone.disabled and len(after) == 1, f"a feed that is gone was asked {len(after)} times")
    lab.must(len(words) == 1, f"{len(words)} messages about the feed that is gone")
    if words and after:
        lab.figure("410 told after, hours", (words[0].at - after[0]) / _HOUR)
        lab.must(words[0].at - after[0] <= _HOUR, "a 410 was not told at once")


def _silences(lab: Lab, room: Newsroom, site: Site, told: Sequence[_Told]) -> None:
    words = [one for one in told if "Le fil muet" in one.words]
    lab.must(len(words) == 1, f"{len(words)} messages about the feed that fell silent")
    if words:
        lab.figure("silence of an hourly feed told after, hours", (words[0].at - _START) / _HOUR)
        lab.must(_DAY <= words[0].at - _START <= _DAY + 2 * _HOUR, f"silence told at {words[0].at}")
    frozen = [one for one in told if "Le fil fige" in one.words]
    lab.must(bool(frozen) and frozen[0].at - _START <= _DAY + 2 * _HOUR, "304 for ever was not told within a day")
    state = _state(room, "fige")
    whole = [visit.at for visit in site.asked("/fige") if "if-none-match" not in visit.headers]
    lab.figure("304 for ever: whole documents asked for", len(whole))
    if len(whole) > 1:
        lab.figure("304 for ever: news found after, days", (whole[1] - _START) / _DAY)
    lab.must(state.entries > 12 and len(whole) <= 8, f"{state.entries} entries, {len(whole)} unconditional requests")
    never = _state(room, "toujours-304")
    lab.must(never.cause.value == "http_error", f"304 to an unconditional request is {never.cause.value}")
    lab.must(any("Le fil toujours-304" in one.words for one in told), "a feed that was never read was not told")
    strange = [json.loads(one.words)["data"].get("title", "") for one in told if "Le fil sain" in one.words]
    lab.must(not strange, f"healthy feeds were complained of: {strange[:3]}")
