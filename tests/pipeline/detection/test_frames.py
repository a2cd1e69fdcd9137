"""Who pays whom for what, in every frame and voice, among invented firms."""

from __future__ import annotations

import pytest

from tests.pipeline.detection.readers import CAST, explained, told

COMPUTE = ("Kelvan", "Brindal", "compute")
CHIPS = ("Brindal", "Orthis", "chips")
SHARES = ("Orthis", "Kelvan", "equity")
LOAN = ("Sarment Capital", "Brindal", "debt")
TAKEOVER = ("Kelvan", "Brindal", "acquisition")
POWER = ("Brindal", "Voltane", "power")


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("Kelvan achète pour 300 millions d'euros de calcul à Brindal", COMPUTE),
        ("Kelvan réserve 40 mégawatts de serveurs auprès de Brindal", COMPUTE),
        ("Kelvan louera 12 000 GPU chez Brindal pendant cinq ans", COMPUTE),
        ("Kelvan a loué 12 000 GPU à Brindal pendant cinq ans", COMPUTE),
        ("Brindal fournira à Kelvan 40 mégawatts de capacité de calcul", COMPUTE),
        ("Brindal hébergera les modèles de Kelvan dans ses serveurs pour 200 millions d'euros", COMPUTE),
        ("Brindal décroche un contrat de calcul de 300 millions d'euros avec Kelvan", COMPUTE),
        ("Kelvan et Brindal signent un contrat de calcul de 300 millions d'euros", COMPUTE),
        ("Un contrat de calcul de 300 millions d'euros a été signé entre Kelvan et Brindal", COMPUTE),
        ("Kelvan, à qui Brindal fournira 40 mégawatts de calcul, change d'échelle", COMPUTE),
        ("Brindal : Kelvan lui réserve 300 millions d'euros de calcul", COMPUTE),
        ("Chez Brindal, Kelvan prend 300 millions d'euros de capacité de calcul", COMPUTE),
        ("Kelvan négocie avec Brindal la location de 40 mégawatts de serveurs", COMPUTE),
        ("300 millions d'euros de calcul pour Kelvan chez Brindal", COMPUTE),
        ("Brindal commande 9 000 GPU à Orthis", CHIPS),
        ("Orthis livrera 9 000 GPU à Brindal", CHIPS),
        ("9 000 GPU seront livrés par Orthis à Brindal", CHIPS),
        ("Orthis investit 200 millions d'euros dans Kelvan", SHARES),
        ("Orthis entre au capital de Kelvan pour 200 millions d'euros", SHARES),
        ("Orthis, qui investit 200 millions d'euros dans Kelvan, y voit un client", SHARES),
        ("Sarment Capital prête 500 millions d'euros à Brindal", LOAN),
        ("Brindal emprunte 500 millions d'euros à Sarment Capital en gageant ses GPU", LOAN),
        ("Kelvan rachète Brindal pour 900 millions d'euros", TAKEOVER),
        ("Brindal est racheté par Kelvan pour 900 millions d'euros", TAKEOVER),
        ("Brindal passe sous le contrôle de Kelvan pour 900 millions d'euros", TAKEOVER),
        ("Le rachat de Brindal par Kelvan est bouclé pour 900 millions d'euros", TAKEOVER),
        ("Brindal achète 90 mégawatts d'électricité à Voltane pour ses serveurs", POWER),
        ("Voltane alimentera les serveurs de Brindal avec 90 mégawatts d'électricité", POWER),
    ],
)
def test_roles(sentence: str, wanted: tuple[str, str, str]) -> None:
    assert told(sentence) == {wanted}


def test_a_subject_whose_verb_is_left_out_pays_as_well() -> None:
    found = told("Orthis investira 200 millions d'euros dans Kelvan, et Sarment Capital, 100 millions d'euros")
    assert found == {SHARES, ("Sarment Capital", "Kelvan", "equity")}


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("Kelvan lorgne Brindal. Sarment Capital proposait de le racheter.", {"clitic"}),
        ("Kelvan ouvre une salle. Orthis, qui l'équipe, livrera en mars.", {"clitic"}),
        ("Kelvan cherche des fonds. Sarment Capital, qui va le souscrire, paiera en mars.", {"clitic"}),
        ("Kelvan regarde Brindal. Sarment Capital salue le rachat.", set()),
        ("Kelvan regarde Brindal. Sarment Capital retire l'offre de mars.", set()),
    ],
)
def test_a_pronoun_before_the_verb_is_the_other_party(text: str, how: set[str]) -> None:
    seen = explained("Une affaire de serveurs", "", f"{text}\n\n{CAST}")
    assert {said.how for one in seen.weighed for said in one.said if said.how == "clitic"} == how
