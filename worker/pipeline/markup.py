"""From markup to plain text. Shared by feeds and articles, below both."""

from __future__ import annotations

import html
import re

from bs4 import BeautifulSoup
from bs4.filter import SoupStrainer
from lxml import etree

from worker.text import clean, one_line

# Characters that XML 1.0 forbids; they only come from broken exports.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

# The elements of HTML (WHATWG, section 4, and the obsolete ones). What else stands between angle brackets in a title
# is text: "a < b", "<think>".
_NAMES = (
    "a|abbr|acronym|address|applet|area|article|aside|audio|b|base|basefont|bdi|bdo|big|blink|blockquote|body|br|"
    "button|canvas|caption|center|cite|code|col|colgroup|data|datalist|dd|del|details|dfn|dialog|dir|div|dl|dt|em|"
    "embed|fieldset|figcaption|figure|font|footer|form|frame|frameset|h[1-6]|head|header|hr|html|i|iframe|img|input|"
    "ins|kbd|label|legend|li|link|main|map|mark|marquee|math|menu|meta|meter|nav|noembed|noframes|noscript|object|ol|"
    "optgroup|option|output|p|param|picture|pre|progress|q|rp|rt|ruby|s|samp|script|section|select|small|source|span|"
    "strike|strong|style|sub|summary|sup|svg|table|tbody|td|template|textarea|tfoot|th|thead|time|title|tr|track|tt|"
    "u|ul|var|video|wbr|xml"
)
_TAG = re.compile(rf"</?(?:{_NAMES})(?:[\s/][^<>]{{0,2000}})?/?>", re.IGNORECASE)
_OPEN_TAG = re.compile(rf"</?(?:{_NAMES})[\s/][^<>]{{0,2000}}$", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.{0,5000}?-->|<!\[CDATA\[|\]\]>|<!doctype[^<>]{0,200}>", re.IGNORECASE | re.DOTALL)
_SCRIPT = re.compile(r"<(script|style)\b[^<>]{0,500}>.{0,20000}?</\1\s*>", re.IGNORECASE | re.DOTALL)
_PROLOG = re.compile(r"<\?xml[^<>]*>", re.IGNORECASE)
_MARKUP = re.compile(r"<[a-zA-Z!/?]|&[#a-zA-Z]")


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_BREAKS = _names(
    "address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hr legend li main menu nav ol p pre section summary table tbody tfoot "
    "thead tr ul"
)
_CELLS = frozenset({"td", "th"})
_UNREAD = _names(
    "applet audio base button canvas datalist embed frame frameset head iframe input link map math meta noembed "
    "noframes noscript object option script select source style svg template textarea title track video"
)
# UTF-8 read as Windows-1252 by whoever wrote the document: "Ã©" for "é", "â€™" for "’". Only leads that French does
# not write before these characters, so that no sound text is touched.
_CONTINUED = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_MOJIBAKE = re.compile(f"[ÃÂÅ][{_CONTINUED}]|â[{_CONTINUED}]{{2}}")


def soup(markup: str, *names: str) -> BeautifulSoup:
    """Return a page's tree, of the elements `names` alone where given.

    Without XML prologs: BeautifulSoup warns of each that it was asked to read XML as HTML, which pages want.
    """
    only = SoupStrainer(list(names)) if names else None
    return BeautifulSoup(_PROLOG.sub("", markup), "lxml", parse_only=only)


def plain(value: str, limit: int) -> str:
    """Return a title or a name as one line without markup, entities decoded once, at most `limit` characters."""
    value = value[: 10 * limit + 1_000]
    if _MARKUP.search(value):
        value = html.unescape(_untag(value))
        # Titles are often escaped twice; what is a tag only now was meant as one.
        value = _untag(value)
    return one_line(mend(value), limit)


def _untag(value: str) -> str:
    for _ in range(4):
        # Without their ends these patterns would search in vain from each of thousands of beginnings.
        bare = _SCRIPT.sub(" ", value) if "</" in value else value
        bare = _COMMENT.sub("", bare) if "-->" in bare or "]" in bare or "<!d" in bare.casefold() else bare
        bare = _OPEN_TAG.sub(" ", _TAG.sub(" ", bare))
        if bare == value:
            break
        value = bare
    return value


def mend(value: str) -> str:
    """Return `value` with UTF-8 that was read as Windows-1252 put right."""
    return _MOJIBAKE.sub(_mended, value) if _MOJIBAKE.search(value) else value


def _mended(found: re.Match[str]) -> str:
    raw = b"".join(c.encode("latin-1") if c <= "\xff" else c.encode("windows-1252") for c in found.group())
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return found.group()


def paragraphs(markup: str, limit: int) -> str:
    """Return a piece of HTML as plain paragraphs, a blank line between them, at most about `limit` characters.

    Text without markup comes back with its own blank lines. Scripts, styles, forms and embedded objects are left out.
    """
    markup = mend(markup[: 3 * limit + 10_000])
    if not _MARKUP.search(markup):
        lines = re.split(r"\n\s*\n", clean(markup))
        return _joined([one_line(line) for line in lines], limit)
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    raw = ILLEGAL.sub(" ", markup).encode("utf-8")
    try:
        root = etree.fromstring(b"<div>" + raw + b"</div>", parser)
    except (etree.LxmlError, ValueError):
        root = None
    if root is None:
        return _joined([plain(markup, limit)], limit)
    return _joined([one_line(line) for line in "".join(_pieces(root)).split("\x1d")], limit)


def _pieces(root: etree._Element) -> list[str]:
    """Return the text below `root`, with the sign \\x1d where a block begins or ends. No recursion: depth is free."""
    pieces: list[str] = []
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        mark = "\x1d" if tag in _BREAKS else " " if tag in _CELLS else ""
        if event == "start":
            pieces.append(mark)
            if tag in _UNREAD:
                walk.skip_subtree()
            elif element.text:
                pieces.append(element.text)
        else:
            pieces.append(mark)
            if element.tail and element is not root:
                pieces.append(element.tail)
    return pieces


def _joined(lines: list[str], limit: int) -> str:
    kept: list[str] = []
    size = 0
    for line in lines:
        if not line:
            continue
        if size + len(line) > limit:
            kept.append(one_line(line, max(limit - size, 1)))
            break
        kept.append(line)
        size += len(line) + 2
    return "\n\n".join(kept)
