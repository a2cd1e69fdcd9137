"""Names that begin with what they are, with a letter or with a listed name: where they end."""

from __future__ import annotations

import tomllib

import pytest

from worker import settings
from worker.pipeline.detection import clauses
from worker.pipeline.detection.entities import Registry, find

REGISTRY = Registry.from_table(tomllib.loads((settings.packaged() / "companies.toml").read_text("utf-8")))


def names(text: str) -> list[str]:
    found = find(text, registry=REGISTRY, sentences=clauses.sentences(text))
    return [one.name for one in found if one.via not in ("definite", "pronoun", "unnamed")]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Le terrain est à la Société du parc industriel de Vauvert.", "Société du parc industriel de Vauvert"),
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
    assert names(text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "La société du parc minier a fermé, la nation de Vauvert aussi.",
        "Une ferme de Beauce loue des puces.",
        "Un établissement public de Beauce loue des puces.",
        "Le campus est loué à la Ville pour trois ans.",
        "C'est à la Région pour sa part de financer la salle, d'ici 2027.",
        "Il le faut à la Région d'ici fin 2027, de plus en plus.",
        "On le doit à la Métropole d'un côté, de nouveau.",
        "Le don fait à la Ville des dizaines de jaloux.",
    ],
)
def test_what_follows_a_noun_is_not_always_its_name(text: str) -> None:
    assert not names(text)


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("Le courant de la Régie de Vauvert éclaire la salle.", ["Régie de Vauvert"]),
        ("C'est donné à la Fondation des puces et à la Région.", ["Fondation des puces"]),
        ("Le siège de la Fondation de l'ex-Nvidia est à Paris.", ["NVIDIA"]),
        ("Le prêt de la Banque Courcelle pour les serveurs de Vornis est signé.", ["Banque Courcelle", "Vornis"]),
        ("La Caisse de dépôt et Desjardins prêtent 30 millions.", ["CDPQ", "Desjardins"]),
        ("La Caisse prête 30 millions à QScale.", ["CDPQ", "QScale"]),
        ("La Caisse des Dépôts prête 30 millions.", ["Caisse des Dépôts"]),
        ("La Caisse d'Épargne prête 30 millions.", ["Caisse d'Epargne"]),
        ("La Caisse d'Épargne Auvergne prête 30 millions.", ["Caisse d'Épargne Auvergne"]),
        ("La Banque Populaire du Nord prête 30 millions.", ["Banque Populaire du Nord"]),
        ("La Banque populaire de M. Durand prête 30 millions.", ["Banque populaire"]),
        ("Hier, La Poste de Belfort a payé 30 millions à OVHcloud.", ["La Poste", "OVHcloud"]),
        ("Le Figaro du 3 mars le dit.", ["Le Figaro"]),
    ],
)
def test_a_name_ends_where_its_complement_does(text: str, listed: list[str]) -> None:
    assert names(text) == listed


def test_a_listed_short_name_before_the_last_word_of_another_is_not_it() -> None:
    assert names("Helion Data achète 200 puces. Helion Data paiera comptant.") == ["Helion Data", "Helion Data"]
    assert names("Le fonds finance Helion, et Helion Energy rembourse.") == ["Helion Energy", "Helion Energy"]


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("Blackstone, V Tidal et KKR investissent dans Groq.", ["Blackstone", "V Tidal", "KKR", "Groq"]),
        ("La société 7K Cloud loue 96 puces. Le patron de 7K Cloud sourit.", ["7K Cloud", "7K Cloud"]),
        ("Le fonds activiste Harbour No. 3 investit 3 millions dans Crusoe.", ["Harbour No. 3", "Crusoe"]),
        ("Le fonds activiste Harbour No.\u00a03 investit 3 millions dans Crusoe.", ["Harbour No.\u00a03", "Crusoe"]),
    ],
)
def test_a_letter_or_a_number_may_be_part_of_a_name(text: str, listed: list[str]) -> None:
    assert names(text) == listed


def test_a_letter_before_a_name_is_no_part_of_it() -> None:
    told = names("A Paris, la tranche A Nscale et la série B Cohere plaisent ; 5G Huawei aussi.")
    assert told == ["Nscale", "Cohere", "Huawei"]


def test_a_text_may_end_anywhere() -> None:
    whole = "À la Société du parc de la Brenne et pour la Caisse d'Épargne de Z, G Squared No. 1 : La Caisse de"
    for end in range(len(whole)):
        text, free = whole[:end], 0
        for one in find(text, registry=REGISTRY, sentences=clauses.sentences(text)):
            assert free <= one.start < one.end, (text, one)
            assert text[one.start : one.end] == one.surface
            free = one.end
