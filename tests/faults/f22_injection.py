"""Test 22: markup, links and terminal commands in all that a site writes, through mails, webhooks and a terminal."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
from sqlalchemy import func, select

from tests.faults.lab import Lab, wait_until
from tests.faults.receivers import Answer, Receiver
from tests.faults.strangers import HTML, RSS, Canary, Visit, Web, feed_row, nothing
from worker import settings
from worker.adapters.store import Store
from worker.adapters.store.schema import alert, article
from worker.demo.play import SECRET
from worker.demo.script import load
from worker.demo.sinks import MailSink, part

TITLE = "HTML and link injection"

_ALL_TAGS = "html head meta title style body table tbody tr td p span a div strong em br b i ul li h1 h2 h3 sup small"
_ALL_ATTRIBUTES = (
    "lang charset name content role width height cellpadding cellspacing class style bgcolor valign align href colspan "
    "rowspan title dir border aria-hidden"
)
_TAGS, _ATTRIBUTES = frozenset(_ALL_TAGS.split()), frozenset(_ALL_ATTRIBUTES.split())
_LOADS = re.compile(r"url\s*\(|@import|expression\s*\(|behavior\s*:|-moz-binding", re.IGNORECASE)
# All controls but the line feed and the tabulator, and what turns a line around.
_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


def _payloads(canary: str) -> tuple[str, ...]:
    """Return texts that become markup, links or commands where somebody forgets to escape them."""
    return (
        "<script>alert(1)</script>", f"<img src={canary}/i onerror=alert(1)>", f"<a href='{canary}/a'>ici</a>",
        "<a href=javascript:alert(1)>ici</a>", f"<form action={canary}/f><input type=password></form>",
        f"<style>@import '{canary}/s';*{{display:none}}</style>", f"<iframe src={canary}/e></iframe>",
        f'"><svg onload=alert(1)><image href={canary}/v>', f"<div style='background:url({canary}/b)'>", "<!-- -->",
        f"<base href={canary}/><meta http-equiv=refresh content='0;url={canary}/r'>", "{{ 7*7 }}{% raw %}",
        "\x1b[2J\x1b]0;titre\x07\x1b]8;;http://mechant.example\x1b\\", "\x9b31m\x00\x08\x7f",
        "\u202eelpmaxe\u2066\u200b", "]]><x>", "&lt;b&gt;&#x1b;[31m&#155;2J", "'; DROP TABLE alert; --",
    )  # fmt: skip


_LINKS = (
    "http://{host}/{path}\x1b[31m", "javascript:alert(1)", 'http://{host}/{path}"onmouseover="alert(1)',
    "data:text/html,<script>alert(1)</script>", "http://{host}/{path}?a=<b>&c='d'", "http://lemonde.fr@{host}/{path}",
    "//{host}/{path}", "vbscript:x", "http://{host}/{path}#\u202egpj",
)  # fmt: skip


class _Site:
    """One feed of deals whose every field is hostile, and their pages."""

    def __init__(self, canary: str) -> None:
        deals = load(settings.packaged() / "demo" / "newsroom.toml").pieces
        self.pieces = [piece for piece in deals if piece.story and piece.page == "open"]
        self.published = False
        self.canary = canary
        self.web = Web(self._answer)
        self.payloads = _payloads(canary)

    def _answer(self, visit: Visit) -> Answer:
        if visit.path.startswith("/feed"):
            return Answer(200, RSS, self._feed() if self.published else nothing(self.web.url("/x"), "rien"))
        # The page's own address may have quotes, signs and commands behind its name.
        found = next((n for n in range(len(self.pieces)) if visit.path.startswith(f"/deal-{n}-")), None)
        return Answer(404) if found is None else Answer(200, HTML, self._page(found))

    def _texts(self, number: int) -> tuple[str, list[str]]:
        """Return a piece's title and paragraphs with a payload in each sentence, as plain text."""
        piece = self.pieces[number]
        turn = cycle(self.payloads[number * 5 :] + self.payloads[: number * 5])
        text = piece.text.replace("{jour}", "mardi").strip()
        paragraphs = [re.sub(r"\.(\s|$)", lambda end: f" {next(turn)}.{end[1]}", one) for one in text.split("\n\n")]
        return f"{piece.title} {next(turn)} {next(turn)}", paragraphs

    def _link(self, number: int) -> str:
        return _LINKS[number % len(_LINKS)].format(host=self.web.address, path=f"deal-{number}-x")

    def _feed(self) -> bytes:
        items = []
        for number, piece in enumerate(self.pieces):
            title, paragraphs = self._texts(number)
            hostile = "".join(self.payloads)
            written = [escape(_shown(one)) for one in (title, hostile, hostile, self._link(number))]
            content = escape("".join(f"<p>{_shown(one)}</p>" for one in paragraphs))
            items.append(
                f"<item><title>{written[0]}</title><author>{written[1]}</author><category>{written[2]}</category>"
                f"<guid isPermaLink='false'>{piece.id}{written[2]}</guid><link>{written[3]}</link>"
                f"<description>{escape(piece.summary)} {written[1]}</description><content:encoded>{content}"
                "</content:encoded></item>"
            )
        name = escape(_shown("".join(self.payloads)))
        return (
            "<?xml version='1.0' encoding='utf-8'?><rss version='2.0' xmlns:content="
            f"'http://purl.org/rss/1.0/modules/content/'><channel><title>{name}</title>{''.join(items)}</channel></rss>"
        ).encode("utf-8", "replace")

    def _page(self, number: int) -> bytes:
        title, paragraphs = self._texts(number)
        # Escaped, the payloads are words of the article; raw, they are its markup.
        body = "".join(f"<p>{escape(one)}</p>" for one in paragraphs)
        raw = "".join(self.payloads)
        return (
            f"<html lang='fr'><head><title>{escape(title)}</title><meta name=author content='{escape(raw)}'>"
            f"<link rel=canonical href='http://{self.web.address}/deal-{number}-x&#27;[31m&quot;onclick=x'>"
            f"<meta property='og:site_name' content='{escape(raw)}'></head><body><article><h1>{escape(title)}</h1>"
            f"{body}</article><aside>{raw}</aside></body></html>"
        ).encode("utf-8", "replace")


