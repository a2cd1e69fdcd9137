"""Seeded damage to news: to texts, dates, addresses, markup, charsets, documents and HTTP headers.

Each function takes a source of chance and what is whole, and returns it damaged. What real feeds were seen to do stands
beside what none should.
"""

from __future__ import annotations

import gzip
import random
import unicodedata
from collections.abc import Callable, Mapping

_ODD = (
    "\x00", "\x08", "\x1b[31m", "\u2028", "\u2029", "\u202e", "\u200b", "\ufeff", "\u00ad", "\u202f", "\u0301",
    "\ufffd",
    "\ufffe", "\U0001f9e0", "\U000e0041", "\ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    "\u0130",
    "\u212b", "\ufb01", "٣", "Ⅻ", "½", "𝟗", "₂", "\t", "\r\n", "\v",
)  # fmt: skip
_NUMBERS = (
    "9" * 400, "1e999", "-0", "1 000 000 000 000 000 000", "0,0000001", "12,5,7", "1.2.3",
    "100 milliards de milliards",
    "30 Md$ Md$", "NaN", "un demi-quart de milliard", "3 x 10^12", "١٢٣", "2 à 3 à 4", "jusqu’à jusqu’à 5", "%",
    "1 / 0",
)  # fmt: skip
_PIECES = (
    "<b>", "</p></p>", "<script>alert(1)</script>", "<!-- ", "&amp;amp;", "&#0;", "&#xD800;", "&#999999999;",
    "&nope;",
    "&#x110000;", "< ", "<a href=javascript:alert(1)>", "{{ jour }}", "{%", "%s%n", "' OR 1=1 --", "\\u0000", "\\",
    '"' * 9,
    "«" * 30, "(" * 200, ")" * 40, "[" * 60, "…" * 50, "—" * 80, "M." * 60, "A. " * 90, "d'" * 90,
)  # fmt: skip
_DATES = (
    "", "demain", "32 Foo 2026 99:99:99 +9900", "0000-00-00T00:00:00Z", "9999-12-31T23:59:59Z", "99999-01-01", "-1",
    "Thu, 01 Jan 1970 00:00:00 GMT", "١٢/٠٣/٢٠٢٦", "2026-02-30", "12/13/14", "2026-W53-8", "1e20", "253402300800",
    "lun., 2 mars 2026 08:05:00 +0100", "Mon, 02 Mar 2026 08:05:00 UT+25:61",
    "2026-03-02T08:05:00.123456789123+01:00",
    "mars", "0", "9" * 300, "2026-03-02T08:05:00+00:00" * 3, "Mon, 02 Mar 0026 08:05:00 GMT", "\x00", "24:60",
    "１２月",
)  # fmt: skip
_LINKS = (
    "", "javascript:alert(1)", "data:text/html,x", "http://[", "http://[::1", "http://a:99999999/", "//",
    "http:///x", "?",
    "http://xn--a\u0301.example/%zz%", "http://ex ample.org/", "https://exämple.org/é", "mailto:a@b",
    "http://a@b:c@d/",
    "http://127.0.0.1:1/", "ftp://x/y", "http://" + "a" * 300 + ".example/", "http://a.example/" + "x/" * 2_000,
    "http://\x00/",
    "http://a.example/\u202egnp.exe", "HTTP://A.EXAMPLE:80/#", "tag:x", "urn:uuid:0", "file:///etc/hostname",
    "\\\\a\\b",
)  # fmt: skip
_CHARSETS = (
    "utf-8", "iso-8859-1", "windows-1252", "utf-16", "utf-7", "ascii", "macintosh", "x-nope", "\x00", "utf-32",
    "big5", "idna",
    "hex", "cp037", "utf-8-sig", "unicode_escape", "punycode", "rot13", "zlib", "undefined", "latin-1 ",
    "UTF8; q=0",
)  # fmt: skip
_HEADERS: Mapping[str, tuple[str, ...]] = {
    "Content-Type": (
        "", "text/html", "application/json", "image/png", "text/xml; charset=", "a/b; charset=\"utf-8", ";;;",
        "x" * 3_000,
        "application/rss+xml; charset=utf-16", "text/plain; charset=hex", "multipart/x-mixed-replace",
    ),
    "ETag": ("", '"', 'W/"é"', "x" * 4_000, "\x7f", '"a", "b"', "0"),
    "Last-Modified": ("", "hier", "Mon, 99 Foo 2026", "9" * 200, "Thu, 01 Jan 1970 00:00:00 GMT", "-1"),
    "Cache-Control": ("max-age=-1", "max-age=99999999999999999999", "max-age=x", "max-age=\"1\"", ",,,", "no-store"),
    "Expires": ("0", "-1", "Mon, 02 Mar 99999 08:05:00 GMT", "jamais"),
    "Retry-After": ("-5", "1e9", "nan", "Mon, 02 Mar 9999 08:05:00 GMT", "٣", "9" * 50),
    "Date": ("", "0", "Mon, 02 Mar 9999 08:05:00 GMT", "x"),
    "Age": ("-1", "x", "9" * 40),
    "Link": ("<", "<http://[>; rel=self", "<>; rel=hub" * 50),
    "Location": ("http://[", "", "\\x"),
    "Set-Cookie": ("a=b; " * 200,),
}  # fmt: skip


