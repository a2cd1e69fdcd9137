"""Hiding secrets in whatever is said: log lines, tracebacks, answers of receivers, errors that are kept.

What is secret is known by its value (`worker.settings.secrets` gathers them), in every form in which it may come back:
quoted for an address, escaped in JSON or HTML, in base64 as mail relays are given it. Beside that, two shapes are
hidden whatever their value: a password before the host of an address, and a query parameter that is named like one.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus, unquote

HIDDEN = "********"
# Shorter ones occur in ordinary words, and hiding these would make the lines unreadable.
SHORTEST = 6  # characters
# Passwords that everybody knows, and that stand in every second line of a log.
_PUBLIC = frozenset({"gigawatch", "postgres", "password", "localhost"})
_USERINFO = re.compile(r"(?<=://)([^\s/:@?#\"'<>]*):([^\s/@\"'<>]+)@")
_NAMED = r"(?:access_?|api_?|auth_?|feed_?|user_?|private_?)?(?:token|key|secret|signature|password|passwd|pwd|auth)"
_PARAMETER = re.compile(rf"([?&;]{_NAMED}=)[^&\s\"'<>]+", re.IGNORECASE)


class Mask:
    """Hides `secrets`, those of at least six characters. Call it with a text."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        found = {form for one in secrets if one.casefold() not in _PUBLIC for form in _forms(one)}
        # The longest first: a part of one must not spoil the whole.
        self._forms = tuple(sorted((one for one in found if len(one) >= SHORTEST), key=lambda one: (-len(one), one)))

    def __call__(self, text: str) -> str:
        """Return `text` with every secret replaced by asterisks, one too that is cut off at the end of the text."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, HIDDEN)
        text = self._without_stump(text)
        if "://" in text:
            text = _USERINFO.sub(rf"\1:{HIDDEN}@", text)
        return _PARAMETER.sub(rf"\1{HIDDEN}", text) if "=" in text else text

    def _without_stump(self, text: str) -> str:
        # Answers are cut to a length before they come here, and the cut may go through a secret.
        whole = text.rstrip("….\"' ")
        for form in self._forms:
            at = whole.rfind(form[:SHORTEST], max(0, len(whole) - len(form)))
            if at >= 0 and form.startswith(whole[at:]):
                return whole[:at] + HIDDEN + text[len(whole) :]
        return text


def _forms(secret: str) -> set[str]:
    raw = secret.encode("utf-8", "surrogateescape")
    plain = {secret, unquote(secret)}
    return plain | {
        form
        for one in plain
        for form in (
            quote(one, safe=""),
            quote(one),
            quote_plus(one),
            json.dumps(one)[1:-1],
            json.dumps(one, ensure_ascii=False)[1:-1],
            repr(one)[1:-1],
            html.escape(one),
            base64.b64encode(raw).decode("ascii").rstrip("="),
        )
    }


NOTHING = Mask()
