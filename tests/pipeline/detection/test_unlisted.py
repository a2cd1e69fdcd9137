"""Names that no list has, told by one sign each: the verb after, the pronoun after, the noun before."""

from __future__ import annotations

import json
import tomllib

import pytest

from worker import settings
from worker.pipeline.detection import clauses
from worker.pipeline.detection.entities import Registry, find
from worker.pipeline.detection.likeness import Names
from worker.pipeline.detection.listed import is_verb

REGISTRY = Registry.from_table(tomllib.loads((settings.packaged() / "companies.toml").read_text("utf-8")))


LIKENESS = Names(json.loads((settings.packaged() / "detector.json").read_text("utf-8"))["names"])


def names(text: str, likeness: Names | None = None) -> set[str]:
    found = find(text, registry=REGISTRY, sentences=clauses.sentences(text), likeness=likeness)
    return {one.name for one in found if one.via in ("shape", "apposition")}


def learnt(text: str) -> set[str]:
    return names(text, LIKENESS)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Vornis emporte le marché du calcul.", "Vornis"),
        ("Vornis restera seul.", "Vornis"),
        ("Vornis, l'appétit vient en louant.", "Vornis"),
        ("Le marché attendait un acheteur. Vornis, qui louait des serveurs, se présente.", "Vornis"),
        ("Le groupe mettrait 2 milliards dans Vornis avant l'été.", "Vornis"),
        ("Le contrat est confié à Vornis, associé à une université.", "Vornis"),
        ("Les lots sont connus :\n\n- Vornis : 5 000 puces pour son service ;\n- le reste plus tard.", "Vornis"),
        ("Le client prend 13 000 GB300 de Vornis pour sa salle.", "Vornis"),
        ("Vornis les construira avant l'été.", "Vornis"),
        ("Vornis leur en réserve la moitié.", "Vornis"),
        ("Vornis, déjà à l'étroit dans ses murs, lui fournira des salles.", "Vornis"),
        ("Le bailleur s'appelle Vornis.", "Vornis"),
        ("L'hébergeur saint-gallois Vornis ouvre une salle.", "Vornis"),
        ("La jeune pousse Ondine Bio ouvre une salle.", "Ondine Bio"),
        ("Les machines logent chez Garonne Cloud.", "Garonne Cloud"),
    ],
)
def test_one_plain_sign_makes_a_name(text: str, name: str) -> None:
    assert name in names(text)


@pytest.mark.parametrize(
    "text",
    [
        "Panne chez l'hébergeur, des sites inaccessibles.",
        "Retrait des banques, le projet est suspendu.",
        "Promesses, promesses. On verra bien en mars.",
        "Le maire de Vornis inaugure une école.",
        "Les salles sont réparties entre Eindhoven et Arlon, côté belge.",
        "Sophie et Karim ont fondé leur affaire l'an dernier.",
        "Adossée à un fonds, la maison voit grand.",
        "À Vornis, le vieux charbon fait place aux serveurs.",
        "D'après L'Ornis, le fabricant de puces hésite.",
        "Selon le quotidien Ornis, le marché hésite.",
        "On verra bien. Vornis, le campus voisin, attendra.",
        "Le groupe prépare son supercalculateur, Vornis, en Isère.",
        "La société ouvrira une salle dans une ville, Vornis, en mars.",
    ],
)
def test_common_nouns_and_places_make_none(text: str) -> None:
    assert not names(text)


def test_one_contrary_sign_does_not_undo_many() -> None:
    text = (
        "Vornis signe avec l'État. Vornis loue des serveurs. La technologie Vornis plaît. "
        "Hier encore, un client de Vornis signait."
    )
    assert "Vornis" in names(text)


@pytest.mark.parametrize("word", ["prendrait", "fournira", "rachetera", "commande", "emporte", "restera"])
def test_verbs(word: str) -> None:
    assert is_verb(word)


@pytest.mark.parametrize("word", ["camera", "retrait", "portrait", "investissement", "location"])
def test_no_verbs(word: str) -> None:
    assert not is_verb(word)


def test_a_name_that_ends_as_a_listed_one_is_another() -> None:
    text = "Lusane Datavolt loue des serveurs. Pour Lusane Datavolt, le contrat court sur dix ans."
    assert names(text) == {"Lusane Datavolt"}


@pytest.mark.parametrize("before", ["Mme", "Jeudi", "Blackwell", "Visiblement"])
def test_what_only_stands_before_a_listed_name_is_no_part_of_another(before: str) -> None:
    text = f"{before} Nvidia a livré des puces. {before} Nvidia a signé."
    found = find(text, registry=REGISTRY, sentences=clauses.sentences(text))
    assert {one.name for one in found if one.known} == {"NVIDIA"}


@pytest.mark.parametrize("section", ["Photonique", "Santé", "Stockage"])
def test_a_title_that_names_its_section_names_no_firm(section: str) -> None:
    body = "Vornis loue des serveurs à Nvidia. " + "Le contrat court sur dix ans et vaut des millions. " * 4
    assert learnt(f"{section} : Vornis s'équipe.\n{body}") == {"Vornis"}


def test_a_title_may_begin_with_a_firm_that_it_describes_after() -> None:
    body = "La jeune pousse loue des serveurs à Nvidia. " + "Le contrat court sur dix ans et vaut des millions. " * 4
    assert "GridLab" in learnt(f"GridLab : OpenAI loue 300 mégawatts au néocloud lyonnais.\n{body}")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("La coopérative Vents de la Semois vend son courant.", "Vents de la Semois"),
        ("Le néocloud Aurelio de Microsoft loue des serveurs.", "Aurelio"),
        ("L'opérateur Nordlys de Bergen loue des serveurs.", "Nordlys"),
        ("L'opérateur Nordlys du Texas loue des serveurs.", "Nordlys"),
    ],
)
def test_what_follows_a_name_once_is_part_of_it_unless_it_is_a_place_or_a_firm(text: str, name: str) -> None:
    assert name in names(text)
