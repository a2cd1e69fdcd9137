"""Which values of the settings are secret, for whoever must hide them."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

from worker.masking import Mask
from worker.model import ChannelKind, Recipient
from worker.settings.whole import Settings

_SHORTEST_TOKEN = 8  # characters
_LONG = 20  # characters: words of an address are shorter
_SHORTEST_PATH = 12  # characters
_SHORTEST_RANDOM = 16  # characters: feeds are public, and `rss2.xml` is no secret
_SPLIT = re.compile(r"[/:?&=@#]+")


def mask_of(settings: Settings) -> Mask:
    """Return what hides every secret of `settings`."""
    return Mask(_secrets(settings))


def _secrets(settings: Settings) -> Iterator[str]:
    smtp = settings.smtp
    password = smtp.password.get_secret_value()
    yield password
    if password:
        # AUTH PLAIN (RFC 4616), for relays that give back what they did not take.
        yield base64.b64encode(f"\0{smtp.user}\0{password}".encode()).decode("ascii").rstrip("=")
    yield smtp.page_key.get_secret_value()
    for address in (settings.store.url, settings.broker.url):
        yield from _of_login(address)
    for recipient in settings.recipients.values():
        yield from _of_recipient(recipient)
    for address in (*(feed.url for feed in settings.feeds), settings.exchange.source):
        yield from _of_document(address)


def _of_login(address: str) -> Iterator[str]:
    """Yield the passwords of a database's or broker's address."""
    parts = urlsplit(address)
    login = parts.netloc.rpartition("@")[0]
    yield login.partition(":")[2]
    yield from (value for name, value in parse_qsl(parts.query) if "pass" in name.casefold())


def _of_recipient(recipient: Recipient) -> Iterator[str]:
    for secret in recipient.secrets:
        yield secret
        yield secret.partition("_")[2]
    if recipient.channel is ChannelKind.WEBHOOK:
        parts = urlsplit(recipient.address)
        behind = parts.path + (f"?{parts.query}" if parts.query else "")
        if len(behind) >= _SHORTEST_PATH:
            yield behind
            yield parts.path if len(parts.path) >= _SHORTEST_PATH else ""
        yield from (part for part in _SPLIT.split(behind) if _is_token(part))
    elif recipient.channel is ChannelKind.CHAT:
        # With most services the place of the host holds a token, too.
        behind = recipient.address.partition("://")[2]
        yield behind
        yield from (part for part in _SPLIT.split(behind) if _is_token(part))
        yield urlsplit(recipient.address).netloc.rpartition("@")[0].partition(":")[2]


def _of_document(address: str) -> Iterator[str]:
    """Yield the tokens by which a feed lets its readers in: parts of its path, values of its query."""
    parts = urlsplit(address)
    found = (*parts.path.split("/"), *(value for _, value in parse_qsl(parts.query)))
    yield from (part for part in found if _is_random(part))


def _is_token(part: str) -> bool:
    """Return whether a part of an address can be a token, and not a word or a host's name."""
    part = unquote(part)
    if len(part) < _SHORTEST_TOKEN:
        return False
    if re.fullmatch(r"[a-z-]+(\.[a-z-]+)+", part):
        return False
    mixed = any(c.isdigit() for c in part) and any(c.isalpha() for c in part)
    return mixed or len(part) >= _LONG or (part != part.lower() and part != part.upper() and not part.istitle())


def _is_random(part: str) -> bool:
    """Return whether a part of a public address looks drawn by lot: a title of many words with a number does not."""
    words = re.split(r"[-_.]+", part)
    return len(part) >= _SHORTEST_RANDOM and sum(
        any(c.isdigit() for c in word) and any(c.isalpha() for c in word) for word in words
    ) * 2 >= len(words)
