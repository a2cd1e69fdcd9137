"""Decompression that stops at a limit.

httpx decodes a chunk whole before anyone can count it: 600 bytes of `gzip, gzip` become 512 MiB. Here zlib is asked
for 64 KiB at a time, only gzip and deflate are known, and a coding on top of a coding is refused.
"""

from __future__ import annotations

import zlib

from worker.errors import FetchError
from worker.model import Cause

OFFERED = "gzip, deflate"
_STEP = 64 * 1024
_MEMBERS = 64


class Inflater:
    """Decodes one body piece by piece. Raises FetchError(too_large | encoding)."""

    def __init__(self, coding: str, limit: int) -> None:
        codings = [part.strip().casefold() for part in coding.split(",")]
        codings = [part for part in codings if part not in ("", "identity")]
        if len(codings) > 1:
            raise FetchError(Cause.ENCODING, f"the body is compressed {len(codings)} times over ({coding[:80]})")
        self._coding = codings[0].removeprefix("x-") if codings else ""
        if self._coding not in ("", "gzip", "deflate"):
            raise FetchError(Cause.ENCODING, f"the body is compressed as {coding[:40]}, which was not offered")
        self._limit = limit
        self._left = limit
        self._members = 0
        self._fresh = True
        self._ended = not self._coding
        self._zlib = zlib.decompressobj(wbits=zlib.MAX_WBITS | (16 if self._coding == "gzip" else 0))

    def feed(self, raw: bytes) -> bytes:
        """Return what `raw` decodes to."""
        if not self._coding:
            return self._count(raw)
        pieces: list[bytes] = []
        while raw:
            if self._zlib.eof and not self._next_member(raw):
                break
            piece = self._step(raw)
            pieces.append(self._count(piece))
            raw = self._zlib.unused_data if self._zlib.eof else self._zlib.unconsumed_tail
            self._ended = self._zlib.eof
        return b"".join(pieces)

    def finish(self) -> None:
        """Check that the body was whole: half a feed taken for a whole one would lose the other half's items."""
        if not self._ended and not self._fresh:
            raise FetchError(Cause.ENCODING, "the compressed body ends early")

    def _step(self, raw: bytes) -> bytes:
        try:
            piece = self._zlib.decompress(raw, _STEP)
        except zlib.error as error:
            if self._coding != "deflate" or not self._fresh:
                raise FetchError(Cause.ENCODING, f"the {self._coding} body is damaged ({error})") from error
            # Many servers send raw deflate where RFC 9110 asks for the zlib form.
            self._fresh = False
            self._zlib = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
            return self._step(raw)
        self._fresh = False
        return piece

    def _next_member(self, raw: bytes) -> bool:
        """Whether another gzip member follows; what is not one is padding."""
        if self._coding != "gzip" or not raw.startswith(b"\x1f\x8b") or self._members >= _MEMBERS:
            return False
        self._members += 1
        self._zlib = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        return True

    def _count(self, piece: bytes) -> bytes:
        self._left -= len(piece)
        if self._left < 0:
            raise FetchError(Cause.TOO_LARGE, f"the body is larger than {self._limit:,} bytes")
        return piece
