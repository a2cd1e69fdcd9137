"""`gigawatch articles ...`: what was read, what was turned down and why, one article with its proof."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import phrases, quarantine, screen, session
from worker.cli.faults_told import told
from worker.cli.periods import begin
from worker.cli.phrases import phrase
from worker.cli.screen import Column
from worker.cli.usage import Commands
from worker.errors import UsageError
from worker.text import one_line

if TYPE_CHECKING:
    from worker.model import Reason
    from worker.pipeline.rehearsal.misses import Miss
    from worker.ports import JudgedArticle, StoppedEntry
    from worker.runtime import Runtime

app = Commands(no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help=phrase("option.json"))]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help=phrase("option.limit"))]
Since = Annotated[str, typer.Option("--since", metavar="7d", help=phrase("option.since"))]

# An entry whose page was never fetched is no article either.
_ENTRY = quarantine.ENTRY


@app.command("list", help=phrase("articles.list"))
def list_articles(
    context: typer.Context,
    since: Since = "7d",
    deals: Annotated[bool, typer.Option("--deals", help=phrase("articles.deals"))] = False,
    feed: Annotated[str, typer.Option("--feed", help=phrase("articles.feed"))] = "",
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    with session.of(context).opened() as runtime:
        start = begin(since, runtime.clock.now())
        found = runtime.store.article_lines(since=start, limit=limit, deal=True if deals else None, feed_id=feed)
        _say_if_empty(runtime, bool(found), since)
    if as_json:
        screen.emit(
            [
                {
                    "id": one.id, "title": one.title, "url": one.url, "source": one.source, "feed": one.feed_id,
                    "published": one.published, "seen_at": one.seen_at, "state": one.state, "deal": one.deal,
                    "score": one.score, "story": one.story_id,
                }
                for one in found
            ]
        )  # fmt: skip
        return
    columns = (
        Column("column.id", style="dim", width=8), Column("column.seen"), Column("column.deal", style="bold"),
        Column("column.score", right=True), Column("column.source", ratio=1), Column("column.title", ratio=4),
        Column("column.story", style="dim", width=8),
    )  # fmt: skip
    rows = [
        (
            one.id[:8], screen.when(one.seen_at), _word(one.deal, one.state), _score(one.score), one.source, one.title,
            (one.story_id or "")[:8],
        )
        for one in found
    ]  # fmt: skip
    screen.table(columns, rows)
    screen.remark("articles.sum", articles=len(found))


def _say_if_empty(runtime: Runtime, found: bool, since: str) -> None:
    if found:
        return
    if runtime.store.has_articles():
        screen.remark("history.none_since", since=since)
    else:
        screen.remark("history.empty")


def _word(deal: bool | None, state: str) -> str:
    if deal is None:
        return phrase("articles.failed" if state == "quarantined" else "articles.waiting")
    return phrase("scan.deal" if deal else "scan.no_deal")


def _score(score: float | None) -> str:
    return "-" if score is None else f"{score:.2f}"


@dataclass(frozen=True, slots=True)
class _Stopped:
    """One line of the rejects: an article, or an entry that was never fetched."""

    id: str
    title: str
    url: str
    source: str
    published: datetime | None
    seen_at: datetime
    miss: Miss
    error: str = ""

    @property
    def rank(self) -> tuple[Any, ...]:
        return (*self.miss.rank, self.seen_at, self.id)


@app.command("rejected", help=phrase("articles.rejected"))
def rejected(
    context: typer.Context,
    since: Since = "7d",
    near: Annotated[bool, typer.Option("--near", help=phrase("articles.near"))] = False,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    with session.of(context).opened() as runtime:
        start = begin(since, runtime.clock.now())
        total = runtime.store.judged_count(start) + runtime.store.stopped_count(start)
        every = screen.counted(_stopped(runtime, start), total, "progress.rejects")
        found = heapq.nlargest(limit, (one for one in every if one.miss.near or not near), key=lambda one: one.rank)
        _say_if_empty(runtime, bool(found), since)
    if as_json:
        screen.emit([_reject_record(one) for one in found])
        return
    columns = (
        Column("column.id", style="dim"), Column("column.score", right=True), Column("column.stop"),
        Column("column.missing", right=True), Column("column.title", ratio=3), Column("column.reasons", ratio=3),
    )  # fmt: skip
    screen.table(columns, [_reject_row(one) for one in found])


def _stopped(runtime: Runtime, start: datetime) -> Iterator[_Stopped]:
    """Yield what no story came of: articles turned down, then entries that the gate stopped."""
    from worker.pipeline.detection.gate import BIAS
    from worker.pipeline.rehearsal.misses import Miss, Stop, gated, missed

    detector = runtime.detector
    for line in runtime.store.turned_down(start):
        verdict = line.verdict
        miss = (
            Miss(Stop.FAILED, 0.0, 0.0) if verdict is None else missed(verdict, threshold=runtime.threshold, bias=BIAS)
        )
        if miss is not None:
            yield _Stopped(line.id, line.title, line.url, line.source, line.published, line.seen_at, miss, line.error)
    names = {state.feed.id: state.feed.name for state in runtime.store.feeds()}
    for one in runtime.store.stopped_entries(start):
        entry = one.entry
        miss = gated(detector.gate(entry.title, entry.summary).reasons, bias=BIAS)
        name = names.get(entry.feed_id, entry.feed_id)
        yield _Stopped(f"{_ENTRY}{entry.id}", entry.title, entry.url, name, entry.published, one.seen_at, miss)


def _reject_record(one: _Stopped) -> dict[str, Any]:
    return {
        "id": one.id, "title": one.title, "url": one.url, "source": one.source, "published": one.published,
        "seen_at": one.seen_at, "score": one.miss.score, "stopped_by": one.miss.stop.name.lower(),
        "missing": one.miss.margin, "near": one.miss.near, "error": one.error,
        "reasons": [_reason(reason) for reason in one.miss.reasons],
    }  # fmt: skip


def _reason(reason: Reason) -> dict[str, Any]:
    return {"code": reason.code, "weight": reason.weight, "detail": reason.detail}


def _reject_row(one: _Stopped) -> tuple[str, ...]:
    name = one.id if one.id.startswith(_ENTRY) else one.id[:8]
    against = told(one.error) or "; ".join(_named(reason) for reason in one.miss.reasons[:3] if reason.weight < 0)
    missing = f"{one.miss.margin:.1f}" if one.miss.margin else "-"
    return name, _score(one.miss.score), phrase(f"stop.{one.miss.stop.name.lower()}"), missing, one.title, against


def _named(reason: Reason) -> str:
    key = f"reason.{reason.code}"
    return f"{phrase(key) if phrases.known(key) else reason.code} ({reason.weight:+.1f})"


@app.command("show", help=phrase("articles.show"))
def show(
    context: typer.Context,
    article_id: Annotated[str, typer.Argument(metavar="ID", help=phrase("articles.id"))],
    as_json: Json = False,
) -> None:
    with session.of(context).opened() as runtime:
        if article_id.startswith(_ENTRY) and article_id.removeprefix(_ENTRY).isdecimal():
            number = int(article_id.removeprefix(_ENTRY))
            entry = runtime.store.stopped_entry(number) if number < 2**63 else None
            if entry is not None:
                _show_entry(runtime, entry, as_json=as_json)
                return
        one = runtime.store.article(article_id) if article_id else None
        if one is None:
            raise UsageError(phrase("articles.unknown", id=one_line(article_id, 80)))
        if as_json:
            screen.emit(_article_record(runtime, one))
        else:
            _show_article(runtime, one)


def _miss(runtime: Runtime, one: JudgedArticle) -> Miss | None:
    from worker.pipeline.detection.gate import BIAS
    from worker.pipeline.rehearsal.misses import missed

    return None if one.verdict is None else missed(one.verdict, threshold=runtime.threshold, bias=BIAS)


def _article_record(runtime: Runtime, one: JudgedArticle) -> dict[str, Any]:
    from worker.pipeline.messages.records import flow_record

    article, verdict, miss = one.article, one.verdict, _miss(runtime, one)
    return {
        "id": article.id, "title": article.title, "url": article.url, "source": article.source, "house": article.house,
        "author": article.author, "feed": one.feed_id, "published": article.published, "seen_at": one.seen_at,
        "origin": article.origin, "limits": article.limits.value, "state": one.state, "error": one.error,
        "deal": verdict.deal if verdict else None, "score": verdict.score if verdict else None, "story": one.story_id,
        "stopped_by": miss.stop.name.lower() if miss else None, "missing": miss.margin if miss else None,
        "flows": [flow_record(flow) for flow in verdict.flows] if verdict else [],
        "reasons": [_reason(reason) for reason in verdict.reasons] if verdict else [],
        "summary": article.summary, "text": article.text,
    }  # fmt: skip


def _show_article(runtime: Runtime, one: JudgedArticle) -> None:
    from worker.cli import explaining

    article, verdict, miss = one.article, one.verdict, _miss(runtime, one)
    word = _word(verdict.deal if verdict else None, one.state)
    stored = f"{word}  ({_score(verdict.score if verdict else None)})"
    if miss is not None:
        stored += "  " + phrase(f"stop.{miss.stop.name.lower()}")
    screen.facts(
        [
            (phrase("article.id"), article.id),
            (phrase("article.source"), f"{article.source} ({one.feed_id})"),
            (phrase("article.url"), article.url),
            (phrase("article.published"), screen.when(article.published or one.fed)),
            (phrase("article.seen"), screen.when(one.seen_at)),
            (phrase("article.origin"), _origin(one)),
            (phrase("article.stored"), stored),
            (phrase("article.story"), one.story_id or "-"),
            *([(phrase("article.error"), told(one.error))] if one.error else []),
        ]
    )
    if one.state == "quarantined":
        screen.remark("quarantine.not_explained")
        return
    explaining.show(article, runtime.detector)
    if verdict is not None and runtime.detector.judge(article).deal is not verdict.deal:
        screen.remark("articles.otherwise")


def _origin(one: JudgedArticle) -> str:
    word = phrase(f"origin.{one.article.origin}")
    return word if one.article.limits.value == "ok" else f"{word} ({phrase(f'cause.{one.article.limits.value}')})"


def _show_entry(runtime: Runtime, one: StoppedEntry, *, as_json: bool) -> None:
    entry = one.entry
    gate = runtime.detector.gate(entry.title, entry.summary)
    if as_json:
        screen.emit(
            {
                "id": f"{_ENTRY}{entry.id}", "title": entry.title, "url": entry.url, "summary": entry.summary,
                "feed": entry.feed_id, "published": entry.published, "seen_at": one.seen_at, "state": "stopped",
                "stopped_by": "gate", "passes_now": gate.passed, "reasons": [_reason(each) for each in gate.reasons],
            }
        )  # fmt: skip
        return
    screen.facts(
        [
            (phrase("story.title"), entry.title),
            (phrase("article.source"), entry.feed_id),
            (phrase("article.url"), entry.url),
            (phrase("article.seen"), screen.when(one.seen_at)),
            (phrase("article.stored"), phrase("stop.gate")),
            (phrase("article.summary"), entry.summary),
            *((phrase("column.reasons"), _named(each)) for each in gate.reasons),
        ]
    )
    if gate.passed:
        screen.remark("articles.otherwise")
