"""Run the relations over the labelled articles and count what held."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.quality.corpus import article_of, rows_of
from tests.quality.metamorphic.relations import RECALL, RELATIONS, Relation
from tests.quality.renaming import renamed
from worker.model import Article, Flow, Verdict
from worker.pipeline.detection import Detector
from worker.pipeline.detection.registry import Registry

HERE = Path(__file__).resolve().parents[1]
RENAMED = "listed firms invented"
SWAPPED = "parties swapped"
# Figures are written with at most three digits after the mark.
CLOSE = 0.006


@dataclass
class Count:
    """How often a relation could be applied, and how often the answer followed; `broken`: the articles where not."""

    asked: int = 0
    kept: int = 0
    broken: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Return the share that held, 1 where nothing was asked."""
        return self.kept / self.asked if self.asked else 1.0

    def __add__(self, other: Count) -> Count:
        return Count(self.asked + other.asked, self.kept + other.kept, self.broken + other.broken)

    def add(self, name: str, held: bool) -> None:
        """Count one case."""
        self.asked += 1
        self.kept += held
        if not held:
            self.broken.append(name)


def articles() -> list[dict[str, Any]]:
    """Return all labelled articles of the repository."""
    return [row for path in sorted(HERE.glob("*.jsonl")) for row in rows_of(path)]


def run(
    detector: Detector, registry: Registry, rows: Sequence[Mapping[str, Any]], names: Iterable[str] = ()
) -> dict[str, Count]:
    """Return the counts of every relation (or of those named) over `rows`."""
    asked = set(names)
    counts = {one.name: Count() for one in RELATIONS if not asked or one.name in asked}
    special = {name: Count() for name in (RENAMED, SWAPPED) if not asked or name in asked}
    for row in rows:
        article = article_of(dict(row))
        before = detector.judge(article)
        for relation in RELATIONS:
            if relation.name in counts:
                changed = relation.apply(article)
                if changed != article:
                    counts[relation.name].add(row["id"], holds(relation, before, detector.judge(changed)))
        if RENAMED in special:
            _renamed(special[RENAMED], detector, registry, row, article, before)
        if SWAPPED in special:
            _swapped(special[SWAPPED], detector, article, before)
    return counts | special


def holds(relation: Relation, before: Verdict, after: Verdict) -> bool:
    """Return whether the answer to a changed article follows from that to the article."""
    if before.deal != after.deal:
        return False
    if relation.expect == "parties":
        return _parties(before.flows) == _parties(after.flows)
    if relation.expect == "not of":
        named = {name for flow in after.flows for name in (flow.payer, flow.payee)}
        return not named & set(RECALL) and _figures(before.flows) == _figures(after.flows)
    factor = 2.0 if relation.expect == "doubled" else 1.0
    return _alike(before.flows, after.flows, factor)


def _parties(flows: Sequence[Flow]) -> Counter[tuple[Any, ...]]:
    return Counter((flow.payer, flow.payee, flow.kind, flow.status) for flow in flows)


def _figures(flows: Sequence[Flow]) -> Counter[tuple[Any, ...]]:
    return Counter(
        (flow.payer, flow.payee, flow.kind, flow.amount, flow.currency, flow.megawatts, flow.chips, flow.years)
        for flow in flows
    )


def _alike(before: Sequence[Flow], after: Sequence[Flow], factor: float) -> bool:
    if _parties(before) != _parties(after):
        return False
    left = sorted(before, key=_order)
    right = sorted(after, key=_order)
    return all(
        _same(one.amount, other.amount, factor)
        and one.currency == other.currency
        and (factor != 1.0 or (one.megawatts, one.chips) == (other.megawatts, other.chips))
        for one, other in zip(left, right, strict=True)
    )


def _order(flow: Flow) -> tuple[str, ...]:
    return tuple(
        str(part) for part in (flow.payer, flow.payee, flow.kind, flow.status, flow.amount is None, flow.amount)
    )


def _same(one: float | None, other: float | None, factor: float) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one * factor - other) <= CLOSE * abs(other)


def _renamed(
    count: Count, detector: Detector, registry: Registry, row: Mapping[str, Any], article: Article, before: Verdict
) -> None:
    """Listed firms get invented names: the verdict must stay, for none may be known by its name alone."""
    made = renamed(row, detector.explain(article).document, registry, seed=1)
    if made["title"] != row["title"] or made["text"] != row["text"]:
        count.add(row["id"], detector.judge(article_of(made)).deal == before.deal)


def _swapped(count: Count, detector: Detector, article: Article, before: Verdict) -> None:
    """Two unlisted parties of one flow, each of one word, change names throughout: the flow must turn with them."""
    if not before.deal or len(before.flows) != 1:
        return
    flow = before.flows[0]
    if not flow.payer or not flow.payee or " " in flow.payer + flow.payee:
        return
    mentions = [m for s in detector.explain(article).document.sentences for m in s.mentions]
    plain = {m.name for m in mentions if not m.known and m.via in ("shape", "apposition")}
    varied = {m.name for m in mentions if m.name in plain and m.via in ("shape", "apposition") and m.surface != m.name}
    if not {flow.payer, flow.payee} <= plain - varied:
        return
    changed = _exchange(article, flow.payer, flow.payee)
    after = detector.judge(changed)
    turned = [(one.payer, one.payee, one.kind) for one in after.flows]
    count.add(article.id, after.deal and turned == [(flow.payee, flow.payer, flow.kind)])


def _exchange(article: Article, one: str, other: str) -> Article:
    mark = f"\x00{random.Random(article.id).random()}"

    def change(text: str) -> str:
        return text.replace(one, mark).replace(other, one).replace(mark, other)

    return Article(
        id=article.id,
        title=change(article.title),
        summary=change(article.summary),
        text=change(article.text),
        published=article.published,
    )
