"""What `scan` and `eval` read: an address, a page, a text, standard input, or labelled articles one a line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from worker.errors import FetchError, GigawatchError, ParseError, UsageError
from worker.model import Article, Entry, Feed
from worker.ports import Response
from worker.text import digest, host_of, is_web_address

if TYPE_CHECKING:
    from worker.cli.session import Session

_LARGEST = 200 * 2**20
_PAGE_ACCEPT = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"


@dataclass(frozen=True, slots=True)
class Item:
    """One article with its row: `row` is the line of the file as it stands, {} for a page or a text."""

    article: Article
    row: Mapping[str, Any]


def read_all(inputs: list[str], session: Session) -> Iterator[Item]:
    """Yield the articles of every input, in order. Raises UsageError naming the input that cannot be used."""
    for given in inputs:
        yield from _read(given, session)


def read_each(inputs: list[str], session: Session) -> Iterator[tuple[str, list[Item] | GigawatchError]]:
    """Yield each input with its articles, or with why it cannot be used: one that is wrong keeps no other back.

    Raises ConfigError, which is about all of them.
    """
    for given in inputs:
        try:
            yield given, list(_read(given, session))
        except (UsageError, FetchError, ParseError) as error:
            yield given, error


def _read(given: str, session: Session) -> Iterator[Item]:
    if is_web_address(given):
        yield Item(fetched(given, session), {})
        return
    if given == "-":
        yield from _from_bytes(sys.stdin.buffer.read(_LARGEST), "-", "")
        return
    path = Path(given)
    yield from _from_bytes(file_bytes(path), given, path.suffix.lower())


def file_bytes(path: Path) -> bytes:
    """Return a file's content. Raises UsageError that names it."""
    try:
        if path.is_dir():
            raise UsageError(f"{path}: is a folder; give the files in it")
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path}: larger than {_LARGEST // 2**20} MiB")
        return path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file (and not a web address)") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error


def _from_bytes(body: bytes, name: str, suffix: str) -> Iterator[Item]:
    start = body.lstrip()[:1]
    if suffix in (".jsonl", ".ndjson") or (not suffix and start == b"{"):
        yield from (Item(article_of(row, f"{name}:{line}"), row) for line, row in rows(body, name))
    elif suffix in (".html", ".htm", ".xhtml") or start == b"<":
        yield Item(_page(body, name, "file:///" + name, "text/html"), {})
    else:
        yield Item(_plain(body, name), {})


def rows(body: bytes, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line, object) of a JSON Lines document. Raises UsageError with file and line."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = body.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}:{place}: not UTF-8") from None
    # str.splitlines would also cut at U+2028 and its like, which JSON allows inside strings.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise UsageError(f"{name}:{number}: not JSON: {error}") from None
        if not isinstance(row, dict):
            raise UsageError(f"{name}:{number}: a JSON object was expected, one article a line")
        yield number, row


def article_of(row: Mapping[str, Any], where: str) -> Article:
    """Return the article of one labelled row (id, source, published, title, summary, text). Raises UsageError."""
    texts: dict[str, str] = {}
    for key in ("id", "title", "summary", "text", "source", "url", "author"):
        value = row.get(key) or ""
        if not isinstance(value, str):
            raise UsageError(f"{where}: {key}: a text was expected, not {type(value).__name__}")
        texts[key] = value
    if not texts["id"]:
        raise UsageError(f'{where}: id: missing; each article needs an "id"')
    if not (texts["title"] or texts["summary"] or texts["text"]):
        raise UsageError(f"{where}: title, summary and text: all empty")
    return Article(
        id=texts["id"],
        title=texts["title"],
        summary=texts["summary"],
        text=texts["text"],
        url=texts["url"],
        source=texts["source"],
        house=str(row.get("house") or texts["source"]),
        author=texts["author"],
        published=_date(row.get("published"), where),
    )


def _date(value: Any, where: str) -> datetime | None:
    if value in (None, ""):
        return None
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        raise UsageError(f"{where}: published: {value!r} is not a date such as 2026-01-15") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _plain(body: bytes, name: str) -> Article:
    text = body.decode("utf-8", "replace").strip()
    if not text:
        raise UsageError(f"{name}: empty")
    title, _, rest = text.partition("\n")
    return Article(id=digest("text", text), title=title.strip(), summary="", text=rest.strip(), source=name)


def _page(body: bytes, name: str, url: str, content_type: str) -> Article:
    from worker.pipeline import articles

    feed = Feed(id="scan", name=name, url=url)
    entry = Entry(feed_id="scan", guid=url, url=url, title="")
    return articles.read(body, entry=entry, feed=feed, url=url, content_type=content_type)


def fetched(url: str, session: Session) -> Article:
    """Fetch a page through the guarded client and read it, with the rules of the feed that covers its site, if any.

    Raises FetchError for a page that cannot be had, ParseError for one without a usable text.
    """
    import asyncio

    from worker.pipeline import articles

    fetch = session.settings.fetch

    async def get() -> Response:
        with session.runtime() as runtime:
            async with runtime.fetcher() as client:
                return await client.get(url, accept=_PAGE_ACCEPT, limit=fetch.page_bytes)

    answer = asyncio.run(get())
    if answer.status != 200:
        raise FetchError("http_error", f"{url}: answered {answer.status}", status=answer.status)
    host = host_of(answer.url).removeprefix("www.")
    known = (one for one in session.settings.feeds if host_of(one.site or one.url).removeprefix("www.") == host)
    feed = next(known, Feed(id="scan", name=host, url=answer.url))
    entry = Entry(feed_id=feed.id, guid=answer.url, url=answer.url, title="")
    return articles.read(answer.body, entry=entry, feed=feed, url=answer.url, content_type=answer.content_type)
