"""Formats, charsets, cleaning, dates, and what is not a feed."""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.pipeline.feeds.samples import BASE, FEED, NOW, one, read, rss
from worker.errors import ParseError
from worker.model import Cause
from worker.pipeline.feeds import parse

TITLE = "Un hébergeur loue 18 000 puces à Mistral"
ATOM = f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Exemple</title><id>f</id>
<link href="https://exemple.fr/"/><entry><title type="html">{TITLE}</title><id>tag:exemple.fr,2026:1</id>
<link rel="alternate" href="/articles/1-puces"/><published>2026-03-09T10:00:00+01:00</published>
<updated>2026-03-09T18:00:00+01:00</updated><author><name>Ana Petit</name></author>
<summary type="html">&lt;p&gt;Le r&#233;sum&#233;.&lt;/p&gt;</summary></entry></feed>"""
RDF = f"""<?xml version="1.0" encoding="ISO-8859-15"?><rdf:RDF xmlns="http://purl.org/rss/1.0/"
xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://exemple.fr/"><title>Exemple</title><link>https://exemple.fr/</link></channel>
<item rdf:about="https://exemple.fr/articles/1-puces"><title>{TITLE}</title>
<link>https://exemple.fr/articles/1-puces</link>
<description>Le résumé.</description><dc:date>2026-03-09T10:00:00+01:00</dc:date><dc:creator>Ana Petit</dc:creator>
</item></rdf:RDF>"""
RSS = rss(
    f"<title>{TITLE}</title><link>https://exemple.fr/articles/1-puces</link><guid isPermaLink='false'>1</guid>"
    "<pubDate>Mon, 09 Mar 2026 10:00:00 +0100</pubDate><dc:creator>Ana Petit</dc:creator>"
    "<description><![CDATA[<p>Le r&eacute;sum&eacute;.</p>]]></description>"
)
RSS_091 = f"""<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"
"http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel><title>Exemple</title><item>
<title>{TITLE.replace("é", "&eacute;").replace("à", "&agrave;")}</title><link>https://exemple.fr/articles/1-puces</link>
<pubDate>9 Mar 2026 09:00:00 GMT</pubDate><description>Le résumé.</description><author>Ana Petit</author></item>
</channel></rss>"""
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Exemple",
        "home_page_url": "https://exemple.fr/",
        "items": [
            {
                "id": 1,
                "url": "/articles/1-puces",
                "title": TITLE,
                "content_html": "<p>Le résumé.</p>",
                "date_published": "2026-03-09T10:00:00+01:00",
                "authors": [{"name": "Ana Petit"}],
            }
        ],
    }
)


