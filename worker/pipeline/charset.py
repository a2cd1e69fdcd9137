"""From bytes to text, whatever the document claims. Shared by feeds and articles, below both.

Theory: real documents misdeclare, but UTF-8 proves itself: legacy French text is practically never valid UTF-8. So
bytes that are valid UTF-8 are UTF-8; others are what the most specific declaration says, if that holds; the rest is
Windows-1252, which every byte of a French page of the nineties is. Known exception: a legacy multi-byte document
(Shift_JIS, Big5) of a few characters that happens to be valid UTF-8.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# How "<" looks at the start of a document that says its width in no other way; EBCDIC's is the start of "<?xm".
_SHAPES = (
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
# Text encodings that documents use. A list, because Python also knows codecs that are no charset (idna, whose
# decoder is quadratic; unicode_escape).
_KNOWN = re.compile(
    r"utf[-_]?(8|16|32)([-_]?(le|be|sig))?|(iso|x)?[-_]?8859[-_]\d{1,2}|latin[-_]?\d{1,2}|us-ascii|ascii|"
    r"(windows|cp|ibm|x-cp)[-_]?\d{3,4}|koi8[-_][rut]|mac[-_]?(roman|cyrillic|latin2)|macintosh|big5(-hkscs)?|"
    r"gb(2312|k|18030)|euc[-_](jp|kr|cn|tw)|shift[-_]?jis|sjis|iso-2022-(jp|kr)(-\d)?|tis-620|viscii"
)
# WHATWG Encoding: these labels mean Windows-1252 in every browser, so that is what authors see and send.
_LATIN_1 = re.compile(r"(iso[-_]?)?8859[-_]1|latin[-_]?1|us-ascii|ascii|l1")
_PROLOG = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']\s*([A-Za-z0-9._:-]{1,40})""")
_META = re.compile(rb"""<meta[^>]{0,400}?charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)


def decode(body: bytes, content_type: str = "") -> str:
    """Return `body` as text. `content_type` is the HTTP header, with or without a charset. Never raises."""
    head = body[:4]
    for mark, name in (*_BOMS, *_SHAPES):
        if head.startswith(mark) or (name == "cp037" and body.lstrip()[:4] == mark):
            return body.decode(name, "replace")
    labels = _labels(body, content_type)
    if any(label.startswith("iso-2022") for label in labels) and b"\x1b" in body:
        return _first_that_holds(body, labels)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    lenient = body.decode("utf-8", "replace")
    bad, good = lenient.count("\ufffd"), sum(1 for c in lenient if c > "\x7f")
    if bad * 5 <= good:
        return _mixed(body)
    return _first_that_holds(body, labels)


def _labels(body: bytes, content_type: str) -> list[str]:
    """Return the declared charsets, the most believable first.

    RFC 7303 lets the header win; but a header's Latin-1 is a server's default more often than a statement.
    """
    said = _HEADER.search(content_type)
    header = _normal(said.group(1)) if said else ""
    own = _PROLOG.search(body[:1024]) or _META.search(body[:8192])
    document = _normal(own.group(1).decode("ascii")) if own else ""
    order = (document, header) if header in ("", "windows-1252") else (header, document)
    return [label for label in order if label]


def _normal(label: str) -> str:
    label = label.casefold()
    if _LATIN_1.fullmatch(label):
        return "windows-1252"
    return label if _KNOWN.fullmatch(label) else ""


def _first_that_holds(body: bytes, labels: Iterable[str]) -> str:
    for label in labels:
        try:
            return body.decode(label)
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("windows-1252", "replace")


def _mixed(body: bytes) -> str:
    """Decode UTF-8 with strays of Windows-1252 in it: pasted quotes, a cut last character."""
    pieces: list[str] = []
    while body:
        try:
            pieces.append(body.decode("utf-8"))
            break
        except UnicodeDecodeError as error:
            # The valid part is copied once per stray; a document with a thousand strays is not worth more.
            if len(pieces) > 2_000:
                pieces.append(body.decode("utf-8", "replace"))
                break
            pieces.append(body[: error.start].decode("utf-8"))
            pieces.append(body[error.start : error.end].decode("windows-1252", "replace"))
            body = body[error.end :]
    return "".join(pieces)
