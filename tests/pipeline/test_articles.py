"""From pages, written for these tests, to articles."""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from worker.errors import ParseError
from worker.model import Article, Cause, Entry, Feed, PageRules
from worker.pipeline import articles
from worker.text import bands, canonical_address, digest

URL = "https://www.lecourrier.example/ia/mistral-loue-des-puces-4512.html"
FEED = Feed(id="courrier", name="Le Courrier, tech", url="https://www.lecourrier.example/rss", house="Maison")
ENTRY = Entry(
    feed_id="courrier",
    guid="4512",
    url=URL,
    title="Titre du flux",
    summary="Le résumé du flux.",
    author="La rédaction",
    published=datetime(2026, 3, 9, 8, 0, tzinfo=UTC),
)
TITLE = "Mistral loue 18 000 puces à un hébergeur norvégien"
PARAGRAPHS = [
    f"Paragraphe {n} : la société parisienne précise que son fournisseur mettra en service la tranche numéro {n} du "
    f"centre de données avant l'été, pour une puissance de {n}0 mégawatts, sans dévoiler le prix du contrat."
    for n in range(1, 9)
]


def ld(**fields: Any) -> str:
    node = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": TITLE, **fields}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def page(head: str = "", body: str = "", *, paragraphs: list[str] = PARAGRAPHS, title: str = TITLE) -> str:
    text = "".join(f"<p>{one}</p>" for one in paragraphs)
    return (
        f'<!doctype html><html lang="fr-FR"><head><meta charset="utf-8">'
        f"<title>{title} | Le Courrier</title>{head}</head>"
        "<body><header><nav><ul><li><a href='/'>Accueil</a></li><li><a href='/ia'>IA</a></li></ul></nav></header>"
        f"<main><article><h1>{title}</h1><div class='corps'>{text}{body}</div></article></main>"
        "<aside><h2>Les plus lus</h2><ul><li><a href='/x'>Un autre article très lu du jour</a></li></ul></aside>"
        "<footer><p>Mentions légales. Cookies.</p></footer></body></html>"
    )


def read(
    html: str | bytes, *, entry: Entry = ENTRY, feed: Feed = FEED, url: str = URL, kind: str = "text/html"
) -> Article:
    raw = html.encode("utf-8") if isinstance(html, str) else html
    return articles.read(raw, entry=entry, feed=feed, url=url, content_type=kind)


def failure(html: str | bytes, **given: Any) -> str:
    with pytest.raises(ParseError) as caught:
        read(html, **given)
    return caught.value.cause


class TestText:
    def test_paragraphs_and_nothing_else(self) -> None:
        assert read(page()).text == "\n\n".join(PARAGRAPHS)

    @pytest.mark.parametrize(
        "aside",
        [
            "À lire aussi : OpenAI signe un contrat géant avec Oracle",
            "Lire aussi OpenAI signe un contrat géant avec Oracle",
            "A lire également – OpenAI signe un contrat géant avec Oracle",
            "Pour aller plus loin : OpenAI signe un contrat géant avec Oracle",
            "Crédit photo : OpenAI signe un contrat géant avec Oracle",
            "Suivez-nous sur Google Actualités",
            "Publicité",
            "Partager",
        ],
    )
    def test_what_leads_away_is_left_out(self, aside: str) -> None:
        found = read(page(paragraphs=[*PARAGRAPHS[:4], aside, *PARAGRAPHS[4:]]))
        assert found.text == "\n\n".join(PARAGRAPHS)

    def test_a_lead_in_takes_its_title_along(self) -> None:
        asides = ["À lire aussi", "OpenAI signe un contrat géant avec Oracle"]
        assert read(page(paragraphs=[*PARAGRAPHS[:4], *asides, *PARAGRAPHS[4:]])).text == "\n\n".join(PARAGRAPHS)

    @pytest.mark.parametrize("sentence", ["À Paris, la société loue aussi un autre site de calcul dans le nord.",
                                          "Voir un tel contrat en Europe reste rare, note un analyste."])  # fmt: skip
    def test_sentences_that_begin_alike_stay(self, sentence: str) -> None:
        assert sentence in read(page(paragraphs=[*PARAGRAPHS, sentence])).text

    def test_a_page_read_twice_says_the_same(self) -> None:
        assert read(page()) == read(page()) == read(page())

    @pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "utf-16"])
    def test_any_charset(self, charset: str) -> None:
        raw = page().replace("utf-8", charset).encode(charset)
        found = read(raw)
        assert found.title == TITLE
        assert found.text == "\n\n".join(PARAGRAPHS)
        assert read(raw, kind=f"text/html; charset={charset}").text == found.text

    def test_text_that_only_the_json_ld_has(self) -> None:
        head = ld(articleBody="\n\n".join(PARAGRAPHS))
        assert read(page(head, paragraphs=["Chargement en cours."])).text == "\n\n".join(PARAGRAPHS)


