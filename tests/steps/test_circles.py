"""Money in circles told over weeks: articles as the press writes them, the real steps and store, a clock by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.adapters.store_samples import entry, feed
from tests.steps.conftest import JOURNAL, RULE, Desk
from worker.model import Alert, AlertType, Article, Condition, Rule, Status
from worker.steps import Parts, deliver, judge

STAKE = (
    "Nvidia va investir jusqu’à 100 milliards de dollars dans OpenAI",
    "Nvidia a annoncé lundi qu’il allait investir jusqu’à 100 milliards de dollars dans OpenAI. Le groupe de Santa "
    "Clara entrera au capital du laboratoire en plusieurs fois.",
)
RENT = (
    "OpenAI signe un contrat de 300 milliards de dollars avec Oracle",
    "OpenAI a signé un contrat de 300 milliards de dollars avec Oracle pour louer de la capacité de calcul pendant "
    "cinq ans. Oracle fournira 4,5 GW de centres de données à OpenAI.",
)
CHIPS = (
    "Oracle achète pour {amount} milliards de dollars de puces Nvidia",
    "Oracle a commandé à Nvidia 400 000 puces GB200 pour {amount} milliards de dollars. Oracle achètera ces puces à "
    "Nvidia pour équiper ses centres de données d’intelligence artificielle.",
)
DAYS = {"a": datetime(2025, 9, 22, 10, tzinfo=UTC), "b": datetime(2025, 10, 10, 10, tzinfo=UTC)}
LAST = datetime(2025, 11, 12, 10, tzinfo=UTC)
PATH = ["NVIDIA", "OpenAI", "Oracle"]


class Weeks:
    """Brings articles day by day and does all the work that follows from each."""

    def __init__(self, desk: Desk, *rules: Rule) -> None:
        self.desk, self.store = desk, desk.runtime.store
        self.parts: Parts = replace(desk.parts, rules=rules or (RULE,))
        self.desk.clock.time = DAYS["a"]
        self.store.sync_feeds([feed()], self.desk.clock.now())

    def tell(self, name: str, story: tuple[str, str], day: datetime, *, house: str = "gazette") -> list[Alert]:
        """File one article an hour after it was published; returns the alerts that it made, delivered."""
        self.desk.clock.time = day + timedelta(hours=1)
        now = self.desk.clock.now()
        state = self.store.feed("gazette")
        assert state is not None
        saved = self.store.save_poll(replace(state, polls=1), [(entry(name), True)], now=now, backlog=False)
        url = f"https://{house}.example/{name}"
        value = Article(name, story[0], "", story[1], url, house.title(), house, published=day, fingerprint=name)
        self.store.save_article(saved.to_read[0], value, now=now, backlog=False)
        ids = [alert_id for ring in judge(self.parts, [name]) for alert_id in ring.ids]
        deliver(self.parts, ids)
        return [row.alert for row in self.store.alerts_by_id(ids)]

    def close(self) -> list[Alert]:
        """Tell the three stories; returns the alerts of the last."""
        self.tell("a", STAKE, DAYS["a"])
        self.tell("b", RENT, DAYS["b"])
        return self.tell("c", chips(40), LAST)


def chips(amount: float) -> tuple[str, str]:
    figure = f"{amount:g}".replace(".", ",")
    return CHIPS[0].format(amount=figure), CHIPS[1].format(amount=figure)


def types(alerts: list[Alert]) -> list[str]:
    return sorted(alert.type.value for alert in alerts)


def test_three_stories_weeks_apart_close_one_loop_with_its_path_and_dates(desk: Desk) -> None:
    weeks = Weeks(desk)
    assert types(weeks.tell("a", STAKE, DAYS["a"])) == ["deal.detected"]
    assert types(weeks.tell("b", RENT, DAYS["b"])) == ["deal.detected"]
    alerts = weeks.tell("c", chips(40), LAST)
    assert types(alerts) == ["deal.detected", "loop.closed"]
    (told,) = (alert for alert in alerts if alert.type is AlertType.LOOP)
    (loop,) = told.data["loops"]
    assert [
        (edge["payer"], edge["kind"], edge["amount"], edge["bound"], edge["status"], edge["source"], edge["date"][:10])
        for edge in loop["edges"]
    ] == [
        ("NVIDIA", "equity", 100_000_000_000, "up_to", "announced", "Gazette", "2025-09-22"),
        ("OpenAI", "compute", 300_000_000_000, "exact", "announced", "Gazette", "2025-10-10"),
        ("Oracle", "chips", 40_000_000_000, "exact", "announced", "Gazette", "2025-11-12"),
    ]
    assert len({edge["story_id"] for edge in loop["edges"]}) == 3
    for word in ("NVIDIA → OpenAI → Oracle → NVIDIA", "jusqu’à 100", "22 sept. 2025", "10 oct. 2025", "12 nov. 2025"):
        assert word in told.body
    assert "NVIDIA → OpenAI → Oracle → NVIDIA" in desk.told()
    assert sum(row.alert.type is AlertType.LOOP for row in weeks.store.alerts()) == 1


def test_the_same_loop_is_told_again_only_when_an_edge_changes_materially(desk: Desk) -> None:
    weeks = Weeks(desk)
    weeks.close()
    assert weeks.tell("again", chips(40), LAST + timedelta(days=1), house="courrier") == []
    assert weeks.tell("near", chips(40.4), LAST + timedelta(days=2), house="revue") == []
    alerts = weeks.tell("more", chips(55), LAST + timedelta(days=3), house="revue")
    assert types(alerts) == ["deal.updated", "loop.closed"]
    (told,) = (alert for alert in alerts if alert.type is AlertType.LOOP)
    (loop,) = told.data["loops"]
    assert [edge["payer"] for edge in loop["edges"]] == PATH
    assert loop["edges"][2]["amount"] == 55_000_000_000
    (change,) = told.data["changes"]
    assert (change["before"]["amount"], change["after"]["amount"]) == (40_000_000_000, 55_000_000_000)
    assert "40 Md$ → 55 Md$ (Oracle → NVIDIA, puces)" in told.body
    assert weeks.tell("echo", chips(55), LAST + timedelta(days=4), house="courrier") == []


def test_an_older_edge_that_changes_tells_the_loop_again(desk: Desk) -> None:
    """The change is in another story than the one that closed the loop."""
    weeks = Weeks(desk)
    weeks.close()
    bigger = RENT[0].replace("300", "400"), RENT[1].replace("300", "400")
    alerts = weeks.tell("bigger", bigger, DAYS["b"] + timedelta(days=40))
    assert types(alerts) == ["deal.updated", "loop.closed"]


@pytest.mark.parametrize(
    ("loop", "told"),
    [(None, ["deal.detected", "loop.closed"]), (True, ["loop.closed"]), (False, [])],
)
def test_who_asked_for_loops_alone_gets_the_loop_alone(desk: Desk, loop: bool | None, told: list[str]) -> None:
    weeks = Weeks(desk, Rule("boucles", (JOURNAL.id,), loop=loop))
    assert types(weeks.close()) == told


def test_who_asked_for_loops_alone_hears_nothing_else_of_a_deal_that_closed_one(desk: Desk) -> None:
    weeks = Weeks(desk, Rule("boucles", (JOURNAL.id,), loop=True))
    weeks.close()
    option = (
        "Oracle prend une option sur 5 milliards de dollars de puces supplémentaires auprès de Nvidia",
        "Oracle a commandé à Nvidia des puces pour 40 milliards de dollars. Oracle pourra acheter à Nvidia pour "
        "5 milliards de dollars de puces supplémentaires, une option révélée jeudi.",
    )
    assert weeks.tell("option", option, LAST + timedelta(days=1), house="revue") == []
    (story,) = (one for one in weeks.store.stories() if one.parties == ("Oracle", "NVIDIA"))
    assert [held.flow.status for held in story.flows] == [Status.ANNOUNCED, Status.OPTION]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (Condition(all_of=(Condition(loop=True), Condition(min_megawatts=0.0))), ["loop.closed"]),
        (Condition(any_of=(Condition(loop=True), Condition(all_of=(Condition(loop=True),)))), ["loop.closed"]),
        (Condition(unless=Condition(loop=False)), ["loop.closed"]),
        (Condition(any_of=(Condition(loop=True), Condition(min_megawatts=0.0))), ["deal.detected", "loop.closed"]),
    ],
)
def test_who_asked_for_loops_in_other_words_gets_the_loop_alone(desk: Desk, asked: Condition, told: list[str]) -> None:
    rule = Rule("boucles", (JOURNAL.id,), any_of=asked.any_of, all_of=asked.all_of, unless=asked.unless)
    assert types(Weeks(desk, rule).close()) == told


def test_the_loop_is_the_same_in_whatever_order_its_stories_come(desk: Desk) -> None:
    weeks = Weeks(desk)
    weeks.tell("c", chips(40), DAYS["a"])
    weeks.tell("a", STAKE, DAYS["b"])
    alerts = weeks.tell("b", RENT, LAST)
    assert types(alerts) == ["deal.detected", "loop.closed"]
    (told,) = (alert for alert in alerts if alert.type is AlertType.LOOP)
    assert [edge["payer"] for edge in told.data["loops"][0]["edges"]] == PATH


def test_what_lies_further_back_than_the_window_closes_nothing(desk: Desk) -> None:
    weeks = Weeks(desk)
    weeks.parts = replace(weeks.parts, policy=replace(weeks.parts.policy, loop_window_days=50))
    assert types(weeks.close()) == ["deal.detected"]
