"""Links by which a reader mutes a story or leaves a rule, and their headers (RFC 2369, RFC 8058)."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode

MUTE, UNSUBSCRIBE = "mute", "unsubscribe"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def atom(value: str) -> str:
    """Return `value` as a part of a message id, list id or link: letters, digits, dots and dashes, at most 120."""
    return _UNSAFE.sub("-", value).strip(".-")[:120] or "x"


def signature(key: str, act: str, subject: str, recipient: str) -> str:
    """Return what proves that a link to the page was made here: a keyed BLAKE2b (RFC 7693) of 16 bytes in hex."""
    secret = hashlib.blake2b(key.encode("utf-8"), digest_size=32).digest()
    signed = "\n".join((act, atom(subject), atom(recipient))).encode("ascii")
    return hashlib.blake2b(signed, key=secret, digest_size=16).hexdigest()


def is_signed(given: str, *, key: str, act: str, subject: str, recipient: str) -> bool:
    """Return whether `given` is the signature of such a link; False for everything where there is no key."""
    expected = signature(key, act, subject, recipient)
    return bool(key) and hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode("ascii"))


@dataclass(frozen=True, slots=True)
class Link:
    """One wish of a reader: the mail that says it ("" where no address takes it), and the page that takes it or ""."""

    mail: str
    page: str

    @property
    def best(self) -> str:
        """The address to show: the page where there is one."""
        return self.page or self.mail


@dataclass(frozen=True, slots=True)
class Links:
    """Where wishes go: `mailbox` is an e-mail address, `page` a web address without a slash at its end, each "" for
    none; `key` signs the links to the page."""

    mailbox: str = ""
    page: str = ""
    key: str = ""

    def mute(self, story_id: str, recipient_id: str) -> Link:
        """Return the link that ends the alerts of one story for one recipient."""
        return self._link(MUTE, story_id, recipient_id)

    def unsubscribe(self, rule_id: str, recipient_id: str) -> Link:
        """Return the link that takes one recipient from one rule."""
        return self._link(UNSUBSCRIBE, rule_id, recipient_id)

    def _link(self, act: str, subject: str, recipient: str) -> Link:
        mail = page = ""
        if "@" in self.mailbox:
            line = quote(f"gigawatch {act} {atom(subject)} {atom(recipient)}")
            mail = f"mailto:{quote(self.mailbox, safe='@')}?subject={line}"
        if self.page and self.key:
            name = "story" if act == MUTE else "rule"
            key = signature(self.key, act, subject, recipient)
            query = urlencode({name: atom(subject), "recipient": atom(recipient), "key": key})
            page = f"{self.page}/{act}?{query}"
        return Link(mail, page)


def unsubscribe_headers(link: Link) -> dict[str, str]:
    """Return List-Unsubscribe, and List-Unsubscribe-Post where one click on a page over TLS is enough."""
    addresses = [f"<{address}>" for address in (link.page, link.mail) if address]
    if not addresses:
        return {}
    headers = {"List-Unsubscribe": ", ".join(addresses)}
    if link.page.startswith("https://"):
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers
