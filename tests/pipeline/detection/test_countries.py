"""Whose dollars, crowns and francs an article means."""

from __future__ import annotations

import pytest

from worker.pipeline.detection.quantities import Dimension, find


def currencies(text: str) -> list[str]:
    return [quantity.unit for quantity in find(text) if quantity.dimension is Dimension.MONEY]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Desjardins prête 40 M$ à un hébergeur de Beauharnois.", ["CAD"]),
        ("L'entente vaut 210 M$, selon Boralex, du Québec.", ["CAD"]),
        ("Microsoft a conclu une entente avec CoreWeave. L'entente vaut 10 G$, selon un courriel.", ["USD"]),
        ("Un juge fédéral valide l'entente : 14 milliards de dollars. Le fédéral salue l'entente.", ["USD"]),
        ("À Toronto, au Québec : 300 M$ US d'un côté, 300 M$ CA de l'autre.", ["USD", "CAD"]),
        ("Cohere, de Toronto, paiera 40 M$ (US) à un hébergeur du Québec.", ["USD"]),
        ("Le fonds prête 40 M$ à un hébergeur de Denver.", ["USD"]),
        ("L'entente est de 95 M$. À Lévis, on parle de 95 millions de dollars canadiens.", ["CAD", "CAD"]),
        ("À Toronto, la Banque Scotia prête 300 M$ US. Le terrain de Gatineau vaut 20 M$.", ["USD", "CAD"]),
        ("Le chèque de 300 M$ US rassure Toronto et Ottawa. Les 300 M$ paieront des puces.", ["USD", "USD"]),
    ],
)
def test_dollars_are_those_of_the_place_unless_they_are_written_as_others(text: str, found: list[str]) -> None:
    assert currencies(text) == found


def test_american_dollars_behind_canadian_ones_only_say_them_again() -> None:
    found = find("Cohere, de Toronto, paiera 300 M$ (220 M$ US) à un hébergeur du Québec.")
    assert [(one.value, one.unit, one.role) for one in found] == [(300e6, "CAD", ""), (220e6, "USD", "converted")]
