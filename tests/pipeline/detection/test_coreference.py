"""What descriptions and pronouns mean: the name behind them, a countryman, a person, a thing."""

from __future__ import annotations

import time

import pytest

from tests.pipeline.detection.test_entities import means, mentions, names
from worker.pipeline.detection.ranking import Anaphor, Choosable, Referents, signs


def test_a_description_before_its_name_means_it() -> None:
    text = "Mistral AI achète un terrain. Son propriétaire, GazelEnergie, a signé."
    assert means(text, "propriétaire") == "Gazel Energie"
    listed = "OpenAI signe. Selon l'entreprise, Nvidia, AMD et Broadcom fourniront les puces."
    assert means(listed, "entreprise") == "OpenAI"


def test_a_countryman_is_the_firm_of_that_country() -> None:
    text = "SK Telecom entre chez Proximus. Le Coréen n'arrive pas les mains vides."
    assert means(text, "Coréen") == "SK Telecom"
    assert not any(m.surface == "Finlandais" for m in mentions("SK Telecom signe. Le Finlandais hésite."))
    assert not any(m.surface == "Américain" for m in mentions("Nvidia grimpe. L'Américain Oracle achète des puces."))
    assert not any(m.surface == "Français" for m in mentions("Mistral AI signe. Le Français Jean Dupont hésite."))


@pytest.mark.parametrize(
    "text",
    [
        "Natixis prête la somme. Inès soudait hier encore. Elle a signé mercredi.",
        "Natixis prête la somme. Le contrat court sur dix ans. Il couvre les machines.",
    ],
)
def test_a_pronoun_may_mean_a_person_or_a_thing(text: str) -> None:
    assert not any(m.via == "pronoun" for m in mentions(text))


def test_a_noun_means_whom_the_text_has_called_so() -> None:
    text = "Tessaline signe chez Oxalis, un loueur de GPU. Le loueur livrera en mars."
    assert means(text, "loueur") == "Oxalis"
    turned = "Tessaline, un loueur de GPU, signe chez Oxalis. Le loueur paiera en mars."
    assert means(turned, "loueur") == "Tessaline"


def test_of_two_the_first_and_the_second_are_told_apart() -> None:
    text = "Tessaline et Oxalis ont signé mardi. Le premier paiera 3 millions, le second les dépensera à Lens."
    assert means(text, "premier") == "Tessaline"
    assert means(text, "second") == "Oxalis"
    assert not any(
        m.surface == "premier" for m in mentions("Tessaline ouvre à Lens. Le premier site sera prêt en mai.")
    )


def test_a_countryman_may_be_written_small() -> None:
    assert means("SK Telecom entre chez Proximus. Le coréen a payé comptant.", "coréen") == "SK Telecom"
    assert not any(m.surface == "coréen" for m in mentions("SK Telecom signe. Le coréen moderne est sa langue."))


def test_a_noun_that_introduces_no_name_may_mean_one() -> None:
    text = "Safran réserve 240 cartes chez Belledonne IA. Le motoriste signe pour trente mois."
    assert means(text, "motoriste") == "Safran"
    assert names("La plateforme Rubin arrive. Nvidia livre.") == ["NVIDIA"]


def test_a_name_behind_a_description_is_governed_by_what_stands_before_it() -> None:
    assert means("Microsoft signe avec la start-up Éolia. Celle-ci paiera.", "Celle-ci") == "Éolia"


def test_nobody_is_meant_where_nobody_was_named() -> None:
    assert not [m for m in mentions("Il a signé. Le groupe a payé. Le premier a gagné. Celle-ci aussi.") if m.name]


def test_without_weights_the_nearest_that_fits_is_meant() -> None:
    nearest = Referents({})
    told = [Choosable("", ("nobody",)), _party("Oxalis", "rank0", "fit:clash"), _party("Tessaline", "rank1")]
    assert nearest.choose(Anaphor("noun", 0, 1), told) == "Tessaline"


def test_weights_decide_between_nobody_and_somebody() -> None:
    learnt = Referents({"nobody": 1.0, "gap1": 2.0, "gap2": 0.5})
    place, nobody = Anaphor("il", 0, 1), Choosable("", ("nobody",))
    near, far = _party("Oxalis", "gap1"), _party("Tessaline", "gap2")
    assert learnt.choose(place, [nobody, near, far]) == "Oxalis"
    assert learnt.choose(place, [nobody, far]) == ""
    assert learnt.choose(place, [nobody]) == ""


def _party(name: str, *facts: str) -> Choosable:
    return Choosable(name, (*facts, "as", "every", "party", "has")[:6])


def test_an_organisation_weighs_what_all_its_signs_weigh_together() -> None:
    place = Anaphor("relation", 3, 1, "jeune pousse", signs=("opens", "v:signe", "thing here"))
    facts = ("gap1", "subject:here", "leadsTrue.1", "rank0", "headTrue.True", "fit:prefer True")
    one = Choosable("Oxalis", facts, ("led:", "v:achet"))
    shown = signs(place, one)
    assert len(shown) == len(set(shown))
    assert {"relation gap1", "thing here|relation gap1", "n:jeune pousse|rank0", "n:jeune pousse|v:achet"} <= set(shown)
    weights = {sign: 1.0 + number / 7 for number, sign in enumerate(shown)}
    total = sum(weights.values())
    for nobody, meant in ((total - 0.01, "Oxalis"), (total + 0.01, "")):
        learnt = Referents({**weights, "nobody": nobody})
        for _ in range(2):
            assert learnt.choose(place, [Choosable("", ("nobody",)), one]) == meant


def test_a_language_is_no_countryman() -> None:
    assert not any(
        m.surface == "coréen" for m in mentions("Samsung va signer. Son patron parle le coréen et l'anglais.")
    )


@pytest.mark.parametrize(
    "piece",
    [
        "Il a signé et ",
        "Alpha{} et ",
        "le premier et ",
        "Le coréen a payé. ",
        "la société Alpha{} ",
        "la fournisseuse ",
        "Nvidia va. Le second a. ",
    ],
)
def test_endless_texts_take_no_longer_for_it(piece: str) -> None:
    def took(count: int) -> float:
        text = "".join(piece.format(number) for number in range(count))
        began = time.process_time()
        mentions(text)
        return time.process_time() - began

    took(100)
    # Twice, since other processes may take the core's cache away.
    assert min(took(4_000), took(4_000)) < 16 * max(took(500), 0.05)


def test_a_town_is_no_short_form_of_its_university() -> None:
    text = "L'université de Namur achète des GPU. L'accord a été signé hier à Namur."
    assert names(text) == ["université de Namur"]
