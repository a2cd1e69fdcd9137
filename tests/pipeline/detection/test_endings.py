"""Words by which a deal is called off: every form of them, refusals, and which deal they are about."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.quality.corpus import tables
from worker.errors import ConfigError
from worker.model import Article, Status
from worker.pipeline.detection import Detector
from worker.pipeline.detection.lexicon import Lexicon
from worker.text import words


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(tables()["lexicon"])


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector.from_tables(**tables())


@pytest.mark.parametrize(
    "sentence",
    [
        "Ardane renonçait vendredi à son achat",
        "Ardane a décommandé ses puces",
        "Les deux groupes ont mis un terme à leurs échanges",
        "Le loueur tourne le dos à son hébergeur",
        "Ardane se retirait du bail",
        "Ardane ne reprendra finalement pas le site",
        "Ardane n’achètera plus rien à Borel",
        "Le contrat ne sera pas renouvelé",
        "Ardane ne reconduit pas Borel",
        "La région a déclaré le marché sans suite",
    ],
)
def test_what_ends_a_deal(lexicon: Lexicon, sentence: str) -> None:
    folds = words(sentence)
    assert lexicon.endings.found(folds) or lexicon.endings.refusals(folds)


@pytest.mark.parametrize(
    "sentence",
    [
        "Ardane n’a pas renoncé à ses puces",
        "Ardane pourrait annuler sa commande",
        "Ardane annulera sa commande si les puces tardent",
        "Ardane n’achètera pas de processeurs avant 2027",
        "Ardane ne louera pas seulement des serveurs",
        "Ardane ne prendra que des puces",
        "Ardane investit chez Borel, abandonnant ses anciens plans",
        "Le contrat est signé",
        "Ardane retirait de beaux profits du contrat",
    ],
)
def test_what_ends_none(lexicon: Lexicon, sentence: str) -> None:
    folds = words(sentence)
    assert not lexicon.endings.found(folds)
    assert not lexicon.endings.refusals(folds)


def statuses(detector: Detector, title: str, text: str) -> dict[tuple[str | None, str | None], Status]:
    when = datetime(2026, 3, 2, 9, tzinfo=UTC)
    verdict = detector.judge(Article(id="a", title=title, summary="", text=text, published=when))
    return {(flow.payer, flow.payee): flow.status for flow in verdict.flows}


def test_what_is_called_off_is_the_deal_with_the_one_named_there(detector: Detector) -> None:
    found = statuses(
        detector,
        "Mistral AI quitte CoreWeave pour OVHcloud",
        "Mistral AI a résilié le contrat de 200 millions d’euros par lequel le laboratoire louait des GPU à CoreWeave. "
        "Mistral AI a signé avec OVHcloud un contrat de 300 millions d’euros pour louer des GPU pendant trois ans.",
    )
    assert found["Mistral AI", "CoreWeave"] is Status.CANCELLED
    assert found["Mistral AI", "OVHcloud"] is Status.ANNOUNCED


def test_who_refuses_something_else_has_called_off_nothing(detector: Detector) -> None:
    found = statuses(
        detector,
        "Mistral AI renonce au gaz et commande des GPU à NVIDIA",
        "Mistral AI a commandé 10 000 GPU à NVIDIA pour 400 millions d’euros. Le laboratoire renonce aussi au gaz.",
    )
    assert found["Mistral AI", "NVIDIA"] is Status.ANNOUNCED


@pytest.mark.parametrize(
    ("sentence", "status"),
    [
        ("Mistral AI loue pour 200 millions d’euros de GPU à CoreWeave, écrit Reuters.", Status.REPORTED),
        ("Mistral AI loue pour 200 millions d’euros de GPU à CoreWeave. Reuters loue ses bureaux.", Status.ANNOUNCED),
    ],
)
def test_a_medium_is_a_source_only_where_it_is_said_to_tell(detector: Detector, sentence: str, status: Status) -> None:
    found = statuses(detector, "Mistral AI loue des GPU à CoreWeave", sentence)
    assert found["Mistral AI", "CoreWeave"] is status


@pytest.mark.parametrize(
    ("title", "text", "flow"),
    [
        (
            "NVIDIA investit 1,3 milliard d’euros dans Mistral AI mais ne prendra pas le contrôle de la start-up",
            "NVIDIA investit 1,3 milliard d’euros dans Mistral AI. Le laboratoire garde son indépendance.",
            ("NVIDIA", "Mistral AI"),
        ),
        (
            "OpenAI ne louera pas à Oracle 4,5 gigawatts, mais 6",
            "OpenAI loue 6 gigawatts de capacité de calcul à Oracle, pour cinq ans.",
            ("OpenAI", "Oracle"),
        ),
        (
            "NVIDIA ne livrera pas toutes les puces de Mistral AI cette année",
            "Mistral AI a commandé 18 000 GPU à NVIDIA pour son centre de données. Un tiers arrivera plus tard.",
            ("Mistral AI", "NVIDIA"),
        ),
        (
            "CoreWeave rachète Core Scientific, qui renonce au bitcoin",
            "CoreWeave rachète Core Scientific pour 9 milliards de dollars, pour ses centres de données d’IA.",
            ("CoreWeave", "Core Scientific"),
        ),
        (
            "Meta abandonne Llama et loue pour 14 milliards de dollars de GPU à CoreWeave",
            "Meta loue pour 14 milliards de dollars de GPU à CoreWeave, pendant six ans.",
            ("Meta", "CoreWeave"),
        ),
    ],
)
def test_what_else_is_refused_or_given_up_ends_no_deal(
    detector: Detector, title: str, text: str, flow: tuple[str, str]
) -> None:
    assert statuses(detector, title, text)[flow] is Status.ANNOUNCED


def test_a_list_that_is_missing_is_named() -> None:
    table = tables()["lexicon"]
    lists = {name: words for name, words in table["endings"].items() if name != "times"}
    with pytest.raises(ConfigError, match=r"endings\.times"):
        Lexicon({**table, "endings": lists})
