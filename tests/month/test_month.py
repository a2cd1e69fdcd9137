"""Thirty days of news through the real steps: exactly the alerts to be expected, to each reader, none twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest
from standardwebhooks.webhooks import Webhook

from tests.month import expected
from tests.month.conftest import Month
from tests.month.player import FIRST, LAST
from tests.month.receivers import line, story_of
from tests.month.script import PARIS, load
from tests.pipeline.message_samples import SCHEMA
from worker.adapters.store import BUNDLED, SENT
from worker.demo.sinks import part

pytestmark = pytest.mark.slow


def test_the_month_is_as_full_as_a_month_is() -> None:
    script = load()
    stories = {article.story for article in script.articles} - {""}
    told = [article for article in script.articles if article.story]
    assert (LAST - FIRST).days + 1 == 30
    assert len(stories) >= 12
    assert len(told) >= 60
    assert len(script.articles) - len(told) >= 5
    assert script.again >= 6
    assert len(expected.CHANGES) >= 8
    assert len(set(expected.LOOPS.values())) == 3
    assert {row["country"] for row in script.feeds.values()} == {"FR", "BE", "CH", "CA"}


def arrived(month: Month, recipient: str) -> list[tuple[datetime, str, dict[str, Any]]]:
    """Return time, type and data of all that reached one recipient, in order."""
    if recipient == "matin":
        by_id = {f"<{row.alert.id}@gw.example>": row.alert for row in month.desk.runtime.store.alerts(limit=1_000)}
        found = [(at, by_id[mail.key]) for mail, at in month.mails]
        return [(at, alert.type.value, alert.data) for at, alert in found]
    calls = [call for call in month.calls if call.to == recipient]
    return [(call.at, call.content["type"], call.content["data"]) for call in calls]


@pytest.mark.parametrize("recipient", expected.TABLES)
def test_each_reader_is_told_exactly_what_he_asked_for(month: Month, recipient: str) -> None:
    lines = sorted(line(kind, data, at, month.script) for at, kind, data in arrived(month, recipient))
    assert lines == expected.rows(recipient)


def test_articles_are_stories_as_a_careful_reader_has_them(month: Month) -> None:
    grouped = defaultdict(set)
    for story in month.desk.runtime.store.stories(limit=1_000):
        for source in story.sources:
            path = "/" + source.url.split("/", 3)[3].partition("?")[0]
            grouped[story.id].add(month.script.pages[path].slug)
    wanted = defaultdict(set)
    for article in month.script.articles:
        if article.story:
            wanted[article.story].add(article.slug)
    assert sorted(map(sorted, grouped.values())) == sorted(map(sorted, wanted.values()))


def test_each_update_says_what_changed(month: Month) -> None:
    changed, looped = {}, {}
    for at, kind, data in arrived(month, "tout"):
        key = f"{at.astimezone(PARIS):%m-%d} {story_of(data, month.script)}"
        if kind in ("deal.updated", "deal.cancelled"):
            kinds = {change["kind"] for change in data["changes"]} - {"loop_closed"}
            changed[key] = " ".join(sorted(kinds))
        if kind == "loop.closed":
            (loop,) = data["loops"]
            looped[key] = " > ".join(edge["payer"] for edge in loop["edges"])
    assert changed == expected.CHANGES
    assert looped == expected.LOOPS


def test_the_seed_case_names_its_path_with_dates_amounts_and_sources(month: Month) -> None:
    looped = [data for _, kind, data in arrived(month, "boucles") if kind == "loop.closed"]
    told = [one for one in looped if one["loops"][0]["edges"][0]["payer"] == "NVIDIA"]
    edges = [
        [
            (edge["payer"], edge["kind"], edge["amount"], edge["bound"], edge["date"][:10], edge["source"])
            for edge in one["loops"][0]["edges"]
        ]
        for one in told
    ]
    first = [
        ("NVIDIA", "equity", 100_000_000_000, "up_to", "2026-03-02", "La Gazette du cloud"),
        ("OpenAI", "compute", 300_000_000_000, "exact", "2026-03-10", "L'Escaut économique"),
        ("Oracle", "chips", 40_000_000_000, "exact", "2026-03-19", "Serveur et silicium"),
    ]
    assert edges[0] == first
    assert [edge[2] for edge in edges[1]] == [100_000_000_000, 300_000_000_000, 55_000_000_000]
    assert len({edge["story_id"] for edge in told[0]["loops"][0]["edges"]}) == 3


def test_nothing_arrives_twice_and_every_body_is_valid_and_signed(month: Month) -> None:
    keys = [call.headers["webhook-id"] for call in month.calls] + [mail.key for mail, _ in month.mails]
    assert [key for key, times in Counter(keys).items() if times > 1] == []
    told = [(call.to, call.content["data"]["id"]) for call in month.calls]
    assert [key for key, times in Counter(told).items() if times > 1] == []
    recipients = month.desk.parts.recipients
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for call in month.calls:
        validator.validate(call.content)
        assert call.content["data"]["id"] == call.headers["webhook-id"]
        sent = datetime.fromtimestamp(int(call.headers["webhook-timestamp"]), UTC)
        assert sent == call.at
        signature = Webhook(recipients[call.to].secrets[0]).sign(call.headers["webhook-id"], sent, call.body.decode())
        assert call.headers["webhook-signature"] == signature


def test_every_mail_is_whole_and_no_other_mail_came(month: Month) -> None:
    assert len(month.mails) == len(expected.rows("matin"))
    for mail, _ in month.mails:
        assert mail.recipients == ("matin@lecteurs.example",)
        assert mail.message["X-Gigawatch-Rule"] == "voisins"
        assert part(mail.message, "plain").strip()
        assert "</html>" in part(mail.message, "html")


def test_nothing_is_left_over_and_nothing_more_comes(month: Month) -> None:
    before = len(month.calls), len(month.mails)
    month.player.settle()
    assert (len(month.calls), len(month.mails)) == before
    store = month.desk.runtime.store
    assert {row.state for row in store.alerts(limit=1_000)} <= {SENT, BUNDLED}
    counts = store.counts()
    assert counts["articles_quarantined"] == 0
    assert month.player.waiting == []
    states = store.feeds()
    assert {state.cause.value for state in states} == {"ok"}
