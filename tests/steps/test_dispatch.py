"""Many receivers side by side: shares, order, and that a slow one keeps nobody waiting but itself."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import pytest

from tests.adapters.alert_samples import alert
from worker.model import ChannelKind
from worker.ports import AlertRow
from worker.steps import dispatch
from worker.steps.dispatch import PLACES, QUEUE, SHARE, Dispatch


def rows(recipient: str, count: int, *, story: str | None = None) -> list[AlertRow]:
    made = []
    for number in range(count):
        one = replace(
            alert("{}", ChannelKind.WEBHOOK), id=f"{recipient}{number:03d}", recipient_id=recipient, story_id=story
        )
        made.append(AlertRow(one, "open", 0, None, None, ""))
    return made


@dataclass
class Post:
    """Takes as long for each recipient as it is told, and knows what was under way at once."""

    takes_s: dict[str, float] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    now: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)

    async def send(self, row: AlertRow) -> None:
        name = row.alert.recipient_id
        for key in (name, "all"):
            self.now[key] += 1
            self.most[key] = max(self.most[key], self.now[key])
        await asyncio.sleep(self.takes_s.get(name, 0.0))
        self.now.subtract((name, "all"))
        self.sent.append(row.alert.id)


def turn(
    post: Post,
    first: Iterable[AlertRow],
    *,
    later: Iterable[AlertRow] = (),
    limit_s: float = 30.0,
) -> tuple[str, ...]:
    one = Dispatch(post.send, share=lambda row: SHARE[row.alert.channel], limit_s=limit_s)
    one.add(first)

    def look() -> None:
        one.add(later)

    return asyncio.run(one.run(look))


def test_a_quick_receiver_gets_one_after_the_other_in_order() -> None:
    post, queue = Post(), rows("a", QUEUE)
    assert turn(post, queue) == ()
    assert post.sent == [row.alert.id for row in queue]
    assert post.most["a"] == 1


def test_a_long_queue_is_sent_with_the_whole_share() -> None:
    post, queue = Post({"a": 0.01}), rows("a", 4 * QUEUE)
    assert turn(post, queue) == ()
    assert post.most["a"] == SHARE[ChannelKind.WEBHOOK]
    assert sorted(post.sent) == [row.alert.id for row in queue]
    assert post.sent[-QUEUE // 2 :] == [row.alert.id for row in queue[-QUEUE // 2 :]]


def test_a_slow_receiver_gets_its_share_and_no_more() -> None:
    post = Post({"a": 0.7})
    turn(post, rows("a", 10))
    assert post.most["a"] == SHARE[ChannelKind.WEBHOOK]


def test_all_together_have_so_many_places() -> None:
    post = Post({f"r{number}": 0.5 for number in range(60)})
    turn(post, [row for number in range(60) for row in rows(f"r{number}", 1)])
    assert post.most["all"] == PLACES
    assert len(post.sent) == 60


def test_what_comes_meanwhile_does_not_wait_for_a_slow_receiver() -> None:
    post = Post({"slow": 1.0})
    turn(post, rows("slow", 1), later=iter(rows("quick", 3)))
    assert post.sent == ["quick000", "quick001", "quick002", "slow000"]


def test_alerts_of_one_story_go_one_after_the_other_even_to_a_slow_receiver() -> None:
    post = Post({"a": 0.4})
    turn(post, rows("a", 3, story="s"))
    assert (post.most["a"], post.sent) == (1, ["a000", "a001", "a002"])


def test_a_turn_ends_soon_where_only_slow_ones_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "SLOW_S", 0.1)
    monkeypatch.setattr(dispatch, "TURN_S", 0.3)
    post = Post({"slow": 0.6})
    left = turn(post, [*rows("slow", 20), *rows("quick", 2)])
    assert 20 - SHARE[ChannelKind.WEBHOOK] <= len(left) < 20
    assert {"quick000", "quick001"} <= set(post.sent)


def test_nothing_is_begun_after_the_limit() -> None:
    post = Post({"a": 0.3})
    left = turn(post, rows("a", 10, story="s"), limit_s=0.5)
    assert (len(post.sent), len(left)) == (2, 8)


def test_a_fault_ends_the_turn_once_all_others_have_ended() -> None:
    post = Post({"good": 0.3})

    async def send(row: AlertRow) -> None:
        if row.alert.recipient_id == "bad":
            raise RuntimeError("the store is away")
        await post.send(row)

    one = Dispatch(send, share=lambda _row: 1, limit_s=30.0)
    one.add([*rows("good", 2), *rows("bad", 1)])
    with pytest.raises(RuntimeError, match="the store is away"):
        asyncio.run(one.run(lambda: None))
    assert post.sent == ["good000"]


def test_what_was_dropped_may_come_again() -> None:
    post = Post()
    one = Dispatch(post.send, share=lambda _row: 1, limit_s=30.0)
    one.add(rows("a", 2))
    one.drop("a")
    assert asyncio.run(one.run(lambda: None)) == ()
    assert post.sent == []


def test_one_that_leaves_ends_what_it_began_and_begins_nothing_more() -> None:
    post = Post({"a": 0.01})
    one = Dispatch(post.send, share=lambda _row: 1, limit_s=30.0, leaving=lambda: post.now["a"] > 0 or post.sent != [])
    one.add(rows("a", 3))
    assert asyncio.run(one.run(lambda: None)) == ("a001", "a002")
    assert post.sent == ["a000"]
