"""`gigawatch rules ...`: the rules in words, and what they would have sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import phrases, screen, session
from worker.cli.periods import begin
from worker.cli.phrases import phrase
from worker.cli.screen import Column
from worker.cli.usage import Commands

if TYPE_CHECKING:
    from worker.model import Change, Flow, Story
    from worker.pipeline.rehearsal.tellings import Rehearsed
    from worker.runtime import Runtime
    from worker.steps.rehearse import RuleSet

app = Commands(no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help=phrase("option.json"))]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help=phrase("option.limit"))]

_SIGNS = {"appears": "+", "vanishes": "-", "moves": "~", "stays": " "}


@app.command("list", help=phrase("rules.list"))
def list_rules(context: typer.Context, as_json: Json = False) -> None:
    from worker.pipeline.alerts import conditions_in_words

    settings = session.of(context).settings
    language = phrases.language()
    if as_json:
        screen.emit(
            [
                {"id": rule.id, "recipients": list(rule.recipients), "conditions": conditions_in_words(rule, language)}
                for rule in settings.rules
            ]
        )
        return
    columns = (Column("column.rule"), Column("column.recipients", ratio=1), Column("column.conditions", ratio=3))
    rows = []
    for rule in settings.rules:
        told = (f"{name} ({settings.recipients[name].channel.value})" for name in rule.recipients)
        rows.append((rule.id, ", ".join(told), conditions_in_words(rule, language)))
    screen.table(columns, rows)
    screen.warnings(settings.warnings)
    screen.remark("rules.sum", rules=len(rows), file=settings.config_files["alerts.toml"])


@dataclass
class _Rehearsal:
    """What is counted and kept of a rehearsal. `wanted` counts every rule that asks for an alert, `told` the one that
    names it, both by (rule, recipient)."""

    versions: int = 0
    old: int = 0
    alerts: list[Rehearsed] = field(default_factory=list)
    wanted: Counter[tuple[str, str]] = field(default_factory=Counter)
    fates: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, found: Sequence[Rehearsed]) -> None:
        self.alerts += found
        for one in found:
            recipient = one.told.draft.recipient.id
            names = {*(one.before.rules if one.before else ()), *(one.after.rules if one.after else ())}
            self.wanted.update((name, recipient) for name in names)
            self.fates[one.told.draft.rule.id, recipient, one.fate.value] += 1


@app.command("test", help=phrase("rules.test"))
def rehearse(
    context: typer.Context,
    since: Annotated[str, typer.Option("--since", metavar="30d", help=phrase("option.since"))] = "30d",
    file: Annotated[
        Path | None, typer.Option("--file", metavar="ALERTS.toml", help=phrase("rules.file"), show_default=False)
    ] = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    here = session.of(context)
    if file is None:
        screen.warnings(here.settings.warnings)
    other = _other(here, file) if file else None
    with here.opened() as runtime:
        stored = runtime.store.has_articles()
        found = _rehearse(runtime, since, other)
    if not stored:
        screen.remark("history.empty")
    rules = other.rules if other else here.settings.rules
    named = [(rule.id, name) for rule in rules for name in rule.recipients]
    # Rules that are no longer there are listed too, for what they told vanishes.
    keys = list(dict.fromkeys((*named, *sorted(found.wanted))))
    if as_json:
        screen.emit(_record(found, keys))
    else:
        _show(found, keys, limit, compared=other is not None)


def _other(here: session.Session, file: Path) -> RuleSet:
    from worker.settings.companies import Companies
    from worker.settings.rulebook import read_rules
    from worker.steps.rehearse import RuleSet

    settings = here.settings
    rules, recipients, odd = read_rules(
        file,
        language=settings.general.language,
        currencies=settings.rates,
        companies=Companies(settings.companies),
        feeds=settings.feeds,
    )
    screen.warnings(odd)
    return RuleSet(rules, recipients)


def _rehearse(runtime: Runtime, since: str, other: RuleSet | None) -> _Rehearsal:
    from worker.steps import rehearse as step

    result = _Rehearsal()
    for telling in step.tellings(runtime.parts, begin(since, runtime.clock.now()), other):
        result.versions += bool(telling.changes)
        result.old += bool(telling.changes) and not telling.is_news
        result.add(step.rehearse(runtime.parts, telling, other))
    return result


def _record(found: _Rehearsal, keys: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return {
        "versions": found.versions,
        "old_news": found.old,
        "alerts": [_alert(one) for one in found.alerts],
        "rules": [
            {"rule": rule, "recipient": name, "wanted": found.wanted[rule, name]}
            | {fate: found.fates[rule, name, fate] for fate in _SIGNS}
            for rule, name in keys
        ],
    }


def _alert(one: Rehearsed) -> dict[str, Any]:
    from worker.pipeline.messages.records import flow_record

    draft, story = one.told.draft, one.telling.story
    return {
        "fate": one.fate.value, "rule": draft.rule.id, "rules": list(one.told.rules), "recipient": draft.recipient.id,
        "channel": draft.recipient.channel.value, "type": draft.type.value, "at": one.telling.at, "story": story.id,
        "version": story.version, "title": story.title, "parties": list(story.parties),
        "flows": [{**flow_record(flow), "evidence": None} for flow in _flows(one.telling.changes, story)],
        "why": list(draft.why), "backlog": one.telling.backlog,
    }  # fmt: skip


def _flows(changes: Sequence[Change], story: Story) -> list[Flow]:
    """Return the flows that an alert is about: those that changed, or all of the story."""
    named = [change.flow for change in changes if change.flow is not None]
    return list(dict.fromkeys(named)) or [held.flow for held in story.flows]


def _show(found: _Rehearsal, keys: Sequence[tuple[str, str]], limit: int, *, compared: bool) -> None:
    lines: dict[tuple[str, ...], list[str]] = {}
    for one in sorted(found.alerts, key=lambda each: each.telling.at, reverse=True):
        if not compared or one.fate.value != "stays":
            lines.setdefault(_line(one, compared=compared), []).append(one.told.draft.recipient.id)
    columns = (
        Column("column.result", style="bold"), Column("column.when"), Column("column.rule"), Column("column.change"),
        Column("column.title", ratio=3), Column("column.flows", ratio=3), Column("column.recipients", ratio=2),
    )  # fmt: skip
    if lines:
        screen.table(columns, [(*line, ", ".join(names)) for line, names in list(lines.items())[:limit]])
        screen.out().print()
    if len(lines) > limit:
        screen.remark("rules.more", count=len(lines) - limit)
    counted = [Column("column.rule"), Column("column.recipient"), Column("column.alerts", right=True)]
    if compared:
        counted += [Column("column.appears", right=True), Column("column.vanishes", right=True)]
    counted.append(Column("column.wanted", right=True))
    screen.table(counted, [_count(found, key, compared) for key in keys])
    fates = Counter(one.fate.value for one in found.alerts)
    if compared:
        sums = {name: fates[name] for name in ("appears", "vanishes", "moves", "stays")}
        screen.remark("rules.compared", versions=found.versions, old=found.old, **sums)
    else:
        screen.remark("rules.told", versions=found.versions, old=found.old, alerts=len(found.alerts))


def _line(one: Rehearsed, *, compared: bool) -> tuple[str, ...]:
    """Return the cells of one alert but for its recipient, so that those told the same share a line."""
    from worker.pipeline.messages.records import flow_record

    draft = one.told.draft
    flows = sorted(_flows(one.telling.changes, one.telling.story), key=lambda flow: -(flow.amount or 0.0))
    line = screen.flow_line(flow_record(flows[0])) if flows else ""
    more = f" (+{len(flows) - 1})" if len(flows) > 1 else ""
    rule = draft.rule.id
    if one.fate.value == "moves" and one.before is not None and one.before.draft.rule.id != rule:
        rule = f"{one.before.draft.rule.id} → {rule}"
    sign = _SIGNS[one.fate.value] if compared else ""
    kind = phrase(f"type.{draft.type.value}")
    return sign, screen.when(one.telling.at)[:10], rule, kind, one.telling.story.title, line + more


def _count(found: _Rehearsal, key: tuple[str, str], compared: bool) -> tuple[str, ...]:
    fates = {fate: found.fates[(*key, fate)] for fate in _SIGNS}
    told = fates["stays"] + fates["appears"] + fates["moves"]
    figures = [told, fates["appears"], fates["vanishes"]] if compared else [told]
    return (*key, *map(str, figures), str(found.wanted[key]))
