"""Megawatts of a place, what a firm is worth and a year's totals are told from what a deal moves."""

from __future__ import annotations

import pytest

from worker.pipeline.detection.quantities import Dimension, find


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Les puces seront installées sur son campus de 750 mégawatts.", "place"),
        ("Elle loge ses serveurs dans le centre de données normand de près de 60 MW.", "place"),
        ("Les machines iront sur un site, à Oslo, d’une capacité de 90 MW.", "place"),
        ("Mistral installera ses puces dans un futur campus de 90 MW.", "place"),
        ("Kelvan loue un campus de 200 mégawatts.", ""),
        ("Kelvan loue à Brindal un campus de 200 mégawatts.", ""),
        ("Brindal bâtira dans l’Aube un campus de 1 GW pour Kelvan.", ""),
        ("Le bail porte sur un campus de 200 mégawatts.", ""),
        ("Kelvan prend une option sur un site de 400 MW.", ""),
        ("Un accord sur un parc solaire de 150 MW.", ""),
        ("Kelvan investit 3 milliards d’euros dans un site de 300 MW.", ""),
        ("Kelvan mettra 3 milliards dans un campus de 300 MW.", ""),
        ("Kelvan loue un centre de données d’une puissance de 300 MW.", ""),
    ],
)
def test_the_size_of_a_place_is_no_flow_s(text: str, role: str) -> None:
    assert [one.role for one in find(text) if one.dimension is Dimension.POWER] == [role]


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("elle pèse 57 milliards de dollars en Bourse", "valuation"),
        ("un budget d’investissement qui monte à 135 milliards de dollars", "capex"),
        ("des rentrées de 10 milliards de dollars en rythme annuel", "per_unit"),
        ("Alphabet frôle les 4 000 milliards de dollars", "total"),
        ("un prêt de 4 000 milliards de wons", ""),
    ],
)
def test_sums_beside_a_deal(text: str, role: str) -> None:
    assert [one.role for one in find(text) if one.dimension is Dimension.MONEY] == [role]
