"""Whose figure is whose: amounts, megawatts, chips, terms and bounds of flows between invented firms."""

from __future__ import annotations

from tests.pipeline.detection.readers import CAST, explained
from worker.model import Bound, Flow, Kind


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
