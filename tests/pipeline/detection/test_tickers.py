"""Codes of exchanges name nobody; names that look like codes do."""

from __future__ import annotations

import pytest

from worker.pipeline.detection.mentions import Words
from worker.pipeline.detection.tickers import words_of


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("IREN IREN.O a signé", ["IREN", "O"]),
        ("Mizuho 8411.T prête", ["8411", "T"]),
        ("TeraWulf (NASDAQ:WULF) loue", ["NASDAQ", "WULF"]),
        ("Hut 8 (TSX: HUT; NASDAQ: HUT) loue", ["TSX", "HUT", "NASDAQ", "HUT"]),
        ("Atos (Euronext Paris : ATO) vend", ["Euronext", "Paris", "ATO"]),
        ("SK Hynix (KRX:000660) livre", ["KRX", "000660"]),
        ("C3.AI loue des GPU à 01.AI", []),
        ("deux fabricants (AMD : 3, IBM : 5)", []),
        ("la S.A. de M. X, aux U.S.", []),
    ],
)
def test_words_of_codes(text: str, codes: list[str]) -> None:
    words = Words(text)
    assert [words.raw[index] for index in sorted(words_of(words))] == codes
