"""The drawing of the flows: boxes, arrows and figures, without an image."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup, Tag

from tests.pipeline import message_samples as samples
from tests.pipeline.message_samples import CHIPS, LOOP, RENT, STAKE, STORY_ID, draft, html, parsed, plain, story
from worker.model import AlertType, Change, ChangeKind, Draft, Flow, Kind, Status

MESSAGES = samples.messages()
CLOSED = Change(ChangeKind.LOOP_CLOSED, STORY_ID, 2, loop=LOOP)


def drawn(of: Draft) -> list[Tag]:
    return BeautifulSoup(html(parsed(MESSAGES.compose(of).body)), "lxml").select("table.flow")


def said(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split()).replace("\u202f", " ")


def test_each_flow_runs_from_payer_to_payee_with_its_figure() -> None:
    assert [said(one) for one in drawn(draft(of=story(RENT, CHIPS)))] == [
        "Nivalis 30 Md$ ► Hélianthe capacité de calcul · 1,2 GW · 5 ans · annoncé",
        "Nivalis 18 000 puces ► Orvane puces · en option",
    ]


def test_money_that_runs_nowhere_has_no_direction() -> None:
    tie, off = Flow("Nivalis", "Orvane", Kind.PARTNERSHIP), replace(RENT, status=Status.CANCELLED)
    assert said(drawn(draft(of=story(tie)))[0]) == "Nivalis partenariat ◄ ► Orvane annoncé"
    (gone,) = drawn(draft(of=story(off)))
    assert gone.select(".shaft-off")
    assert not gone.select(".shaft")
    assert "line-through" in str(gone.select_one(".num"))


def test_who_is_not_named_stands_in_a_broken_box() -> None:
    (alone,) = drawn(draft(of=story(Flow("Nivalis", None, Kind.SITE, megawatts=400))))
    payer, payee = alone.select(".party")
    assert "solid" in str(payer["style"])
    assert "dashed" in str(payee["style"])
    assert payee.get_text(strip=True) == "non nommé"


def test_flows_of_a_loop_are_marked_and_not_drawn_twice() -> None:
    whole = story(RENT, STAKE, CHIPS, loops=(LOOP,))
    marks = {said(one): "↺ dans une boucle" in said(one) for one in drawn(draft(of=whole))}
    assert list(marks.values()) == [True, True, False]
    closing = draft(AlertType.LOOP, of=whole, changes=(CLOSED,))
    assert [said(one)[:8] for one in drawn(closing)] == ["Nivalis "]
    page = BeautifulSoup(html(parsed(MESSAGES.compose(closing).body)), "lxml").get_text(" ")
    page = " ".join(page.split())
    assert page.count("annoncé · 2 mars 2026, Gazette Tech") == len(LOOP.edges)
    marked = [line for line in plain(parsed(MESSAGES.compose(draft(of=whole)).body)).splitlines() if "↺" in line]
    assert len(marked) == 3  # two flows, and where the loop comes back


def test_many_flows_are_drawn_first_and_listed_then() -> None:
    many = [replace(RENT, payer=f"Payeur {number}", amount=(30 - number) * 1e9) for number in range(25)]
    page = BeautifulSoup(html(parsed(MESSAGES.compose(draft(of=story(*many))).body)), "lxml")
    assert [one.select(".party")[0].get_text(strip=True) for one in page.select("table.flow")] == [
        f"Payeur {number}" for number in range(6)
    ]
    text = page.get_text(" ")
    assert all(f"Payeur {number} " in text for number in range(20))
    assert "et 5 autres flux" in text


@pytest.mark.parametrize(("quote", "whole"), [("30 milliards de dollars", True), ("serveurs, sur 5 ans & plus", True)])
def test_a_figure_in_a_quotation_is_bold_and_stays_on_one_line(quote: str, whole: bool) -> None:
    flow = replace(RENT, evidence=(samples.proof("amount", quote, samples.SENTENCE),))
    mail = parsed(MESSAGES.compose(draft(of=story(flow))).body)
    (mark,) = BeautifulSoup(html(mail), "lxml").select("strong.mark")
    assert mark.get_text() == quote
    assert ("nowrap" in str(mark["style"])) is whole
    assert f"*{quote}*" in plain(mail)
