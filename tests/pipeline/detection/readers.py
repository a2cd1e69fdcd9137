"""The packaged detector and short articles of invented firms, for the tests of detection."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime

from worker import settings
from worker.model import Article
from worker.pipeline.detection import Detector, Explanation
from worker.pipeline.detection.document import Document, build
from worker.pipeline.detection.lexicon import Lexicon
from worker.pipeline.detection.ranking import Referents
from worker.pipeline.detection.registry import Registry

FOLDER = settings.packaged()
COMPANIES = tomllib.loads((FOLDER / "companies.toml").read_text("utf-8"))
WORDS = tomllib.loads((FOLDER / "lexicon.toml").read_text("utf-8"))
WEIGHTS = json.loads((FOLDER / "detector.json").read_text("utf-8"))
REGISTRY = Registry.from_table(COMPANIES)
LEXICON = Lexicon(WORDS)
REFERENTS = Referents(WEIGHTS["referents"])
DETECTOR = Detector.from_tables(companies=COMPANIES, lexicon=WORDS, weights=WEIGHTS)
TODAY = datetime(2026, 3, 12, tzinfo=UTC)
# Who the invented firms are, as an article would say once.
CAST = (
    "Le laboratoire d'IA Kelvan a été créé en 2023. Le néocloud Brindal exploite deux salles. "
    "Le fabricant de puces Orthis est né "
    "en 2009. L'énergéticien Voltane produit du courant. Le fonds Sarment Capital gère des milliards."
)


def article(title: str, summary: str = "", text: str = "") -> Article:
    """Return an article of these parts, published TODAY."""
    return Article(id="a", title=title, summary=summary, text=text, published=TODAY)


def document(title: str, summary: str = "", text: str = "") -> Document:
    """Return an article as detection reads it."""
    return build(article(title, summary, text), REGISTRY, LEXICON, REFERENTS)


def explained(title: str, summary: str = "", text: str = "") -> Explanation:
    """Return every step of the verdict on an article."""
    return DETECTOR.explain(article(title, summary, text))


def told(sentence: str) -> set[tuple[str, str, str]]:
    """Return (payer, payee, kind) of what a sentence between the cast says, the cast introduced after it."""
    seen = explained(sentence, sentence, f"{sentence}\n\n{CAST}")
    return {(flow.payer or "", flow.payee or "", flow.kind.value) for flow in seen.flows}