def text(chance: random.Random, whole: str, other: str) -> str:
    """Return `whole` with one to three wounds; `other` is a text to cross it with."""
    for _ in range(chance.randint(1, 3)):
        whole = chance.choice(_TEXT_WOUNDS)(chance, whole, other)[:60_000]
    return whole


def date(chance: random.Random, whole: str) -> str:
    """Return a date that is none, or a whole one damaged."""
    return chance.choice(_DATES) if chance.random() < 0.7 else _odd(chance, whole, "")


def link(chance: random.Random, whole: str) -> str:
    """Return an address that is none, or a whole one damaged."""
    return chance.choice(_LINKS) if chance.random() < 0.7 else _odd(chance, whole, "")


def identity(chance: random.Random, whole: str) -> str:
    """Return a guid that stays this item's own, but is long, odd or of another script."""
    return whole + chance.choice(("", "é" * 3_000, "x" * 20_000, "\x00", " ", "\u202e", "%00", "'", "\n\n", "🧠" * 700))


def inside(chance: random.Random, item: str) -> str:
    """Return an item's markup damaged in a way that ends with the item: no comment or CDATA is left open."""
    at = chance.randrange(item.index(">") + 1, item.rindex("</") + 1)
    wound = chance.choice((
        "&", "&nope;", "&#0;", "<", "<b", "<br>", "</b>", "\x00", "\x0c", "<x:y>", "<title/>", "<link>x</link>",
        "]]>", "<?", "'",
        "<media:content url='x'/>", "<content type='xhtml'><div>", "<summary type='html'>", "<p><p><p>", "&#x1F;",
        "\ufffe",
    ))  # fmt: skip
    return item[:at] + wound + item[at:]


def document(chance: random.Random, body: bytes, other: bytes) -> bytes:
    """Return a document's bytes with one to three wounds; `other` is a document to cross it with."""
    for _ in range(chance.randint(1, 3)):
        body = chance.choice(_BYTE_WOUNDS)(chance, body, other)[:400_000]
    return body


def headers(chance: random.Random, whole: Mapping[str, str]) -> dict[str, str]:
    """Return an answer's headers with one to three of them damaged."""
    found = dict(whole)
    for name in chance.sample(sorted(_HEADERS), chance.randint(1, 3)):
        found[name] = chance.choice(_HEADERS[name])
    return {name: "".join(c for c in value if c not in "\r\n\x00") for name, value in found.items()}


def charset(chance: random.Random, body: bytes, declared: str) -> bytes:
    """Return a document that declares one charset and is written in another."""
    named = chance.choice(_CHARSETS)
    body = body.replace(f'encoding="{declared}"'.encode(), f'encoding="{named}"'.encode("utf-8", "replace"), 1)
    decoded = body.decode("utf-8", "replace")
    written = chance.choice(("utf-8", "iso-8859-1", "cp1252", "utf-16", "utf-16-be", "mac-roman", "utf-8-sig"))
    return decoded.encode(written, chance.choice(("replace", "ignore", "xmlcharrefreplace")))


def _at(chance: random.Random, whole: str) -> int:
    return chance.randint(0, len(whole))


def _odd(chance: random.Random, whole: str, _other: str) -> str:
    for _ in range(chance.randint(1, 6)):
        at = _at(chance, whole)
        whole = whole[:at] + chance.choice(_ODD) * chance.choice((1, 1, 1, 40)) + whole[at:]
    return whole


