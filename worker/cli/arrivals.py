"""Whether articles come out in the same stories in whatever order they arrive."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from worker.cli.judging import Judged, file
from worker.cli.screen import progress
from worker.model import Story

# The same orders each time, so that a figure can be compared with an earlier one.
_SEED = 1


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How many of `tried` random orders of arrival gave the same grouping of `articles` as that of publication, how
    many the same terms of every story as well, and how many stories these are."""

    tried: int
    identical: int
    same_terms: int
    articles: int
    stories: int

    def as_dict(self) -> dict[str, Any]:
        """Return the figures, JSON-ready."""
        return asdict(self)


def shuffled(judged: Sequence[Judged], orders: int, window: timedelta) -> Arrivals:
    """File the deals of `judged` one by one in so many random orders, all at the time of the last of them: what one
    poll of all feeds would bring, each time in another order."""
    deals = sorted((one for one in judged if one.verdict.deal), key=lambda one: one.item.article.id)
    dates = [one.item.article.published for one in deals if one.item.article.published is not None]
    deals = [one for one in deals if one.item.article.published is not None]
    if not deals:
        return Arrivals(orders, orders, orders, 0, 0)
    now = max(dates)

    def grouping(order: Sequence[Judged]) -> dict[str, Story]:
        known: dict[str, Story] = {}
        for one in order:
            file(one.item.article, one.listed, known, now=now, window=window)
        return known

    told = grouping(sorted(deals, key=lambda one: (str(one.item.article.published), one.item.article.id)))
    chance = random.Random(_SEED)
    identical = same_terms = 0
    for _ in progress(range(orders), "progress.orders"):
        found = grouping(chance.sample(deals, len(deals)))
        identical += _groups(found) == _groups(told)
        same_terms += _terms(found) == _terms(told)
    return Arrivals(orders, identical, same_terms, len(deals), len(told))


def _groups(known: dict[str, Story]) -> set[frozenset[str]]:
    return {frozenset(one.article_id for one in story.sources) for story in known.values()}


def _terms(known: dict[str, Story]) -> dict[frozenset[str], set[tuple[Any, ...]]]:
    """Return what each story holds: its flows with their terms, whoever told them last."""
    return {
        frozenset(one.article_id for one in story.sources): {
            (held.flow.key, held.flow.amount, held.flow.currency, held.flow.megawatts, held.flow.status)
            for held in story.flows
        }
        for story in known.values()
    }
