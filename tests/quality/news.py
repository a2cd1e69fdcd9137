"""Which labelled articles tell the same news, so that in cross-validation none is read by weights that know it from
another outlet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from worker.pipeline import scoring


def news_of(rows: Sequence[dict[str, Any]]) -> list[int]:
    """Return for each article the place of the first one that tells its news.

    Articles share news where they share a story, or a flow with its size: hands that worked apart call the same story
    by other names. What one shares with a second, and the second with a third, is the news of all three.
    """
    first = list(range(len(rows)))

    def home(place: int) -> int:
        while first[place] != place:
            first[place] = first[first[place]]
            place = first[place]
        return place

    seen: dict[tuple[Any, ...], int] = {}
    for place, row in enumerate(rows):
        for sign in _signs(row):
            one, other = sorted((home(place), home(seen.setdefault(sign, place))))
            first[other] = one
    return [home(place) for place in range(len(rows))]


def _signs(row: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    # An article and its copies with other names are one.
    yield ("article", row["id"])
    if row["story"]:
        yield ("story", row["story"])
    for flow in row["flows"]:
        size = flow["amount"] or flow["megawatts"]
        if size and flow["payer"] and flow["payee"]:
            yield tuple(scoring.fold_name(flow[side]) for side in ("payer", "payee")), flow["kind"], size
