"""Which judged articles a text may be a copy of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, tuple_

from worker.adapters.store.latest import Latest
from worker.adapters.store.lists import among
from worker.adapters.store.records import from_text, written
from worker.adapters.store.schema import article, article_band
from worker.model import Article, Verdict
from worker.ports import Judged

# Whole texts compared per article, and rows read per band: a band that more share is boilerplate.
_COMPARED, _ROWS = 5, 20

_BY_BAND = Latest(
    (article_band.c.band,), (article_band.c.judged_at, article_band.c.article_id), (article_band.c.article_id,)
)
_JUDGED = select(article.c.id, written(article.c.record), written(article.c.verdict), article.c.story_id).where(
    among(article.c.id, "ids"), article.c.deal.is_not(None)
)
_WHOLE = (article_band.c.band, article_band.c.judged_at, article_band.c.article_id)
_REMEMBER = insert(article_band)
_FORGET = delete(article_band).where(
    tuple_(*_WHOLE).in_(
        select(*_WHOLE)
        .where(article_band.c.judged_at < bindparam("since"))
        .order_by(article_band.c.judged_at)
        .limit(bindparam("count"))
    )
)


def alike(connection: Connection, bands: Sequence[int], *, since: datetime) -> tuple[Judged, ...]:
    """Return the judged articles that share most bands with a text, the likest first, a bounded number."""
    rows = _BY_BAND.of(connection, [(band,) for band in bands], since=since, limit=_ROWS)
    counted = Counter(row.article_id for row in rows)
    best = sorted(counted, key=lambda name: (-counted[name], name))[:_COMPARED]
    if not best:
        return ()
    found = {
        row.id: Judged(from_text(Article, row.record), from_text(Verdict, row.verdict), row.story_id)
        for row in connection.execute(_JUDGED, {"ids": best}).all()
    }
    return tuple(found[name] for name in best if name in found)


def remember(connection: Connection, article_id: str, bands: Sequence[int], *, now: datetime, since: datetime) -> None:
    """Let copies find an article, and forget as many bands from before `since` as there are new ones, twice over."""
    if not bands:
        return
    connection.execute(_REMEMBER, [{"band": band, "judged_at": now, "article_id": article_id} for band in bands])
    connection.execute(_FORGET, {"since": since, "count": 2 * len(bands)})