class TestTitle:
    @pytest.mark.parametrize(
        ("head", "title", "found"),
        [
            (ld(), "x", TITLE),
            (f'<meta property="og:title" content="{TITLE} - Le Courrier">', "Autre", TITLE),
            ("", TITLE, TITLE),
            (
                '<meta property="og:site_name" content="Le Courrier de l’IA">',
                f"{TITLE} | Tech | Le Courrier de l’IA",
                TITLE,
            ),
            ("", f"{TITLE} – lecourrier.example", TITLE),
            (
                "",
                "Data center : l'Europe - et la France - accélèrent",
                "Data center : l'Europe - et la France - accélèrent",
            ),
            ("", "GPU | le grand marché", "GPU | le grand marché"),
            (ld(headline=TITLE[:30] + "…"), TITLE, TITLE),
            (ld(headline="L&#39;accord &amp; ses suites"), "x", "L'accord & ses suites"),
            ("", "Le Courrier", "Titre du flux"),
        ],
    )
    def test_the_page_s_own_without_the_site(self, head: str, title: str, found: str) -> None:
        assert read(page(head, title=title)).title == found


class TestMetadata:
    def test_json_ld_inside_a_graph(self) -> None:
        node = {"@type": ["NewsArticle", "Thing"], "headline": TITLE, "datePublished": "2026-03-09T07:30:00+01:00",
                "author": [{"@type": "Person", "name": "Ana Petit"}, {"name": "Léo Roux"}]}  # fmt: skip
        graph = {"@graph": [{"@type": "Organization", "name": "Le Courrier"}, {"@type": "WebPage", "mainEntity": node}]}
        found = read(page(f'<script type="application/ld+json">{json.dumps(graph)}</script>'))
        assert found.published == datetime(2026, 3, 9, 6, 30, tzinfo=UTC)
        assert found.author == "Ana Petit, Léo Roux"

    @pytest.mark.parametrize(
        "head",
        [
            '<meta property="article:published_time" content="2026-03-09T07:30:00+01:00">',
            '<meta itemprop="datePublished" content="2026-03-09T06:30:00Z">',
            ld(datePublished="2026-03-09T06:30:00.000Z"),
            '<script type="application/ld+json">{broken</script><meta name="date" content="2026-03-09T06:30:00Z">',
            "<time datetime='2026-03-09T06:30:00Z'>",
        ],
    )
    def test_dates(self, head: str) -> None:
        assert read(page(head)).published == datetime(2026, 3, 9, 6, 30, tzinfo=UTC)

    def test_a_date_long_after_the_feed_s_is_that_of_a_change(self) -> None:
        assert read(page(ld(datePublished="2027-01-01T00:00:00Z"))).published == ENTRY.published
        assert read(page()).published == ENTRY.published
        assert read(page(), entry=replace(ENTRY, published=None)).published is None

    def test_what_the_page_does_not_say_the_entry_does(self) -> None:
        found = read(page())
        assert (found.author, found.summary, found.source, found.house) == (
            "La rédaction",
            ENTRY.summary,
            FEED.name,
            "Maison",
        )
        assert (found.origin, found.limits, found.language) == ("page", Cause.OK, "fr")

    def test_a_cut_summary_gives_way_to_the_page_s(self) -> None:
        entry = replace(ENTRY, summary="Le résumé du flux (...)")
        head = '<meta name="description" content="Le résumé du flux et toute la suite de ce résumé.">'
        assert read(page(head), entry=entry).summary == "Le résumé du flux et toute la suite de ce résumé."

    @pytest.mark.parametrize(("head", "language"), [("", "fr"), ('<meta property="og:locale" content="en_GB">', "en")])
    def test_language(self, head: str, language: str) -> None:
        html = page(head) if language == "fr" else page(head).replace(' lang="fr-FR"', "")
        assert read(html).language == language


