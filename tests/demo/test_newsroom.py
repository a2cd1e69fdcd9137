"""The demo's newsroom: real HTTP, four formats, validators, a wall and a robots rule."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest

from worker.demo.newsroom import Newsroom
from worker.demo.script import FORBIDDEN, ROBOTS, Script, load
from worker.errors import ConfigError
from worker.settings import packaged

_NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def script() -> Script:
    return load(packaged() / "demo" / "newsroom.toml")


@pytest.fixture
def newsroom(script: Script) -> Iterator[Newsroom]:
    with Newsroom(script) as room:
        yield room


def _get(url: str, **headers: str) -> tuple[int, bytes, str, str]:
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read(), answer.headers["Content-Type"], answer.headers["ETag"] or ""
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers["Content-Type"], error.headers["ETag"] or ""


def test_the_script_is_as_large_and_as_varied_as_promised(script: Script) -> None:
    assert len(script.outlets) >= 4
    assert {outlet.format for outlet in script.outlets} == {"rss2", "atom", "rdf", "json"}
    assert any(outlet.charset == "iso-8859-1" for outlet in script.outlets)
    assert len(script.pieces) >= 15
    assert sum(not piece.story for piece in script.pieces) >= 6
    told = [piece.outlet for piece in script.pieces if piece.story == "triangle" and piece.wave < 4]
    assert len(set(told)) == 3


def test_every_feed_holds_what_was_published(newsroom: Newsroom, script: Script) -> None:
    for wave in range(script.waves + 1):
        newsroom.publish(wave, _NOW)
    for feed, outlet in zip(newsroom.feeds(), script.outlets, strict=True):
        status, body, kind, _ = _get(feed.url)
        assert status == 200
        assert outlet.charset in kind
        wanted = sorted(piece.dated(_NOW).title for piece in script.pieces if piece.outlet == outlet.id)
        if outlet.format == "json":
            titles = [item["title"] for item in json.loads(body)["items"]]
        else:
            parsed = feedparser.parse(io.BytesIO(body), response_headers={"content-type": kind})
            assert not parsed.bozo
            titles = [entry.title for entry in parsed.entries]
        assert sorted(titles) == wanted


def test_waves_appear_when_published_and_once(newsroom: Newsroom, script: Script) -> None:
    assert newsroom.published() == ()
    assert len(newsroom.publish(0, _NOW)) == len(script.wave(0))
    assert newsroom.publish(0, _NOW) == ()
    later = script.wave(1)[0]
    assert _get(newsroom.base + later.path)[0] == 404
    newsroom.publish(1, _NOW)
    assert _get(newsroom.base + later.path)[0] == 200


def test_unchanged_feeds_answer_304_until_something_new(newsroom: Newsroom, script: Script) -> None:
    newsroom.publish(0, _NOW)
    url = newsroom.feeds()[0].url
    tag = _get(url)[3]
    assert _get(url, **{"If-None-Match": tag})[0] == 304
    newsroom.publish(1, _NOW)
    status, _, _, fresh = _get(url, **{"If-None-Match": tag})
    assert (status, fresh != tag) == (200, True)


def test_walls_answer_403_and_robots_rules_name_the_closed_page(newsroom: Newsroom, script: Script) -> None:
    newsroom.publish(script.waves - 1, _NOW)
    wall = next(piece for piece in script.pieces if piece.page == FORBIDDEN)
    closed = next(piece for piece in script.pieces if piece.page == ROBOTS)
    assert _get(newsroom.base + wall.path)[0] == 403
    rules = _get(newsroom.base + "/robots.txt")[1].decode()
    prefixes = [line.removeprefix("Disallow: ") for line in rules.splitlines() if line.startswith("Disallow")]
    assert any(closed.path.startswith(prefix) for prefix in prefixes)
    others = [piece.path for piece in script.pieces if piece is not closed]
    assert not any(path.startswith(prefix) for path in others for prefix in prefixes)
    assert [visit.status for visit in newsroom.visits()] == [403, 200]


def test_the_day_is_that_of_publication(script: Script) -> None:
    piece = next(piece for piece in script.pieces if "{jour}" in piece.text and not piece.hours_ago)
    assert "mercredi" in piece.dated(_NOW).text
    assert all("{" not in one.dated(_NOW).text + one.dated(_NOW).title for one in script.pieces)


@pytest.mark.parametrize("text", ["", "outlet = 3", "[[outlet]]\nid = 'x'", "not toml ="])
def test_a_broken_script_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "newsroom.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"newsroom\.toml"):
        load(path)
