"""A damaged item takes none of its neighbours along."""

from __future__ import annotations

import pytest

from tests.pipeline.feeds.samples import read, rss


def _item(number: int, inside: str = "") -> str:
    return (
        f"<title>Titre {number}</title><link>https://exemple.fr/{number}</link>"
        f"<guid isPermaLink='false'>g{number}</guid><description>Résumé {number}.{inside}</description>"
    )


BROKEN = {
    "a closing tag with a bare ampersand": lambda item: item.replace("</description>", "</desc&ription>"),
    "a closing tag with a bracket in it": lambda item: item.replace("</description>", "</desc<ription>"),
    "an instruction that never ends": lambda item: item.replace("Résumé", "Rés<?umé"),
    "a tag that never closes": lambda item: item.replace("</description>", ""),
    "an attribute that never ends": lambda item: item.replace("<description>", "<description class='>"),
    "a title within the title": lambda item: item.replace("Titre", "<title>Titre"),
    "a namespace that nobody declared": lambda item: item.replace("<link>", "<media:content><link>"),
}


@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize("name", BROKEN)
def test_the_neighbours_are_read(name: str, place: int) -> None:
    items = [_item(number) for number in range(4)]
    items[place] = BROKEN[name](items[place])
    found = {(entry.title, entry.summary, entry.url) for entry in read(rss(*items)).entries}
    assert {
        (f"Titre {number}", f"Résumé {number}.", f"https://exemple.fr/{number}")
        for number in range(4)
        if number != place
    } <= found


def test_a_whole_feed_is_left_as_feedparser_read_it() -> None:
    found = read(rss(_item(1), _item(2, "&lt;item&gt; AT&amp;T"))).entries
    assert [entry.title for entry in found] == ["Titre 1", "Titre 2"]


def test_items_keep_their_order_and_guids() -> None:
    items = [_item(number) for number in range(5)]
    items[1] = BROKEN["a closing tag with a bracket in it"](items[1])
    entries = read(rss(*items)).entries
    assert [entry.guid for entry in entries] == [f"g{number}" for number in range(5)]
