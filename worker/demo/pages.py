"""The newsroom's documents: feeds in four formats, and article pages as news sites write them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from html import escape
from xml.sax.saxutils import escape as xml

from worker.demo.script import FORBIDDEN, ROBOTS, Outlet, Piece

FICTION = "Fiction écrite pour la démonstration de gigawatch : sociétés, personnes et chiffres sont inventés."

_TYPES = {
    "rss2": "application/rss+xml",
    "atom": "application/atom+xml",
    "rdf": "application/rdf+xml",
    "json": "application/feed+json",
}


def feed(outlet: Outlet, pieces: Sequence[Piece], base: str) -> tuple[bytes, str]:
    """Return an outlet's feed as bytes in its own charset, and its content type. `base` is the server's address."""
    write = {"rss2": _rss2, "atom": _atom, "rdf": _rdf, "json": _json}[outlet.format]
    newest = sorted(pieces, key=lambda piece: (_when(piece), piece.id), reverse=True)
    text = write(outlet, newest, base)
    charset = f"; charset={outlet.charset}"
    return text.encode(outlet.charset, "xmlcharrefreplace"), _TYPES[outlet.format] + charset


def _when(piece: Piece) -> datetime:
    if piece.published is None:
        raise ValueError(f"{piece.id} has no date")
    return piece.published


def _prolog(outlet: Outlet) -> str:
    return f'<?xml version="1.0" encoding="{outlet.charset}"?>\n'


def _rss2(outlet: Outlet, pieces: Sequence[Piece], base: str) -> str:
    items = "".join(
        f"<item><title>{xml(p.title)}</title><link>{base}{p.path}?xtor=RSS-1</link>"
        f'<guid isPermaLink="false">{p.id}</guid><pubDate>{format_datetime(_when(p))}</pubDate>'
        f"<dc:creator>{xml(p.author)}</dc:creator>"
        f"<description>{xml('<p>' + xml(p.summary) + '</p>')}</description></item>\n"
        for p in pieces
    )
    return (
        f'{_prolog(outlet)}<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>{xml(outlet.name)}</title><link>{base}/{outlet.id}/</link>"
        f"<description>{xml(FICTION)}</description><language>fr-FR</language>\n{items}</channel></rss>\n"
    )


def _atom(outlet: Outlet, pieces: Sequence[Piece], base: str) -> str:
    updated = _when(pieces[0]).isoformat() if pieces else "1970-01-01T00:00:00+00:00"
    entries = "".join(
        f'<entry><title type="html">{xml(xml(p.title))}</title><id>tag:{outlet.id}.example,2026:{p.id}</id>'
        f'<link rel="alternate" type="text/html" href="{base}{p.path}"/><published>{_when(p).isoformat()}</published>'
        f"<updated>{_when(p).isoformat()}</updated><author><name>{xml(p.author)}</name></author>"
        f'<summary type="html">{xml(xml(p.summary))}</summary></entry>\n'
        for p in pieces
    )
    return (
        f'{_prolog(outlet)}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title>{xml(outlet.name)}</title>'
        f"<id>tag:{outlet.id}.example,2026:feed</id><updated>{updated}</updated>"
        f'<link rel="self" href="{base}{outlet.feed_path}"/><subtitle>{xml(FICTION)}</subtitle>\n{entries}</feed>\n'
    )


def _rdf(outlet: Outlet, pieces: Sequence[Piece], base: str) -> str:
    order = "".join(f'<rdf:li rdf:resource="{base}{p.path}"/>' for p in pieces)
    items = "".join(
        f'<item rdf:about="{base}{p.path}"><title>{xml(p.title)}</title><link>{base}{p.path}</link>'
        f"<description>{xml(p.summary)}</description><dc:date>{_when(p).isoformat()}</dc:date>"
        f"<dc:creator>{xml(p.author)}</dc:creator></item>\n"
        for p in pieces
    )
    return (
        f'{_prolog(outlet)}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        f'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<channel rdf:about="{base}{outlet.feed_path}"><title>{xml(outlet.name)}</title>'
        f"<link>{base}/{outlet.id}/</link><description>{xml(FICTION)}</description>"
        f"<items><rdf:Seq>{order}</rdf:Seq></items></channel>\n{items}</rdf:RDF>\n"
    )


def _json(outlet: Outlet, pieces: Sequence[Piece], base: str) -> str:
    items = [
        {
            "id": p.id,
            "url": base + p.path,
            "title": p.title,
            "summary": p.summary,
            "date_published": _when(p).isoformat(),
            "authors": [{"name": p.author}],
            "language": "fr-FR",
        }
        for p in pieces
    ]
    feed_address, home = base + outlet.feed_path, f"{base}/{outlet.id}/"
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": home,
        "feed_url": feed_address,
        "description": FICTION,
        "items": items,
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def page(piece: Piece, outlet: Outlet, others: Sequence[Piece], base: str) -> bytes:
    """Return an article's page: metadata in JSON-LD and Open Graph, the text, and the clutter that real pages carry."""
    url = base + piece.path
    linked = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": piece.title,
        "description": piece.summary,
        "datePublished": _when(piece).isoformat(),
        "author": [{"@type": "Person", "name": piece.author}],
        "publisher": {"@type": "NewsMediaOrganization", "name": outlet.name},
        "mainEntityOfPage": url,
        "inLanguage": "fr",
        "isAccessibleForFree": piece.page not in (FORBIDDEN, ROBOTS),
    }
    paragraphs = "\n".join(f"<p>{escape(part)}</p>" for part in piece.text.split("\n\n"))
    more = "".join(f'<li><a href="{base}{other.path}">{escape(other.title)}</a></li>' for other in others)
    script = json.dumps(linked, ensure_ascii=False).replace("<", "\\u003c")
    return f"""<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>{escape(piece.title)} | {escape(outlet.name)}</title>
<link rel="canonical" href="{url}"><meta name="description" content="{escape(piece.summary)}">
<meta property="og:type" content="article"><meta property="og:title" content="{escape(piece.title)}">
<meta property="og:url" content="{url}"><meta property="og:site_name" content="{escape(outlet.name)}">
<meta property="article:published_time" content="{_when(piece).isoformat()}">
<script type="application/ld+json">{script}</script></head>
<body><header><nav><a href="{base}/{outlet.id}/">Accueil</a> <a href="#">Se connecter</a></nav></header>
<main><article><h1>{escape(piece.title)}</h1>
<p class="chapo">{escape(piece.summary)}</p>
<p class="signature">Par {escape(piece.author)}</p>
<div class="article-body">
{paragraphs}
</div></article>
<aside><h2>À lire aussi</h2><ul>{more}</ul></aside></main>
<footer><p>{escape(FICTION)}</p><p>Mentions légales. Gérer mes cookies.</p></footer></body></html>
""".encode()
