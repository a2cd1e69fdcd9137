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
