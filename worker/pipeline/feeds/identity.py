"""When two items are one, beyond their guid.

Sites renew their guids, move to https or to a new host, add campaign parameters, correct titles. Each key survives
some of that: the address all but a new host, the path a new host, the title a new address on the same day. None may
join two different items, so whatever many items share (a home page, a short title) gives no key.
"""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit

from worker.model import Feed
from worker.text import canonical_address, digest, fold, host_of, words

# What the key of an address begins with. The other keys hold their house's name, this one holds in every house.
ADDRESS_KEY = "a:"

_HOME = re.compile(r"/?((index|default|home|accueil)\.\w{2,5})?", re.IGNORECASE)
# A slug of four words, or a number of five digits: what a newsroom's system gives to one article alone.
_SLUG = re.compile(r"[^/-]+-[^/-]+-[^/-]+-[^/-]+|\d{5}")
_TITLE_WORDS = 3


def house_of(feed: Feed) -> str:
    """Return the publisher group of a feed: the one that is configured, else its site's host, else its own."""
    return feed.house or host_of(feed.site or feed.url).removeprefix("www.")


def keys(entry_url: str, title: str, published: datetime | None, house: str) -> tuple[str, ...]:
    """Return the identities under which an item may come back: its address, its path within the house, its title that
    day. `entry_url` is "" where the item has no address of its own; `house` is the publisher group."""
    found: list[str] = []
    address = canonical_address(entry_url)
    parts = urlsplit(address)
    if address and (parts.query or not _HOME.fullmatch(parts.path)):
        found.append(ADDRESS_KEY + digest("address", address))
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        if house and _SLUG.search(path):
            found.append("p:" + digest("path", fold(house), path))
    title_words = words(title)
    if house and published is not None and len(title_words) >= _TITLE_WORDS:
        found.append("t:" + digest("title", fold(house), " ".join(title_words), published.date().isoformat()))
    return tuple(found)
