"""What descriptions and pronouns mean: the name behind them, a countryman, a person, a thing."""

from __future__ import annotations

import pytest

from tests.pipeline.detection.test_entities import means, mentions, names


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


def test_a_young_firm_is_the_one_without_a_trade() -> None:
    text = "Tessaline signe chez Oxalis. La jeune pousse paiera son hébergeur. Oxalis, un loueur de GPU, respire."
    assert means(text, "jeune pousse") == "Tessaline"
    assert means(text, "hébergeur") == "Oxalis"


def test_a_town_is_no_short_form_of_its_university() -> None:
    text = "L'université de Namur achète des GPU. L'accord a été signé hier à Namur."
    assert names(text) == ["université de Namur"]