class TestFormats:
    @pytest.mark.parametrize(
        ("body", "version"),
        [
            (RSS, "rss20"),
            (ATOM, "atom10"),
            (RDF.encode("iso-8859-15"), "rss10"),
            (RSS_091, "rss091n"),
            (JSON_FEED, "json11"),
        ],
        ids=["rss", "atom", "rdf", "rss091", "json"],
    )
    def test_each_says_the_same(self, body: bytes | str, version: str) -> None:
        found = read(body)
        assert found.version.rstrip("nu") == version.rstrip("nu")
        (entry,) = found.entries
        assert entry.title == TITLE
        assert entry.url == "https://exemple.fr/articles/1-puces"
        assert entry.summary == "Le résumé."
        assert entry.author == "Ana Petit"
        assert entry.published == datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
        assert entry.feed_id == "exemple"
        assert found.title == "Exemple"

    def test_a_feed_without_items_is_a_feed(self) -> None:
        assert read(rss()).entries == ()

    def test_a_warning_above_the_feed_is_passed_over(self) -> None:
        body = "<br />\n<b>Warning</b>: mysql_connect() in <b>/srv/x.php</b> on line <b>3</b><br />\n" + RSS
        assert read(body).entries[0].title == TITLE

    @pytest.mark.parametrize("junk", ["\ufeff", "\n\n  ", "<!-- made by hand -->", "\ufeff\n"])
    def test_what_stands_before_the_prolog_does_no_harm(self, junk: str) -> None:
        assert read(junk + RSS).entries[0].title == TITLE

    @pytest.mark.parametrize(
        "damage",
        ["<textInput><name>x</name></textInput>", "<gml:pos xmlns:gml='http://www.opengis.net/gml'>1 2</gml:pos>"],
    )
    @pytest.mark.parametrize("body", [RSS, ATOM, RDF.replace("-8859-15", "-8859-1")], ids=["rss", "atom", "rdf"])
    def test_where_feedparser_itself_fails_the_items_are_read_all_the_same(self, body: str, damage: str) -> None:
        end = "</entry>" if "</entry>" in body else "</item>"
        found = read(body.replace(end, damage + end).encode("latin-1" if "8859" in body else "utf-8"))
        assert replace(found.entries[0], author="") == replace(read(body).entries[0], author="")
        assert found.title == "Exemple"

    def test_a_cut_document_keeps_its_whole_items(self) -> None:
        body = rss("<title>Premier titre entier</title><guid>1</guid>", "<title>Deuxième</title><guid>2</guid>")
        titles = [entry.title for entry in read(body[: body.index("Deuxième")]).entries]
        assert titles[0] == "Premier titre entier"

    def test_full_contents_become_paragraphs_and_the_signature_goes(self) -> None:
        content = "<h2>Inter</h2><p>Premier\n paragraphe&nbsp;: <b>oui</b>.</p><ul><li>Un</li><li>Deux</li></ul>"
        content += "<script>no()</script>"
        signed = content + '<p>L’article <a href="x">Titre</a> est apparu en premier sur <a href="y">Exemple</a>.</p>'
        entry = one(f"<title>T</title><guid>1</guid><content:encoded><![CDATA[{signed}]]></content:encoded>")
        assert entry.content == "Inter\n\nPremier paragraphe : oui.\n\nUn\n\nDeux"
        assert entry.summary.startswith("Inter Premier paragraphe")


class TestCharsets:
    @pytest.mark.parametrize(
        "real", ["utf-8", "iso-8859-1", "iso-8859-15", "windows-1252", "utf-16", "utf-16-le", "utf-32"]
    )
    @pytest.mark.parametrize("said", ["none", "right", "utf-8"])
    def test_declared_or_not_accents_come_through(self, real: str, said: str) -> None:
        label = {"none": "", "right": f' encoding="{real}"', "utf-8": ' encoding="utf-8"'}[said]
        text = RSS.replace(' encoding="UTF-8"', label)
        assert read(text.encode(real), "text/xml").entries[0].title == TITLE

    def test_the_euro_sign_of_latin_9(self) -> None:
        text = RDF.replace(TITLE, "Une levée de 600 M€ à Paris")
        assert read(text.encode("iso-8859-15")).entries[0].title == "Une levée de 600 M€ à Paris"
        header = "text/xml; charset=ISO-8859-1"
        assert read(text.encode("iso-8859-15"), header).entries[0].title == "Une levée de 600 M€ à Paris"

    def test_the_header_counts_where_the_document_says_nothing(self) -> None:
        text = RSS.replace(' encoding="UTF-8"', "").replace(TITLE, "Привет, мир, это лента")
        assert read(text.encode("koi8-r"), "text/xml; charset=koi8-r").entries[0].title == "Привет, мир, это лента"

    def test_a_header_that_lies_about_utf8(self) -> None:
        assert read(RSS, "text/xml; charset=iso-8859-1").entries[0].title == TITLE

    def test_twice_encoded_text_is_mended(self) -> None:
        double = TITLE.encode().decode("windows-1252")
        assert read(RSS.replace(TITLE, double)).entries[0].title == TITLE

    def test_a_stray_byte_costs_only_itself(self) -> None:
        raw = RSS.encode().replace(b"Mistral", b"l\x92inconnu Mistral")
        assert read(raw).entries[0].title == TITLE.replace("Mistral", "l’inconnu Mistral")

    @pytest.mark.parametrize("label", ["idna", "unicode_escape", "base64", "zlib", "no-such-charset", "undefined"])
    def test_codecs_that_are_no_charset_are_not_used(self, label: str) -> None:
        body = RSS.replace("UTF-8", label).encode("windows-1252")
        assert read(body, f"text/xml; charset={label}").entries[0].title == TITLE


