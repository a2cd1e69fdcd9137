"""robots.txt as RFC 9309 reads it: longest match wins, allow wins a tie, 4xx allows, unreachable forbids."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from worker.errors import BlockedAddress, FetchError
from worker.model import Cause
from worker.ports import Fetcher

# RFC 9309, 2.4 and 2.5: kept for a day at most; at least 500 KiB are to be read.
_KEPT_S = 86_400.0
_READ = 500 * 1024
# A site that could not be asked is asked again soon: its pages are closed meanwhile.
_AGAIN_S = 600.0
_SITES = 2_000
# All that is kept of all sites together, counted as the characters of patterns and some two hundred bytes a rule. A
# site may fill 500 KiB with rules; a common one has two dozen of them.
_KEPT = 16 * 2**20
_RULE = 200
_TOKEN = re.compile(r"[a-z_-]+")


@dataclass(frozen=True, slots=True)
class _Rule:
    allow: bool
    pattern: str

    def matches(self, path: str) -> bool:
        """Match by pieces between `*`, leftmost first: linear, where a regular expression could be made to explode."""
        anchored = self.pattern.endswith("$")
        first, *rest = self.pattern.removesuffix("$").split("*")
        if not path.startswith(first):
            return False
        if not rest:
            return not anchored or path == first
        at = len(first)
        for piece in rest[:-1]:
            found = path.find(piece, at)
            if found < 0:
                return False
            at = found + len(piece)
        last = rest[-1]
        return path.endswith(last) and len(path) - len(last) >= at if anchored else path.find(last, at) >= 0


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one robots.txt that concern one robot."""

    rules: tuple[_Rule, ...] = ()

    @classmethod
    def read(cls, text: str, token: str) -> Rules:
        """Read the groups of product token `token`, all of them as one, or else those of `*`."""
        named: list[_Rule] = []
        general: list[_Rule] = []
        seen_named = ours = everybodys = in_rules = False
        for line in text.splitlines():
            key, colon, value = line.partition("#")[0].partition(":")
            key, value = key.strip().casefold(), value.strip()
            if not colon:
                continue
            if key == "user-agent":
                if in_rules:
                    ours = everybodys = in_rules = False
                product = _product(value)
                ours, everybodys = ours or product == token, everybodys or product == "*"
                seen_named = seen_named or ours
            elif key in ("allow", "disallow"):
                in_rules = True
                if value:
                    rule = _Rule(key == "allow", _normal(value))
                    named += [rule] * ours
                    general += [rule] * everybodys
        return cls(tuple(named if seen_named else general))

    @property
    def size(self) -> int:
        """About how many bytes these rules take."""
        return sum(len(rule.pattern) + _RULE for rule in self.rules)

    def allowed(self, path: str) -> bool:
        """Whether `path` (with its query) may be fetched."""
        path = _normal(path)
        best = max(((len(r.pattern), r.allow) for r in self.rules if r.matches(path)), default=(0, True))
        return best[1]


_ALL = Rules()
_NOTHING = Rules((_Rule(False, "/"),))


@dataclass(frozen=True, slots=True)
class _Site:
    """What is remembered of a site until `until`; `refused` where its robots.txt lies where nothing is fetched."""

    until: float
    rules: Rules
    size: int
    refused: str = ""


class Robots:
    """What every site's robots.txt says, kept in memory for a day. One per process; `over` binds it to a fetcher.

    `token` is the product token that robots.txt files name us by. `clock` gives seconds that only move forward.
    """

    def __init__(self, token: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._token = token.casefold()
        self._clock = clock
        self._sites: dict[str, _Site] = {}
        self._size = 0

    def over(self, fetcher: Fetcher) -> RobotsOver:
        """Return this memory as something that can ask through `fetcher`."""
        return RobotsOver(self, fetcher)

    async def allowed(self, url: str, fetcher: Fetcher) -> bool:
        """Return whether `url` may be fetched; asks its site through `fetcher` where no answer is remembered.

        Raises BlockedAddress for a site whose robots.txt is at an address that is never fetched.
        """
        parts = urlsplit(url)
        if parts.path == "/robots.txt":
            return True
        site = f"{parts.scheme}://{parts.netloc}"
        kept = self._sites.get(site)
        if kept is None or kept.until <= self._clock():
            kept = await self._learn(site, fetcher)
        if kept.refused:
            raise BlockedAddress(Cause.BLOCKED, kept.refused)
        return kept.rules.allowed((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))

    async def _learn(self, site: str, fetcher: Fetcher) -> _Site:
        refused = ""
        try:
            rules, seconds = await self._ask(site, fetcher)
        except BlockedAddress as error:
            rules, seconds, refused = _NOTHING, _AGAIN_S, str(error)
        learnt = _Site(self._clock() + seconds, rules, rules.size, refused)
        self._forget(site)
        while self._sites and (len(self._sites) >= _SITES or self._size + learnt.size > _KEPT):
            self._forget(next(iter(self._sites)))
        self._sites[site] = learnt
        self._size += learnt.size
        return learnt

    def _forget(self, site: str) -> None:
        if (old := self._sites.pop(site, None)) is not None:
            self._size -= old.size

    async def _ask(self, site: str, fetcher: Fetcher) -> tuple[Rules, float]:
        try:
            answer = await fetcher.get(f"{site}/robots.txt", accept="text/plain, */*;q=0.1", limit=4 * _READ)
        except BlockedAddress:
            raise
        except FetchError:
            return _NOTHING, _AGAIN_S
        if answer.status >= 500 or answer.status == 429:
            # RFC 9309 knows 4xx as "no rules"; 429 says "not now", as search engines read it too.
            return _NOTHING, _AGAIN_S
        if answer.status >= 300:
            return _ALL, _KEPT_S
        return Rules.read(answer.body[:_READ].decode("utf-8-sig", "replace"), self._token), _KEPT_S


@dataclass(frozen=True, slots=True)
class RobotsOver:
    """The port `worker.ports.Robots`: a memory of rules, and the fetcher that fills it."""

    memory: Robots
    fetcher: Fetcher

    async def allowed(self, url: str) -> bool:
        """Return whether `url` may be fetched."""
        return await self.memory.allowed(url, self.fetcher)


class EveryPage:
    """The same port for an operator who has the sites' leave: nothing is asked, everything is allowed."""

    async def allowed(self, url: str) -> bool:  # noqa: ARG002
        """Return True."""
        return True


def _product(value: str) -> str:
    found = _TOKEN.match(value.casefold())
    return "*" if value.startswith("*") else found.group() if found else ""


def _normal(path: str) -> str:
    """Return `path` in one spelling of its percent-encoding, with `*` and `$` as they are."""
    if not path.startswith(("/", "*")):
        path = f"/{path}"
    return quote(unquote(path.replace("%2F", "%252F").replace("%2f", "%252F")), safe="/*$?=&:@!'()+,;~%")
