"""From candidates to flows: options beside firm flows, pools of lenders, lists, status, proof."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.pipeline.detection.readers import CAST, DETECTOR, REGISTRY, document, explained
from tests.quality.corpus import article_of, rows_of
from worker.model import Kind, Status
from worker.pipeline.detection.flows import settle
from worker.pipeline.detection.groups import groups

QUALITY = Path(__file__).parents[2] / "quality"


def test_a_right_to_more_is_a_flow_of_its_own() -> None:
    text = (
        "Kelvan réserve 40 mégawatts de serveurs chez Brindal.\n\n"
        f"Kelvan pourra ajouter jusqu'à 25 mégawatts d'ici à 2029.\n\n{CAST}"
    )
    flows = explained("Kelvan réserve 40 mégawatts de serveurs chez Brindal", "", text).flows
    assert {(flow.status, flow.megawatts) for flow in flows} == {(Status.ANNOUNCED, 40), (Status.OPTION, 25)}


def test_a_right_needs_no_word_that_a_list_holds() -> None:
    text = (
        "Kelvan réserve 40 mégawatts de serveurs chez Brindal, a annoncé mardi le laboratoire.\n\n"
        f"Il s’est aussi ménagé la faculté d’en prendre 25 mégawatts de plus aux mêmes conditions avant 2028.\n\n{CAST}"
    )
    flows = explained("Kelvan réserve 40 mégawatts de serveurs chez Brindal", "", text).flows
    assert {(flow.status, flow.megawatts) for flow in flows} == {(Status.ANNOUNCED, 40), (Status.OPTION, 25)}


def test_a_right_leaves_the_contract_its_price() -> None:
    text = (
        "Kelvan loue à Brindal de la capacité de calcul pour trois ans.\n\n"
        f"Le contrat de 2 milliards de dollars prévoit la faculté d’en reprendre de plus aux mêmes conditions "
        f"avant la fin de 2027.\n\n{CAST}"
    )
    flows = explained("Kelvan loue du calcul à Brindal", "", text).flows
    assert {flow.amount for flow in flows if flow.status is Status.ANNOUNCED} == {2e9}
    assert 2e9 not in {flow.amount for flow in flows if flow.status is Status.OPTION}


def test_a_right_to_as_much_again_leaves_the_firm_flow_its_figure() -> None:
    text = (
        "Kelvan commande 40 000 puces à Orthis, a annoncé mardi le laboratoire.\n\n"
        f"Il s’est aussi ménagé la faculté d’en prendre 40 000 puces de plus aux mêmes conditions avant 2028.\n\n{CAST}"
    )
    flows = explained("Kelvan commande 40 000 puces à Orthis", "", text).flows
    assert {(flow.status, flow.chips) for flow in flows} == {(Status.ANNOUNCED, 40e3), (Status.OPTION, 40e3)}


def test_a_right_belongs_to_the_flow_that_was_spoken_of_last() -> None:
    text = (
        "Meta achète à Vistra 300 mégawatts d'électricité pour ses centres de données d'IA, pendant vingt ans.\n\n"
        "Meta achète aussi à Oklo 90 mégawatts d'électricité. Le groupe s’est réservé le droit de prendre 60 mégawatts "
        "de plus d'ici à 2035."
    )
    flows = explained("Meta achète de l'électricité nucléaire à Vistra et à Oklo", "", text).flows
    assert {(one.payee, one.megawatts) for one in flows if one.status is Status.OPTION} == {("Oklo", 60)}


def test_a_right_to_shares_is_no_right_to_more_of_the_goods() -> None:
    text = (
        "Kelvan commande 40 000 puces à Orthis, a annoncé mardi le laboratoire.\n\n"
        "Orthis investit aussi 5 millions d'euros dans Kelvan. Il se réserve la possibilité d'en ajouter jusqu'à 20 de "
        f"plus dans Kelvan avant 2028.\n\n{CAST}"
    )
    flows = explained("Kelvan commande des puces à Orthis", "", text).flows
    assert {one.kind for one in flows if one.status is Status.OPTION} == {Kind.EQUITY}


def test_a_right_belongs_to_the_flow_whose_goods_it_names() -> None:
    text = (
        "Kelvan loue 300 mégawatts de calcul à Brindal, a annoncé mardi le laboratoire.\n\n"
        "Kelvan achète à Voltane 90 mégawatts d'électricité pour ses serveurs d'IA. "
        f"Kelvan s'est réservé le droit de louer 100 mégawatts de calcul de plus aux mêmes conditions.\n\n{CAST}"
    )
    flows = explained("Kelvan loue du calcul à Brindal et achète du courant à Voltane", "", text).flows
    assert {(one.payee, one.megawatts) for one in flows if one.status is Status.OPTION} == {("Brindal", 100)}


def test_a_name_after_a_comma_with_a_verb_of_its_own_is_no_second_seller() -> None:
    seen = document("Kelvan achète pour 6 millions d'euros de calcul à Brindal, et Orthis entre à son capital")
    found = groups(seen, seen.sentences[0], REGISTRY)
    assert [[one.name for one in group.mentions] for group in found] == [["Kelvan"], ["Brindal"], ["Orthis"]]


def test_chips_stand_beside_compute_where_no_word_says_both() -> None:
    weighed = explained("Kelvan loue 40 mégawatts de serveurs à Brindal", "", CAST).weighed
    compute = replace(next(one for one in weighed if one.kind is Kind.COMPUTE and one.payer and one.payee), weight=0.9)
    said = [replace(one, how="open") for one in compute.said]
    chips = replace(compute, kind=Kind.CHIPS, weight=0.6, said=said)
    assert settle([compute, chips], 0.4) == [compute, chips]
    assert settle([compute, replace(chips, weight=0.45)], 0.4) == [compute]
    assert settle([compute, replace(chips, said=compute.said)], 0.4) == [compute]


def test_an_order_is_no_second_buyer_s_whom_no_words_of_its_own_name() -> None:
    text = "Kelvan loue des serveurs à Brindal. L'hébergeur commande 5 000 GPU à NVIDIA."
    weighed = explained("Kelvan loue des serveurs à Brindal", text, CAST).weighed
    order = next(one for one in weighed if (one.payer, one.payee, one.kind) == ("Brindal", "NVIDIA", Kind.CHIPS))
    order = replace(order, weight=0.9)
    [said] = [one for one in order.said if one.how == "said"]
    carried = replace(order, payer="Kelvan", weight=0.6, said=[replace(said, how="carried")])
    assert settle([order, carried], 0.4) == [order]
    named = replace(carried, said=[*carried.said, replace(said, how="clitic")])
    assert settle([order, named], 0.4) == [order, named]
    elsewhere = replace(said, how="carried", hit=replace(said.hit, first=said.hit.first + 1))
    assert settle([order, replace(carried, said=[elsewhere])], 0.4) == [order, replace(carried, said=[elsewhere])]


def test_investors_of_a_round_are_read_one_by_one() -> None:
    text = f"Le tour de table est mené par Sarment Capital, aux côtés de NVIDIA et de Dell.\n\n{CAST}"
    seen = explained("Kelvan lève 300 millions d'euros", "Kelvan boucle une levée de fonds.", text)
    told = {one.payer for one in seen.weighed if (one.payee, one.kind) == ("Kelvan", Kind.EQUITY)}
    pooled = {one.payer for one in seen.weighed if any(said.how == "pool" for said in one.said)}
    assert told & pooled >= {"Sarment Capital", "NVIDIA", "Dell"}


def test_a_line_for_each_investor_has_its_own_figure() -> None:
    lines = "- NVIDIA : 500 millions de dollars ;\n\n- Dell : 250 millions de dollars."
    seen = explained("Kelvan lève 900 millions de dollars", "Kelvan boucle une levée de fonds.", f"{lines}\n\n{CAST}")
    told = {said.how for one in seen.weighed for said in one.said if (one.payer, one.kind) == ("NVIDIA", Kind.EQUITY)}
    assert "listed" in told
    assert "pool" not in told


def test_a_code_or_a_word_in_brackets_parts_no_list() -> None:
    seen = document("Kelvan prête à Brindal (opérateur de serveurs), à Oracle ORCL.N et à NVIDIA")
    found = groups(seen, seen.sentences[0], REGISTRY)
    assert [[one.name for one in group.mentions] for group in found] == [["Kelvan"], ["Brindal", "Oracle", "NVIDIA"]]


def test_a_list_names_a_buyer_a_line() -> None:
    text = (
        "Orthis vend 90 000 puces à trois clients :\n\n- Kelvan : 40 000 puces ;\n\n- Brindal : 30 000 puces.\n\n"
        f"Orthis les livrera en juin.\n\n{CAST}"
    )
    flows = explained("Orthis vend 90 000 puces en un jour", "", text).flows
    assert {(flow.payer, flow.payee, flow.chips) for flow in flows} >= {
        ("Kelvan", "Orthis", 40e3),
        ("Brindal", "Orthis", 30e3),
    }


def test_a_pool_lends_bank_by_bank() -> None:
    text = (
        "Brindal a emprunté 500 millions d'euros pour ses GPU.\n\n"
        f"Les prêteurs : BNP Paribas, Natixis et HSBC.\n\n{CAST}"
    )
    flows = explained("Brindal emprunte 500 millions d'euros pour ses GPU", "", text).flows
    assert {flow.payer for flow in flows if flow.payee == "Brindal"} == {"BNP Paribas", "Natixis", "HSBC"}


@pytest.mark.parametrize(
    ("sentence", "status"),
    [
        ("Kelvan a annoncé avoir signé un contrat de calcul avec Brindal", Status.ANNOUNCED),
        ("Selon des sources, Kelvan louerait 40 mégawatts de serveurs chez Brindal", Status.REPORTED),
        ("Kelvan renonce à louer 40 mégawatts de serveurs chez Brindal", Status.CANCELLED),
    ],
)
def test_how_firm(sentence: str, status: Status) -> None:
    flows = explained(sentence, "", f"{sentence}.\n\n{CAST}").flows
    assert [flow.status for flow in flows] == [status]


def test_every_proof_cuts_its_quote_out_of_the_article() -> None:
    # All that is labelled is asked in tests/quality/test_evidence.py.
    articles = [article_of(row) for path in sorted(QUALITY.glob("dev-*.jsonl")) for row in rows_of(path)]
    assert articles
    for one in articles:
        parts = {"title": one.title, "summary": one.summary, "text": one.text}
        for flow in DETECTOR.explain(one).flows:
            assert flow.evidence
            for proof in flow.evidence:
                assert parts[proof.span.part][proof.span.start : proof.span.end] == proof.quote, (one.id, proof)
                whole = proof.sentence_span
                assert parts[whole.part][whole.start : whole.end] == proof.sentence, (one.id, proof)


def test_a_flow_is_proved_by_the_sentence_that_names_both_parties() -> None:
    text = (
        "Une indemnité lui sera versée par le laboratoire. Kelvan renonce au contrat de 120 millions de dollars "
        "qui lui réservait des GPU chez Brindal, un néocloud."
    )
    (flow,) = explained("Kelvan renonce à ses GPU", "", text).flows
    proof = next(one for one in flow.evidence if one.field == "kind")
    assert proof.sentence.startswith("Kelvan renonce au contrat")