class TestTitles:
    @pytest.mark.parametrize(
        ("written", "read_as"),
        [
            ("AT&amp;T loue", "AT&T loue"),
            ("AT&amp;amp;T loue", "AT&T loue"),
            ("AT&T loue", "AT&T loue"),
            ("a &lt; b et c &gt; d", "a < b et c > d"),
            ("&lt;b&gt;Gras&lt;/b&gt; et suite", "Gras et suite"),
            ("&lt;script&gt;alert(1)&lt;/script&gt;Titre", "Titre"),
            ("&lt;img src=x onerror=alert(1)&gt;Titre", "Titre"),
            ("&amp;lt;i&amp;gt;Titre&amp;lt;/i&amp;gt;", "Titre"),
            ("&lt;scr&lt;b&gt;ipt&gt;Titre", "<scr ipt>Titre"),
            ("Le jeton &lt;think&gt; expliqué", "Le jeton <think> expliqué"),
            ("L&#8217;IA &#171;&#160;souveraine&#160;&#187;", "L’IA « souveraine »"),
            ("Titre&#13;&#10;Bcc: x@exemple.fr", "Titre Bcc: x@exemple.fr"),
            ("  Deux\n\t lignes  ", "Deux lignes"),
            ("Titre\u202e retourné\u200b", "Titre retourné"),
            ("<![CDATA[Côté <em>cour</em> &amp; jardin]]>", "Côté cour & jardin"),
            ("&eacute;t&eacute; &nbsp; fini", "été fini"),
        ],
    )
    def test_plain_text_comes_out(self, written: str, read_as: str) -> None:
        assert one(f"<title>{written}</title><guid>1</guid>").title == read_as

    def test_control_characters_go(self) -> None:
        raw = rss("<title>Avant\x00\x08\x1b[31mAprès</title><guid>1</guid>")
        assert read(raw).entries[0].title == "Avant[31mAprès"

    def test_a_long_one_is_cut_at_a_word(self) -> None:
        title = one(f"<title>{'mot ' * 400}</title><guid>1</guid>").title
        assert len(title) <= 500
        assert title.endswith("mot…")

    def test_without_one_the_summary_serves(self) -> None:
        assert (
            one("<description>Une dépêche sans titre.</description><guid>1</guid>").title == "Une dépêche sans titre."
        )


class TestLinks:
    @pytest.mark.parametrize(
        ("written", "read_as"),
        [
            ("https://exemple.fr/a?x=1&amp;y=2", "https://exemple.fr/a?x=1&y=2"),
            ("<![CDATA[ https://exemple.fr/a?x=1&y=2 ]]>", "https://exemple.fr/a?x=1&y=2"),
            ("/a", "https://exemple.fr/a"),
            ("//autre.fr/a", "https://autre.fr/a"),
            ("a\n b", "https://exemple.fr/ab"),
            ("javascript:alert(1)", ""),
            ("data:text/html,x", ""),
            ("file:///etc/passwd", ""),
            ("https://u:p@exemple.fr/a", ""),
            ("http://[", ""),
        ],
    )
    def test_only_web_addresses(self, written: str, read_as: str) -> None:
        assert one(f"<title>Un titre</title><link>{written}</link><guid isPermaLink='false'>1</guid>").url == read_as

    def test_a_guid_that_is_an_address_serves_as_link(self) -> None:
        entry = one("<title>Un titre</title><guid>https://exemple.fr/a</guid>")
        assert entry.url == entry.guid == "https://exemple.fr/a"
        entry = one("<title>Un titre</title><guid>17</guid>")
        assert (entry.url, entry.guid) == ("", "17")


