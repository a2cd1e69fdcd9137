"""Stories stored before accounts were kept load, take articles, and are saved with what is known from then on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from tests.pipeline.telling import FIRST, NOW, article, flow, tell
from worker.adapters.store import Store
from worker.adapters.store.schema import story
from worker.model import Verdict
from worker.pipeline import stories

_NEW = ("accounts", "earlier")


def old_record(record: dict[str, Any]) -> dict[str, Any]:
    """Return a story's record as it was written before."""
    flows = [{name: value for name, value in held.items() if name != "fields"} for held in record["flows"]]
    sources = [{name: value for name, value in one.items() if name != "copy_of"} for one in record["sources"]]
    return {name: value for name, value in record.items() if name not in _NEW} | {"flows": flows, "sources": sources}


def test_an_old_record_loads_and_takes_an_article(store: Store) -> None:
    first = tell([FIRST], name="old")
    with store.filing(NOW) as filing:
        filing.save_story(first.story, article_id="old", changes=first.changes, edges=())
    with store.write() as connection:
        record = connection.scalars(select(story.c.record)).one()
        connection.execute(update(story).values(record=old_record(record)))
    with store.filing(NOW) as filing:
        (known,) = filing.candidates(["Altéa"], since=NOW - timedelta(days=1))
        assert (known.accounts, known.earlier, known.flows[0].fields) == ((), "", ())
        verdict = Verdict(True, 0.9, (flow(amount=9e9),))
        found = stories.file(article("new", hours=5), verdict, [known], now=NOW + timedelta(hours=5))
        filing.save_story(found.story, article_id="new", changes=found.changes, edges=())
    saved = store.story(first.story.id)
    assert saved == found.story
    assert [stories.unpack(one).article_id for one in saved.accounts] == ["new"]
    # What the first article said is not known, so the second does not speak for the story alone.
    assert stories.vouched(saved).flows[0].fields == ()
