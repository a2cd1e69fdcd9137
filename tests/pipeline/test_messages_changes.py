"""What a message says of the news in a story: the news first, with its proof, and loops as they now stand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from tests.pipeline import message_samples as samples
from tests.pipeline.message_samples import (
    CHIPS,
    LOOP,
    RENT,
    STAKE,
    STORY_ID,
    checked,
    draft,
    html,
    parsed,
    plain,
    story,
)
from worker.model import AlertType, Change, ChangeKind, ChannelKind, Draft, Flow, Kind, Status, StoryFlow

MESSAGES = samples.messages()
CLOSED = Change(ChangeKind.LOOP_CLOSED, STORY_ID, 2, loop=LOOP)
DEARER = Change(ChangeKind.AMOUNT, STORY_ID, 2, RENT, {"amount": 20e9, "currency": "USD"}, {"amount": 30e9})
SENTENCE = "Nivalis renonce à louer les serveurs d’Hélianthe."
GONE = replace(
    RENT, status=Status.CANCELLED, evidence=(samples.proof("status", "renonce", SENTENCE), *RENT.evidence)
)  # fmt: skip
OFF = Change(ChangeKind.CANCELLED, STORY_ID, 3, GONE)


def written(of: Draft) -> str:
    return plain(parsed(MESSAGES.compose(of).body))


def page(of: Draft) -> BeautifulSoup:
    return BeautifulSoup(html(parsed(MESSAGES.compose(of).body)), "lxml")


def loops_sent(of: Draft) -> list[str]:
    hook = replace(of, recipient=replace(of.recipient, channel=ChannelKind.WEBHOOK))
    return [loop["id"] for loop in checked(MESSAGES.compose(hook).body)["data"]["loops"]]


def test_a_cancelled_flow_breaks_its_loops() -> None:
    off = draft(AlertType.CANCELLED, of=story(STAKE, GONE, loops=(LOOP,)), changes=(OFF,))
    assert "  - Boucle rompue : Hélianthe → Nivalis → Hélianthe\n" in written(off)
    assert "↓" not in written(off)
    assert "Le trajet de l’argent" not in page(off).get_text()
    assert loops_sent(off) == []


def test_a_loop_stands_while_another_flow_of_the_pair_does() -> None:
    other = Flow("Nivalis", "Hélianthe", Kind.SITE, 1e9, "USD")
    off = draft(AlertType.CANCELLED, of=story(STAKE, GONE, other, loops=(LOOP,)), changes=(OFF,))
    assert "Boucle rompue" not in written(off)
    assert loops_sent(off) == [LOOP.id]


def test_a_loop_broken_long_ago_is_not_told_again() -> None:
    later = draft(
        AlertType.UPDATED, of=story(STAKE, GONE, CHIPS, loops=(LOOP,)),
        changes=(Change(ChangeKind.NEW_FLOW, STORY_ID, 4, CHIPS),),
    )  # fmt: skip
    assert "Boucle" not in written(later)
    assert loops_sent(later) == []


def test_edges_of_other_stories_break_no_loop_of_this_one() -> None:
    theirs = replace(LOOP, edges=tuple(replace(edge, story_id="other") for edge in LOOP.edges))
    off = draft(AlertType.CANCELLED, of=story(STAKE, GONE, loops=(theirs,)), changes=(OFF,))
    assert loops_sent(off) == [LOOP.id]


@pytest.mark.parametrize(
    ("beside", "subject", "line"),
    [
        (DEARER, "dans une boucle", "Boucle aux termes revus"),
        (Change(ChangeKind.NEW_FLOW, STORY_ID, 2, STAKE), "referme une boucle", "Boucle refermée"),
        (
            Change(ChangeKind.STATUS, STORY_ID, 2, RENT, {"status": "cancelled"}, {"status": "announced"}),
            "referme une boucle",
            "Boucle refermée",
        ),
        (
            Change(ChangeKind.STATUS, STORY_ID, 2, RENT, {"status": "reported"}, {"status": "announced"}),
            "dans une boucle",
            "Boucle aux termes revus",
        ),
    ],
)
def test_a_loop_closes_once(beside: Change, subject: str, line: str) -> None:
    news = draft(AlertType.UPDATED, of=story(RENT, STAKE, loops=(LOOP,)), changes=(beside, CLOSED))
    assert MESSAGES.compose(news).subject.endswith(f", {subject}")
    assert f"  - {line} : Hélianthe → Nivalis → Hélianthe\n" in written(news)


def test_the_proof_of_the_news_comes_first_with_its_words_marked() -> None:
    off = draft(AlertType.CANCELLED, of=story(STAKE, GONE), changes=(OFF,))
    said = [quote.get_text() for quote in page(off).select(".quote")]
    assert SENTENCE in said[0]
    assert page(off).select(".quote strong")[0].get_text() == "renonce"
    # Where it is no news, the status is not marked.
    still = page(draft(AlertType.DETECTED, of=story(GONE)))
    assert [mark.get_text() for mark in still.select(".quote strong")] == ["30 milliards de dollars"]


def test_a_change_shows_both_sides_and_the_flow_it_is_of() -> None:
    update = page(draft(AlertType.UPDATED, of=story(RENT, STAKE), changes=(DEARER,)))
    (struck,) = [one for one in update.select("span") if "line-through" in str(one.get("style"))]
    strong = struck.find_parent("p")
    assert strong is not None
    assert strong.get_text(" ", strip=True).replace("\u00a0", " ") == "20 Md$ → 30 Md$"
    about = strong.find_next_sibling("p")
    assert about is not None
    assert about.get_text() == "Montant revu · Nivalis → Hélianthe, capacité de calcul"


def test_flows_that_are_news_are_marked_in_the_table() -> None:
    news = (DEARER, Change(ChangeKind.NEW_FLOW, STORY_ID, 2, STAKE))
    table = page(draft(AlertType.UPDATED, of=story(RENT, STAKE, CHIPS), changes=news))
    marks = {
        " ".join(box.get_text(strip=True) for box in drawn.select(".party")): drawn.get_text(" ", strip=True)
        for drawn in table.select("table.flow")
    }
    assert marks["Nivalis Hélianthe"].endswith("· modifié")
    assert marks["Hélianthe Nivalis"].endswith("· nouveau")
    assert marks["Nivalis Orvane"].endswith("en option")


def test_each_edge_of_a_loop_has_its_day_and_source() -> None:
    drawn = page(draft(AlertType.LOOP, of=story(RENT, STAKE, loops=(LOOP,)), changes=(CLOSED,))).get_text("\n")
    assert drawn.count("2 mars 2026, Gazette Tech") == len(LOOP.edges)


def test_a_count_of_chips_is_not_said_twice() -> None:
    bought = Flow("Nivalis", "Orvane", Kind.CHIPS, 3e9, "USD", chips=18_000)
    rows = page(draft(of=story(RENT, bought))).get_text("\n").replace("\u202f", " ").replace("\u00a0", " ")
    assert "puces · 18 000 puces" not in rows
    assert "18 000 puces" in rows


def test_space_is_made_in_ways_that_outlook_for_windows_knows() -> None:
    """Its renderer ignores the padding of blocks, and every maximal width."""
    whole = story(RENT, STAKE, CHIPS, loops=(LOOP,))
    body = html(parsed(MESSAGES.compose(draft(AlertType.UPDATED, of=whole, changes=(DEARER, CLOSED))).body))
    padded = [tag.name for tag in BeautifulSoup(body, "lxml").find_all(style=True) if "padding" in str(tag["style"])]
    assert set(padded) <= {"td", "body"}
    assert '<!--[if mso]><table role="presentation" width="600"' in body
    assert body.count("<!--[if mso]>") == body.count("<![endif]-->")


def test_a_long_story_stays_under_what_gmail_shows() -> None:
    """Gmail cuts a message beyond 102 kB, and with it why it came."""
    flows = [
        replace(RENT, payer=f"Payeur {number} " + "n" * 50, evidence=(samples.proof("amount", "é", "é" * 900),))
        for number in range(60)
    ]
    sources = tuple(replace(samples.SOURCES[1], title="t" * 290, article_id=str(number)) for number in range(60))
    held = tuple(StoryFlow(flow, "a1", "Gazette Tech", samples.NOW) for flow in flows)
    whole = story(RENT, flows=held, sources=sources, loops=(LOOP,))
    changes = tuple(Change(ChangeKind.NEW_FLOW, STORY_ID, 2, flow) for flow in flows)
    assert (
        len(html(parsed(MESSAGES.compose(draft(AlertType.UPDATED, of=whole, changes=changes)).body)).encode()) < 102_000
    )