class TestDates:
    @pytest.mark.parametrize(
        ("written", "read_as"),
        [
            ("Mon, 09 Mar 2026 10:00:00 +0100", "2026-03-09T09:00:00"),
            ("Mon, 09 Mar 2026 10:00:00 GMT", "2026-03-09T10:00:00"),
            ("2026-03-09T10:00:00+01:00", "2026-03-09T09:00:00"),
            ("2026-03-09T10:00:00", "2026-03-09T10:00:00"),
            ("2026-03-09", "2026-03-09T00:00:00"),
            ("lun., 9 mars 2026 10:00:00 +0100", "2026-03-09T09:00:00"),
            ("1er février 2026 à 08h30", "2026-02-01T08:30:00"),
            ("Mon, 09 Mar 2099 10:00:00 GMT", "2026-03-10T12:00:00"),
            ("9999-12-31T23:59:59Z", "2026-03-10T12:00:00"),
            ("0001-01-01T00:00:00Z", None),
            ("Thu, 01 Jan 1970 00:00:00 GMT", None),
            ("hier soir", None),
            ("", None),
            ("Mon, 99 Foo 2026 99:99:99", None),
        ],
    )
    def test_in_utc_never_in_the_future_or_none(self, written: str, read_as: str | None) -> None:
        found = one(f"<title>Un titre</title><guid>1</guid><pubDate>{written}</pubDate>").published
        assert found == (datetime.fromisoformat(read_as).replace(tzinfo=UTC) if read_as else None)


def cause(body: bytes | str, content_type: str = "text/html") -> tuple[str, str]:
    with pytest.raises(ParseError) as caught:
        read(body, content_type)
    return caught.value.cause, str(caught.value)


class TestNotAFeed:
    @pytest.mark.parametrize("body", [b"", b" \n\t ", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n", b"\0\0\0", "<!-- rien -->"])
    def test_nothing_is_empty(self, body: bytes | str) -> None:
        assert cause(body)[0] == Cause.EMPTY

    @pytest.mark.parametrize(
        ("page", "word"),
        [
            ("<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>", "robot check"),
            ('<html><body><script src="/cdn-cgi/challenge-platform/h/b"></script></body></html>', "robot check"),
            ("<html><head><title>Page introuvable</title></head><body>x</body></html>", "not there"),
            ("<!doctype html><title>Erreur 404 - Exemple</title>", "not there"),
            ("<html><head><title>Connexion</title></head><body><form></form></body></html>", "login"),
            ('<html><title>Mon compte</title><body><input name="p" type="password"></body></html>', "login"),
            ("<html><head><title>Exemple, le site</title></head><body><p>Bonjour</p></body></html>", "web page"),
            ("<!-- x --><HTML><HEAD><TITLE>Exemple</TITLE></HEAD></HTML>", "web page"),
        ],
    )
    def test_a_page_is_said_to_be_one_and_which(self, page: str, word: str) -> None:
        found, message = cause(page)
        assert found == Cause.HTML
        assert word in message
        assert BASE in message

    def test_a_page_names_its_feeds(self) -> None:
        link = '<link rel="alternate" type="application/rss+xml" href="/flux.xml">'
        assert "https://exemple.fr/flux.xml" in cause(f"<html><head><title>E</title>{link}</head></html>")[1]

    @pytest.mark.parametrize(
        "body",
        ["Not found", '{"error": "no"}', "[1, 2]", "{", "<opml version='2.0'><body/></opml>", "<urlset><url/></urlset>",
         "/etc/passwd", "http://127.0.0.1/feed", b"\x89PNG\r\n\x1a\n\x00\x00", b"%PDF-1.7 \xff\xfe", "[" * 100_000],
    )  # fmt: skip
    def test_other_things(self, body: bytes | str) -> None:
        assert cause(body)[0] == Cause.NOT_A_FEED


LAUGHS = "<!DOCTYPE l [" + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12)) + "]>"


