"""Money that several countries call alike, in the place that an article speaks of."""

from __future__ import annotations

import pytest

from worker.pipeline.detection.quantities import find


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("À Casablanca, un prêt de 3 milliards de dirhams", "MAD"),
        ("À Abou Dhabi, un prêt de 3 milliards de dirhams", "AED"),
        ("À Doha, un prêt de 3 milliards de riyals", "QAR"),
        ("À Alger, un prêt de 3 milliards de dinars", "DZD"),
        ("À Jakarta, un prêt de 3 milliards de roupies", "IDR"),
        ("Au Caire, en Égypte, un prêt de 3 milliards de livres", "EGP"),
        ("À Londres, un prêt de 3 milliards de livres pour l’Égypte", "GBP"),
        ("À Dakar, un prêt de 3 milliards de francs", "XOF"),
        ("À Zurich, un prêt de 3 milliards de francs", "CHF"),
        ("En Californie, un prêt de 3 milliards", "USD"),
        ("En France, un prêt de 3 milliards pour l’américain", ""),
    ],
)
def test_money_is_the_place_s(text: str, unit: str) -> None:
    assert [quantity.unit for quantity in find(text)] == [unit]


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("500 millions de dirhams émiratis, soit 1,3 milliard de dirhams marocains", ["AED", "MAD"]),
        ("500 millions de francs suisses, puis 30 milliards de francs CFA", ["CHF", "XOF"]),
        ("2 milliards de couronnes suédoises, puis 3 milliards de couronnes norvégiennes", ["SEK", "NOK"]),
        ("5 millions de francs suisses à un centre de Dakar, au Sénégal", ["CHF"]),
        ("3 milliards de livres sterling au Caire, en Égypte", ["GBP"]),
        ("À Doha, au Qatar, 600 millions de riyals saoudiens, puis 2 millions de riyals", ["SAR", "QAR"]),
        ("À Prague, 2 milliards de couronnes", ["CZK"]),
        ("Au Caire, en Égypte, elle apporte 3 milliards de livres et Crédit Rural 30.", ["EGP", "EGP"]),
        ("Au Caire, en Égypte, elle apporte 3 milliards de livres sterling et Crédit Rural 30.", ["GBP", "GBP"]),
        ("Au Caire, en Égypte, 7 et 5 milliards de livres sterling", ["GBP", "GBP"]),
    ],
)
def test_only_the_bare_word_is_open(text: str, units: list[str]) -> None:
    assert [quantity.unit for quantity in find(text)] == units
