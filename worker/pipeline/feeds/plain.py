"""A plain reader of items, for the documents that feedparser itself trips over.

feedparser knows hundreds of elements, and a damaged one among them (a lone `georss:where`, a media group without its
player) can raise and take the whole feed along. Here only what news needs is read, by local name, and a libxml2 that
recovers does the rest.
"""

from __future__ import annotations

from lxml import etree

from worker.pipeline import dates
from worker.pipeline.feeds.entries import RawItem

_ITEMS = frozenset({"item", "entry"})
_FIELDS = {
    "title": "title", "guid": "guid", "id": "guid", "description": "summary", "summary": "summary",
    "abstract": "summary",     "encoded": "content", "content": "content", "creator": "author", "author": "author",
    "pubdate": "published", "published": "published", "date": "published", "issued": "published", "updated": "updated",
    "modified": "updated",
}  # fmt: skip


def read(text: str) -> tuple[dict[str, str], list[RawItem]]:
    """Return the channel's title and link, and the items of `text`; both empty where nothing can be made out."""
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except (etree.LxmlError, ValueError):
        root = None
    if root is None:
        return {}, []
    items = [element for element in root.iter() if _name(element) in _ITEMS]
    about = {name: _text(found) for name in ("title", "link") if (found := _first(root, name)) is not None}
    return about, [_item(element) for element in items]


def _item(element: etree._Element) -> RawItem:
    found: dict[str, str] = {}
    link = ""
    for child in element:
        name = _name(child)
        if name == "link":
            link = link or _link(child)
        elif name in _FIELDS:
            found.setdefault(_FIELDS[name], _text(child))
    return RawItem(
        guid=found.get("guid", ""),
        link=link or element.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about", ""),
        title=found.get("title", ""),
        summary=found.get("summary", ""),
        content=found.get("content", ""),
        author=found.get("author", ""),
        published=dates.read(found.get("published", "")) or dates.read(found.get("updated", "")),
    )


def _link(element: etree._Element) -> str:
    if element.get("rel", "alternate") != "alternate":
        return ""
    return element.get("href", "") or _text(element)


def _first(root: etree._Element, name: str) -> etree._Element | None:
    return next((one for one in root.iter() if _name(one) == name and _name(one.getparent()) not in _ITEMS), None)


def _name(element: etree._Element | None) -> str:
    tag = element.tag if element is not None else ""
    return tag.rpartition("}")[2].rpartition(":")[2].casefold() if isinstance(tag, str) else ""


def _text(element: etree._Element) -> str:
    """Return an element's text; where it holds markup of its own (Atom's xhtml), that markup."""
    if len(element):
        return str(etree.tostring(element, encoding="unicode", method="html", with_tail=False))
    return (element.text or "").strip()
