"""When two items are one, and when they are not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pipeline.feeds.samples import NOW, read, rss
from worker.pipeline.feeds import keys
from worker.text import canonical_address

DAY = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
URL = "https://www.exemple.fr/ia/mistral-loue-des-puces-12345.html"
TITLE = "Mistral loue 18 000 puces"


def shared(left: tuple[str, ...], right: tuple[str, ...]) -> set[str]:
    return {key[0] for key in set(left) & set(right)}


class TestKeys:
    @pytest.mark.parametrize(
        ("url", "title", "published", "kinds"),
        [
            (URL, TITLE, DAY, {"a", "p", "t"}),
            (URL.replace("https://www.", "http://"), "Autre titre corrigé", DAY, {"a", "p"}),
            (URL + "?utm_source=rss&xtor=RSS-1#suite", "Autre titre corrigé", None, {"a", "p"}),
            (URL.replace("www.exemple.fr", "actu.exemple.com"), "Autre titre corrigé", NOW, {"p"}),
            ("https://exemple.fr/v2/99", "MISTRAL loue 18 000 puces !", DAY + timedelta(hours=9), {"t"}),
            ("https://exemple.fr/v2/99", TITLE, DAY + timedelta(days=1), set()),
            ("https://exemple.fr/v2/99", "Tout autre chose ici", DAY, set()),
        ],
    )
    def test_what_survives_which_change(
        self, url: str, title: str, published: datetime | None, kinds: set[str]
    ) -> None:
        assert shared(keys(URL, TITLE, DAY, "Maison"), keys(url, title, published, "Maison")) == kinds

    def test_another_house_shares_the_address_alone(self) -> None:
        assert shared(keys(URL, TITLE, DAY, "Maison"), keys(URL, TITLE, DAY, "Ailleurs")) == {"a"}

    @pytest.mark.parametrize("url", ["https://exemple.fr", "https://exemple.fr/", "https://exemple.fr/index.php",
                                     "http://www.exemple.fr/?utm_source=rss", "", "javascript:x"])  # fmt: skip
    def test_a_home_page_is_no_identity(self, url: str) -> None:
        assert {key[0] for key in keys(url, TITLE, DAY, "Maison")} == {"t"}

    def test_a_short_title_is_none_either(self) -> None:
        assert {key[0] for key in keys("", "En bref", DAY, "Maison")} == set()

    def test_hyphen_and_dash_are_one(self) -> None:
        left = keys("", "Puces - le grand écart", DAY, "Maison")
        assert left == keys("", "Puces – le grand écart", DAY, "Maison")

    @given(st.text(max_size=80), st.text(max_size=40), st.sampled_from(["", "Maison"]))
    def test_keys_are_stable_and_short(self, url: str, title: str, house: str) -> None:
        found = keys(f"https://exemple.fr/{url}", title, DAY, house)
        assert found == keys(f"https://exemple.fr/{url}", title, DAY, house)
        assert all(len(key) == 34 for key in found)
        assert len(set(found)) == len(found)

    @given(st.text(max_size=60), st.text(max_size=60))
    def test_the_canonical_address_is_idempotent(self, path: str, query: str) -> None:
        found = canonical_address(f"http://www.exemple.fr/{path}?{query}")
        assert canonical_address(found) == found


class TestWithinOneDocument:
    def test_items_that_share_a_guid_stay_apart(self) -> None:
        found = read(
            rss(*(f"<title>Titre {n} entier</title><link>https://exemple.fr/{n}</link><guid>x</guid>" for n in "abc"))
        )
        assert len({entry.guid for entry in found.entries}) == 3
        again = read(
            rss(*(f"<title>Titre {n} entier</title><link>https://exemple.fr/{n}</link><guid>x</guid>" for n in "cab"))
        )
        assert {entry.guid for entry in again.entries} == {entry.guid for entry in found.entries}

    def test_items_that_share_a_link_have_no_key_by_it(self) -> None:
        found = read(
            rss(*(f"<title>Direct, point {n}</title><link>{URL}</link><guid>{n}</guid>" for n in range(3)),
                "<title>Un autre titre</title><link>https://exemple.fr/b-c-d-e-f</link><guid>9</guid>")
        ).entries  # fmt: skip
        assert [{key[0] for key in entry.keys} for entry in found] == [{"t"}, {"t"}, {"t"}, {"a", "p", "t"}]

    def test_the_same_item_twice_is_one(self) -> None:
        item = f"<title>{TITLE}</title><link>{URL}</link><guid>1</guid>"
        assert len(read(rss(item, item)).entries) == 1

    def test_without_a_guid_the_link_serves_and_without_both_the_words(self) -> None:
        with_link, without = read(
            rss(
                f"<title>{TITLE}</title><link>{URL}</link>", "<title>Sans rien</title><description>Texte.</description>"
            )
        ).entries
        assert with_link.guid == URL
        again = read(rss("<title>Sans rien</title><description>Texte.</description>")).entries
        assert without.guid == again[0].guid

    def test_a_feed_that_loses_its_links_and_dates_brings_nothing_new(self) -> None:
        date = "<pubDate>Mon, 09 Mar 2026 20:00:00 GMT</pubDate>"
        (sound,) = read(rss(f"<title>{TITLE}</title><link>{URL}</link><guid>{URL}</guid>{date}")).entries
        broken = read(rss(f"<title>{TITLE}</title><link>#xtor=1</link><guid>#xtor=1</guid>",
                          "<title>Un tout autre titre</title><link>#xtor=1</link><guid>#xtor=1</guid>"))  # fmt: skip
        assert [entry.url for entry in broken.entries] == ["", ""]
        assert [shared(sound.keys, entry.keys) for entry in broken.entries] == [{"t"}, set()]
        later = read(rss(f"<title>{TITLE}</title>"), now=NOW + timedelta(days=1)).entries[0]
        assert shared(broken.entries[0].keys, later.keys) == {"t"}

    def test_an_item_without_anything_is_left_out(self) -> None:
        assert read(rss("<category>x</category>", f"<title>{TITLE}</title>")).entries[0].title == TITLE


def test_a_flood_of_known_items_is_known_but_for_the_three_new_ones() -> None:
    """What happens when a site changes its system: new guids, https, a new host, campaigns, corrected titles, and every
    date set to now or to the future."""

    def item(n: int, host: str, title: str, date: str, query: str = "") -> str:
        link = f"{host}/ia/une-longue-adresse-parlante-{10_000 + n}.html{query}"
        return f"<title>{title} {n}</title><link>{link}</link><guid>{link}{query}</guid><pubDate>{date}</pubDate>"

    known = [item(n, "http://www.exemple.fr", "Un titre d'hier", "Mon, 09 Mar 2026 08:00:00 GMT") for n in range(200)]
    dates = ("Tue, 10 Mar 2026 12:00:00 GMT", "Wed, 10 Mar 2027 12:00:00 GMT", "9999-12-31T00:00:00Z")
    again = [
        item(n, "https://actu.exemple.com", "Un titre corrigé", dates[n % 3], "?utm_source=rss&amp;xtor=1")
        for n in range(203)
    ]
    seen = {key for entry in read(rss(*known)).entries for key in entry.keys}
    found = read(rss(*again)).entries
    fresh = [entry.title for entry in found if not seen & set(entry.keys)]
    assert fresh == [f"Un titre corrigé {n}" for n in (200, 201, 202)]
    assert all(entry.published == NOW for entry in found)