class TestAddress:
    @pytest.mark.parametrize(
        ("canonical", "url"),
        [
            ("https://lecourrier.example/ia/autre-4512.html", "https://lecourrier.example/ia/autre-4512.html"),
            ("/ia/autre-4512.html", "https://www.lecourrier.example/ia/autre-4512.html"),
            (
                "https://lecourrier.example/ia/autre&#27;&#8238;-4512.html",
                "https://lecourrier.example/ia/autre-4512.html",
            ),
            ("https://www.lecourrier.example/", URL),
            ("https://ailleurs.example/ia/autre-4512.html", URL),
            ("javascript:x", URL),
            ("http://[", URL),
            ("", URL),
        ],
    )
    def test_canonical_of_the_same_site(self, canonical: str, url: str) -> None:
        found = read(page(f'<link rel="canonical" href="{canonical}">'))
        assert found.url == url
        assert found.id == digest(canonical_address(url))

    def test_campaigns_and_hosts_make_no_new_article(self) -> None:
        ids = {
            read(page(), url=url).id for url in (URL, URL + "?utm_source=rss", URL.replace("https://www.", "http://"))
        }
        assert len(ids) == 1

    def test_without_an_address_the_entry_s_identity_counts(self) -> None:
        homes = [replace(ENTRY, url=url, guid=guid) for url in ("", "https://lecourrier.example/") for guid in "ab"]
        ids = [articles.from_feed(entry, feed=FEED, limits=Cause.ROBOTS).id for entry in homes]
        assert len(set(ids)) == 2
        assert ids[0] == ids[2]

    def test_near_copies_have_fingerprints_in_common(self) -> None:
        texts = [PARAGRAPHS, [*PARAGRAPHS, "Un mot de plus ici."], [line[::-1] for line in PARAGRAPHS]]
        first, copy, other = (set(bands(read(page(paragraphs=text)).fingerprint)) for text in texts)
        assert first & copy
        assert first
        assert other
        assert not first & other


