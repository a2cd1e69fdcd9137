"""robots.txt: the rules of RFC 9309, and what a site's answers mean."""

from __future__ import annotations

import asyncio
import gzip
import time
from functools import partial
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.web import Answer, Site, answer, drip
from worker.adapters.http import HttpClient, HttpLimits
from worker.adapters.robots import Robots, Rules
from worker.errors import BlockedAddress
from worker.ports import Fetcher, Response

SPEC = """
User-agent: *
Disallow: /private/
Disallow: /*.pdf$
Allow: /private/open
Disallow: /search?*q=

User-Agent: Gigawatch/2.0
User-agent: otherbot
Disallow: /tech/abonnes
Allow: /tech

user-agent: gigawatch   # the same robot again
disallow: /brouillons
"""


class TestRules:
    @pytest.mark.parametrize(
        ("path", "allowed"),
        [
            ("/", True), ("/private/x", False), ("/private/open/1", True), ("/doc.pdf", False), ("/doc.pdf?x", True),
            ("/search?q=1", False), ("/search?a=1&q=1", False), ("/search?a=1", True), ("/brouillons/1", True),
        ],
    )  # fmt: skip
    def test_of_everybody(self, path: str, allowed: bool) -> None:
        assert Rules.read(SPEC, "somebody").allowed(path) is allowed

    @pytest.mark.parametrize(
        ("path", "allowed"),
        [
            ("/private/x", True),
            ("/tech/abonnes/1", False),
            ("/tech/1", True),
            ("/brouillons/1", False),
            ("/doc.pdf", True),
        ],
    )
    def test_of_the_named_robot_all_groups_and_no_others(self, path: str, allowed: bool) -> None:
        assert Rules.read(SPEC, "gigawatch").allowed(path) is allowed

    @pytest.mark.parametrize(
        ("text", "path", "allowed"),
        [
            ("User-agent: *\nDisallow:", "/x", True),
            ("User-agent: *\nDisallow: /\nAllow: /", "/x", True),
            ("User-agent: *\nDisallow: /caf%C3%A9", "/café", False),
            ("User-agent: *\nDisallow: /café", "/caf%c3%a9/1", False),
            ("User-agent: *\nDisallow: /a%2Fb", "/a/b", True),
            ("Disallow: /x", "/x", True),
            ("User-agent: gigawatchers\nDisallow: /", "/x", True),
            ("User-agent: *\n\n\nDisallow: /x\nSitemap: https://example.org/s.xml\nDisallow: /y", "/y", False),
            ("User-agent: *\nDisallow: *secret", "/a/secret", False),
            ("User-agent: gigawatch\n\nUser-agent: *\nDisallow: /", "/x", False),
            ("<html>not found</html>", "/x", True),
        ],
    )
    def test_odd_files(self, text: str, path: str, allowed: bool) -> None:
        assert Rules.read(text, "gigawatch").allowed(path) is allowed

    def test_a_thousand_names_for_a_thousand_rules_cost_no_time(self) -> None:
        text = "User-agent: other\n" * 15_000 + "User-agent: *\n" + "Disallow: /a\n" * 15_000
        started = time.monotonic()
        assert not Rules.read(text, "gigawatch").allowed("/a")
        assert time.monotonic() - started < 2.0

    def test_a_pattern_of_stars_costs_no_time(self) -> None:
        rules = Rules.read("User-agent: *\nDisallow: /" + "a*" * 2_000 + "b$", "x")
        started = time.monotonic()
        assert rules.allowed("/" + "a" * 5_000)
        assert time.monotonic() - started < 1.0

    @given(st.text(max_size=300), st.text(max_size=60))
    def test_any_file_can_be_read(self, text: str, path: str) -> None:
        assert Rules.read(f"User-agent: *\n{text}", "x").allowed(f"/{path}") in (True, False)


def ask(page: bytes | Answer, *paths: str) -> tuple[list[bool], Site]:
    async def run() -> tuple[list[bool], Site]:
        limits = HttpLimits(total_s=1.0)
        site = Site({"/robots.txt": page})
        async with site, HttpClient(user_agent="t", allow=(site.address,), limits=limits) as http:
            robots = Robots("gigawatch").over(http)
            return [await robots.allowed(site.url(path)) for path in paths], site

    return asyncio.run(run())


