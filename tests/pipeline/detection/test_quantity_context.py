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
        ("La Région prend 800 GPU et la ville de Lyon 500.", 500, "chips"),
        ("BBVA : 420 M€. Santander : 310.", 310e6, "EUR"),
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
        "Le site compte 800 GPU. L’équipe : 25.",
        "800 GPU et la ville de Lyon 500.",
        "45 MW et Paul Durand 52, dit-elle",
        "Elle loue 45 MW et Paul Durand 52, dit-elle",
        "3 000 GPU. Le quotidien tire à 45 000 exemplaires",
        "verse 30 millions d’euros, sa fondatrice, à 35 ans, sourit",
        "verse 30 millions d’euros à la société fondée par Léa Roy, à 28 ans, de Lyon",
        "Un prêt de 30 millions d’euros à la société fondée par Léa Roy, à 28 ans, est signé.",
        "Levée de 30 millions d’euros à 25 ans.",
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
        ("Elle s’oblige à prendre pour 700 millions de systèmes.", [700e6]),
        ("Elle paie 6 milliards d’euros et installera 2 millions de serveurs.", [6e9]),
        ("Elle paie 6 milliards d’euros et livrera 3 millions de systèmes.", [6e9]),
        ("une commande de 3 millions de doses", []),
        ("une commande de 2 millions de wafers", []),
        ("un contrat de 12 millions de repas", []),
        ("un contrat de 12 millions", [12e6]),
        ("un bail de 2 millions de pieds carrés", []),
        ("un apport de 3 millions de barils", []),
        ("Le pays compte 8 millions, dit-on.", []),
        ("Elle verse 2 milliards d’euros à 3 millions de foyers.", [2e9]),
    ],
)
def test_millions_without_a_currency(text: str, values: list[float]) -> None:
    assert [q.value for q in find(text)] == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Nvidia, n° 1 des puces", []),
        ("Nvidia, n°\u202f1 des puces", []),
        ("Le numéro 1 des puces", []),
        ("Top 10 des cartes graphiques", []),
        ("le 3 des puces", []),
        ("Elle réserve 12 des 40 puces", [12, 40]),
        ("Elle réserve 12 des puces", [12]),
        ("L’autoroute A10 ferme. Son guide s’arrache : 30 000 exemplaires", []),
        ("L’autoroute A10 ferme. Il en commande 9 000, livrables en juin.", []),
        ("Airbus livre l’A320 : 1 200 exemplaires", []),
        ("Airbus livre la H145 : 1 200 exemplaires", []),
        ("René Descartes se vend bien : 30 000 exemplaires", []),
        ("Les pancartes, 640 au total", []),
        ("Les cartes de vœux, 640 au total", []),
        ("D’instinct, il a vendu 12 000 exemplaires", []),
        ("La carte du métro. Vendue à 45 000 exemplaires", []),
        ("La carte graphique est neuve. Vendue à 45 000 exemplaires", [45_000]),
        ("Le H200 est neuf. Vendu à 45 000 exemplaires", [45_000]),
    ],
)
def test_accelerators_are_counted_where_they_are_spoken_of(text: str, values: list[float]) -> None:
    assert [q.value for q in find(text) if q.value is not None] == values
