"""The gate: what passes, what stays out, and that every ground speaks its one way."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import pytest

from tests.pipeline.detection.readers import DETECTOR, article
from worker import settings
from worker.pipeline.detection import Detector, gate
from worker.pipeline.detection.lexicon import Lexicon
from worker.pipeline.detection.registry import Registry

FOLDER = settings.packaged()
REGISTRY = Registry.from_table(tomllib.loads((FOLDER / "companies.toml").read_text("utf-8")))
LEXICON = Lexicon(tomllib.loads((FOLDER / "lexicon.toml").read_text("utf-8")))
QUALITY = Path(__file__).parents[2] / "quality"


def look(title: str, summary: str = "") -> gate.Gate:
    return gate.look(title, summary, registry=REGISTRY, lexicon=LEXICON)


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("Velkor loue 40 MW de serveurs à Ostrane", ""),
        ("Brindal Compute obtient 90 millions d'euros de crédit", "Ses processeurs graphiques servent de gage."),
        ("Nvidia entre au capital d'un opérateur breton", ""),
        ("L'électricité du barrage ira aux centres de données de Taldor", "Un contrat de dix ans a été signé."),
        ("Le récap du jeudi : calcul, robots et une grosse surprise", "Cinq infos à retenir."),
    ],
)
def test_what_may_be_a_deal_passes_whatever_the_names(title: str, summary: str) -> None:
    assert look(title, summary).passed


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("La recette du gratin dauphinois de notre lectrice", "Pommes de terre, crème et un peu de muscade."),
        ("Ce casque audio est en promotion pendant les soldes", "Une remise de 40 % chez ce marchand."),
        ("Grève dans les transports : les syndicats appellent à manifester", "Les salaires sont au cœur du conflit."),
        ("Le ministre présente son budget devant le Sénat", "Les députés voteront mardi."),
    ],
)
def test_everyday_items_stay_out(title: str, summary: str) -> None:
    assert not look(title, summary).passed


def test_an_empty_item_stays_out() -> None:
    assert not look("", "").passed


def test_weights_name_grounds_and_keep_their_sign() -> None:
    assert set(gate.WEIGHTS) <= set(gate.GROUNDS)
    assert {name for name, weight in gate.WEIGHTS.items() if weight < 0} <= gate.AGAINST
    assert {name for name, weight in gate.WEIGHTS.items() if weight > 0}.isdisjoint(gate.AGAINST)


def test_reasons_add_up_to_the_decision() -> None:
    seen = look("Velkor loue 40 MW de serveurs à Ostrane")
    assert seen.reasons
    assert (gate.BIAS + sum(reason.weight for reason in seen.reasons) >= 0) is seen.passed
    assert list(seen.reasons) == sorted(seen.reasons, key=lambda reason: -abs(reason.weight))


def test_a_word_of_the_trade_never_speaks_against() -> None:
    plain = look("Velkor signe avec Ostrane")
    more = look("Velkor signe avec Ostrane pour des GPU")

    def total(found: gate.Gate) -> float:
        return sum(reason.weight for reason in found.reasons)

    assert total(more) > total(plain)


def test_an_article_is_read_further_where_a_later_line_names_the_means() -> None:
    quiet = "Le maire a parlé de sa ville, de ses halles et de son marché du samedi. " * 10
    news = "La société Velkor loue 40 MW de serveurs à GPU chez Ostrane pour ses modèles d'IA. "
    late = article("Le maire a parlé", "", f"{quiet}\n\n{news * 2}")
    assert DETECTOR.judge(late).reasons[0].code.startswith("gate.") is False
    assert DETECTOR.judge(article("Le maire a parlé", "", quiet * 2)).reasons[0].code.startswith("gate.")


# The least share of deals that pass. Ours hide some of their news on purpose: under titles about something else,
# without a summary, in the fourth paragraph; those of 2026-11-30 more than those before (0.947 then, 0.934 with them).
@pytest.mark.quality
@pytest.mark.parametrize(("pattern", "least"), [("dev-*.jsonl", 0.995), ("own*.jsonl", 0.93)])
def test_labelled_deals_pass(pattern: str, least: float) -> None:
    rows = [json.loads(line) for path in QUALITY.glob(pattern) for line in path.read_text("utf-8").splitlines()]
    deals = [row for row in rows if row["deal"] == "yes"]
    passed = [row for row in deals if look(row["title"], row.get("summary") or "").passed]
    assert deals
    assert len(passed) / len(deals) >= least


@pytest.mark.quality
def test_few_ordinary_headlines_pass() -> None:
    extra = os.environ.get("GIGAWATCH_EXTRA", "")
    path = Path(extra) / "corpus" / "real-headlines.jsonl"
    if not extra or not path.is_file():
        pytest.skip("GIGAWATCH_EXTRA does not name the folder with the ordinary headlines")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert sum(look(row["title"], row.get("summary") or "").passed for row in rows) <= 0.10 * len(rows)


def test_what_the_shares_did_hides_no_item_of_the_trade() -> None:
    title, lead = "Microsoft et OpenAI se parlent", "Les deux groupes se voient depuis le mois de mars. "
    shares = "À Wall Street, l'action gagnait 3 % en séance ; le titre suit l'indice et la cotation à la Bourse. " * 3
    told = lead.ljust(300) + shares
    assert not DETECTOR.gate(title, told).passed
    assert DETECTOR.gate(title, told[:300]).passed
    assert DETECTOR.opening(article(title, "", told)).passed
    assert not DETECTOR.opening(article("La Bourse de Paris en hausse", "", shares)).passed


def test_what_a_feed_sent_is_enough_to_read_its_page() -> None:
    title, summary = "Microsoft et OpenAI se parlent", "Les deux groupes se voient depuis le mois de mars."
    shares = "À Wall Street, l'action gagnait 3 % en séance ; le titre suit l'indice et la cotation à la Bourse. " * 9
    assert DETECTOR.gate(title, summary).passed
    assert not DETECTOR.gate(title, f"{summary}\n{shares}"[:300]).passed
    assert DETECTOR.opening(article(title, summary, shares)).passed
    # A short one is enough by being short.
    assert DETECTOR.gate("La rentrée du laboratoire", "Il a signé.").passed
    assert DETECTOR.opening(article("La rentrée du laboratoire", "Il a signé.", shares)).passed


def test_what_nothing_speaks_against_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []
    look_at = Detector.gate

    def counted(self: Detector, title: str, summary: str) -> gate.Gate:
        looks.append(summary)
        return look_at(self, title, summary)

    monkeypatch.setattr(Detector, "gate", counted)
    plain = "La fanfare a joué sous la pluie devant les habitants du quartier. " * 12
    assert not DETECTOR.opening(article("La fanfare du village", "", plain)).passed
    assert len(looks) == 1