class TestSites:
    def test_one_request_serves_a_whole_site(self) -> None:
        found, site = ask(answer(200, b"User-agent: *\nDisallow: /no"), "/no", "/yes", "/no/1", "/robots.txt")
        assert found == [False, True, False, True]
        assert [request.path for request in site.requests] == ["/robots.txt"]

    def test_a_site_whose_robots_lies_inside_is_refused_with_the_rule(self) -> None:
        for _ in range(2):
            with pytest.raises(BlockedAddress, match=r"127\.0\.0\.1 is loopback"):
                ask(answer(302, location="http://127.0.0.1:1/robots.txt"), "/x", "/y")

    def test_what_is_remembered_of_many_sites_has_a_bound(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("worker.adapters.robots._KEPT", 300_000)

        class Web(Fetcher):
            asked: ClassVar[list[str]] = []

            async def get(self, url: str, **_: object) -> Response:
                self.asked.append(url)
                return Response(200, url, body=b"User-agent: *\n" + b"Disallow: /a/b/c\n" * 1_000)

            async def post(self, url: str, **_: object) -> Response:
                raise AssertionError(url)

        robots = Robots("gigawatch")

        async def visit(*hosts: str) -> None:
            for host in hosts:
                assert not await robots.allowed(f"https://{host}.example/a/b/c/d", Web())

        asyncio.run(visit("a", "b"))
        assert robots._size < 300_000
        asyncio.run(visit("b", "a"))
        assert [url[8] for url in Web.asked] == ["a", "b", "a"]

    @pytest.mark.parametrize(("status", "allowed"), [(404, True), (403, True), (410, True), (500, False), (503, False),
                                                     (429, False)])  # fmt: skip
    def test_statuses(self, status: int, allowed: bool) -> None:
        assert ask(answer(status, b"User-agent: *\nDisallow: /x"), "/y")[0] == [allowed]

    def test_a_redirect_is_followed(self) -> None:
        async def run() -> bool:
            rules = answer(200, b"User-agent: *\nDisallow: /")
            pages: dict[str, bytes | Answer] = {"/robots.txt": answer(301, location="/r"), "/r": rules}
            async with Site(pages) as site, HttpClient(user_agent="t", allow=(site.address,)) as http:
                return await Robots("gigawatch").over(http).allowed(site.url("/x"))

        assert asyncio.run(run()) is False

    def test_unreachable_bombs_and_slow_ones_forbid(self) -> None:
        bomb = answer(200, gzip.compress(b"\0" * 50_000_000), content_encoding="gzip")
        slow = partial(drip, head=b"HTTP/1.1 200 OK\r\n\r\n", piece=b"#")
        assert ask(bomb, "/x")[0] == [False]
        assert ask(slow, "/x")[0] == [False]

    def test_only_the_first_500_kib_count(self) -> None:
        body = b"User-agent: *\n" + b"#" * 600_000 + b"\nDisallow: /"
        assert ask(answer(200, body), "/x")[0] == [True]

    def test_an_answer_is_kept_for_a_day_and_a_failure_for_ten_minutes(self) -> None:
        now = [0.0]

        async def run() -> None:
            site = Site({"/robots.txt": answer(503)})
            async with site, HttpClient(user_agent="t", allow=(site.address,)) as http:
                robots = Robots("gigawatch", clock=lambda: now[0]).over(http)
                assert not await robots.allowed(site.url("/x"))
                site.pages["/robots.txt"] = answer(404)
                now[0] = 599.0
                assert not await robots.allowed(site.url("/x"))
                now[0] = 601.0
                assert await robots.allowed(site.url("/x"))
                site.pages["/robots.txt"] = answer(200, b"User-agent: *\nDisallow: /")
                now[0] += 86_399.0
                assert await robots.allowed(site.url("/x"))
                now[0] += 2.0
                assert not await robots.allowed(site.url("/x"))

        asyncio.run(run())
