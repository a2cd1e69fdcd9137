"""The verdict: what looks like a deal and is none, reasons, and a weights file that is none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pipeline.detection.readers import CAST, DETECTOR, article, explained
from worker.errors import ConfigError
from worker.pipeline.detection.verdict import Scorer


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "Kelvan achète pour 300 millions d'euros de calcul à Brindal",
            "Le contrat court sur cinq ans, pour entraîner ses modèles.",
        ),
        (
            "Orthis entre au capital de Kelvan, qui lui prendra 9 000 GPU",
            "Orthis met 80 millions d'euros sur la table.",
        ),
        (
            "Brindal emprunte 500 millions d'euros en gageant ses GPU",
            "Sarment Capital prête 500 millions d'euros à Brindal.",
        ),
    ],
)
def test_deals_are_told(title: str, text: str) -> None:
    verdict = DETECTOR.judge(article(title, "", f"{title}. {text}\n\n{CAST}"))
    assert verdict.deal
    assert verdict.flows


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "Kelvan lance un assistant qui résume les réunions",
            "L'application est gratuite pour les abonnés et arrive sur smartphone.",
        ),
        (
            "Orthis publie des résultats trimestriels record",
            "Le chiffre d'affaires trimestriel atteint 4 milliards, le bénéfice net double.",
        ),
        (
            "Incendie chez Brindal : des milliers de sites inaccessibles",
            "Les pompiers ont maîtrisé le feu dans la nuit, la panne a duré six heures.",
        ),
        (
            "Puces : de nouvelles règles d'exportation vers l'Asie",
            "Le régulateur exige une licence d'exportation ; Orthis étudie le règlement.",
        ),
        (
            "Le groupe Sabran rachète la chaîne de boulangeries Mie Dorée",
            "Le prix n'est pas connu, les emplois sont maintenus.",
        ),
    ],
)
def test_what_looks_like_a_deal_stays_silent(title: str, text: str) -> None:
    verdict = DETECTOR.judge(article(title, "", f"{title}. {text}"))
    assert not verdict.deal
    assert verdict.flows == ()


def test_a_loan_to_a_data_centre_that_never_speaks_of_ai_is_none() -> None:
    text = "La banque Sorel prête 80 millions d'euros à Taldor Datacenters pour agrandir un centre de données."
    verdict = DETECTOR.judge(article("La banque Sorel prête 80 millions d'euros à Taldor Datacenters", text, text))
    assert not verdict.deal


def test_a_stake_of_a_supplier_in_its_user_counts_where_the_title_tells_it() -> None:
    told = "NVIDIA investit 2 milliards de dollars dans OpenAI"
    assert explained(told, "", f"{told}.").features["stake"] == 1.0
    assert explained("Une semaine de Bourse", "", f"{told}. Le titre monte.").features["stake"] == 0.0
    assert explained("NVIDIA prête 2 milliards de dollars à OpenAI", "", f"{told}.").features["stake"] == 0.0


def test_reasons_come_strongest_first_and_sum_up_to_the_score() -> None:
    scorer = Scorer({"bias": -1, "threshold": 0.5, "weights": {"a": 2, "b": -3}})
    score, reasons = scorer.score({"a": 1.0, "b": 1.0, "c": 5.0})
    assert [(reason.code, reason.weight) for reason in reasons] == [("b", -3), ("a", 2)]
    assert score == pytest.approx(0.1192, abs=1e-4)


@pytest.mark.parametrize(
    "table", [{}, {"bias": "x", "threshold": 0.5, "weights": {}}, {"bias": 0, "threshold": 0.5, "weights": []}]
)
def test_a_faulty_weights_file_is_named(table: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"detector\.json"):
        Scorer(table)
