"""From a document's text to the text that feedparser is given: the feed itself, bounded, with no entities but XML's.

A document type is an attack or an ornament, never news, so it goes; what is no feed is told here.
"""

from __future__ import annotations

import re
from html.entities import html5

from worker.errors import ParseError
from worker.model import Cause
from worker.pipeline.feeds.strangers import page_error

ITEM = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_ROOTS = frozenset({"rss", "feed", "rdf", "channel", "entry"})
_HTML_ROOT = re.compile(
    r"html|head|body|div|p|span|b|br|h1|title|meta|script|center|font|pre|link|style|a|table|section|main|iframe|form"
)
_ROOT_LATER = re.compile(r"<(?:\w+:)?(?:rss|feed|rdf)\b[^<>]*>|<\?xml\b", re.IGNORECASE)
_NAME = re.compile(r"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_REFERENCE = re.compile(
    r"<!\[CDATA\[(?:.*?\]\]>|.*)|&(?:([A-Za-z][A-Za-z0-9]{1,31});|(?!#[0-9]{1,7};|#x[0-9a-f]{1,6};))",
    re.IGNORECASE | re.DOTALL,
)
_OWN = frozenset({"amp", "lt", "gt", "quot", "apos"})
# Items taken from either end of a longer document: 50,000 cost feedparser eight seconds, and the newest 500 are kept.
_EACH_END = 500
_ELEMENTS = 200_000
# Half a million attributes cost 400 MB; a real tag, embedded images included, stays below this.
_HUGE_TAG = re.compile(r"<[A-Za-z][^<>]{100000,}>")


def prepare(text: str, base: str) -> str:
    """Return what of `text` feedparser is to read; raises ParseError(html | not_a_feed | empty) where it is no feed."""
    return _slim(_from_root(text, base))


def _from_root(text: str, base: str) -> str:
    """Return `text` from its feed on; raises ParseError for a page or for XML of another kind."""
    at, prefix, name = _root(text)
    if name in _ROOTS and not (prefix == "" and name == "channel" and "<item" not in text.casefold()):
        return text
    lower = text[:200_000].casefold()
    if _HTML_ROOT.fullmatch(name) or lower.startswith("<!doctype html"):
        # A warning that a server printed above its feed looks like a page; a page has <html>.
        later = _ROOT_LATER.search(text, at + 1, at + 20_000)
        if later is None or "<html" in lower:
            raise page_error(text, base)
        return text[later.start() :]
    if not name:
        later = _ROOT_LATER.search(text, 0, 20_000)
        if later is not None:
            return text[later.start() :]
        if text.startswith(("<!--", "<?", "<!")):
            raise ParseError(Cause.EMPTY, f"{base}: a document without an element; if it stays so, the feed has moved")
        raise ParseError(Cause.NOT_A_FEED, f"{base}: plain text, not a feed; check the address")
    later = _ROOT_LATER.search(text, at + 1, at + 20_000)
    if later is not None and not later.group().startswith("<?"):
        return text
    raise ParseError(Cause.NOT_A_FEED, f"{base}: XML of another kind (<{prefix}{name}>), not a feed; check the address")


# A document has a handful of declarations and comments before its first element; thousands are an attack.
_DECLARATIONS = 1_000


def _root(text: str) -> tuple[int, str, str]:
    """Return the place, prefix and local name of the first element, past prolog, comments and document type."""
    at = 0
    for _ in range(_DECLARATIONS):
        if (at := text.find("<", at)) < 0:
            break
        if text.startswith("<!--", at):
            at = _after(text, "-->", at)
        elif text.startswith("<?", at):
            at = _after(text, ">", at)
        elif text.startswith("<!", at):
            at = _doctype_end(text, at)
        elif match := _NAME.match(text, at):
            return at, match.group(1) or "", match.group(2).casefold()
        else:
            at += 1
    return 0, "", ""


def _after(text: str, sign: str, at: int) -> int:
    found = text.find(sign, at)
    return len(text) if found < 0 else found + len(sign)


def _doctype_end(text: str, at: int) -> int:
    close = text.find(">", at)
    bracket = text.find("[", at, close) if close >= 0 else -1
    if bracket >= 0:
        inner = text.find("]", bracket)
        # The internal subset ends at the "]" that ">" follows; entity values may hold others.
        while inner >= 0 and not text[inner + 1 : inner + 200].lstrip().startswith(">"):
            inner = text.find("]", inner + 1)
        close = text.find(">", inner) if inner >= 0 else -1
    return len(text) if close < 0 else close + 1


def _slim(text: str) -> str:
    """Return the document without prolog and document type, with no entities but XML's, and without the middle items
    where it has more than a thousand.

    A bare "&" is escaped: feedparser would give the document to its loose parser, which reads "AT&T" as "AT&T;".
    """
    at, _, _ = _root(text)
    text = _REFERENCE.sub(_reference, text[at:])
    starts = [match.start() for match in ITEM.finditer(text)]
    if len(starts) > 2 * _EACH_END:
        text = text[: starts[_EACH_END]] + text[starts[-_EACH_END] :]
    return _affordable(_HUGE_TAG.sub("", text))


def _affordable(text: str) -> str:
    """Return what feedparser reads in some six seconds: 20 µs an element, an eighth of that a reference, in each of its
    two parsers. What is cut is cut before an item."""
    cost = text.count("<") + text.count("&") // 8
    if cost <= _ELEMENTS:
        return text
    at = len(text) * _ELEMENTS // cost
    item = max(text.rfind("<item", 0, at), text.rfind("<entry", 0, at))
    return text[: item if item > 0 else at]


def _reference(found: re.Match[str]) -> str:
    name = found.group(1)
    if found.group().startswith("<") or name in _OWN:
        return found.group()
    character = html5.get(f"{name};", "") if name else ""
    if not character or character in "<>&":
        return "&amp;" + found.group()[1:]
    return character
