"""Whose figure is whose: amounts, megawatts, chips, terms and bounds of flows between invented firms."""

from __future__ import annotations

import pytest

from tests.pipeline.detection.readers import CAST, document, explained
from worker.model import Bound, Flow, Kind, Status
from worker.pipeline.detection.amounts import Claimer, best_amounts
from worker.pipeline.detection.belonging import common, is_stake
from worker.pipeline.detection.flows import Gathered, overlooked
from worker.pipeline.detection.quantities import Dimension, find


def flow(text: str, kind: Kind) -> Flow:
    title = text.split(".")[0]
    found = [one for one in explained(title, "", f"{text}\n\n{CAST}").flows if one.kind is kind]
    assert found, kind
    return found[0]


def test_two_flows_of_one_sentence_keep_their_own_amounts() -> None:
    text = (
        "Kelvan loue pour 300 millions d'euros de serveurs à Brindal pendant cinq ans, "
        "et Orthis investit 40 millions d'euros dans Kelvan."
    )
    assert flow(text, Kind.COMPUTE).amount == 300e6
    assert flow(text, Kind.EQUITY).amount == 40e6


def test_megawatts_term_and_amount_of_one_flow() -> None:
    text = "Kelvan réserve 40 mégawatts de serveurs chez Brindal pendant six ans. Le contrat vaut 900 millions d'euros."
    found = flow(text, Kind.COMPUTE)
    assert (found.megawatts, found.years, found.amount, found.currency) == (40, 6, 900e6, "EUR")


def test_a_valuation_is_no_amount() -> None:
    text = "Orthis entre au capital de Kelvan. Kelvan est valorisé 4 milliards d'euros."
    assert flow(text, Kind.EQUITY).amount is None


@pytest.mark.parametrize(
    "denial",
    [
        "Orthis dément avoir promis 4 milliards d'euros.",
        "Orthis a démenti avoir promis 4 milliards d'euros.",
        "Orthis conteste le chiffre de 4 milliards d'euros.",
    ],
)
def test_a_denied_figure_is_no_amount(denial: str) -> None:
    text = f"Orthis va investir dans Kelvan. {denial} 4 milliards ? Pas question."
    assert flow(text, Kind.EQUITY).amount is None


@pytest.mark.parametrize(
    "denial",
    [
        "Orthis dément tout retard dans le chantier de 4 milliards d'euros.",
        "Orthis dément les rumeurs d'un report, et versera 4 milliards d'euros.",
        "Orthis ne dément pas le montant de 4 milliards d'euros.",
    ],
)
def test_what_is_denied_besides_leaves_the_figure(denial: str) -> None:
    assert flow(f"Orthis investit 4 milliards d'euros dans Kelvan. {denial}", Kind.EQUITY).amount == 4e9


def test_a_line_of_a_list_counts_chips_only_below_one_that_does() -> None:
    listed = "Les lots :\n- Kelvan : 50 000 puces, en juin ;\n- Brindal : 30 000, en mai ;\n- Emplois : 120."
    assert [one.value for one in find(listed) if one.dimension is Dimension.CHIPS] == [50e3, 30e3]


def test_founders_have_the_size_of_their_venture_once() -> None:
    text = (
        "Kelvan, Brindal et Voltane créent une coentreprise pour bâtir un centre de données d'IA de 900 mégawatts. "
        "Ils y investiront ensemble 6 milliards d'euros. Le site de 900 mégawatts ouvrira en 2028."
    )
    title = "Kelvan, Brindal et Voltane créent une coentreprise pour un centre de données d'IA"
    seen = explained(title, "", f"{text}\n\n{CAST}")
    founders = [one for one in seen.weighed if one.kind is Kind.SITE and one.payer and not one.payee]
    assert len(founders) > 1
    # Whoever claims anything is given it.
    found = best_amounts(seen.document, founders, [], seen.modes, Claimer({"threshold": -1.0}))
    assert sorted(one.megawatts or 0 for one in found.values()) == [0] * (len(founders) - 1) + [900]


@pytest.mark.parametrize(
    ("text", "stake"),
    [
        ("Brindal figure parmi ses actionnaires, avec environ 30 millions d'euros apportés en plusieurs fois.", True),
        ("Brindal lui loue pour 30 millions d'euros de calcul.", False),
    ],
)
def test_what_a_stake_is_worth_is_no_price_of_computing(text: str, stake: bool) -> None:
    (sentence,) = document("", "", text).sentences
    assert is_stake(document("", "", text), sentence, sentence.quantities[0]) is stake


def test_lines_of_a_list_may_hold_the_same_number() -> None:
    text = (
        "Orthis vend 100 000 puces à deux clients :\n\n- Kelvan : 50 000 puces, pour ses modèles ;\n"
        "- Brindal : 50 000 également, pour ses salles.\n\n"
        f"Orthis les livrera en juin.\n\n{CAST}"
    )
    flows = explained("Orthis vend 100 000 puces en un jour", "", text).flows
    assert {(one.payer, one.chips) for one in flows} >= {("Kelvan", 50e3), ("Brindal", 50e3)}


