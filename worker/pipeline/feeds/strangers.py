"""What stands at a feed's address when it is a page: a challenge, a login, an error, a home page."""

from __future__ import annotations

import re

from worker.errors import ParseError
from worker.model import Cause
from worker.pipeline.feeds.discovery import find_feeds
from worker.pipeline.markup import plain

_HEAD = 200_000
_TITLE = re.compile(r"<title[^<>]*>(.{0,500}?)</title", re.IGNORECASE | re.DOTALL)
_CHALLENGE = re.compile(
    r"challenge-platform|cf[-_]chl|cf-browser-verification|cdn-cgi/challenge|captcha-delivery|datadome|_incapsula_|"
    r"px-captcha|awswafcaptcha|g-recaptcha|h-captcha|attention required! \| cloudflare|<title>just a moment",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"""<input[^<>]{0,300}type\s*=\s*["']?password""", re.IGNORECASE)
_LOGIN_TITLE = re.compile(r"connexion|se connecter|s['’]identifier|identification|log ?in|sign ?in", re.IGNORECASE)
_MISSING = re.compile(
    r"\b(404|410)\b|introuvable|non trouvée|not found|n['’]existe (pas|plus)|page inexistante|oups", re.IGNORECASE
)


def page_error(text: str, base: str) -> ParseError:
    """Return the error for an HTML page at a feed's address, saying which kind of page, and which feeds it names."""
    head = text[:_HEAD]
    match = _TITLE.search(head)
    title = plain(match.group(1), 120) if match else ""
    return ParseError(Cause.HTML, f"{base}: {_kind(head, title, base)}")


def _kind(head: str, title: str, base: str) -> str:
    if _CHALLENGE.search(head):
        return "a robot check stands in front of the feed; ask the site to let feed readers through, or remove it"
    named = f" ({title})" if title else ""
    if _MISSING.search(title) or (not title and _MISSING.search(head[:2_000])):
        return f"a page that says the feed is not there{named}; check the address"
    if _LOGIN_TITLE.search(title) or (_LOGIN.search(head) and len(head) < 30_000):
        return f"a login page{named}; the feed is not open to the public"
    feeds = [one for one in find_feeds(head, base) if one != base][:3]
    hint = f"; it names these feeds: {', '.join(feeds)}" if feeds else "; check the address"
    return f"a web page, not a feed{named}{hint}"
