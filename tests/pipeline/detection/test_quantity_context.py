"""What the words around a number make of it where its unit is said elsewhere or not at all."""

from __future__ import annotations

import pytest

from worker.pipeline.detection.quantities import Dimension, find


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("Il loue 45 MW et garde la faculté d’en prendre 60 de plus.", 60, "MW"),
        ("Il loue 45 MW, avec un droit de priorité sur 15 autres, sans frais.", 15, "MW"),
        ("Elle loue 45 MW pour 300 millions d’euros et peut en réclamer 20 de plus.", 20, "MW"),
        ("On y teste des Rubin. Elle en commande 9 000, livrables en juin.", 9_000, "chips"),
        ("Elle achète 500 H200. Dont une option : 2 000 de plus.", 2_000, "chips"),
        ("La puce est neuve. La région a réservé 300 exemplaires.", 300, "chips"),
        ("L’une prend 120 H200 et la Mutuelle 90.", 90, "chips"),
        ("La Banque prête 90 M€. Le fonds en apporte 30, sur huit ans.", 30e6, "EUR"),
        ("La Banque apporte 90 M€ et Crédit Rural 30, sur huit ans.", 30e6, "EUR"),
        ("La Banque suit avec 90 M€, et le fonds complète avec 30.", 30e6, "EUR"),
    ],
)
def test_number_of_what_was_counted_before(text: str, value: float, unit: str) -> None:
    last = [q for q in find(text) if q.dimension is not Dimension.YEARS][-1]
    assert (last.value, last.unit) == (value, unit)


@pytest.mark.parametrize(
    "text",
    [
        "Le site de 45 MW ouvre en 2027.",
        "Un site de 45 MW, extensible à 90.",
        "Il a acheté 45 MW, lot 12, hier.",
        "Le site de 45 MW emploie 60 personnes.",
        "Une grappe de 800 GPU, livrée par Dell en 2026.",
    ],
)
def test_number_of_something_else(text: str) -> None:
    assert len(find(text)) == 1


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Elle paiera 8 millions.", [8e6]),
        ("La Caisse prête 12 millions à l’hébergeur", [12e6]),
        ("Un prêt de 12 millions de la Caisse", [12e6]),
        ("Elle verse 2 milliards d’euros, puis 20 millions de plus.", [2e9, 20e6]),
        ("Elle souscrit pour 2 millions d’actions nouvelles, à 5 euros l’une.", [2e6, 5]),
        ("Elle émet 2 millions d’actions.", []),
        ("Le pays compte 8 millions, dit-on.", []),
        ("Elle verse 2 milliards d’euros à 3 millions de foyers.", [2e9]),
    ],
)
def test_millions_without_a_currency(text: str, values: list[float]) -> None:
    assert [q.value for q in find(text)] == values