def test_the_investors_of_a_round_take_no_other_flow_its_figure() -> None:
    text = (
        "Le tour de table de Kelvan est mené par NVIDIA. Le laboratoire dépensera 75 millions d'euros chez Brindal "
        f"pour louer des GPU.\n\n{CAST}"
    )
    summary = "Kelvan boucle une levée de fonds menée par NVIDIA."
    flows = explained("Kelvan lève des fonds et loue des GPU à Brindal", summary, text).flows
    assert {(one.payer, one.amount) for one in flows} == {("Kelvan", 75e6), ("NVIDIA", None)}


def test_of_a_whole_that_holds_a_right_the_firm_part_is_the_amount() -> None:
    text = (
        "Kelvan paiera jusqu'à 27 millions d'euros de calcul à Brindal.\n\n"
        "La part ferme est de 12 millions d'euros.\n\n"
        "Kelvan s'est aussi ménagé la faculté d'en prendre pour 15 millions d'euros de plus aux mêmes conditions."
    )
    flows = explained("Kelvan loue du calcul à Brindal", "", f"{text}\n\n{CAST}").flows
    assert {(one.status, one.amount) for one in flows} == {(Status.ANNOUNCED, 12e6), (Status.OPTION, 15e6)}


def test_a_part_of_another_contract_is_not_the_firm_part() -> None:
    text = (
        "Kelvan paiera jusqu'à 27 millions d'euros de calcul à Brindal.\n\n"
        "Brindal avait emprunté 12 millions de dollars à Sarment Capital.\n\n"
        "Kelvan s'est aussi ménagé la faculté d'en prendre pour 15 millions d'euros de plus aux mêmes conditions."
    )
    flows = explained("Kelvan loue du calcul à Brindal", "", f"{text}\n\n{CAST}").flows
    assert {one.amount for one in flows if one.status is Status.ANNOUNCED and one.kind is Kind.COMPUTE} == {27e6}


def test_the_bound_is_that_of_the_amount() -> None:
    assert flow("Kelvan achète jusqu'à 300 millions d'euros de calcul à Brindal.", Kind.COMPUTE).bound is Bound.UP_TO
    assert flow("Kelvan achète plus de 300 millions d'euros de calcul à Brindal.", Kind.COMPUTE).bound is Bound.AT_LEAST
    assert flow("Kelvan achète environ 300 millions d'euros de calcul à Brindal.", Kind.COMPUTE).bound is Bound.ABOUT


def test_a_recalled_contract_does_not_lend_its_amount() -> None:
    text = (
        "Kelvan signe un contrat de calcul avec Brindal.\n\n"
        "En 2024, Kelvan avait déjà acheté pour 70 millions d'euros de calcul à Brindal."
    )
    assert flow(text, Kind.COMPUTE).amount is None


def test_the_lenders_of_one_loan_share_its_term() -> None:
    text = (
        "JPMorgan et Barclays prêtent ensemble un milliard de dollars à Nebius, loueur de GPU pour l'IA. "
        "Le crédit court sur cinq ans et paiera des accélérateurs."
    )
    loans = explained("Nebius emprunte un milliard de dollars à JPMorgan et à Barclays", "", text).flows
    assert {one.payer: one.years for one in loans} == {"JPMorgan": 5, "Barclays": 5}


def test_a_loan_told_apart_keeps_its_term_to_itself() -> None:
    text = (
        "CoreWeave emprunte 1 milliard de dollars sur cinq ans à JPMorgan pour ses GPU. "
        "Blackstone prête 2 milliards de dollars à CoreWeave dans une facilité distincte."
    )
    loans = explained("CoreWeave s'endette pour ses GPU", "", text).flows
    assert {one.payer: one.years for one in loans} == {"JPMorgan": 5, "Blackstone": None}


def test_a_likely_flow_of_another_kind_bids_too() -> None:
    told = Gathered("Kelvan", "Brindal", Kind.COMPUTE, option=False, weight=0.9)
    likely, second = (
        Gathered(name, "Brindal", Kind.DEBT, option=False, weight=0.22) for name in ("Sarment", "Voltane")
    )
    same, weak = (
        Gathered("Orthis", "Brindal", Kind.COMPUTE, option=False, weight=0.23),
        Gathered("Orthis", "Brindal", Kind.SITE, option=False, weight=0.1),
    )
    assert overlooked([told, same, likely, second, weak], [told]) == [likely]


def test_the_sum_of_a_round_is_told_from_what_one_investor_brings() -> None:
    text = "Kelvan boucle un tour de table de 300 millions d'euros. NVIDIA apporte 40 millions d'euros, la levée close."
    seen = explained("Kelvan lève 300 millions d'euros", "", text)
    found = {
        (quantity.value, common(seen.document, sentence, quantity, seen.modes[sentence.number])["round"])
        for sentence in seen.document.sentences
        for quantity in sentence.quantities
    }
    assert found == {(300e6, 1.0), (40e6, 0.0)}
