"""Names that begin with what they are, with a letter or with a listed name: where they end."""

from __future__ import annotations

import tomllib

import pytest

from worker import settings
from worker.pipeline.detection import clauses
from worker.pipeline.detection.entities import Registry, find

REGISTRY = Registry.from_table(tomllib.loads((settings.packaged() / "companies.toml").read_text("utf-8")))


def names(text: str) -> list[str]:
    return [one.name for one in find(text, registry=REGISTRY, sentences=clauses.sentences(text))]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Le terrain est à la Société du parc minier de Vauvert.", "Société du parc minier de Vauvert"),
        ("La Société d'équipement de la Brenne vend le hangar.", "Société d'équipement de la Brenne"),
        ("Hier, la Régie des eaux et forêts a loué une salle.", "Régie des eaux et forêts"),
        ("Le Haut-Commissariat pour la culture de la Bosnie loue.", "Haut-Commissariat pour la culture de la Bosnie"),
        ("La Banque d'export-import de Bosnie prête 3 millions.", "Banque d'export-import de Bosnie"),
        ("Le contrat lie la Fondation pour la recherche et la santé.", "Fondation pour la recherche et la santé"),
        ("Le contrat lie la Raffinerie picarde.", "Raffinerie picarde"),
        ("La Société lyonnaise de crédit prête 3 millions.", "Société lyonnaise de crédit"),
        ("Le Festival de Cornouaille loue des puces.", "Festival de Cornouaille"),
    ],
)
def test_a_noun_in_capitals_is_the_head_of_a_name(text: str, name: str) -> None:
    assert name in names(text)


@pytest.mark.parametrize(
    "text",
    [
        "La société du parc minier a fermé, la nation de Vauvert aussi.",
        "Une ferme de Beauce loue des puces.",
    ],
)
def test_the_same_nouns_without_a_capital_name_nobody(text: str) -> None:
    assert not names(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Le courant de la Régie de Vauvert éclaire la salle.", "Régie de Vauvert"),
        ("Le prêt de la Banque Courcelle pour les serveurs de Vornis est signé.", "Banque Courcelle"),
        ("La Caisse de dépôt et Desjardins prêtent 30 millions.", "CDPQ"),
        ("La Caisse prête 30 millions à QScale.", "CDPQ"),
        ("La Caisse des Dépôts prête 30 millions.", "Caisse des Dépôts"),
        ("La Caisse d'Épargne prête 30 millions.", "Caisse d'Epargne"),
        ("La Caisse d'Épargne Auvergne prête 30 millions.", "Caisse d'Épargne Auvergne"),
        ("La Banque Populaire du Nord prête 30 millions.", "Banque Populaire du Nord"),
    ],
)
def test_a_name_ends_where_its_complement_does(text: str, name: str) -> None:
    assert name in names(text)


def test_a_listed_short_name_before_the_last_word_of_another_is_not_it() -> None:
    assert names("Helion Data achète 200 puces. Helion Data paiera comptant.") == ["Helion Data", "Helion Data"]
    assert names("Le fonds finance Helion, et Helion Energy rembourse.") == ["Helion Energy", "Helion Energy"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Blackstone, V Tidal et KKR investissent dans Groq.", "V Tidal"),
        ("La société 7K Cloud loue 96 puces. Le patron de 7K Cloud sourit.", "7K Cloud"),
        ("Le fonds activiste Harbour No. 3 investit 3 millions dans Crusoe.", "Harbour No. 3"),
    ],
)
def test_a_letter_or_a_number_may_be_part_of_a_name(text: str, name: str) -> None:
    assert name in names(text)


def test_a_letter_before_a_name_is_no_part_of_it() -> None:
    told = names("A Paris, la tranche A Nscale et la série B Cohere plaisent ; 5G Huawei aussi.")
    assert {"Nscale", "Cohere", "Huawei"} <= set(told)
    assert not any(name.startswith(("A ", "B ", "5G")) for name in told)
