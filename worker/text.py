"""Text and addresses, before any meaning: cleaning, folding, canonical addresses, fingerprints."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

# C0 and C1 controls but tab and line feed, bidi overrides and isolates, zero-width characters, BOM, line and paragraph
# separators: none carries meaning in news text, and each can break a mail header, a terminal or an offset.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]")
_BREAKS = re.compile("\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_SPACES = re.compile(r"[ \t\u00a0\u2007\u2009\u202f\u3000]+")
_SURROGATES = re.compile("[\ud800-\udfff]")

# Query parameters that name a campaign or a visitor, never a document. Sources: the parameter lists of the analytics
# vendors themselves (Google, Meta, Microsoft, Piano/AT Internet, Matomo, Mailchimp, HubSpot).
_TRACKING = re.compile(
    r"^(utm_\w+|at_\w+|xtor|xts|xtref|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|mc_[ce]id|"
    r"_hs\w+|hsctatracking|mkt_tok|pk_\w+|mtm_\w+|matomo_\w+|piwik_\w+|cmpid|cmp|ns_\w+|wt_mc|wt\.mc_id|rss|from_rss|"
    r"origine|src|ref|ref_src|referrer|spm|_ga|_gl|s_cid|partner|feature|share|shared)$",
    re.IGNORECASE,
)
_DEFAULT_PORTS = {"http": 80, "https": 443}

# Characters of a text whose folded form is remembered: names and openings, which one filing compares with those of
# dozens of stories, thousands of times in all.
_REMEMBERED = 1_000

# Of a fingerprint. Chosen on made-up pairs, see tests/pipeline/test_copies.py: fewer bands lose copies that another
# house shortened, fewer rows find strangers.
BANDS = 12
_ROWS = 3
# Words. What is shorter is mostly the same few lines under every article of a site.
_SHORTEST = 40


def clean(value: str) -> str:
    """Return `value` without characters that nobody sees, line breaks as LF, in NFC. Keeps all visible text."""
    value = _SURROGATES.sub("\ufffd", _BREAKS.sub("\n", value))
    return unicodedata.normalize("NFC", _UNSEEN.sub("", value))


def one_line(value: str, limit: int = 0) -> str:
    """Return `value` cleaned on one line, runs of spaces as one; cut at a word with an ellipsis if `limit` > 0."""
    line = " ".join(_SPACES.sub(" ", clean(value)).split())
    if limit and len(line) > limit:
        cut = line[: limit - 1].rsplit(" ", 1)[0] if " " in line[: limit - 1] else line[: limit - 1]
        return cut.rstrip(" ,;:.") + "…"
    return line


def fold(value: str) -> str:
    """Return `value` for comparison: no accents, no case, straight apostrophes, single spaces. Length may change."""
    return _fold_short(value) if len(value) <= _REMEMBERED else _fold(value)


def _fold(value: str) -> str:
    if not value.isascii():
        value = value.replace("’", "'").replace("œ", "oe").replace("æ", "ae")
        value = "".join(c for c in unicodedata.normalize("NFKD", value) if not unicodedata.combining(c))
    return " ".join(value.casefold().split())


_fold_short = lru_cache(maxsize=4096)(_fold)


def words(value: str) -> tuple[str, ...]:
    """Return the folded words of `value`, letters and digits only, in order."""
    return tuple(re.findall(r"[a-z0-9]+", fold(value)))


def is_web_address(value: str) -> bool:
    """True for an absolute http or https address with a host and no user name in it."""
    try:
        parts = urlsplit(value)
        return parts.scheme in _DEFAULT_PORTS and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def host_of(url: str) -> str:
    """Return the lower-case host of an address, "" if it has none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def canonical_address(url: str) -> str:
    """Return the one form under which an address is compared: https, no www, no tracking, no fragment, sorted query.

    Idempotent. Meant for identity, not for fetching: some hosts answer differently without `www`. Returns "" for
    what is not a web address.
    """
    if not is_web_address(url):
        return ""
    parts = urlsplit(url.strip())
    try:
        port = parts.port
    except ValueError:
        return ""
    host = host_of(url).removeprefix("www.")
    netloc = host if port in (None, 80, 443) else f"{host}:{port}"
    query = urlencode(
        sorted((k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(k))
    )
    path = quote(re.sub(r"/{2,}", "/", parts.path).rstrip("/") or "/", safe="/%:@!$&'()*+,;=~-._")
    return urlunsplit(("https", netloc, path, query, ""))


def digest(*parts: str, size: int = 16) -> str:
    """Return a stable hex name for `parts`, `size` bytes of BLAKE2b; parts cannot run into one another."""
    state = hashlib.blake2b(digest_size=size)
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        state.update(len(raw).to_bytes(8, "big") + raw)
    return state.hexdigest()


def shingles(tokens: Sequence[str], size: int = 4) -> list[str]:
    """Return the runs of `size` words of a text, in order; the whole of a shorter one, [] for none."""
    if not tokens:
        return []
    return [" ".join(tokens[at : at + size]) for at in range(max(1, len(tokens) - size + 1))]


def fingerprint(value: str) -> str:
    """Return the sketch of a text by which near-copies are found, as hex, `BANDS` times 8 digits; "" for a short text.

    One-permutation MinHash (Li, Owen and Zhang 2012), empty bins filled from the next one (Shrivastava and Li 2014),
    over runs of four words. Each group of three bins is one band; two texts with a Jaccard similarity J share at least
    one band with a probability of 1 - (1 - J^3)^12: 0.997 at 0.75, 0.98 at 0.65, under 0.0001 at 0.02.
    """
    tokens = words(value)
    if len(tokens) < _SHORTEST:
        return ""
    bins = [-1] * (BANDS * _ROWS)
    for gram in shingles(tokens):
        hashed, place = divmod(_hash(gram), len(bins))
        if bins[place] < 0 or hashed < bins[place]:
            bins[place] = hashed
    filled = [place for place, least in enumerate(bins) if least >= 0]
    for place, least in enumerate(bins):
        if least < 0:
            bins[place] = bins[next((other for other in filled if other > place), filled[0])]
    rows = (bins[at : at + _ROWS] for at in range(0, len(bins), _ROWS))
    return "".join(digest(*map(str, row), size=4) for row in rows)


def bands(value: str) -> tuple[int, ...]:
    """Return the bands of a fingerprint as numbers of at most 36 bits, each with its place in it; () for another's."""
    if len(value) != BANDS * 8:
        return ()
    return tuple(place << 32 | int(value[place * 8 : place * 8 + 8], 16) for place in range(BANDS))


def _hash(gram: str) -> int:
    return int.from_bytes(hashlib.blake2b(gram.encode(), digest_size=8).digest(), "big")
