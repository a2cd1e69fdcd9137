"""A queue of hundreds for one receiver: what a ring names is only its first few, and its whole share is used."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from tests.adapters.alert_samples import alert
from tests.steps.conftest import Desk
from tests.steps.court import Court, Post
from worker.model import Alert, ChannelKind, Receipt, Recipient
from worker.steps.dispatch import QUEUE, SHARE
from worker.steps.parts import BATCH


class Slow(Post):
    """A way out that takes a moment, and knows how many were under way whenever it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        self.beside: list[int] = []

    async def send(self, alert: Alert, recipient: Recipient, *, now: object) -> Receipt:
        self.now += 1
        self.beside.append(self.now)
        await asyncio.sleep(0.02)
        self.now -= 1
        return await super().send(alert, recipient, now=now)


def test_a_long_queue_keeps_its_receivers_whole_share_busy_to_its_end(desk: Desk) -> None:
    court, count = Court(desk), 4 * BATCH["deliver"]
    hook = Recipient("desk", ChannelKind.WEBHOOK, "https://gazette.example/hook")
    court.parts, court.post = replace(court.parts, recipients={"desk": hook}), Slow()
    now = court.clock.now()
    ids = [f"{number:032x}" for number in range(count)]
    for key in ids:
        court.store.add_alert(replace(alert("{}", ChannelKind.WEBHOOK), id=key, created_at=now), now)
    court.deliver(*ids[: BATCH["deliver"]])
    assert sorted(court.post.sent) == ids
    share = SHARE[ChannelKind.WEBHOOK]
    # They begin and end in rounds of a whole share; only what is left at the end is no long queue any more.
    assert court.post.beside.count(1) <= (count - QUEUE) / share + QUEUE + 1