class TestHostile:
    def test_entities_open_nothing(self, tmp_path: Any) -> None:
        secret = tmp_path / "secret.txt"
        secret.write_text("geheim")
        declared = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY y "lol">]>'
        body = declared + rss("<title>avant &x; et &y; après</title><guid>1</guid>").split("?>", 1)[1]
        entry = read(body).entries[0]
        assert "geheim" not in repr(entry)
        assert entry.title.startswith("avant")

    @pytest.mark.parametrize(
        "body",
        [
            rss(*(f"<title>Un titre {n}</title><guid>{n}</guid>" for n in range(50_000))),
            rss("<title>" + "<b>" * 100_000 + "x" + "</b>" * 100_000 + "</title>"),
            rss("<title>" + "&lt;a " * 200_000 + "</title>"),
            LAUGHS + rss("<title>&l11;</title>"),
            "<rss><channel>" + "<skipHours>" * 300_000,
            rss("<item " + "a='b' " * 300_000 + ">"),
            rss("<title>" + "&" * 1_000_000),
        ],
        ids=["items", "nested", "escaped", "laughs", "unclosed", "attributes", "ampersands"],
    )  # fmt: skip
    def test_big_ones_end_soon(self, body: str) -> None:
        started = time.process_time()
        found = read(body)
        assert time.process_time() - started < 8.0
        assert len(found.entries) <= 500

    def test_of_many_items_the_newest_500_stay_wherever_they_stand(self) -> None:
        def item(n: int) -> str:
            at = (NOW - timedelta(minutes=n)).strftime("%a, %d %b %Y %H:%M:%S GMT")
            return f"<title>Titre numéro {n}</title><guid>{n}</guid><pubDate>{at}</pubDate>"

        for order in (range(800), reversed(range(800)), range(3_000)):
            guids = {int(entry.guid) for entry in read(rss(*map(item, order))).entries}
            assert guids == set(range(500))

    @settings(suppress_health_check=[HealthCheck.too_slow], max_examples=150)
    @given(st.binary(max_size=400), st.sampled_from(["", "text/xml", "text/xml; charset=utf-16", "application/json"]))
    def test_any_bytes_are_a_feed_or_a_parse_error(self, body: bytes, content_type: str) -> None:
        for whole in (body, b"<rss>" + body, b"<?xml version='1.0'?><feed><entry>" + body, b"{" + body):
            with contextlib.suppress(ParseError):
                parse(whole, feed=FEED, content_type=content_type, base=BASE, now=NOW)

    @settings(suppress_health_check=[HealthCheck.too_slow], max_examples=150)
    @given(st.data())
    def test_a_mutated_feed_is_read_or_is_a_parse_error(self, data: st.DataObject) -> None:
        broken = data.draw(st.text(alphabet="<>&;!?/[]='\"ab\x00é-", max_size=40))
        body = rss(f"<title>{broken}</title><guid>1</guid>", "<title>Titre sain et entier</title><guid>2</guid>")
        at = data.draw(st.integers(0, len(body)))
        mutated = body[:at] + data.draw(st.text(max_size=3)) + body[at:]
        for whole in (body, mutated):
            with contextlib.suppress(ParseError):
                read(whole)


class TestHints:
    @pytest.mark.parametrize(
        ("head", "seconds"),
        [
            ("<ttl>90</ttl>", 5400.0),
            ("<ttl>0</ttl>", None),
            ("<ttl>bientôt</ttl>", None),
            ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>", None),
            ("<sy:updatePeriod>daily</sy:updatePeriod>", 86_400.0),
            ("<sy:updatePeriod> daily </sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 21_600.0),
            ("", None),
        ],
    )
    def test_how_long_it_stays_fresh(self, head: str, seconds: float | None) -> None:
        assert read(rss("<title>Un titre</title>", head=head)).ttl_s == seconds

    def test_hours_and_days_to_skip(self) -> None:
        head = "<skipHours><hour>0</hour><hour> 23 </hour><hour>24</hour></skipHours>"
        head += "<skipDays><day>Sunday</day></skipDays>"
        found = read(rss("<title>Un titre</title>", head=head))
        assert found.skip_hours == {0, 23}
        assert found.skip_days == {6}
        every = "<skipHours>" + "".join(f"<hour>{hour}</hour>" for hour in range(24)) + "</skipHours>"
        assert read(rss("<title>Un titre</title>", head=every)).skip_hours == frozenset()


@pytest.mark.parametrize("body", [b"<!x>" * 800_000, b"<!--x-->" * 400_000], ids=["declarations", "comments"])
def test_a_prolog_without_end_costs_little(body: bytes) -> None:
    begun = time.monotonic()
    with pytest.raises(ParseError):
        parse(body, feed=FEED, content_type="text/xml", base="https://a.example", now=NOW)
    assert time.monotonic() - begun < 2


def test_titles_full_of_comments_that_never_close_cost_little() -> None:
    title = "&lt;!--" * 900
    items = "".join(f"<item><title>{title}</title><guid>{n}</guid></item>" for n in range(500))
    body = f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>".encode()
    begun = time.monotonic()
    parsed = parse(body, feed=FEED, content_type="text/xml", base="https://a.example", now=NOW)
    assert parsed.entries
    assert time.monotonic() - begun < 8
