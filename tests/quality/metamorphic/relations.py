"""Changes to an article and what each asks of the answer.

Every relation turns one article into another one that a French paper might as well have printed. `expect` says how the
answer follows: "same" (verdict, parties, kinds, figures), "parties" (verdict and parties and kinds), "doubled" (as
"same", with every amount twice), "not announced" (the deal stays, and nothing of it is official any more), "not of"
(as "same"; the firms of an added recall are in no flow).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from worker.model import Article

NARROW, HARD = "\u202f", "\u00a0"
RECALL = "Orvandel", "Sublimex"
_UNITS = r"(?:milliards?|millions?|Md|Mds|M|mégawatts?|MW|gigawatts?|GW|GPU|puces|euros?|dollars?|ans|%|€|\$)"
_SMALL = {
    2: "deux", 3: "trois", 4: "quatre", 5: "cinq", 6: "six", 7: "sept", 8: "huit", 9: "neuf", 10: "dix", 12: "douze",
    15: "quinze", 20: "vingt",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Relation:
    """One change. `change` works on each part of the article, `whole` on the article."""

    name: str
    expect: str
    change: Callable[[str], str] | None = None
    whole: Callable[[Article], Article] | None = None

    def apply(self, article: Article) -> Article:
        """Return the changed article; the same one where there is nothing to change."""
        if self.whole is not None:
            return self.whole(article)
        change = self.change
        assert change is not None
        return replace(article, title=change(article.title), summary=change(article.summary), text=change(article.text))


def _each(pattern: str, change: Callable[[re.Match[str]], str]) -> Callable[[str], str]:
    compiled = re.compile(pattern)
    return lambda text: compiled.sub(change, text)


def _swap(table: Mapping[str, str]) -> Callable[[str], str]:
    pairs = str.maketrans(dict(table))
    return lambda text: text.translate(pairs)


def _grouped(mark: str) -> Callable[[str], str]:
    """Return a change that writes "20 000" and "20.000" with another mark between thousands."""
    pattern = re.compile(r"(?<![\d.,])\d{1,3}(?:[ .\u00a0\u202f]\d{3})+(?![\d.,]\d)(?!\d)")
    return lambda text: pattern.sub(lambda found: re.sub(r"[ .\u00a0\u202f]", mark, found.group()), text)


def _spelled(text: str) -> str:
    """Write "5 ans" as "cinq ans"."""
    return re.sub(
        r"(?<![\d,.])(\d{1,2})(?=[ \u00a0\u202f]ans\b)",
        lambda found: _SMALL.get(int(found.group(1)), found.group(1)),
        text,
    )


def _figured(text: str) -> str:
    """Write "cinq ans" as "5 ans", but leave the end of "vingt-cinq" and "trente et un" where it stands."""
    numbers = {word: number for number, word in _SMALL.items()}
    whole = rf"(?<![\w-])(?<! et )({'|'.join(numbers)})(?= ans\b)"
    return re.sub(whole, lambda found: str(numbers[found.group(1)]), text)


def _doubled(found: re.Match[str]) -> str:
    written = found.group(1)
    value = 2 * float(written.replace(",", "."))
    return f"{value:g}".replace(".", ",") + found.group(2)


def _reordered(article: Article) -> Article:
    """Move the last paragraph of a body of four or more behind the second."""
    paragraphs = article.text.split("\n\n")
    if len(paragraphs) < 4:
        return article
    return replace(article, text="\n\n".join([*paragraphs[:2], paragraphs[-1], *paragraphs[2:-1]]))


def _with(paragraph: str) -> Callable[[Article], Article]:
    return lambda article: replace(article, text=f"{article.text}\n\n{paragraph}") if article.text else article


_WEATHER = (
    "La météo sera clémente ce week-end sur la moitié nord du pays, avec quelques averses près des côtes. "
    "Les températures resteront de saison."
)
_NEWSLETTER = (
    "Pour recevoir nos articles chaque matin, inscrivez-vous à notre lettre. Vous pouvez la quitter à tout moment."
)
_OLD = (
    f"En mars 2021, la société {RECALL[0]} avait déjà loué 40 mégawatts de serveurs à {RECALL[1]} pour 300 millions "
    "d'euros."
)

RELATIONS: tuple[Relation, ...] = (
    Relation("curly apostrophes", "same", _swap({"'": "’"})),
    Relation("straight apostrophes", "same", _swap({"’": "'"})),
    Relation("hard spaces before units", "same", _each(rf"(?<=\d) (?={_UNITS}\b)", lambda _: HARD)),
    Relation("narrow spaces before units", "same", _each(rf"(?<=\d)[ \u00a0](?={_UNITS}\b)", lambda _: NARROW)),
    Relation("quotation marks", "same", _swap({"«": "“", "»": "”"})),
    Relation("thousands by hard space", "same", _grouped(HARD)),
    Relation("thousands by narrow space", "same", _grouped(NARROW)),
    Relation("thousands by point", "same", _grouped(".")),
    Relation(
        "milliards as Md",
        "same",
        _each(
            r"(?<=\d)[ \u00a0\u202f]milliards? (?:de dollars|d['’]euros)(?![ \u00a0][a-zé]+(?:ien|ain|ais)s?\b)",
            lambda m: " Md" + "$€"["euro" in m.group()],
        ),
    ),
    Relation(
        "Md as milliards",
        "same",
        _each(
            r"(?<=\d)[ \u00a0\u202f]Mds?[ \u00a0\u202f]?([$€])(?![ \u00a0]?[CU])",
            lambda m: " milliards " + ("d'euros" if m.group(1) == "€" else "de dollars"),
        ),
    ),
    Relation(
        "mégawatts as MW", "same", _each(r"(?<=\d)([ \u00a0\u202f])mégawatts?\b(?!-)", lambda m: m.group(1) + "MW")
    ),
    Relation("MW as mégawatts", "same", _each(r"(?<=\d)([ \u00a0\u202f])MW\b", lambda m: m.group(1) + "mégawatts")),
    Relation("years spelled out", "same", _spelled),
    Relation("years in digits", "same", _figured),
    Relation("letters taken apart (NFD)", "same", lambda text: unicodedata.normalize("NFD", text)),
    Relation("line ends of Windows", "same", lambda text: text.replace("\n", "\r\n")),
    Relation("dashes", "same", _swap({"–": "—"})),
    Relation(
        "amounts doubled",
        "doubled",
        _each(r"(?<![\d.,])(\d{1,3}(?:,\d+)?)([ \u00a0\u202f](?:milliards?|Mds?|millions?)\b)", _doubled),
    ),
    Relation("last paragraph earlier", "parties", whole=_reordered),
    Relation("weather appended", "same", whole=_with(_WEATHER)),
    Relation("subscription appended", "same", whole=_with(_NEWSLETTER)),
    Relation("older deal recalled", "not of", whole=_with(_OLD)),
)
