"""`gigawatch replay`: judge stored articles again, and show what a change of words or weights would change."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import exits, phrases, screen, session
from worker.cli.periods import begin
from worker.cli.phrases import phrase
from worker.cli.screen import Column
from worker.errors import UsageError
from worker.text import one_line

if TYPE_CHECKING:
    from worker.pipeline.detection import Detector
    from worker.pipeline.rehearsal.verdicts import FlowChange
    from worker.ports import StoppedEntry
    from worker.runtime import Runtime
    from worker.settings import Settings
    from worker.steps.replay import Filed, Replayed

_SIGNS = {"appears": "+", "vanishes": "-", "changes": "~", "opens": "?"}
# Differences kept to be shown; beyond it they are counted only, so that memory stays bounded.
_KEPT = 10_000


@dataclass
class _Found:
    """What a replay found so far. `ids` are the articles that became a deal, to be filed where that is asked for."""

    articles: int = 0
    entries: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    kept: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    filed: int = 0
    alerts: int = 0

    def add(self, record: dict[str, Any]) -> None:
        self.counts[record["outcome"]] += 1
        if len(self.kept) < _KEPT:
            self.kept.append(record)

    def file(self, done: Filed) -> None:
        self.filed += done.articles
        self.alerts += done.alerts


def replay(
    context: typer.Context,
    since: Annotated[str, typer.Option("--since", metavar="30d", help=phrase("option.since"))] = "30d",
    config: Annotated[
        Path | None, typer.Option("--config", metavar="PATH", help=phrase("replay.config"), show_default=False)
    ] = None,
    send: Annotated[bool, typer.Option("--send", help=phrase("replay.send"))] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=_KEPT, help=phrase("option.limit"))] = 200,
    as_json: Annotated[bool, typer.Option("--json", help=phrase("option.json"))] = False,
) -> None:
    from worker import runtime as composition

    here = session.of(context)
    detector = composition.load_detector(_settings(here, config))
    found = _Found()
    with here.opened() as runtime:
        if not runtime.store.has_articles():
            screen.remark("history.empty")
        try:
            _judge(runtime, detector, begin(since, runtime.clock.now()), found)
            if send:
                _send(runtime, detector, found)
        except KeyboardInterrupt:
            screen.remark("replay.interrupted", articles=found.articles, filed=found.filed)
            raise typer.Exit(exits.INTERRUPTED) from None
    if as_json:
        screen.emit(_record(found, limit, sent=send))
    else:
        _show(found, limit)
        if send:
            screen.remark("replay.sent", articles=found.filed, alerts=found.alerts)


def _settings(here: session.Session, folder: Path | None) -> Settings:
    """Return the settings in force, with what `folder` holds of companies, lexicon and weights in their place."""
    if folder is None:
        return here.settings
    from worker import settings

    if not folder.is_dir():
        raise UsageError(phrase("replay.no_folder", path=one_line(str(folder), 80)))
    held = [name for name in ("companies.toml", "lexicon.toml", "detector.json") if (folder / name).is_file()]
    tuned = (folder / "gigawatch.toml").is_file()
    if not held and not tuned:
        raise UsageError(phrase("replay.nothing_there", path=one_line(str(folder), 80)))
    data = {"general": {"data": str(here.settings.general.data)}}
    other = settings.load(config=folder, environ=os.environ, overrides=data)
    mixed = here.settings
    if "companies.toml" in held:
        mixed = replace(mixed, companies=other.companies)
    if "lexicon.toml" in held:
        mixed = replace(mixed, lexicon=other.lexicon)
    if "detector.json" in held:
        mixed = replace(mixed, weights=other.weights)
    return replace(mixed, detection=other.detection) if tuned else mixed


def _judge(runtime: Runtime, detector: Detector, start: datetime, found: _Found) -> None:
    from worker.pipeline.rehearsal.verdicts import tells
    from worker.steps import replay as step

    total = runtime.store.judged_count(start)
    for one in screen.counted(step.replay(runtime.parts, detector, start), total, "progress.replay"):
        found.articles += 1
        if one.difference is not None:
            found.add(_difference(one))
            if one.difference.outcome.value == "appears" and one.one.story_id is None and tells(one.verdict):
                found.ids.append(one.one.article.id)
    total = runtime.store.stopped_count(start)
    for entry, passes in screen.counted(step.opened(runtime.parts, detector, start), total, "progress.sieve"):
        found.entries += 1
        if passes:
            found.add(_opened(entry))


def _send(runtime: Runtime, detector: Detector, found: _Found) -> None:
    from worker.steps import replay as step

    for done in step.send(runtime.parts, detector, found.ids):
        found.file(done)


def _difference(one: Replayed) -> dict[str, Any]:
    before, article = one.one.verdict, one.one.article
    if one.difference is None or before is None:
        raise ValueError("an article that is judged as before")
    reasons = sorted(one.verdict.reasons, key=lambda reason: reason.weight)
    return {
        "outcome": one.difference.outcome.value, "id": article.id, "title": article.title, "url": article.url,
        "source": article.source, "published": article.published, "story": one.one.story_id,
        "deal": [before.deal, one.verdict.deal], "score": [round(before.score, 4), round(one.verdict.score, 4)],
        "flows": [_flow_change(each) for each in one.difference.flows],
        "reasons": [{"code": each.code, "weight": each.weight, "detail": each.detail} for each in reasons[:5]],
    }  # fmt: skip


def _flow_change(change: FlowChange) -> dict[str, Any]:
    from worker.pipeline.messages.records import flow_record

    def terms(flow: Any) -> dict[str, Any] | None:
        return None if flow is None else {k: v for k, v in flow_record(flow).items() if k != "evidence"}

    return {"before": terms(change.before), "after": terms(change.after), "fields": list(change.fields)}


def _opened(one: StoppedEntry) -> dict[str, Any]:
    entry = one.entry
    return {
        "outcome": "opens", "id": f"entry-{entry.id}", "title": entry.title, "url": entry.url, "source": entry.feed_id,
        "published": entry.published, "story": None, "deal": [False, None], "score": [0.0, None], "flows": [],
        "reasons": [],
    }  # fmt: skip


def _record(found: _Found, limit: int, *, sent: bool) -> dict[str, Any]:
    return {
        "articles": found.articles,
        "entries": found.entries,
        **{name: found.counts[name] for name in _SIGNS},
        "differences": found.kept[:limit],
        "sent": {"articles": found.filed, "alerts": found.alerts} if sent else None,
    }


def _show(found: _Found, limit: int) -> None:
    columns = (
        Column("column.result", style="bold"), Column("column.id", style="dim"), Column("column.score", right=True),
        Column("column.title", ratio=2), Column("column.difference", ratio=3),
    )  # fmt: skip
    order = list(_SIGNS)
    shown = sorted(found.kept, key=lambda record: order.index(record["outcome"]))[:limit]
    if shown:
        screen.table(columns, [row for record in shown for row in _rows(record)])
    total = sum(found.counts.values())
    if total > len(shown):
        screen.remark("rules.more", count=total - len(shown))
    counts = {name: found.counts[name] for name in _SIGNS}
    screen.remark("replay.sum", articles=found.articles, entries=found.entries, **counts)


def _rows(record: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    lines = [_line(change) for change in record["flows"]] or [_bare(record)]
    if record["outcome"] == "vanishes" and record["reasons"]:
        worst = record["reasons"][0]
        key = f"reason.{worst['code']}"
        lines.append(f"({phrase(key) if phrases.known(key) else worst['code']} {worst['weight']:+.1f})")
    before, after = record["score"]
    score = f"{before:.2f}" + ("" if after is None else f" → {after:.2f}")
    name = record["id"] if record["outcome"] == "opens" else record["id"][:8]
    yield _SIGNS[record["outcome"]], name, score, record["title"], lines[0]
    yield from (("", "", "", "", line) for line in lines[1:])


def _bare(record: dict[str, Any]) -> str:
    if record["outcome"] == "opens":
        return phrase("replay.opens")
    return phrase("replay.deal_now" if record["deal"][1] else "replay.no_deal_now")


def _line(change: dict[str, Any]) -> str:
    before, after = change["before"], change["after"]
    if before is None:
        return "+ " + screen.flow_line(after)
    if after is None:
        return "- " + screen.flow_line(before)
    moved = "; ".join(f"{name}: {_shown(before[name])} → {_shown(after[name])}" for name in change["fields"])
    return f"~ {screen.flow_line(after)}  [{moved}]"


def _shown(value: Any) -> str:
    return f"{value:,.10g}".replace(",", "\u202f") if isinstance(value, int | float) else str(value or "-")