def _shown(value: str) -> str:
    """Return `value` as XML can hold it: commands as references, where XML knows none."""
    return re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f]", lambda found: f"&#{ord(found[0])};", value)


class _Mail(HTMLParser):
    """What stands in a mail's HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.styles: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self._in_style = tag == "style"

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.styles.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_style = self._in_style and tag != "style"


def run(lab: Lab) -> None:
    """Publish deals with hostile fields; read what came by mail, by webhook and on the terminal."""
    canary = Canary()
    lab.at_end(canary.close)
    site = _Site(f"http://127.0.0.1:{canary.port}")
    lab.enter(site.web)
    hook, mails = lab.enter(Receiver()), lab.enter(MailSink(lab.folder / "mails"))
    environ = lab.configure(
        feeds=[feed_row("fil", site.web.url("/feed.xml"))],
        recipients={
            "console": {"channel": "console", "address": "-"},
            "desk": {"channel": "email", "address": "desk@gw.example"},
            "robot": {"channel": "webhook", "address": hook.url(), "secret": SECRET},
        },
        rules=[{"id": "tout", "recipients": ["console", "desk", "robot"]}],
        smtp={"host": "127.0.0.1", "port": mails.port, "security": "none", "sender": "veille@gw.example"},
        polling={"min_interval": "2s", "max_interval": "2s", "host_gap": 0, "tick": "500ms", "sweep": "1s"},
        fetch={"allow": [site.web.address, hook.address]},
        delivery={"digest_wait": "1s"},
    )
    environ["GIGAWATCH_DATABASE_URL"] = lab.database_url()
    store = Store(environ["GIGAWATCH_DATABASE_URL"])
    store.migrate()
    lab.at_end(store.close)
    daemon = lab.part("up", environ=environ)
    daemon.start()
    try:
        # What a first poll brings goes into one digest; what comes later is told deal by deal.
        wait_until(lambda: not daemon.alive() or any(state.polls for state in store.feeds()), 240, "a first poll")
        site.published = True
        wait_until(lambda: not daemon.alive() or _told(store, len(site.pieces)), 240, "every deal told")
    except TimeoutError as error:
        lab.must(False, f"{error}; {daemon.words()[-1000:]}")
    lab.figure("articles published", len(site.pieces))
    lab.figure("pages read", len({visit.path for visit in site.web.visits if visit.path.startswith("/deal")}))
    _mails(lab, mails, site)
    _hooks(lab, hook)
    _words(lab, environ, daemon.words())
    lab.figure("connections to the canary", len(canary.connections))
    lab.must(not canary.connections, "something that an article named was loaded")
    daemon.stop()


def _told(store: Store, deals: int) -> bool:
    with store.read() as connection:
        judged = connection.scalar(select(func.count()).where(article.c.state == "done", article.c.feed_id == "fil"))
        mine = select(func.count()).where(alert.c.rule_id == "tout")
        open_alerts = connection.scalar(mine.where(alert.c.state.in_(("open", "held"))))
        sent = connection.scalar(mine.where(alert.c.sent_at.is_not(None)))
    return int(judged or 0) >= deals and not open_alerts and int(sent or 0) > 0


def _mails(lab: Lab, mails: MailSink, site: _Site) -> None:
    found = mails.mails()
    seen, links, words = _Mail(), [], ""
    for mail in found:
        html, plain = part(mail.message, "html"), part(mail.message, "plain")
        seen.feed(html)
        words += html
        lab.must(not _COMMANDS.search(plain + html), f"{mail.subject}: a command in its text")
        links += re.findall(r"https?://\S+", plain)
    links += [value for name, value in seen.attributes if name == "href"]
    schemes = {urlsplit(link).scheme for link in links}
    foreign = sorted(seen.tags - _TAGS), sorted({name for name, _ in seen.attributes} - _ATTRIBUTES)
    loads = [s for s in (*seen.styles, *(v for n, v in seen.attributes if n == "style")) if _LOADS.search(s)]
    hosts = {urlsplit(link).netloc for link in links if urlsplit(link).scheme in ("http", "https")}
    lab.figure("mails", len(found))
    lab.figure("tags in them", " ".join(sorted(seen.tags)))
    lab.figure("links in them", len(links))
    lab.figure("schemes of links", " ".join(sorted(schemes)))
    lab.figure("payloads shown as text", sum(escape(one, quote=False)[:12] in words for one in site.payloads))
    lab.must(bool(found), "no mail came")
    lab.must(foreign == ([], []), f"tags and attributes that no template has: {foreign}")
    lab.must(not loads, f"styles that load: {loads[:3]}")
    lab.must(schemes <= {"http", "https", "mailto"}, f"schemes {schemes}")
    mine = [value for name, value in seen.attributes if name == "href" and value.startswith("mailto:")]
    lab.must(all("veille@gw.example" in value for value in mine), f"mail addresses {mine}")
    lab.must(all("@" not in host for host in hosts), f"look-alike hosts: {hosts}")
    lab.must("&lt;script&gt;" in words or "&lt;img" in words, "no payload reached a mail: the test looks at nothing")


def _hooks(lab: Lab, hook: Receiver) -> None:
    schema = json.loads((settings.packaged() / "webhook.schema.json").read_text("utf-8"))
    bodies = [json.loads(request.body) for request in hook.requests()]
    lab.figure("webhooks", len(bodies))
    lab.must(bool(bodies), "no webhook came")
    for body in bodies:
        jsonschema.validate(body, schema, cls=jsonschema.Draft202012Validator)
    texts = [text for body in bodies for text in _strings(body)]
    lab.must(not any(_COMMANDS.search(text) for text in texts), "a command in a webhook")
    links = [text for text in texts if re.match(r"(javascript|data|vbscript|file):", text, re.IGNORECASE)]
    lab.must(not links, f"links {links}")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for held in value.values():
            yield from _strings(held)
    elif isinstance(value, list):
        for held in value:
            yield from _strings(held)


def _words(lab: Lab, environ: dict[str, str], said: str) -> None:
    """Look at what a terminal was sent: the daemon's own words, its log of alerts, and the commands of a person."""
    told = {"up": said, "alerts.log": (Path(environ["GIGAWATCH_DATA"]) / "alerts.log").read_text("utf-8")}
    commands = ("alerts list", "stories list", "articles list", "feeds list", "ledger", "export", "alerts list --json")
    for command in commands:
        program = [sys.executable, "-m", "worker", *command.split()]
        ended = subprocess.run(program, env=environ, capture_output=True, timeout=120, check=False)
        lab.must(
            ended.returncode == 0, f"{command}: {ended.returncode}: {ended.stderr.decode('utf-8', 'replace')[-300:]}"
        )
        told[command] = ended.stdout.decode("utf-8") + ended.stderr.decode("utf-8")
    loud = {name: _COMMANDS.findall(text)[:5] for name, text in told.items() if _COMMANDS.search(text)}
    lab.figure("terminal outputs read", len(told))
    lab.figure("characters in them", sum(map(len, told.values())))
    lab.must(not loud, f"commands on a terminal: {loud}")