class TestPaywall:
    SHORT = PARAGRAPHS[:2]

    def test_declared_and_short_leaves_the_feed_s_text(self) -> None:
        entry = replace(ENTRY, content=" ".join(PARAGRAPHS[:3]))
        assert failure(page(ld(isAccessibleForFree=False), paragraphs=self.SHORT), entry=entry) == Cause.PAYWALL
        head = ld(isAccessibleForFree=False, articleBody=" ".join(PARAGRAPHS))
        assert failure(page(head, paragraphs=["Chargement en cours."]), entry=entry) == Cause.PAYWALL

    @pytest.mark.parametrize("value", [False, "False", "false", "http://schema.org/False"])
    def test_declared_but_longer_than_the_feed_is_kept_with_its_limit(self, value: Any) -> None:
        found = read(page(ld(isAccessibleForFree=value), paragraphs=self.SHORT))
        assert found.limits == Cause.PAYWALL
        assert found.text == "\n\n".join(self.SHORT)

    def test_declared_yet_whole_is_kept(self) -> None:
        entry = replace(ENTRY, content=" ".join(PARAGRAPHS * 3))
        assert read(page(ld(isAccessibleForFree=False)), entry=entry).limits == Cause.PAYWALL

    @pytest.mark.parametrize(
        "words",
        [
            "Il vous reste 78 % de cet article à lire. La suite est réservée aux abonnés.",
            "Cet article est réservé aux abonnés.",
            "Abonnez-vous pour lire la suite de cet article",
            "Déjà abonné ? Se connecter",
        ],
    )
    def test_told_by_the_text_itself(self, words: str) -> None:
        found = read(page(paragraphs=[*PARAGRAPHS[:3], words]))
        assert found.limits == Cause.PAYWALL
        assert found.text == "\n\n".join(PARAGRAPHS[:3])
        assert read(page(ld(isAccessibleForFree=True), paragraphs=[*PARAGRAPHS[:3], words])).limits == Cause.OK

    def test_text_hidden_in_json_ld_is_left_alone(self) -> None:
        head = ld(isAccessibleForFree=False, articleBody=" ".join(PARAGRAPHS))
        assert read(page(head, paragraphs=self.SHORT)).text == "\n\n".join(self.SHORT)

    def test_content_tier_and_parts(self) -> None:
        locked = '<meta property="article:content_tier" content="locked">'
        assert read(page(locked, paragraphs=self.SHORT)).limits == Cause.PAYWALL
        part = ld(hasPart={"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".paywall"})
        assert read(page(part, paragraphs=self.SHORT)).limits == Cause.PAYWALL


class TestRules:
    HTML = page(
        body="<div class='voisin'><p>Un encart qui parle d'OpenAI et d'Oracle, sans rapport avec le sujet.</p></div>"
        "<span class='qui'>Par Zoé Blanc</span><span class='quand'>9 mars 2026 à 7h15</span>"
    )

    def test_each_selector_has_its_say(self) -> None:
        rules = PageRules(title="h1", text=".corps p", date=".quand", author=".qui", remove=".voisin")
        found = read(self.HTML, feed=replace(FEED, pages=rules))
        assert found.title == TITLE
        assert found.text == "\n\n".join(PARAGRAPHS)
        assert found.author == "Par Zoé Blanc"
        assert found.published == datetime(2026, 3, 9, 7, 15, tzinfo=UTC)

    def test_remove_also_serves_the_general_reader(self) -> None:
        assert "encart" in read(self.HTML).text
        assert "encart" not in read(self.HTML, feed=replace(FEED, pages=PageRules(remove=".voisin"))).text

    def test_a_paywall_selector(self) -> None:
        assert read(self.HTML, feed=replace(FEED, pages=PageRules(paywall=".voisin"))).limits == Cause.PAYWALL
        assert read(self.HTML, feed=replace(FEED, pages=PageRules(paywall=".absent"))).limits == Cause.OK

    def test_a_selector_that_is_none_is_passed_over(self) -> None:
        assert read(page(), feed=replace(FEED, pages=PageRules(text="p[", title=":nope(", remove="]"))).title == TITLE


class TestFailures:
    @pytest.mark.parametrize(
        ("body", "kind"),
        [("x", "application/pdf"), (b"%PDF-1.7", "text/html"), (b"\x89PNG\r\n", ""), ("Simple texte", "text/plain"),
         (b"\0" * 50, ""),          ("{}", "application/json"), ("", "text/html")],
    )  # fmt: skip
    def test_what_is_not_a_page(self, body: bytes | str, kind: str) -> None:
        assert failure(body, kind=kind) == Cause.NOT_HTML

    @pytest.mark.parametrize(
        "html",
        [
            "<html><title>Just a moment...</title></html>",
            "<html><body><p>Court.</p></body></html>",
            page(paragraphs=[]),
            "<",
            "<<<>>>",
        ],
    )
    def test_a_page_without_text(self, html: str) -> None:
        assert failure(html) == Cause.NO_TEXT

    @pytest.mark.parametrize(
        "html",
        ["<html><body>" + "<p>" * 800_000, "<html><body>" + "<div>" * 100_000 + "x", "<p>" + "a" * 2_000_000,
         "<html><body><article>" + "<p>Un court paragraphe.</p>" * 14_000,
         "<script type='application/ld+json'>" + "[" * 400_000],
        ids=["paragraphs", "deep", "word", "repeats", "json"],
    )  # fmt: skip
    def test_big_ones_end_soon(self, html: str) -> None:
        started = time.process_time()
        with contextlib.suppress(ParseError):
            read(html)
        assert time.process_time() - started < 10.0

    @settings(suppress_health_check=[HealthCheck.too_slow], max_examples=100)
    @given(st.text(max_size=300), st.text(max_size=60), st.integers(0, 900))
    def test_any_page_is_an_article_or_a_parse_error(self, head: str, inside: str, at: int) -> None:
        html = page(head)
        for whole in (head, html, html[:at] + inside + html[at:]):
            with contextlib.suppress(ParseError):
                found = read(whole, feed=replace(FEED, pages=PageRules(remove=".x")))
                assert found.text


class TestFromFeed:
    def test_the_longer_text_is_the_text(self) -> None:
        entry = replace(ENTRY, content="Premier.\n\nSecond.")
        found = articles.from_feed(entry, feed=FEED, limits=Cause.FORBIDDEN)
        assert (found.text, found.summary, found.origin, found.limits) == (
            "Premier.\n\nSecond.",
            ENTRY.summary,
            "feed",
            Cause.FORBIDDEN,
        )
        assert found.id == digest(canonical_address(URL))

    def test_a_summary_stands_in_once(self) -> None:
        found = articles.from_feed(ENTRY, feed=FEED, limits=Cause.ROBOTS)
        assert (found.text, found.summary, found.title) == (ENTRY.summary, "", ENTRY.title)


def test_scripts_that_never_close_cost_no_search_each() -> None:
    body = ("<html><body><article><p>Texte.</p>" + "<script>" * 29_000 + "a" * 1_000_000).encode()
    begun = time.monotonic()
    with pytest.raises(ParseError):
        articles.read(body, entry=ENTRY, feed=FEED, url="https://a.example/x", content_type="text/html")
    assert time.monotonic() - begun < 5


class TestAnotherSite:
    """A feed may link to pages of other sites; its own words about them are its own."""

    FOREIGN = Feed(id="voleur", name="Le Voleur", url="https://voleur.example/rss")

    def test_its_summary_is_not_put_over_the_page(self) -> None:
        assert ENTRY.summary not in read(page(), feed=self.FOREIGN).summary
        assert read(page(), feed=replace(self.FOREIGN, site="https://lecourrier.example/")).summary == ENTRY.summary

    def test_its_text_takes_neither_the_page_s_name_nor_its_house(self) -> None:
        stolen = articles.from_feed(ENTRY, feed=self.FOREIGN, limits=Cause.FORBIDDEN)
        own = articles.from_feed(ENTRY, feed=replace(FEED, house=""), limits=Cause.FORBIDDEN)
        assert stolen.id != own.id
        assert (stolen.house, own.house) == ("voleur.example", "lecourrier.example")