def _cut(chance: random.Random, whole: str, _other: str) -> str:
    first, last = sorted((_at(chance, whole), _at(chance, whole)))
    return whole[:first] + whole[last:]


def _crossed(chance: random.Random, whole: str, other: str) -> str:
    return whole[: _at(chance, whole)] + other[_at(chance, other) :]


def _repeated(chance: random.Random, whole: str, _other: str) -> str:
    words = whole.split(" ")
    at, length = chance.randrange(len(words)), chance.randint(1, 12)
    return " ".join([*words[:at], *words[at : at + length] * chance.choice((2, 20, 300)), *words[at + length :]])


def _shuffled(chance: random.Random, whole: str, _other: str) -> str:
    words = whole.split(" ")
    chance.shuffle(words)
    return " ".join(words)


def _numbered(chance: random.Random, whole: str, _other: str) -> str:
    at = [n for n, c in enumerate(whole) if c.isdigit()] or [0]
    place = chance.choice(at)
    return whole[:place] + chance.choice(_NUMBERS) + whole[place + 1 :]


def _marked(chance: random.Random, whole: str, _other: str) -> str:
    at = _at(chance, whole)
    return whole[:at] + chance.choice(_PIECES) + whole[at:]


def _written(chance: random.Random, whole: str, _other: str) -> str:
    way: Callable[[str], str] = chance.choice((
        str.upper, str.lower, str.title, str.swapcase, lambda s: s.replace(" ", ""),
        lambda s: s.replace(" ", "\u202f"),
        lambda s: unicodedata.normalize("NFD", s), lambda s: unicodedata.normalize("NFKD", s),
        lambda s: s.replace("é", "Ã©"),
        lambda s: s.replace("’", "â€™"), lambda s: "".join(c + "\u0336" for c in s[:500]), lambda s: s[::-1],
        lambda s: s * 8,
        lambda s: s.replace(".", ""), lambda s: s.replace(" ", "\n"), lambda s: "", lambda s: s.replace(",", ", " * 20),
    ))  # fmt: skip
    return way(whole)


_TEXT_WOUNDS = (_odd, _cut, _crossed, _repeated, _shuffled, _numbered, _numbered, _marked, _marked, _written)


def _flipped(chance: random.Random, body: bytes, _other: bytes) -> bytes:
    found = bytearray(body)
    for _ in range(chance.choice((1, 4, 40)) if found else 0):
        found[chance.randrange(len(found))] = chance.randrange(256)
    return bytes(found)


def _truncated(chance: random.Random, body: bytes, _other: bytes) -> bytes:
    return body[: chance.randint(0, len(body))]


def _sliced(chance: random.Random, body: bytes, other: bytes) -> bytes:
    first, last = sorted((chance.randint(0, len(body)), chance.randint(0, len(body))))
    return body[:first] + chance.choice((b"", body[first:last] * 2, other[first:last])) + body[last:]


def _inserted(chance: random.Random, body: bytes, _other: bytes) -> bytes:
    at = chance.choice((0, 0, chance.randint(0, len(body)), len(body)))
    wound = chance.choice((
        b"\xef\xbb\xbf", b"\xff\xfe", b"\x00" * 50, b"\n\n  ",
        b"<br />\n<b>Warning</b>: mysql_connect() in /x on line 3<br />",
        b'<!DOCTYPE r [<!ENTITY a "b"><!ENTITY c SYSTEM "file:///etc/hostname">]>', b"<!--", b"<![CDATA[", b"]]>",
        b"<?php", b"{",
        b"<item>" * 400, b"<html><head>", b"&a;&c;", b'<?xml version="1.0" encoding="utf-16"?>', b"\xff" * 9,
        b"<" * 3_000,
        b"<a " + b"b=c " * 3_000 + b">", b"<div>" * 2_000,
    ))  # fmt: skip
    return body[:at] + wound + body[at:]


def _compressed(chance: random.Random, body: bytes, _other: bytes) -> bytes:
    return gzip.compress(body)[: chance.choice((None, 40, -9))]


_BYTE_WOUNDS = (_flipped, _flipped, _truncated, _sliced, _sliced, _inserted, _inserted, _inserted, _compressed)
