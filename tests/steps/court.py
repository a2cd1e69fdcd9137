"""A desk for decisions: articles that say what the test wants, filed by the real steps on a real store."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from tests.adapters.store_samples import article, entry, feed
from tests.steps.conftest import Desk
from worker.model import Alert, Article, ChannelKind, Edge, Flow, Kind, Receipt, Recipient, Status, Story, Verdict
from worker.ports import Fetcher
from worker.steps import deliver, judge


@dataclass
class Reader:
    """Stands for the detector: says what the test told it."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)

    def judge(self, value: Article) -> Verdict:
        return self.verdicts[value.id]

    def listed(self, verdict: Verdict) -> Verdict:
        return verdict


@dataclass
class Post:
    """A way out that keeps what it was given, or refuses."""

    sent: list[str] = field(default_factory=list)
    refusal: Exception | None = None

    async def send(self, alert: Alert, recipient: Recipient, *, now: object) -> Receipt:
        if self.refusal is not None:
            raise self.refusal
        self.sent.append(alert.id)
        return Receipt("ok")


class Court:
    """Brings articles, has them judged, and shows what the store made of them."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.reader, self.post = desk, Reader(), Post()
        self.store, self.clock = desk.runtime.store, desk.clock
        self.store.sync_feeds([feed()], self.clock.now())
        self.parts = replace(
            desk.parts,
            detector=lambda: self.reader,  # type: ignore[arg-type,return-value]
            channels=self._channels,
        )

    def _channels(self, _fetcher: Fetcher) -> dict[ChannelKind, Post]:
        return {recipient.channel: self.post for recipient in self.parts.recipients.values()}

    def bring(
        self,
        name: str,
        verdict: Verdict,
        *,
        age: timedelta = timedelta(0),
        fed: timedelta | None = None,
        backlog: bool = False,
        **values: Any,
    ) -> None:
        """Put an article to be judged into the store, its page `age` old, by the feed's own date `fed` old; `values`
        are further fields of it."""
        state = self.store.feed("gazette")
        assert state is not None
        now = self.clock.now()
        item = replace(entry(name), published=now - (age if fed is None else fed))
        saved = self.store.save_poll(replace(state, polls=1), [(item, True)], now=now, backlog=backlog)
        value = replace(article(name), published=now - age, **values)
        self.store.save_article(saved.to_read[0], value, now=now, backlog=backlog)
        self.reader.verdicts[name] = verdict

    def judge(self, *names: str) -> list[str]:
        return [alert_id for ring in judge(self.parts, names) for alert_id in ring.ids]

    def file(self, name: str, verdict: Verdict, *, age: timedelta = timedelta(0), **values: Any) -> list[str]:
        """Bring an article and have it judged; returns the alerts."""
        self.bring(name, verdict, age=age, **values)
        return self.judge(name)

    def deliver(self, *ids: str) -> None:
        deliver(self.parts, ids)

    def states(self) -> list[str]:
        return sorted(row.state for row in self.store.alerts())

    def story_of(self, article_id: str) -> Story:
        """Return the one story that cites an article."""
        (found,) = (story for story in self.store.stories() if article_id in [one.article_id for one in story.sources])
        return found

    def edges(self, *payers: str) -> list[Edge]:
        """Return the ledger's edges that these pay."""
        with self.store.filing(self.clock.now()) as filing:
            held = filing.edges_of([story.id for story in self.store.stories(limit=1_000)])
        return sorted((edge for edge in held if edge.payer in payers), key=lambda edge: (edge.payer, edge.payee))


def deal(
    payer: str | None,
    payee: str | None,
    amount: float | None,
    kind: Kind = Kind.COMPUTE,
    status: Status = Status.ANNOUNCED,
) -> Verdict:
    """Return the verdict of an article that tells one flow, in EUR."""
    return Verdict(True, 0.9, (Flow(payer, payee, kind, amount, "EUR" if amount else None, status=status),))
